package filter

import (
	"slices"
	"testing"
)

func TestMutants(t *testing.T) {
	for text, want := range map[string][]string{
		"":                             nil,
		"icmp":                         {"", "!icmp"},
		"icmp || icmp":                 {"", "icmp", "icmp && icmp", "!icmp || icmp", "icmp || !icmp"},
		"!icmpv6":                      {"", "icmpv6", "!!icmpv6"},
		"sift.ttl < 5":                 {"", "!(sift.ttl < 5)", "sift.ttl <= 5", "sift.ttl < 4", "sift.ttl < 6"},
		"sift.code == 0":               {"", "!(sift.code == 0)", "sift.code >= 0", "sift.code == 1"},
		"sift.code == 255":             {"", "!(sift.code == 255)", "sift.code <= 255", "sift.code >= 255", "sift.code == 254"},
		"sift.multicast == 1":          {"", "!(sift.multicast == 1)"},
		`sift.zone.src == "home"`:      {"", `!(sift.zone.src == "home")`, `sift.zone.src == "hom"`},
		"icmp.type == 8":               {"", "!(icmp.type == 8)", "icmp.type <= 8", "icmp.type >= 8", "icmp.type === 8", "icmp.type == 7", "icmp.type == 9"},
		"icmp.type#1 == 8":             {"", "!(icmp.type#1 == 8)", "icmp.type#1 <= 8", "icmp.type#1 >= 8", "icmp.type == 8", "icmp.type#1 == 7", "icmp.type#1 == 9", "icmp.type#2 == 8"},
		"any ip.ttl > 0":               {"", "!(any ip.ttl > 0)", "all ip.ttl > 0", "any ip.ttl >= 0", "any ip.ttl > 1"},
		"1 < sift.ttl < 3":             {"", "!(1 < sift.ttl < 3)", "1 < sift.ttl <= 3", "0 < sift.ttl < 3", "2 < sift.ttl < 3", "1 < sift.ttl < 2", "1 < sift.ttl < 4"},
		"sift.type in {0, 3..5}":       {"", "!(sift.type in {0, 3..5})", "sift.type in {3..5}", "sift.type in {1, 3..5}", "sift.type in {0}", "sift.type in {0, 2..5}", "sift.type in {0, 4..5}", "sift.type in {0, 3..4}", "sift.type in {0, 3..6}"},
		`sift.payload contains "root"`: {"", `!(sift.payload contains "root")`, `sift.payload contains "roo"`},
		`sift.payload matches "(a)"`:   {"", `!(sift.payload matches "(a)")`}, // a letter less is no expression
		"sift.payload[2:2] == 0a:ff":   {"", "!(sift.payload[2:2] == 0a:ff)", "sift.payload[3:2] == 0a:ff", "sift.payload[2:3] == 0a:ff", "sift.payload[2:2] == 0a:00"},
		"sift.payload[1-2] == 01:02":   {"", "!(sift.payload[1-2] == 01:02)", "sift.payload[2-3] == 01:02", "sift.payload[1-3] == 01:02", "sift.payload[1-2] == 01:03"},
		"sift.payload[4:] == 01:02":    {"", "!(sift.payload[4:] == 01:02)", "sift.payload[5:] == 01:02", "sift.payload[4:] == 01:03"},
		"len(sift.payload[0:9]) == 0":  {"", "!(len(sift.payload[0:9]) == 0)", "len(sift.payload[1:9]) == 0", "len(sift.payload[0:10]) == 0", "len(sift.payload[0:9]) == 1"},
		"sift.src == 10.0.0.0/8":       {"", "!(sift.src == 10.0.0.0/8)", "sift.src == 10.0.0.0/7", "sift.src == 10.0.0.0/9"},
		"sift.src == 2001:db8::1":      {"", "!(sift.src == 2001:db8::1)", "sift.src == 2001:db8::2"},
		"sift.payload.entropy > 7.20":  {"", "!(sift.payload.entropy > 7.20)", "sift.payload.entropy >= 7.20", "sift.payload.entropy > 7.19", "sift.payload.entropy > 7.21"},
		"sift.seq & 3 == 1":            {"", "!(sift.seq & 3 == 1)", "sift.seq & 2 == 1", "sift.seq & 4 == 1", "sift.seq & 3 == 0", "sift.seq & 3 == 2"},
	} {
		all, err := Mutants(text, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range all {
			got = append(got, m.Text)
			if m.Change == "" {
				t.Errorf("%s: %s does not say what was changed", text, m.Text)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", text, got, want)
		}
	}
	if _, err := Mutants("icmp.typ == 8", nil, nil); err == nil {
		t.Error("a filter that does not compile has mutants")
	}
}

// Each mutant compiles, and is written otherwise than its filter and all other mutants.
func TestMutantsDiffer(t *testing.T) {
	n := 0
	for _, text := range []string{
		"(icmp.type#1 == 11 && icmp.code#1 == 0 || icmpv6.type#1 == 3) && sift.quoted.dst", "all ip.src != 10.0.0.1 ^^ !(icmp.seq in {1..3, 9})",
		"frame[0:2] == 02:00 and len(data.data) >= 8", "icmp.seq & 3 == 1 || ip.ttl + 1 < 5 && !icmpv6", `sift.payload matches "^a" and not sift.type not in {8}`,
	} {
		f, err := Compile(text, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Mutants(text, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{f.String(): true}
		for _, m := range all {
			g, err := Compile(m.Text, nil, nil)
			if err != nil {
				t.Fatalf("%s: %v", m.Text, err)
			}
			if seen[g.String()] {
				t.Errorf("%s: %s comes twice, or is no change", text, g)
			}
			seen[g.String()] = true
		}
		n += len(all)
	}
	if n < 60 {
		t.Errorf("%d mutants of five filters", n)
	}
}
