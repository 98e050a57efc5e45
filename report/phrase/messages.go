package phrase

import (
	"fmt"
	"strings"

	"icmpsift/report"
)

// Messages tells which ICMP messages a finding consists of, and how many packets of each: "v4 8/0 Echo (ping) request: 61". What is left is
// of further kinds, or was only counted.
func Messages(f report.Finding) string {
	var parts []string
	rest := f.Packets
	for _, t := range f.Types {
		parts = append(parts, Message(t.Version, t.Type, t.Code, t.Name)+": "+Count(t.Packets))
		rest -= t.Packets
	}
	if rest > 0 && len(parts) > 0 {
		parts = append(parts, "others: "+Count(rest))
	}
	return strings.Join(parts, "; ")
}

// Message names a type and code: "v6 128/0 Echo (ping) request".
func Message(version, typ, code int, name string) string {
	return fmt.Sprintf("v%d %d/%d %s", version, typ, code, name)
}
