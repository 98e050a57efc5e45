package phrase

import "strings"

// Defanged is the value of an indicator as no program takes it for an address or a name to open.
func Defanged(kind, value string) string {
	switch kind {
	case "ipv4-addr", "file-name":
		return strings.ReplaceAll(value, ".", "[.]")
	case "ipv6-addr":
		return strings.ReplaceAll(value, ":", "[:]")
	}
	return value
}
