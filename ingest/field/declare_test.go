package field_test

import (
	"os/exec"
	"strings"
	"testing"

	"icmpsift/ingest/field"
)

// declared maps tshark's type names to ours.
var declared = map[string][]field.Type{
	"FT_NONE": {field.None}, "FT_PROTOCOL": {field.Protocol}, "FT_BOOLEAN": {field.Boolean}, "FT_UINT8": {field.Uint8},
	"FT_UINT16": {field.Uint16}, "FT_UINT24": {field.Uint24}, "FT_UINT32": {field.Uint32}, "FT_UINT64": {field.Uint64},
	"FT_UINT48": {field.Uint48}, "FT_INT16": {field.Int16}, "FT_INT32": {field.Int32}, "FT_DOUBLE": {field.Double}, "FT_FRAMENUM": {field.Frame}, "FT_IPv4": {field.IPv4}, "FT_IPv6": {field.IPv6},
	"FT_ETHER": {field.Ether}, "FT_BYTES": {field.Bytes}, "FT_STRING": {field.String}, "FT_EUI64": {field.Bytes},
	"FT_ABSOLUTE_TIME": {field.AbsoluteTime}, "FT_RELATIVE_TIME": {field.RelativeTime},
}

// TestDeclared compares types and displays with what the installed tshark declares.
func TestDeclared(t *testing.T) {
	bin, _ := tshark(t)
	out, err := exec.Command(bin, "-G", "fields").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		cell := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		f, ok := field.Lookup(cell[2])
		if !ok {
			continue
		}
		known[f.Name] = true
		if cell[0] == "P" && f.Type != field.Protocol && !strings.Contains(f.Name, ".options.") { // IP options are bytes by another name
			t.Errorf("%s is a protocol there", f.Name)
		} else if cell[0] == "F" {
			checkDeclared(t, f, cell[3], cell[5])
		}
	}
	for _, f := range field.All() {
		if !f.Ours() && !known[f.Name] {
			t.Logf("%s is unknown to this tshark", f.Name)
		}
	}
}

func checkDeclared(t *testing.T, f *field.Field, typ, base string) {
	switch f.Name {
	case "frame.time_epoch": // an absolute time since 4.2
		return
	case "icmpv6.opt.efo", "icmpv6.opt.efo.rsv", "icmpv6.rpl.opt.transit.pathctl": // changed
		return
	case "ipv6.fragments": // none or bytes, by version
		return
	}
	found := false
	for _, want := range declared[typ] {
		found = found || f.Type == want
	}
	if !found {
		t.Errorf("%s is of another type there: %s", f.Name, typ)
	}
	if hex := strings.HasPrefix(base, "BASE_HEX"); hex != (f.Display == field.Hex) && typ != "FT_BOOLEAN" {
		t.Errorf("%s is displayed as %s there", f.Name, base)
	}
}
