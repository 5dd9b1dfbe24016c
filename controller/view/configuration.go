package view

import "github.com/cairn-kvm/cairn/controller/setting"

// Configuration is CloudStack's global setting. All values are texts.
type Configuration struct {
	Name     string `json:"name" doc:"the name of the setting"`
	Value    string `json:"value" doc:"the value that holds"`
	Default  string `json:"defaultvalue" doc:"the value where none was set"`
	Type     string `json:"type" doc:"Boolean, Number or String"`
	Category string `json:"category" doc:"what it concerns"`
	Doc      string `json:"description" doc:"what it means"`
	Scope    string `json:"scope" doc:"where it may have a value of its own"`
	Dynamic  bool   `json:"isdynamic" doc:"whether a change takes effect at once"`
}

// ObjectName is CloudStack's.
func (Configuration) ObjectName() string { return "configuration" }

// ConfigurationOf shows a setting.
func ConfigurationOf(s *setting.Setting, scope setting.Scope, value string) Configuration {
	return Configuration{
		Name: s.Name, Value: value, Default: s.Default, Type: s.Type, Category: s.Category, Doc: s.Doc,
		Scope: string(scope), Dynamic: !s.Static,
	}
}
