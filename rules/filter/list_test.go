package filter

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
)

func lists(values ...string) rules.Lists {
	return rules.Lists{"l": {Name: "l", Values: values}}
}

// A list means what the same elements mean in braces.
func TestListIsItsElements(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	for _, test := range []struct {
		field    string
		elements []string
	}{
		{"ip.src", []string{"10.0.0.2", "10.0.0.254"}},
		{"ip.src", []string{"10.0.0.0/30"}},
		{"ip.src", []string{"10.0.0.2 .. 10.0.0.254", "192.0.2.1"}},
		{"ip.dst", []string{"0.0.0.0/0"}},
		{"ipv6.src", []string{"2001:db8::/126", "fe80::1"}},
		{"icmp.type", []string{"3", "11..13", "255"}},
		{"icmp.type", []string{"5..0", "0x08"}},
		{"icmpv6.type", []string{`"Redirect"`, `"Neighbor Advertisement"`}},
		{"frame.protocols", []string{`"eth:ethertype:ip:icmp:data"`}},
		{"eth.src", []string{"02:00:00:00:00:01"}},
		{"icmp.data_time", []string{`"2023-11-14 22:13:20"`}},
	} {
		for _, long := range []bool{false, true} { // long ones are looked up in an index
			elements := slices.Clone(test.elements)
			for len(elements) < 3*fewest && long {
				elements = append(elements, test.elements...)
			}
			for _, form := range []string{"%s in %s", "%s not in %s", "all %s in %s", "!(any %s in %s)"} {
				inline := fmt.Sprintf(form, test.field, "{"+strings.Join(elements, ", ")+"}")
				listed := fmt.Sprintf(form, test.field, "$l")
				if a, b := selected(t, all, inline, nil), selected(t, all, listed, lists(elements...)); !slices.Equal(a, b) {
					t.Errorf("%s: %v, by list %v", inline, a, b)
				}
			}
		}
	}
}

// The index of a long set answers as the elements do one by one.
func TestIndexIsTheElements(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	for _, set := range []string{"ip.src in {%s}", "ip.addr in {%s}", "ip.dst not in {%s}"} {
		var values []string
		for i := range 40 {
			values = append(values, []string{fmt.Sprintf("10.0.0.%d", 7*i%256), fmt.Sprintf("10.%d.0.0/24", i), fmt.Sprintf("192.0.2.%d .. 192.0.2.%d", i, 2*i%17)}[i%3])
		}
		want := map[int64]bool{}
		negative := strings.Contains(set, "not")
		for _, v := range values {
			text := fmt.Sprintf(strings.Replace(set, "not ", "", 1), v)
			for _, n := range selected(t, all, text, nil) {
				want[n] = true
			}
		}
		for _, n := range selected(t, all, fmt.Sprintf(set, strings.Join(values, ", ")), nil) {
			if want[n] == negative {
				t.Errorf("%s: frame %d", set, n)
			}
			delete(want, n)
		}
		if !negative && len(want) > 0 {
			t.Errorf("%s: frames %v are missing", set, want)
		}
	}
}

func selected(t *testing.T, all []*ingest.Packet, text string, l rules.Lists) (out []int64) {
	t.Helper()
	f, err := Compile(text, &field.Context{}, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if f.Match(p) {
			out = append(out, p.Number)
		}
	}
	return out
}

func TestListsOfTwoKinds(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	both := lists("10.0.0.1", "2001:db8::/32", "10.0.0.254")
	for text, like := range map[string]string{
		"ip.src in $l":     "ip.src in {10.0.0.1, 10.0.0.254}",
		"ipv6.src in ${l}": "ipv6.src == 2001:db8::/32",
		"sift.src in $l":   "sift.src in {10.0.0.1, 2001:db8::/32, 10.0.0.254}",
	} {
		if a, b := selected(t, all, text, both), selected(t, all, like, nil); !slices.Equal(a, b) || len(a) == 0 {
			t.Errorf("%s: %v, want %v", text, a, b)
		}
	}
	if got := selected(t, all, "frame.protocols in $l", lists("eth:ethertype:arp", "a name (with blanks)")); len(got) != 1 {
		t.Errorf("text without quotes: frames %v", got)
	}
	if got := selected(t, all, "ip.src in $l", lists()); got != nil {
		t.Errorf("an empty list holds %v", got)
	}
}

func TestHomeNet(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	c := &field.Context{Home: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/31"), netip.MustParsePrefix("fe80::/10")}}
	f, err := Compile("ip.src#1 in $home_net", c, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, p := range all {
		if f.Match(p) {
			got = append(got, p.Number)
		}
	}
	if want := selected(t, all, "ip.src#1 in {10.0.0.0, 10.0.0.1}", nil); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("frames %v, want %v", got, want)
	}
	if !slices.Equal(f.Lists(), []string{HomeNet}) {
		t.Errorf("lists %v", f.Lists())
	}
}

func TestListErrors(t *testing.T) {
	for text, want := range map[string]string{
		"icmp and ip.src in $ll":  `no list is named "ll"; did you mean "l"?`,
		"icmp.type in $l":         `the list "l" does not fit icmp.type: 10.0.0.300 cannot be converted to unsigned integer (8 bits)`,
		"ip.src in $l":            `the list "l" does not fit ip.src: 10.0.0.300 is not an IPv4 address`,
		"ip.src in $other_things": `no list is named "other_things"; a list is a document of kind list`,
	} {
		_, err := Compile(text, nil, lists("10.0.0.300"))
		var e *Error
		if e, _ = err.(*Error); e == nil || !strings.HasPrefix(err.Error(), want) || text[e.Offset] != '$' {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// Wireshark has no lists: they are written out, and one too long for that is left out.
func TestListsForWireshark(t *testing.T) {
	for _, test := range []struct {
		text, want string
		whole      bool
		values     []string
	}{
		{"icmp && ip.src in $l", "icmp && ip.src in {10.0.0.1, 10.1.0.0/16}", true, []string{"10.0.0.1", "10.1.0.0/16"}},
		{"icmp && !(ip.src in $l)", "icmp && !(ip.src in {10.0.0.1})", true, []string{"10.0.0.1"}},
		{"icmp && sift.src in $l", "icmp && ip.src in {10.0.0.1}", true, []string{"10.0.0.1"}},
		{"icmp && ip.src in $l", "icmp", false, make([]string, sayable+1)},
		{"icmp && !(ip.src in $l)", "icmp", false, make([]string, sayable+1)},
	} {
		for i, v := range test.values {
			if v == "" {
				test.values[i] = fmt.Sprintf("10.1.%d.%d", i/256, i%256)
			}
		}
		f, err := Compile(test.text, nil, lists(test.values...))
		if err != nil {
			t.Fatal(err)
		}
		if got, whole := f.Wireshark(); got != test.want || whole != test.whole {
			t.Errorf("%s: got %s, %v", test.text, got, whole)
		}
		if f.String() != test.text {
			t.Errorf("prints %s", f)
		}
	}
}

// BenchmarkList looks addresses up in a list of ten thousand networks.
func BenchmarkList(b *testing.B) {
	var values []string
	for i := range 10_000 {
		values = append(values, fmt.Sprintf("%d.%d.%d.0/25", 11+i%200, i%256, i/256))
	}
	f, err := Compile("ip.src in $l", &field.Context{}, lists(values...))
	if err != nil {
		b.Fatal(err)
	}
	all := packets(b, "testdata/dfilter.pcap", true)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.Match(all[i%len(all)])
	}
}
