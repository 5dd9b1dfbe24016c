package domain

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"libvirt.org/go/libvirtxml"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Namespace is that of our element in a domain's metadata. Domains without it
// are none of our business.
const Namespace = "https://cairn-kvm.github.io/domain/1"

// An Identity says whose a domain is, and which drive it has.
type Identity struct {
	VM          string
	Epoch       uint64
	DriveSHA256 string // empty: the drive is empty
}

// element is Identity's form in the metadata:
//
//	<cairn:vm xmlns:cairn="…/domain/1" id="…" epoch="7"><cairn:drive sha256="…"/></cairn:vm>
type element struct {
	XMLName xml.Name `xml:"https://cairn-kvm.github.io/domain/1 vm"`
	ID      string   `xml:"id,attr"`
	Epoch   uint64   `xml:"epoch,attr"`
	Drive   struct {
		SHA256 string `xml:"sha256,attr"`
	} `xml:"https://cairn-kvm.github.io/domain/1 drive"`
}

// written is the same for writing: encoding/xml has no prefixes of its own,
// and libvirt wants one on elements that are not its own.
type written struct {
	XMLName xml.Name      `xml:"cairn:vm"`
	XMLNS   string        `xml:"xmlns:cairn,attr"`
	ID      string        `xml:"id,attr"`
	Epoch   uint64        `xml:"epoch,attr"`
	Drive   *writtenDrive `xml:"cairn:drive"`
}

type writtenDrive struct {
	SHA256 string `xml:"sha256,attr"`
}

func metadata(s Spec, d *libvirtxml.Domain) error {
	w := written{XMLNS: Namespace, ID: s.VM, Epoch: s.Epoch}
	if s.Drive.Path != "" {
		w.Drive = &writtenDrive{SHA256: s.Drive.SHA256}
	}
	text, err := xml.Marshal(w)
	if err != nil {
		return err
	}
	d.Metadata = &libvirtxml.DomainMetadata{XML: string(text)}
	return nil
}

// ReadIdentity finds the identity in a domain's XML, or in the metadata
// element alone as libvirt hands it out. The domain is not one of ours where
// it finds none.
func ReadIdentity(text string) (Identity, bool, error) {
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return Identity{}, false, nil
		}
		if err != nil {
			return Identity{}, false, fault.Wrap(fault.Internal, err, "the domain's XML cannot be read")
		}
		start, opens := token.(xml.StartElement)
		if !opens || start.Name.Space != Namespace || start.Name.Local != "vm" {
			continue
		}
		return readElement(decoder, start)
	}
}

func readElement(decoder *xml.Decoder, start xml.StartElement) (Identity, bool, error) {
	var e element
	if err := decoder.DecodeElement(&e, &start); err != nil {
		return Identity{}, false, fault.Wrap(fault.Internal, err, "the metadata of a domain cannot be read")
	}
	return Identity{VM: e.ID, Epoch: e.Epoch, DriveSHA256: e.Drive.SHA256}, true, nil
}
