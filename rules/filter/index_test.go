package filter

import (
	"bytes"
	endian "encoding/binary"
	"fmt"
	"math/rand"
	"net/netip"
	"os"
	"path/filepath"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
)

// caseContext is the context of a case, so that all of our own fields have values.
func caseContext(t testing.TB, version string) *field.Context {
	t.Helper()
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	return &field.Context{Wireshark: version, Stock: stock, Home: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}}
}

// variedPackets are the first of each lab capture, as they are and damaged, with pairings made up, and samples of others.
func variedPackets(t testing.TB, r *rand.Rand) (out []*ingest.Packet) {
	t.Helper()
	paths, _ := filepath.Glob("../../testdata/lab/*.pcap*")
	paths = append(paths, "testdata/dfilter.pcap")
	if len(paths) < 50 {
		t.Fatalf("%d captures", len(paths))
	}
	for _, path := range paths {
		for _, f := range firstFrames(t, path, 8) {
			out = append(out, decoded(f, r), decoded(damaged(f, r), r))
		}
	}
	for i := range out[:40] {
		out = append(out, decoded(sampledIn(out[i], out[len(out)/2+3*i]), r))
	}
	return out
}

// firstFrames gives none of a compressed capture.
func firstFrames(t testing.TB, path string, most int) (out []*ingest.Frame) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(bytes.NewReader(data))
	for err == nil && len(out) < most {
		var f *ingest.Frame
		if f, err = r.Next(); err == nil {
			kept := *f
			kept.Data = slices.Clone(f.Data)
			out = append(out, &kept)
		}
	}
	return out
}

// damaged changes some bytes behind the link header, or cuts the frame.
func damaged(f *ingest.Frame, r *rand.Rand) *ingest.Frame {
	g := *f
	g.Data = slices.Clone(f.Data)
	for range 1 + r.Intn(3) {
		if len(g.Data) > 15 {
			g.Data[14+r.Intn(min(60, len(g.Data)-14))] = byte(r.Intn(256))
		}
	}
	if r.Intn(4) == 0 {
		g.Data = g.Data[:r.Intn(len(g.Data)+1)]
	}
	return &g
}

// decoded decodes a frame by itself and makes a pairing up.
func decoded(f *ingest.Frame, r *rand.Rand) *ingest.Packet {
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(f, &p)
	one := func() int64 { return int64(r.Intn(2)) }
	p.Case = ingest.Case{Number: 1 + int64(r.Intn(50)), Reply: ingest.Reply{Time: int64(r.Intn(1e9)), Differs: one() > 0, Truncated: one() > 0,
		Unlike: one() > 0, Extra: r.Intn(3), Count: r.Intn(3), Unanswered: one() > 0, Unsolicited: one() > 0, ErrorTo: one(), ErrorIn: one(), Unseen: one() > 0}}
	switch x, request := p.Exchange(); { // as the case pairs them
	case x == ingest.NoExchange:
	case request:
		p.Case.Reply.In = one()
	default:
		p.Case.Reply.To = one()
	}
	return p.Clone()
}

// sampledIn is an sFlow datagram with samples of two frames, whose messages need not be of one type, nor of one version.
func sampledIn(a, b *ingest.Packet) *ingest.Frame {
	words := func(n ...uint32) (out []byte) {
		for _, w := range n {
			out = endian.BigEndian.AppendUint32(out, w)
		}
		return out
	}
	body := append(words(5, 1), 192, 0, 2, 1)
	body = append(body, words(0, 1, 1000, 2)...)
	for _, p := range []*ingest.Packet{a, b} {
		header := slices.Clone(p.Data[:min(len(p.Data), 120)&^3])
		record := append(words(1, uint32(16+len(header)), 1, uint32(len(header)), 0, uint32(len(header))), header...)
		sample := append(words(1, 1, 1, 1, 0, 1, 2, 1), record...)
		body = append(append(body, words(1, uint32(len(sample)))...), sample...)
	}
	udp := endian.BigEndian.AppendUint16([]byte{0x30, 0x39, 0x18, 0xc7}, uint16(8+len(body)))
	udp = append(append(udp, 0, 0), body...)
	ip := []byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}
	endian.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(udp)))
	data := append(ip, udp...)
	return &ingest.Frame{Number: 1, Link: ingest.LinkRaw, Wire: len(data), Data: data}
}

