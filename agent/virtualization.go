package agent

import "fmt"

// Virtualization is what guests run on.
type Virtualization string

const (
	Auto Virtualization = "auto" // KVM where the host has it
	KVM  Virtualization = "kvm"  // also where the host does not look like it
	TCG  Virtualization = "tcg"  // emulated
)

// UnmarshalText reads a configuration's word.
func (v *Virtualization) UnmarshalText(text []byte) error {
	switch word := Virtualization(text); word {
	case Auto, KVM, TCG:
		*v = word
		return nil
	default:
		return fmt.Errorf("%q is none of %q, %q and %q", word, Auto, KVM, TCG)
	}
}
