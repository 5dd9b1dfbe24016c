package api

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/view"
)

// encodeXML writes a reply as CloudStack does: an element for each member of
// an object, in the order of the JSON, one for each member of an array, by
// the array's name, and none for null.
func encodeXML(reply command.Reply) ([]byte, error) {
	w := &xmlWriter{in: json.NewDecoder(bytes.NewReader(reply.Body)), out: new(bytes.Buffer)}
	w.in.UseNumber() // as they are written: a float cannot hold 64 bits
	root := elementName(reply.Envelope)
	w.out.WriteString(xml.Header + "<" + root + ` cloud-stack-version="` + view.CloudStackVersion + `">`)
	if err := w.root(); err != nil {
		return nil, fmt.Errorf("reply %s as XML: %w", reply.Envelope, err)
	}
	w.out.WriteString("</" + root + ">")
	return w.out.Bytes(), nil
}

// xmlWriter turns the tokens of one JSON object into elements as they come.
type xmlWriter struct {
	in  *json.Decoder
	out *bytes.Buffer
}

func (w *xmlWriter) root() error {
	switch token, err := w.in.Token(); {
	case err != nil:
		return err
	case token != json.Delim('{'):
		return fmt.Errorf("it begins with %v, not with an object", token)
	}
	if err := w.object(); err != nil {
		return err
	}
	switch token, err := w.in.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("it goes on with %v after the object", token)
	}
}

// object writes the members up to the closing brace.
func (w *xmlWriter) object() error {
	for w.in.More() {
		key, err := w.in.Token()
		if err != nil {
			return err
		}
		if err := w.value(elementName(key.(string))); err != nil { // a key is always a string
			return err
		}
	}
	_, err := w.in.Token()
	return err
}

func (w *xmlWriter) array(name string) error {
	for w.in.More() {
		if err := w.value(name); err != nil {
			return err
		}
	}
	_, err := w.in.Token()
	return err
}

func (w *xmlWriter) value(name string) error {
	token, err := w.in.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case nil:
		return nil
	case json.Delim:
		if token == '[' {
			return w.array(name)
		}
		w.out.WriteString("<" + name + ">")
		err = w.object()
	case string:
		w.out.WriteString("<" + name + ">")
		err = xml.EscapeText(w.out, []byte(token)) // puts U+FFFD where XML has no such character
	case json.Number:
		w.out.WriteString("<" + name + ">" + token.String())
	case bool:
		w.out.WriteString("<" + name + ">" + strconv.FormatBool(token))
	}
	w.out.WriteString("</" + name + ">")
	return err
}

// elementName gives the key itself where it can be the name of an element. In
// other keys, which only the details of a resource have, "_" stands for each
// character that cannot.
func elementName(key string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.", r) {
			return r
		}
		return '_'
	}, key)
	if name == "" || strings.ContainsRune("-.0123456789", rune(name[0])) {
		name = "_" + name
	}
	return name
}
