package configdrive

import (
	"slices"
	"strconv"
	"strings"
)

// keys splits the text of an authorized_keys file into its keys, each of which
// has a name of its own: its comment, or key, or key0, key1 and so on.
func keys(text string) []sshKey {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	taken := make(map[string]bool, len(lines))
	list := make([]sshKey, len(lines))
	for i, line := range lines {
		name := comment(line)
		if name == "" {
			name = "key"
			if len(lines) > 1 {
				name += strconv.Itoa(i)
			}
		}
		list[i] = sshKey{Type: "ssh", Data: line, Name: unique(name, taken)}
	}
	return list
}

// comment is what stands behind a key: its type and its Base64 form are the
// last two words before it, and options may stand in front.
func comment(line string) string {
	words := strings.Fields(line)
	for i, word := range words {
		if keyType(word) {
			return strings.Join(words[min(i+2, len(words)):], " ")
		}
	}
	return strings.Join(words[min(2, len(words)):], " ")
}

// keyType tells the names of key types: sshd(8), authorized_keys.
func keyType(word string) bool {
	return strings.HasPrefix(word, "ssh-") || strings.HasPrefix(word, "ecdsa-sha2-") || strings.HasPrefix(word, "sk-")
}

func unique(name string, taken map[string]bool) string {
	numbered := name
	for n := 2; taken[numbered]; n++ {
		numbered = name + "-" + strconv.Itoa(n)
	}
	taken[numbered] = true
	return numbered
}