// common are filters as rules have them, which wait at the same gates; %d, %s and %x are taken from packets.
var common = []string{
	"icmp.type == 8 && icmp.ident == %[1]d", "icmp.type == 8 and icmp.seq in {%[1]d, %[2]d..%[3]d}", "icmp.type#1 == %[2]d && icmp.code == %[3]d",
	"sift.echo.request && sift.payload.length == %[4]d", "!(sift.echo.reply == 0) && sift.payload.length > %[4]d", "sift.reply.differs && sift.reply.extra != %[2]d",
	"sift.src in {%[5]s, 10.0.0.0/24, fe80::/10}", "sift.src == %[5]s || ip.src == 10.0.0.0/%[2]d", "all sift.src == 10.0.0.1", "sift.dst != %[5]s && sift.src === %[5]s",
	"data.data contains %[6]s", "icmp contains %[6]s && !(icmp contains \"abc\")", "icmp#1[8:] contains %[6]s", "icmp#1[8:4] == %[6]s or icmpv6#1[8:4] == %[6]s",
	"sift.payload matches r\"(?-i)%[7]s.{0,9}[a-z]\"", "sift.payload matches \"(x|%[7]s)+%[7]s$\"", "sift.payload[0:2] == %[6]s",
	"sift.payload.class in {\"text\", \"stock\", \"%[7]s\"}", "sift.payload.class == \"unknown\" && sift.zone.src == \"home\"", "sift.zone.src != \"home\" && sift.payload.entropy > 3.5",
	"ip.ttl == %[3]d", "ip.ttl < %[3]d && ip.proto == 1", "ip.ttl - %[2]d == %[3]d", "icmp.type != %[2]d", "!(icmp.type == %[2]d || sift.code == %[3]d)", "icmp.code not in {%[3]d, %[2]d}",
	"(sift.type == 8 && icmp.seq == %[1]d) || (sift.type == 0 && icmp.ident == %[1]d) || sift.type == 3", "sift.quoted.dst == %[5]s", "sift.quoted.dport == %[4]d && sift.error",
	"len(icmp) == %[4]d || len(icmpv6) == %[4]d", "count(ip.src) == 2 && ip.dst#2 == %[5]s", "sift.type.assigned == 0 || sift.version == 6", "sift.reply.time < 0.%[4]d",
	"all ip.ttl / icmp.code == %[2]d && !(icmp.seq != %[1]d)", "ip.ttl === -%[1]d && icmp.seq == %[1]d", "all sift.src == sift.dst || 20 < ip.ttl - %[3]d", "!(!(icmp.seq == %[1]d) || icmpv6)",
	"sift.type in $kinds && sift.src in $hosts", "icmp.ident not in $kinds", "max(icmp.type, icmpv6.type) in {%[2]d}", "max(icmp.seq, icmpv6.echo.sequence_number) == %[1]d", "sift.body && sift.code == %[3]d",
	"sift.zone.src == sift.zone.dst && sift.payload.length == %[4]d", "!(sift.payload.stock) && sift.zone.dst == \"outside\" && icmp.code == %[3]d", "sift.payload.stock contains \"ping\" ^^ sift.echo.unprompted",
	"sift.echo.unprompted == 1 && sift.payload.tool", "sift.unsolicited == 0 || (sift.zone.src in {\"home\", \"multicast\"} && ip.ttl == %[3]d)", "(ipv6.dstopts || vlan.id > %[3]d) && sift.code == %[3]d",
	"!(ipv6.hopopts || ip.src#2) && sift.payload[0:2] == %[6]s", "len(sift.zone.dst) > 4 && icmp.code == %[3]d", "all sift.zone.dst != \"home\" && sift.id == %[1]d",
}

