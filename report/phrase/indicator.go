package phrase

import (
	"strings"

	"icmpsift/report"
)

// Defanged is the value of an indicator as no program takes it for an address or a name to open. It is text from evidence.
func Defanged(x report.Indicator) string {
	switch x.Type {
	case "ipv4-addr", "file-name":
		return strings.ReplaceAll(x.Value, ".", "[.]")
	case "ipv6-addr":
		return strings.ReplaceAll(x.Value, ":", "[:]")
	}
	return x.Value
}

var indicatorTypes = map[string]string{"ipv4-addr": "IPv4 address", "ipv6-addr": "IPv6 address", "mac-addr": "MAC address", "sha256": "SHA-256 of a file", "file-name": "file name"}

// IndicatorType says the type of an indicator in words; one without words is returned as it is.
func IndicatorType(code string) string {
	if w, ok := indicatorTypes[code]; ok {
		return w
	}
	return code
}
