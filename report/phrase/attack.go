package phrase

import (
	"regexp"
	"strings"

	"icmpsift/rules/attack"
)

// Technique is the name of an ATT&CK technique, "" when ATT&CK has none of that id.
func Technique(id string) string {
	e, _ := attack.Technique(id)
	return e.Name
}

// Tactics are the names of the tactics that a technique serves; none where ATT&CK has none of that id, or traffic does not show it.
func Tactics(id string) []string {
	out := []string{}
	for _, e := range attack.Tactics([]string{"attack." + strings.ToLower(id)}) {
		out = append(out, e.Name)
	}
	return out
}

var techniqueID = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)

// TechniqueURL is where ATT&CK describes a technique; ok is false for what is no technique id.
func TechniqueURL(id string) (url string, ok bool) {
	if !techniqueID.MatchString(id) {
		return "", false
	}
	return "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/", true
}

var outputPath = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*(\.[A-Za-z0-9]+)*$`)

// Linkable tells whether path is one that icmpsift gives a file of the report folder, so that a link to it can neither
// leave the folder nor carry a scheme.
func Linkable(path string) bool { return outputPath.MatchString(path) }
