package store

import (
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Filter maps a column to what it must be. The zero value of a type means
// "any", so that optional parameters can be passed as they are; a slice means
// "one of", and an empty slice that is not nil "none". [Fold],
// [Exactly], [Not], [From], [AnyLike] and [Either] say it in other ways.
type Filter map[string]any

type (
	fold    string
	exactly struct{ value any }
	anyLike struct {
		columns []string
		word    string
	}
	not    struct{ value any }
	from   struct{ value any }
	either []Filter
)

// Fold matches a name whatever its case; the empty name matches any.
func Fold(name string) any { return fold(name) }

// Exactly matches the value even when it is its type's zero.
func Exactly(value any) any { return exactly{value} }

// Not matches every other value.
func Not(value any) any { return not{value} }

// From matches the value and all after it.
func From(value any) any { return from{value} }

// Either matches what one of the filters matches. Its own column name in the
// filter is without meaning.
func Either(filters ...Filter) any { return either(filters) }

// AnyLike matches where one of the columns contains the word, whatever its
// case; the empty word matches any. Its own column name in the filter is
// without meaning.
func AnyLike(word string, columns ...string) any { return anyLike{columns, word} }

func (f Filter) apply(query *bun.SelectQuery) *bun.SelectQuery {
	return query.ApplyQueryBuilder(f.where)
}

func (f Filter) where(query bun.QueryBuilder) bun.QueryBuilder {
	columns := make([]string, 0, len(f))
	for column := range f {
		columns = append(columns, column)
	}
	slices.Sort(columns) // equal filters make equal statements
	for _, column := range columns {
		query = condition(query, column, f[column])
	}
	return query
}

func condition(query bun.QueryBuilder, column string, value any) bun.QueryBuilder {
	switch want := value.(type) {
	case fold:
		if want == "" {
			return query
		}
		return query.Where("LOWER(?) = ?", bun.Ident(column), strings.ToLower(string(want)))
	case exactly:
		return query.Where("? = ?", bun.Ident(column), want.value)
	case not:
		return query.Where("? <> ?", bun.Ident(column), want.value)
	case from:
		return query.Where("? >= ?", bun.Ident(column), want.value)
	case either:
		return query.WhereGroup(" AND ", want.where)
	case anyLike:
		return likeAny(query, want)
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return query
	case v.Kind() == reflect.Slice:
		return oneOf(query, column, v)
	case v.IsZero():
		return query
	case v.Kind() == reflect.Pointer:
		return query.Where("? = ?", bun.Ident(column), v.Elem().Interface())
	}
	return query.Where("? = ?", bun.Ident(column), value)
}

func (e either) where(group bun.QueryBuilder) bun.QueryBuilder {
	for _, filter := range e {
		group = group.WhereGroup(" OR ", func(inner bun.QueryBuilder) bun.QueryBuilder {
			return filter.where(inner.Where("1 = 1"))
		})
	}
	return group
}

func oneOf(query bun.QueryBuilder, column string, values reflect.Value) bun.QueryBuilder {
	switch {
	case values.IsNil():
		return query
	case values.Len() == 0:
		return query.Where("1 = 0")
	}
	return query.Where("? IN (?)", bun.Ident(column), bun.List(values.Interface()))
}

func likeAny(query bun.QueryBuilder, want anyLike) bun.QueryBuilder {
	if want.word == "" {
		return query
	}
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(want.word))
	return query.WhereGroup(" AND ", func(group bun.QueryBuilder) bun.QueryBuilder {
		for _, column := range want.columns {
			group = group.WhereOr(`LOWER(?) LIKE ? ESCAPE '\'`, bun.Ident(column), "%"+escaped+"%")
		}
		return group
	})
}
