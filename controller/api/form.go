package api

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// pair is a parameter as it was spelled, decoded.
type pair struct{ name, value string }

// form is the parameters of a request. Of parameters that are spelled alike
// the last one counts, and those of the query stand after those of the body.
type form struct {
	spelled []pair          // one for each spelling: what a signature covers
	folded  map[string]pair // one for each name in lower case: what is acted upon
}

func newForm(pairs []pair) *form {
	f := &form{folded: make(map[string]pair, len(pairs))}
	seen := make(map[string]bool, len(pairs))
	for _, p := range slices.Backward(pairs) {
		if seen[p.name] {
			continue
		}
		seen[p.name] = true
		f.spelled = append(f.spelled, p)
		lower := strings.ToLower(p.name)
		if _, later := f.folded[lower]; !later {
			f.folded[lower] = p
		}
	}
	return f
}

// get gives the value of a parameter by its name in lower case, "" when it is
// absent.
func (f *form) get(name string) string { return f.folded[name].value }

// envelopeNames are the parameters that mean something to the edge.
var envelopeNames = []string{"command", "response", "apikey", "signature", "signatureversion", "expires", "sessionkey"}

// passed gives the parameters that are the command's, in their own spelling.
// No two differ in case only: were it so, a job could read another one than
// was checked when it was accepted.
func (f *form) passed() map[string]string {
	params := make(map[string]string, len(f.folded))
	for lower, p := range f.folded {
		if !slices.Contains(envelopeNames, lower) {
			params[p.name] = p.value
		}
	}
	return params
}

// readForm reads body and query. The form holds what could be read, even when
// there is an error.
func (e *Edge) readForm(w http.ResponseWriter, r *http.Request) (*form, error) {
	body, bodyErr := e.readBody(w, r)
	pairs, formErr := decode(nil, body, e.cfg.MaxParams)
	pairs, queryErr := decode(pairs, r.URL.RawQuery, e.cfg.MaxParams)
	return newForm(pairs), cmp.Or(bodyErr, formErr, queryErr)
}

// readBody gives the form in the body of a POST.
func (e *Edge) readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	if r.Method != http.MethodPost {
		return "", nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, e.cfg.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return "", refuse(http.StatusRequestEntityTooLarge, "the request body is longer than %d bytes", e.cfg.MaxBody)
	case err != nil:
		return "", fault.Wrap(fault.Invalid, err, "the request body did not arrive whole")
	case len(body) == 0:
		return "", nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // "" when it is none
	if kind != "application/x-www-form-urlencoded" {
		return "", fault.New(fault.Invalid, "the request body must be of type application/x-www-form-urlencoded")
	}
	return string(body), nil
}

// decode appends the parameters of a form or query. A name without "=" is no
// parameter. What cannot be decoded is left out, and told of.
func decode(pairs []pair, text string, limit int) ([]pair, error) {
	var problem error
	for part := range strings.SplitSeq(text, "&") {
		name, value, found := strings.Cut(part, "=")
		if !found {
			continue
		}
		if len(pairs) == limit {
			return pairs, fault.New(fault.Invalid, "the request has more than %d parameters", limit)
		}
		p, err := decodePair(name, value)
		if err != nil {
			problem = cmp.Or(problem, err)
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs, problem
}

// decodePair also refuses names that could hide parameters: names are signed
// as they are, and who has seen a signed request could send it again with
// expires as a part of another name.
func decodePair(name, value string) (pair, error) {
	decodedName, nameErr := url.QueryUnescape(name)
	decodedValue, valueErr := url.QueryUnescape(value)
	if err := cmp.Or(nameErr, valueErr); err != nil {
		return pair{}, fault.Wrap(fault.Invalid, err, "parameter %.80q cannot be decoded: a %% is not followed by two hexadecimal digits", name)
	}
	if !utf8.ValidString(decodedName) || !utf8.ValidString(decodedValue) {
		return pair{}, fault.New(fault.Invalid, "parameter %.80q cannot be decoded: it is not UTF-8", name)
	}
	if strings.ContainsAny(decodedName, "&=%") {
		return pair{}, fault.New(fault.Invalid, "parameter %.80q: a name cannot have &, = or %% in it", decodedName)
	}
	return pair{decodedName, decodedValue}, nil
}