func (g *generator) common(all []*ingest.Packet) string {
	p := all[g.Intn(len(all))]
	m := p.Message()
	if m == nil || len(m.Bytes) < 12 || !p.Src().IsValid() {
		return g.common(all)
	}
	b, at := m.Bytes, g.Intn(len(m.Bytes)-4)
	letters := strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' {
			return c
		}
		return -1
	}, string(b[at:min(len(b), at+30)]))
	hex := strings.ReplaceAll(fmt.Sprintf("% x", b[at:at+2+g.Intn(3)]), " ", ":")
	return fmt.Sprintf(common[g.Intn(len(common))], int(b[4])<<8|int(b[5]), b[0], b[1], m.Reported-8+g.Intn(2), p.Src(), hex, letters)
}

// joined combines filters as authors do.
func (g *generator) joined(all []*ingest.Packet) string {
	text := g.common(all)
	if g.Intn(3) == 0 {
		text = g.filter(2)
	}
	switch g.Intn(6) {
	case 0:
		return "!(" + text + ")"
	case 1:
		return "(" + text + ") && (" + g.joined(all) + ")"
	case 2:
		return "(" + text + ") || (" + g.joined(all) + ")"
	case 3:
		if g.version > "4.0" {
			return "(" + text + ") ^^ (" + g.joined(all) + ")"
		}
	}
	return text
}

// TestIndex: an index finds the filters that match when they are asked one by one.
func TestIndex(t *testing.T) {
	all := variedPackets(t, rand.New(rand.NewSource(7)))
	given := rules.Lists{"kinds": {Values: []string{"0", "8", "13..15", "128"}}, "hosts": {Values: []string{"10.0.0.0/8", "2001:db8::/32", "192.0.2.7"}}}
	var filters []*Filter
	for i, version := range []string{"4.0", "4.4"} {
		c := caseContext(t, version)
		g := generatorOf(int64(i), c, all, func(*field.Field) bool { return true })
		for n := 0; n < 300; {
			if f, err := Compile(g.joined(all), c, given); err == nil && (g.selective(f, all) || g.Intn(60) == 0) {
				filters, n = append(filters, f), n+1
			}
		}
	}
	compareIndex(t, filters, given, all)
}

// selective tells whether a filter matches some packets, but few.
func (g *generator) selective(f *Filter, all []*ingest.Packet) bool {
	n := 0
	for i := g.Intn(5); i < len(all); i += 5 {
		if f.Match(all[i]) {
			n++
		}
	}
	return 0 < n && n < len(all)/20
}

// TestIndexOfCases: nor does an index of all recorded filters differ from them.
func TestIndexOfCases(t *testing.T) {
	var filters []*Filter
	for _, r := range readCases(t, "testdata/dfilter-cases.tsv") {
		if f, err := Compile(r.text, &field.Context{Wireshark: r.version}, nil); err == nil {
			filters = append(filters, f)
		}
	}
	compareIndex(t, filters, nil, packets(t, "testdata/dfilter.pcap", true))
}

// compareIndex compares an index with the filters themselves.
func compareIndex(t *testing.T, filters []*Filter, given rules.Lists, all []*ingest.Packet) {
	t.Helper()
	x, err := NewIndex(filters, given)
	if err != nil {
		t.Fatal(err)
	}
	matched, asked := 0, 0
	for i, p := range all {
		var want []int
		for k, f := range filters {
			if f.Match(p) {
				want = append(want, k)
			}
		}
		got := x.Match(p, nil)
		for k, f := range filters {
			if slices.Contains(got, k) != slices.Contains(want, k) {
				t.Errorf("packet %d: the index says %v, the filter itself not: Wireshark %s: %s", i, slices.Contains(got, k), f.m.context.Wireshark, f)
			}
		}
		if !slices.IsSorted(got) {
			t.Errorf("packet %d: not in order: %v", i, got)
		}
		matched, asked = matched+len(want), asked+x.asked(p)
	}
	t.Logf("%d filters, %d packets: %d matches, %d filters were asked", len(filters), len(all), matched, asked)
	if n := len(filters) * len(all); matched < n/200 || asked == n {
		t.Errorf("%d of %d match, %d were asked", matched, n, asked)
	}
}

