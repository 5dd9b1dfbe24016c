package hypervisor

// Explain lets a test show it errors that libvirt gives on bad days only.
func Explain(name string, err error) error { return explain(name, err) }
