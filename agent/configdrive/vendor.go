package configdrive

import (
	"fmt"
	"strings"
)

// addVendorData adds vendor_data.json: a cloud-config that sets the password,
// or nothing. cloud-init applies it once per uuid.
func (t *tree) addVendorData(password string) error {
	document := make(map[string]string)
	if password != "" {
		document["cloud-init"] = "#cloud-config\npassword: " + quoteYAML(password) + "\nchpasswd:\n  expire: false\n"
	}
	return t.addJSON("vendor_data.json", document, mode(password != ""))
}

// quoteYAML writes a text as a double-quoted scalar of YAML 1.1, in ASCII:
// whatever a password holds, it stays the value of its key.
func quoteYAML(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case ' ' <= r && r <= '~':
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