// asked counts the filters that the packet was shown to last.
func (x *Index) asked(p *ingest.Packet) (n int) {
	for _, g := range x.groups {
		for i := range g.bucket(p).tests {
			if g.bucket(p).may.has(int32(i)) {
				n++
			}
		}
	}
	return n
}

// TestIndexAsksFew: of filters that differ in a constant, a packet is shown to those that it matches.
func TestIndexAsksFew(t *testing.T) {
	c, all := caseContext(t, "4.4"), packets(t, "testdata/dfilter.pcap", true)
	for _, form := range []string{
		"icmp.type == 8 && icmp.ident == %d", "sift.type == 8 && (icmp.seq == %d || icmp.ident == %[1]d && ip.ttl == 3)", "icmp && ip.src in {10.7.0.0/16, 10.%d.%[1]d.0/24}",
		"icmp#1[4:2] == \"%02d\" and icmp#1[6:2] != 00:00", "icmp contains \"text-%d\"", "icmp matches \"text-%d.*(x|y)\"", "!(!(icmp.seq == %d) || sift.type != 8)",
		"sift.zone.src == \"home-%d\"", "sift.payload.length in {1%04d..1%04[1]d}",
	} {
		var filters []*Filter
		for i := range 200 {
			f, err := Compile(fmt.Sprintf(form, i+20), c, nil)
			if err != nil {
				t.Fatal(err)
			}
			filters = append(filters, f)
		}
		x, err := NewIndex(filters, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		for _, p := range all {
			x.Match(p, nil)
			asked += x.asked(p)
		}
		if asked > 2*len(all) {
			t.Errorf("%s: %d packets were shown to %d of 200 filters", form, len(all), asked)
		}
	}
}

// TestCertain: every match of a pattern holds the text.
func TestCertain(t *testing.T) {
	for pattern, want := range map[string]string{
		"abc": "abc", "(?i)aBc": "ABC", "[aA][bB]c": "ABc", "ab(cde)+": "cde", "(?:abc){2,}d": "abc", "ab*cd": "cd", "(?:abcd)*e": "e", "(?:abcd){0,3}ef": "ef",
		"abc|abd": "ab", "abc|x": "", "^ab$": "ab", `ab\x{f7ff}cde`: "cde", "a.bcd.ef": "bcd", "(ab)c": "ab", `a\bb`: "ab", "": "", "x?": "",
	} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := certain(re); got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}

// TestSubstrings: texts are found at either end and in either case, whatever they have in common.
func TestSubstrings(t *testing.T) {
	texts := []string{"Abz", "abzc", "zZ", "\x00\x00\x00", "\xff[", "\xff{", "bz", "ZZtop"}
	var all []waiting
	for i, text := range texts {
		all = append(all, waiting{need{part: text}, int32(i)})
	}
	x, small := newSubstrings(all, field.Bytes), strings.NewReplacer("A", "a", "B", "b", "C", "c", "P", "p", "Z", "z")
	for _, in := range []string{"", "a", "ABZ", "abzC", "xzz", "zztoP", "\x00\x00", "\x00\x00\x00", "..\xff[", "\xff{..", "\xdf[", "abZ\x00\x00\x00zzto"} {
		may := make(marks, 1)
		x.find(&field.Value{Bytes: []byte(in)}, may)
		for i, text := range texts {
			if want := strings.Contains(small.Replace(in), small.Replace(text)); may.has(int32(i)) != want {
				t.Errorf("%q in %q: %v", text, in, !want)
			}
		}
	}
}
