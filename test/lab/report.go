package lab

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// prefix begins every line that a guest writes for a test.
const prefix = "cairn-guest: "

// Report is what a guest says of itself. The probe guest fills Machine, Drives
// and NICs; the Debian guest all but the drives' files.
type Report struct {
	Machine    Machine
	Hostname   string
	InstanceID string
	DataSource string
	Users      []User
	Written    map[string][]byte // files in /etc/cairn.d, which user data may have written
	NICs       []NIC
	Drives     []Drive // in the order of their place on the bus
}

// Machine is the hardware.
type Machine struct {
	UUID   string
	CPUs   int
	Memory int64 // bytes that the kernel manages: less than the domain has
}

// User is an account that may log in.
type User struct {
	Name     string
	Password string // set, locked or empty
	Hash     string // kind of hash of a set password, such as 6 or y
	Keys     []string
}

// NIC is a network interface.
type NIC struct {
	Name      string
	MAC       string
	Addresses []string // global ones, with prefix length
}

// Drive is a CD drive.
type Drive struct {
	Position int    // 1 is the first on the bus
	Device   string // such as sr0; does not tell the position
	At       string // driver, host, channel, target and LUN, such as ata_piix:1:0:1:0
	Medium   bool
	Label    string
	Size     int64 // of the medium, in bytes
	Files    map[string]File
}

// File is a file or a folder on a medium; its path begins with a slash.
type File struct {
	Folder bool
	Mode   uint32 // permission bits
	Links  int
	Inode  uint64
	Size   int64
	SHA256 string // empty for a folder, and for a file that could not be read
}

// Drive is the drive at a position, zero when the guest has none there.
func (r Report) Drive(position int) Drive {
	if position < 1 || position > len(r.Drives) {
		return Drive{}
	}
	return r.Drives[position-1]
}

// User is the account of that name, zero when the guest has none.
func (r Report) User(name string) User {
	for _, user := range r.Users {
		if user.Name == name {
			return user
		}
	}
	return User{}
}

// parseReport reads the lines between begin and end, without prefix.
func parseReport(lines []string) (Report, error) {
	r := Report{Written: make(map[string][]byte)}
	for _, text := range lines {
		l := newLine(text)
		r.add(l)
		if l.err != nil {
			return Report{}, fmt.Errorf("read report line %q: %w", text, l.err)
		}
	}
	return r, nil
}

func (r *Report) add(l *line) {
	switch l.kind {
	case "machine":
		r.Machine = Machine{UUID: l.value["uuid"], CPUs: l.int("cpus"), Memory: l.int64("memory")}
	case "identity":
		r.Hostname, r.InstanceID, r.DataSource = l.value["hostname"], l.value["instance-id"], l.value["datasource"]
	case "user":
		r.Users = append(r.Users, User{Name: l.name, Password: l.value["password"], Hash: l.value["hash"]})
	case "authorized_key":
		for i := range r.Users {
			if r.Users[i].Name == l.name {
				r.Users[i].Keys = append(r.Users[i].Keys, l.value["key"])
			}
		}
	case "nic":
		r.NICs = append(r.NICs, NIC{Name: l.name, MAC: l.value["mac"], Addresses: list(l.value["addresses"])})
	case "written":
		r.Written[l.value["path"]] = l.bytes("base64")
	case "drive":
		r.Drives = append(r.Drives, Drive{
			Position: l.number(), Device: l.value["dev"], At: l.value["at"], Medium: l.value["medium"] == "yes",
			Label: l.value["label"], Size: l.int64("size"), Files: make(map[string]File),
		})
	case "file", "folder", "unreadable":
		r.addFile(l)
	default:
		l.fail(fmt.Errorf("no kind %q", l.kind))
	}
}

func (r *Report) addFile(l *line) {
	n := l.number()
	if n < 1 || n > len(r.Drives) {
		l.fail(fmt.Errorf("no drive %d before it", n))
		return
	}
	mode, err := strconv.ParseUint(l.value["mode"], 8, 32)
	l.fail(err)
	r.Drives[n-1].Files[l.value["path"]] = File{
		Folder: l.kind == "folder", Mode: uint32(mode), Links: l.int("links"),
		Inode: uint64(l.int64("inode")), Size: l.int64("size"), SHA256: l.value["sha256"],
	}
}

// line is "kind [name] key=value…". The values of path, key, label and
// datasource may hold spaces: they reach to the end of the line.
type line struct {
	kind  string
	name  string
	value map[string]string
	err   error
}

func newLine(text string) *line {
	l := &line{value: make(map[string]string)}
	l.kind, text, _ = strings.Cut(text, " ")
	for text != "" {
		word, rest, _ := strings.Cut(text, " ")
		key, value, pair := strings.Cut(word, "=")
		switch {
		case !pair:
			l.name = word
		case key == "path", key == "key", key == "label", key == "datasource":
			l.value[key], rest = text[len(key)+1:], ""
		default:
			l.value[key] = value
		}
		text = rest
	}
	return l
}

// fail keeps the first error.
func (l *line) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *line) number() int {
	n, err := strconv.Atoi(l.name)
	l.fail(err)
	return n
}

func (l *line) int(key string) int { return int(l.int64(key)) }

// int64 is 0 for a value that the line lacks.
func (l *line) int64(key string) int64 {
	if l.value[key] == "" {
		return 0
	}
	n, err := strconv.ParseInt(l.value[key], 10, 64)
	l.fail(err)
	return n
}

func (l *line) bytes(key string) []byte {
	data, err := base64.StdEncoding.DecodeString(l.value[key])
	l.fail(err)
	return data
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
