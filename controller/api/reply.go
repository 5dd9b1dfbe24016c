package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// format is how a reply is written.
type format struct {
	contentType string
	encode      func(command.Reply) ([]byte, error)
}

var (
	jsonFormat = format{"application/json; charset=UTF-8", encodeJSON}
	xmlFormat  = format{"text/xml; charset=UTF-8", encodeXML}
)

// formatOf: a client that does not ask for JSON gets XML.
func formatOf(f *form) format {
	if strings.EqualFold(f.get("response"), "json") {
		return jsonFormat
	}
	return xmlFormat
}

// encodeJSON puts the body, which is one object, under its one key.
func encodeJSON(reply command.Reply) ([]byte, error) {
	key, err := json.Marshal(reply.Envelope)
	if err != nil {
		return nil, err
	}
	text := make([]byte, 0, len(key)+len(reply.Body)+3)
	text = append(append(text, '{'), key...)
	text = append(append(text, ':'), reply.Body...)
	return append(text, '}'), nil
}

// refusal is what only HTTP has a word for.
type refusal struct {
	code  int
	text  string
	cause error
}

func refuse(code int, text string, args ...any) *refusal {
	return &refusal{code: code, text: fmt.Sprintf(text, args...)}
}

func (r *refusal) Error() string {
	if r.cause == nil {
		return r.text
	}
	return r.text + ": " + r.cause.Error()
}

func (r *refusal) Unwrap() error { return r.cause }

// failure is the body of a reply that tells of an error.
type failure struct {
	UUIDs  []struct{} `json:"uuidList"` // none: our texts name ids as the API knows them
	Code   int        `json:"errorcode"`
	CSCode int        `json:"cserrorcode"`
	Text   string     `json:"errortext"`
}

// failureOf says what the client may know of an error. Of an internal one,
// that is the id under which it stands in the log.
func failureOf(err error, request string) failure {
	var r *refusal
	if errors.As(err, &r) {
		return failure{[]struct{}{}, r.code, view.CSErrorCode(fault.Malformed), r.text}
	}
	kind := fault.Of(err)
	f := failure{[]struct{}{}, view.ErrorCode(kind), view.CSErrorCode(kind), fault.Message(err)}
	if internal(err) {
		f.Text = "internal error, reference " + request
	}
	return f
}

// reply puts the failure into an envelope.
func (f failure) reply(envelope string) (command.Reply, error) {
	body, err := json.Marshal(f)
	return command.Reply{Envelope: envelope, Body: body}, err
}

// reply sends the body, or what there is to say of the error. It gives the
// status, and the error as it is to be recorded.
func (e *Edge) reply(w http.ResponseWriter, r *http.Request, x *exchange, body []byte, err error) (int, error) {
	if err == nil {
		e.send(w, r, x.format.contentType, http.StatusOK, body)
		return http.StatusOK, nil
	}
	f := failureOf(err, w.Header().Get(requestID))
	if f.Code >= 500 && gone(r, err) {
		err = &refusal{statusGone, "the client closed the request", err}
		f = failureOf(err, w.Header().Get(requestID))
	}
	w.Header().Set("X-Description", describe(f.Text))
	if f.Code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, POST")
	}
	reply, marshalErr := f.reply(x.envelope)
	body, encodeErr := x.format.encode(reply)
	e.send(w, r, x.format.contentType, f.Code, body)
	return f.Code, errors.Join(err, marshalErr, encodeErr)
}

// send writes a reply; a client that does not listen is not an error.
func (e *Edge) send(w http.ResponseWriter, r *http.Request, contentType string, code int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if _, err := w.Write(body); err != nil {
		e.log.DebugContext(r.Context(), "reply lost", "err", err)
	}
}

// maxDescription bounds a header that repeats what the body says: clients
// give up on long headers.
const maxDescription = 512

// describe makes an error text fit for a header.
func describe(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r == 0x7f:
			return ' '
		case r > 0x7f:
			return '?'
		}
		return r
	}, text)
	return text[:min(len(text), maxDescription)]
}
