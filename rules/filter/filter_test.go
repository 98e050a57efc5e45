package filter

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

func compile(t testing.TB, text string) *Filter {
	t.Helper()
	f, err := Compile(text, &field.Context{}, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

// TestFrames: filters beyond the recorded ones, on dfilter.pcap. Those at the top were checked with tshark -2 4.0.17,
// those under "4.4" against no tshark: 4.0 lacks what they use.
func TestFrames(t *testing.T) {
	const icmp4 = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,21,22,23,26,27,28"
	for _, test := range []struct{ text, frames string }{
		{"", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28"},
		{"icmp.type - 20 == -12", "1,3,4,6,9,11,21,26,27,28"},
		{"icmp.type - 20 > 0", "22"},
		{"icmp.type != -1", icmp4},
		{"icmp.type >= -1", ""},
		{"icmp.type <= -1", ""},
		{"icmp.type + -1 == 7", ""},
		{"-icmp.type == -8", "1,3,4,6,9,11,21,26,27,28"},
		{"icmp.checksum + 65535 > 65535", icmp4},
		{"icmp.checksum * 65535 * 65535 > 0", icmp4},
		{"icmp.seq - 1", "3,4,6,9,10,11,14,21,26,27,28"},
		{"icmp.type / 0 == icmp.seq", ""},
		{"icmp.seq in {1..icmp.ident}", "1,2,3,4,6,9,10,11,12,13,14,21,26,27,28"},
		{"icmp.seq/2==2", "9,10,11"},
		{"max(ip.ttl) - min(ip.ttl) > 5", "5,6,7,8,21,23"},
		{"icmp.resptime > 4.5 + 5", "2,10"},
		{"data.len - 33 < 0", "1,2,3,4,5,6,11,15,16,19,21,23,25,26,28"},
		{"string(ip.id) matches \"^1$\"", "1,5,6,7,8,12,13,14,21,22,23,25,26"},
		{"string(eth.src) contains \"02:00:00:00:00:02\"", "2"},
		{"icmp > 08:00", icmp4},
		{"icmp[0-1,1:1][0] == 08", "1,3,4,6,9,11,21,26,27,28"},
		{"icmp[40:]", "5,6,9,10,23,27"},
		{"icmp[38:5]", "5,6,9,10,23,27"},
		{"icmp[-100]", "23,27"},
		{"icmp[0 : 2] == 08:00", "1,3,4,6,9,11,21,26,27,28"},
		{"ip.src[0:2] == ip.dst[0:2]", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,21,22,23,25,27,28"},
		{"ip.src#[1-2] == 10.0.0.1", "1,3,4,5,6,7,8,9,11,12,21,22,23,25,26,27,28"},
		{"ip.src#[-1:1] == 10.0.0.254", ""},
		{"any icmp.type === 8", "1,3,4,6,9,11,21,26,27,28"},
		{"all icmp.type !== 8", "2,5,7,8,10,12,13,14,22,23"},
		{"ip.src in {10.0.0.0/24 .. 10.0.0.9}", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,21,22,23,25,26,27,28"},
		{"frame.protocols in {\"a\" .. \"z\"}", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28"},
		{"_ws.expert.message contains \"ad\"", "4"},
		{"frame.time >= \"2023-11-14T22:13:30+0100\"", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28"},
		{"frame.time >= \"2023-11-14 22:13:30.0000001\"", "22,23,24,25,26,27,28"},
		{"!!icmp", icmp4},
		// 4.4
		{"ip_multicast(ip.dst)", "26"},
		{"icmpv6.type matches \"echo\"", "15,16,19"},
		// ours
		{"sift.src == 2001:db8::/32 && sift.echo.request", "15"},
		{"sift.src in {10.0.0.2, 2001:db8::2}", "2,10,13,14,16,18"},
		{"sift.checksum in {\"bad\", \"good\"} && !(sift.checksum in {\"good\", \"\"})", "4"},
		{"eth.src in {02:00:00:00:00:02, 02:00:00:00:00:77}", "2"},
		{"sift.src != 10.0.0.1 && icmp && !(icmp.type#2)", "2,5,7,8,10,13,14,23"},
		{"sift.echo.request", "1,3,4,9,11,15,21,26,27,28"},
		{"sift.echo.request == 0 && sift.type in {128..129, 0}", "2,10,16"},
		{"sift.type == 8 and sift.payload.length > 100", "27"},
		{"sift.payload contains \"abcdef\" && !(sift.type == 8)", "2,15,16"},
		{"sift.src & 255.255.255.0 == 10.0.0.0 && icmp.type === 0", "2,10"},
	} {
		if got := matching(compile(t, test.text), packets(t, "testdata/dfilter.pcap", true)); got != test.frames {
			t.Errorf("%s: frames %s, want %s", test.text, got, test.frames)
		}
	}
}

// TestErrors: what is at fault, and what is said of it.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, token, say string }{
		{"icmp.tpye == 8", "icmp.tpye", `did you mean "icmp.type"`},
		{"icmp && lenn(icmp) == 3", "lenn", `did you mean "len"`},
		{"icmp.type == 256", "256", "greatest 255"},
		{"icmp.type == 8 &&", "", "ends too early"},
		{"icmp.type = 8", "=", `"=="`},
		{"ip.src == 10.0.0.1/33", "10.0.0.1/33", "at most 32"},
		{"ip.src == host", "host", "not an IPv4 address"},
		{"icmp matches \"a(?=b)\"", `"a(?=b)"`, "no look-around"},
		{"icmp matches \"(a)\\\\1\"", `"(a)\\1"`, "back-references"},
		{"icmp matches \"(\"", `"("`, "missing closing"},
		{"icmp[2-1] == 00", "2-1", "not less than"},
		{"icmp[4--9] == 00", "4--9", "have different signs"},
		{"icmp[0--1] == 00", "0--1", "not less than"},
		{"ip.src#[-1-1] == 10.0.0.1", "-1-1", "have different signs"},
		{"icmp.type in {8, }", "}", "expected a field"},
		{"icmp.type in $ours", "$ours", `no list is named "ours"`},
		{"icmp.no_resp == 1", "icmp.no_resp", "no value to compare"},
		{"icmp == \"é\" && ip.srcc", "ip.srcc", "ip.src"},
		{"sift.src == 1.2.3", "1.2.3", "not an IP address"},
		{"data.data == \"\\q\"", `\q`, "escape"},
		{"1 == 1", "1 == 1", "constants"},
		{"frame.time_epoch > 8s", "8s", "not a date"},
		{"icmp.type == 8 @", "@", "unexpected"},
		{"icmp \x01", "\x01", "unexpected"},
		{strings.Repeat("!", 500) + "icmp", "!", "nests deeper"},
		{strings.Repeat("(", 500) + "icmp", "(", "nests deeper"},
		{strings.Repeat("icmp || ", 9000) + "icmp", "", "longer than"},
	} {
		_, err := Compile(test.text, nil, nil)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.40s: compiled", test.text)
			continue
		}
		if got := e.Text[e.Offset : e.Offset+e.Length]; got != test.token {
			t.Errorf("%.40s: blames %q, not %q: %v", test.text, got, test.token, err)
		}
		if !strings.Contains(err.Error(), test.say) {
			t.Errorf("%.40s: says %q, without %q", test.text, err, test.say)
		}
	}
}

func TestCaret(t *testing.T) {
	_, err := Compile("icmp and\n\"é\" == icmp.typ", nil, nil)
	const want = "\"icmp.typ\" is not a field or protocol that icmpsift knows; did you mean \"icmp.type\"?\n" +
		"    \"é\" == icmp.typ\n           ^~~~~~~~"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestCanonical: the print, and that it means the same.
func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"not icmp and icmp.type eq 8 or ip":         "(!icmp && icmp.type == 8) || ip",
		"icmp and (ip and ip.ttl<5)":                "icmp && (ip && ip.ttl < 5)",
		"!(icmp.type==8)":                           "!(icmp.type == 8)",
		"all ip.ttl lt 2":                           "all ip.ttl < 2",
		"icmp.type not in {0,8 , 3 .. 5}":           "icmp.type not in {0, 8, 3..5}",
		"0 < icmp.seq <= 3":                         "0 < icmp.seq <= 3",
		"ip.src#[1] == 10.0.0.1":                    "ip.src#1 == 10.0.0.1",
		"ip.src#[1,-1] == 10.0.0.1":                 "ip.src#[1, -1] == 10.0.0.1",
		"{icmp.seq + 1} * 2 == -{ 6 }":              "{icmp.seq + 1} * 2 == -6",
		`icmp ~ r"^\x08"`:                           `icmp matches "^\\x08"`,
		`frame contains "\x00\xff\"é"`:              `frame contains "\x00\xff\"é"`,
		"icmp[4:2,7] == 12:34:01":                   "icmp[4:2, 7] == 12:34:01",
		"icmp[:2] == 03:03":                         "icmp[0:2] == 03:03",
		"@ip.src == 0a:00:00:01":                    "@ip.src == 0a:00:00:01",
		"max(icmp.seq,3)==3 xor .icmp":              "max(icmp.seq, 3) == 3 ^^ .icmp",
		`frame.time > "2023-11-14"`:                 `frame.time > "2023-11-14 00:00:00 UTC"`,
		"icmp.type == ${icmp.type}":                 "icmp.type == ${icmp.type}",
		"icmp.type in {-1..3} || eth.dst[0] & 0x01": "icmp.type in {-1..3} || eth.dst[0] & 0x01",
		"  ":                  "",
		"icmp || (ip || arp)": "icmp || (ip || arp)",
	} {
		f := compile(t, text)
		if f.String() != want {
			t.Errorf("%s prints %s, want %s", text, f, want)
		}
		if again := compile(t, f.String()); again.String() != f.String() {
			t.Errorf("%s prints %s, then %s", text, f, again)
		}
	}
}

func TestWireshark(t *testing.T) {
	for _, test := range []struct {
		text, want string
		whole      bool
	}{
		{"icmp.type == 8 && ip.ttl < 5", "icmp.type == 8 && ip.ttl < 5", true},
		{"sift.src == 10.0.0.1", "ip.src == 10.0.0.1", true},
		{"sift.dst == 2001:db8::/32", "ipv6.dst == 2001:db8::/32", true},
		{"sift.src in {10.0.0.0/8, fe80::/10, 10.1.1.1..10.1.1.9}", "ip.src in {10.0.0.0/8, 10.1.1.1..10.1.1.9} || ipv6.src in {fe80::/10}", true},
		{"sift.type == 8", "icmp.type == 8 || icmpv6.type == 8", true},
		{"sift.type != 8", "icmp.type !== 8 || icmpv6.type !== 8", true},
		{"sift.id == 1 && sift.seq > 2", "(icmp.ident == 1 || icmpv6.echo.identifier == 1) && (icmp.seq > 2 || icmpv6.echo.sequence_number > 2)", true},
		{"sift.echo.request", "icmp.type == 8 || icmpv6.type == 128", true},
		{"sift.echo.reply == 1", "icmp.type == 0 || icmpv6.type == 129", true},
		{"sift.echo.request && sift.payload.length > 64 && ip.src == 10.0.0.0/8", "(icmp.type == 8 || icmpv6.type == 128) && ip.src == 10.0.0.0/8", false},
		{"!sift.echo.request && icmp", "icmp", false},
		{"sift.unanswered", "", false},
		{"(sift.echo.request || sift.type == 3) && (icmp || arp)", "(icmp.type == 8 || icmpv6.type == 128 || (icmp.type == 3 || icmpv6.type == 3)) && (icmp || arp)", true},
		{"sift.unanswered || icmp", "", false},
		{"sift.unanswered && icmp || arp", "icmp || arp", false},
		{"ip && (icmp || arp)", "ip && (icmp || arp)", true},
		{"icmp || arp", "icmp || arp", true},
		{"", "", true},
	} {
		f := compile(t, test.text)
		text, whole := f.Wireshark()
		if text != test.want || whole != test.whole {
			t.Errorf("%s: %s (%v), want %s (%v)", test.text, text, whole, test.want, test.whole)
		}
		superset(t, f, compile(t, text))
	}
}

// superset: what Wireshark replays holds every packet the filter matches.
func superset(t *testing.T, f, replayed *Filter) {
	t.Helper()
	for _, p := range packets(t, "testdata/dfilter.pcap", true) {
		if f.Match(p) && !replayed.Match(p) {
			t.Errorf("%s matches frame %d, but %s does not", f, p.Number, replayed)
		}
	}
}

func set(v *[256]bool) (out []int) {
	for i, ok := range v {
		if ok {
			out = append(out, i)
		}
	}
	return out
}

func TestTypes(t *testing.T) {
	for _, test := range []struct {
		text   string
		v4, v6 int // how many types
		has4   int
		hasNot int // of ICMP
	}{
		{"", 256, 256, 8, -1},
		{"sift.echo.request", 1, 1, 8, 0},
		{"sift.echo.request || sift.echo.reply", 2, 2, 0, 3},
		{"sift.type in {3, 11..13}", 4, 4, 12, 8},
		{"!(sift.type == 8)", 255, 255, 0, 8},
		{"sift.type != 8 && sift.type != 0", 254, 254, 3, 8},
		{"icmp.type == 8", 6, 129, 11, 0},
		{"icmp.type#1 == 8", 1, 129, 8, 11},
		{"icmp.type#2 == 8", 256, 129, 11, -1},
		{"icmp.type != 8", 255, 129, 0, 8},
		{"!(icmp.type == 8)", 255, 256, 3, 8},
		{"!(icmp.type != 3)", 5, 256, 3, 0},
		{"!(icmp.type#1 in {3, 8..13})", 249, 256, 14, 3},
		{"icmp.type not in {0, 8}", 254, 129, 3, 8},
		{"icmp.ident == 5", 256, 129, 8, -1},
		{"ip.src == 10.0.0.1", 256, 256, 8, -1},
		{"max(icmp.seq, icmpv6.echo.sequence_number) > 3", 256, 256, 8, -1},
		{"sift.type == 8 ^^ sift.type < 10", 9, 9, 9, 8},
		{"3 <= sift.type <= 5", 3, 3, 4, 8},
	} {
		f := compile(t, test.text)
		v4, v6 := f.Types()
		if a, b := len(set(v4)), len(set(v6)); a != test.v4 || b != test.v6 || !v4[test.has4] || test.hasNot >= 0 && v4[test.hasNot] {
			t.Errorf("%s: %d and %d types, want %d and %d: %v", test.text, a, b, test.v4, test.v6, set(v4))
		}
	}
}

// TestTypesCover: no recorded filter matches a packet whose type its index leaves out.
func TestTypesCover(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	for _, r := range readCases(t, "testdata/dfilter-cases.tsv") {
		f, err := Compile(r.text, &field.Context{Wireshark: r.version}, nil)
		if err != nil {
			continue
		}
		v4, v6 := f.Types()
		for _, p := range all {
			typ, _, ok := p.Type()
			in := v4[typ]
			if p.V6() {
				in = v6[typ]
			}
			if ok && ordinary(p) && !in && f.Match(p) {
				t.Errorf("%s %s: frame %d of type %d matches outside of the index", r.version, r.text, p.Number, typ)
			}
		}
	}
}

func TestFields(t *testing.T) {
	var names []string
	for _, f := range compile(t, "icmp.type == 8 && sift.src == 10.0.0.1 && !(icmp.type == icmp.code)").Fields() {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "icmp.type sift.src icmp.code" {
		t.Errorf("fields %s", got)
	}
}

// TestClone runs clones side by side; the race detector watches.
func TestClone(t *testing.T) {
	f := compile(t, "ip.src[0:1,3:1] == 0a:01 && icmp matches \"\xff|abc\"")
	want := matching(f, packets(t, "testdata/dfilter.pcap", false))
	var wait sync.WaitGroup
	for range 4 {
		g, all := f.Clone(), packets(t, "testdata/dfilter.pcap", false)
		wait.Add(1)
		go func() {
			defer wait.Done()
			if got := matching(g, all); got != want {
				t.Errorf("clone: %s, want %s", got, want)
			}
		}()
	}
	wait.Wait()
}

const hot = "sift.echo.request && sift.payload.length > 64 && ip.src == 10.0.0.0/8"

// TestNoAllocation leaves out matches: what package regexp pools, the race detector drops at random.
func TestNoAllocation(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	for _, text := range []string{hot, "icmp.type in {0, 8, 20..30} && ip.dst != 10.0.0.0/24", "icmp[0:2] == 08:00 or icmp[4,6] == 12:00",
		"icmp contains \"abc\" || ip.src#2 == 10.0.0.1", "icmp.seq & 1 == 1 && @ip.src == 0a:00:00:01"} {
		f := compile(t, text)
		run := func() {
			for _, p := range all {
				f.Match(p)
			}
		}
		if n := testing.AllocsPerRun(20, run); n > 0 {
			t.Errorf("%s: %v allocations for %d packets", text, n, len(all))
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	f, all := compile(b, hot), packets(b, "testdata/dfilter.pcap", true)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.Match(all[i%len(all)])
	}
}

// FuzzCompile: no text makes the compiler or a filter panic, and the canonical print is stable and compiles.
func FuzzCompile(f *testing.F) {
	for _, r := range readCases(f, "testdata/dfilter-cases.tsv") {
		f.Add(r.text, r.version)
	}
	all := packets(f, "testdata/dfilter.pcap", true)
	f.Fuzz(func(t *testing.T, text, version string) {
		c := &field.Context{Wireshark: version}
		x, err := Compile(text, c, nil)
		if err != nil {
			_ = err.Error()
			return
		}
		y, err := Compile(x.String(), c, nil)
		if err != nil || y.String() != x.String() {
			t.Fatalf("%q prints %q, then %v: %v", text, x, y, err)
		}
		sameAnswers(t, x, y, all)
	})
}

func sameAnswers(t *testing.T, x, y *Filter, all []*ingest.Packet) {
	v4, v6 := x.Types()
	text, _ := x.Wireshark()
	replayed, err := Compile(text, x.m.context, nil)
	if err != nil {
		t.Fatalf("%s replays as %s: %v", x, text, err)
	}
	index, err := NewIndex([]*Filter{x, y}, nil)
	if err != nil {
		t.Fatalf("%s has no index: %v", x, err)
	}
	for _, p := range all {
		hit := x.Match(p)
		if hit != y.Match(p) {
			t.Fatalf("%s: frame %d differs after printing", x, p.Number)
		}
		if n := len(index.Match(p, nil)); hit != (n == 2) || n == 1 {
			t.Fatalf("%s: frame %d: %v, but the index finds it %d times", x, p.Number, hit, n)
		}
		typ, _, ok := p.Type()
		if hit && ok && ordinary(p) && !(p.V6() && v6[typ] || !p.V6() && v4[typ]) {
			t.Fatalf("%s: frame %d lies outside of its types", x, p.Number)
		}
		if hit && !replayed.Match(p) {
			t.Fatalf("%s: frame %d is lost in %s", x, p.Number, text)
		}
	}
}

// TestBounded: filters that multiply values and bytes end soon.
func TestBounded(t *testing.T) {
	all := packets(t, "testdata/dfilter.pcap", true)
	for _, text := range []string{
		"ip.ttl == " + strings.Repeat("ip.ttl - ", 150) + "ip.ttl",
		"frame" + strings.Repeat("["+strings.Repeat("0:30,", 300)+"0:30]", 12) + " == 00",
	} {
		f, start := compile(t, text), time.Now()
		matching(f, all)
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%.40s took %v", text, d)
		}
	}
}
