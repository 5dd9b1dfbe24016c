package store

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// engine is what the two databases spell differently in the schema.
type engine struct {
	name  string
	types *strings.Replacer
}

var sqliteEngine = engine{
	name: "sqlite",
	types: strings.NewReplacer(
		"{{serial}}", "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
		"{{bytes}}", "BLOB",
		"{{time}}", "TIMESTAMP",
	),
}

// readers bounds the connections that only read; each costs a page cache.
const readers = 4

// openSQLite opens the writing connection and the readers. synchronous=FULL:
// what was answered is on the disk. The file is made private before the
// engine opens it: the engine gives its side files the same mode.
func openSQLite(path string) (writes, reads *bun.DB, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	pragmas := url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(ON)", "cache_size(-4096)",
		"secure_delete(ON)", // what was deleted may have been a secret, sealed or not
	}}
	open := func(lock string, connections int) (*bun.DB, error) {
		pragmas.Set("_txlock", lock)
		db, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
		return bun.NewDB(db, sqlitedialect.New()), nil
	}
	if writes, err = open("immediate", 1); err != nil {
		return nil, nil, err
	}
	reads, err = open("deferred", readers)
	return writes, reads, err
}

// classify gives the engine's errors the kind that callers branch on.
func classify(err error) error {
	var engineErr *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fault.Wrap(fault.NotFound, err, "no such record")
	case errors.As(err, &engineErr):
		switch engineErr.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fault.Wrap(fault.Conflict, err, "a record with this name or id exists already")
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
			return fault.Wrap(fault.Unavailable, err, "the controller's database cannot be written")
		}
	}
	return err
}
