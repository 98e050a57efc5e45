package tunnel

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"icmpsift/rules"
)

// The ends of inner connections.
const (
	innerClient = "10.9.0.2:50000"
	innerServer = "10.9.0.1:80"
)

// fetched is a connection that fetches something: the answer in segments of a size.
func fetched(question, answer []byte, size int) (out []sent) {
	out = append(out, sent{0, tcp(innerClient, innerServer, flagSYN, 999, nil)}, sent{1, tcp(innerServer, innerClient, flagSYN|flagACK, 4999, nil)},
		sent{0, tcp(innerClient, innerServer, flagACK, 1000, question)})
	seq := uint32(5000)
	for _, piece := range chunks(answer, size) {
		out = append(out, sent{1, tcp(innerServer, innerClient, flagACK, seq, piece)})
		seq += uint32(len(piece))
	}
	return append(out, sent{1, tcp(innerServer, innerClient, flagACK|flagFIN, seq, nil)}, sent{0, tcp(innerClient, innerServer, flagACK|flagFIN, 1000+uint32(len(question)), nil)})
}

// each rewrites what was sent.
func each(list []sent, change func(i int, s sent) []byte) []sent {
	out := slices.Clone(list)
	for i := range out {
		out[i].body = change(i, out[i])
	}
	return out
}

var ask = []byte("GET /x/plan.bin HTTP/1.1\r\nHost: a\r\n\r\n")

func answered(file []byte) []byte {
	return append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(file)), file...)
}

// Ethernet frames inside, ARP among them, come back as Ethernet; a header that ends like one does not make them so.
func TestEthernetInside(t *testing.T) {
	file := random(3000, 1)
	stations := [2]string{"\x02\x00\x00\x00\x00\x0a", "\x02\x00\x00\x00\x00\x0b"}
	list := each(fetched(ask, answered(file), 500), func(i int, s sent) []byte {
		return slices.Concat([]byte(stations[1-s.from]+stations[s.from]+"\x08\x00"), s.body)
	})
	arp := append([]byte("\xff\xff\xff\xff\xff\xff"+stations[0]+"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"), make([]byte, 20)...)
	list = append([]sent{{0, arp}}, list...)
	for name, tt := range map[string]struct {
		list    []sent
		link    byte
		packets int
	}{
		"at the start":            {list, linkEthernet, len(list)},
		"behind a header":         {each(list, func(i int, s sent) []byte { return append([]byte("L2!"), s.body...) }), linkEthernet, len(list)},
		"tun's header at the end": {each(fetched(ask, answered(file), 500), func(i int, s sent) []byte { return append([]byte("some mBgic\x00\x00\x08\x00"), s.body...) }), linkRaw, len(list) - 1},
	} {
		c := opened("ip", messages(tt.list...))
		sane(t, c, messages(tt.list...))
		if len(c.Finds) != 2 {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
			continue
		}
		if link := linkOf(c.Finds[0].Bytes); link != tt.link || c.Finds[0].Packets != int64(tt.packets) {
			t.Errorf("%s: link type %d and %d packets, want %d and %d", name, link, c.Finds[0].Packets, tt.link, tt.packets)
		}
		if came(c, file) == nil {
			t.Errorf("%s: the file did not come back: %v", name, sizes(c))
		}
	}
}

// A capture tells which way each packet went.
func TestDirections(t *testing.T) {
	list := fetched(ask, answered([]byte("a few words")), 500)
	b := opened("ip", messages(list...)).Finds[0].Bytes
	for from, flags := range []string{"\x02\x00\x04\x00\x02\x00\x00\x00", "\x02\x00\x04\x00\x01\x00\x00\x00"} {
		want := 0
		for _, s := range list {
			if s.from == from {
				want++
			}
		}
		if n := bytes.Count(b, []byte(flags)); n != want {
			t.Errorf("from host %d: %d packets, want %d", from, n, want)
		}
	}
}

// linkOf is the link type in a capture's interface block, the block behind the section's.
func linkOf(b []byte) byte { return b[int(b[4])|int(b[5])<<8+8] }

// Packets in text codings come back.
func TestCodedPackets(t *testing.T) {
	file := random(3000, 2)
	list := fetched(ask, answered(file), 500)
	for name, code := range map[string]func([]byte) []byte{
		"base64":    func(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) },
		"base64url": func(b []byte) []byte { return base64.URLEncoding.AppendEncode(nil, b) },
		"xor 5a":    func(b []byte) []byte { return masked(append([]byte("hdr"), b...), 0x5a) },
		"hex":       func(b []byte) []byte { return hex.AppendEncode(nil, b) },
	} {
		c := opened("ip", messages(each(list, func(i int, s sent) []byte { return code(s.body) })...))
		if f := came(c, file); f == nil || !strings.HasPrefix(f.Encodings[0], name[:3]) || c.Finds[0].Packets != int64(len(list)) {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
}

// No packets are seen in what is none: chance, text, a file of packets in pieces.
func TestNoPackets(t *testing.T) {
	capture := opened("ip", messages(fetched(ask, answered(random(200_000, 3)), 1000)...)).Finds[0].Bytes
	var pieces, chance []sent
	for i, b := range chunks(capture, 1400) {
		pieces, chance = append(pieces, sent{0, b}), append(chance, sent{i % 2, random(400, int64(i))})
	}
	for name, list := range map[string][]sent{
		"a capture in pieces": pieces,
		"chance":              chance,
		"text":                {{0, []byte(strings.Repeat("E is for text and more text. ", 9))}, {1, []byte(strings.Repeat("`six` ", 20))}},
		"one packet":          {{0, tcp(innerClient, innerServer, 2, 1, nil)}},
		"nothing":             nil,
	} {
		if c := opened("ip", messages(list...)); len(c.Finds) != 0 {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
}

// Segments that are late, sent again, overlapping or of a port used again are put right.
func TestSegments(t *testing.T) {
	file := random(5000, 4)
	list := fetched(ask, answered(file), 500)
	data := 3
	overlap := slices.Clone(list)
	seq := uint32(5000)
	whole := answered(file)
	overlap[data+2].body = tcp(innerServer, innerClient, flagACK, seq+700, whole[700:1700]) // in place of 1000 to 1500
	other := random(800, 5)
	for name, list := range map[string][]sent{
		"in order":     list,
		"late":         slices.Concat(list[:data], []sent{list[data+2], list[data+1], list[data]}, list[data+3:]),
		"sent again":   slices.Insert(slices.Clone(list), data+4, list[data], list[data+1]),
		"overlapping":  overlap,
		"keep-alive":   slices.Insert(slices.Clone(list), data+4, sent{1, tcp(innerServer, innerClient, flagACK, seq+4*500-1, []byte{0})}),
		"reset":        slices.Insert(slices.Clone(list), data+5, sent{1, tcp(innerServer, innerClient, 4, 0, nil)}),
		"port reused":  slices.Concat(list, each(fetched(ask, answered(other), 300), func(i int, s sent) []byte { return renumber(s.body) })),
		"fragments":    slices.Insert(slices.Clone(list), 1, sent{0, fragment(random(60, 9))}),
		"with options": each(list, func(i int, s sent) []byte { return optioned(s.body) }),
	} {
		c := opened("ip", messages(list...))
		sane(t, c, messages(list...))
		f := came(c, file)
		if f == nil || !f.Complete || f.Name != "plan.bin" || f.Src != hosts[1].Address {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
		if n := strings.Count(strings.Join(c.Notes, " "), "TCP from"); n != map[bool]int{true: 2, false: 1}[name == "port reused"] {
			t.Errorf("%s: %q", name, c.Notes)
		}
		if name == "port reused" && came(c, other) == nil {
			t.Errorf("%s: the second file did not come back: %v", name, sizes(c))
		}
	}
}

// fragment is a later fragment of a datagram: what it starts with is no TCP header.
func fragment(body []byte) []byte {
	body[12] = 5 << 4
	ip := packet(netip.MustParseAddr("10.9.0.2"), netip.MustParseAddr("10.9.0.1"), 6, body)
	ip[7] = 9
	ip[11] -= 9 // in one's complement
	return ip
}

// A connection whose beginning was not captured has its client where the higher port is, and begins with a gap.
func TestSegmentsFromTheMiddle(t *testing.T) {
	file := append([]byte("PK\x03\x04"), random(3000, 10)...)
	list := fetched(ask, file, 500)
	for name, cut := range map[string][]sent{"server first": list[3:], "client first": append([]sent{{0, tcp(innerClient, innerServer, flagACK, 1037, nil)}}, list[3:]...)} {
		c := opened("ip", messages(cut...))
		sane(t, c, messages(cut...))
		if !strings.Contains(strings.Join(c.Notes, " "), "TCP from "+innerClient+" to "+innerServer) {
			t.Errorf("%s: %q", name, c.Notes)
		}
		if f := came(c, file); f == nil || f.Complete || len(f.Gaps) != 1 || f.Gaps[0] != (rules.Gap{Offset: 0, Length: -1}) {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
}

// renumber moves a segment's sequence numbers, as those of another connection.
func renumber(ip []byte) []byte {
	ip = slices.Clone(ip)
	ip[24] += 0x33
	return ip
}

// optioned puts options into the TCP header.
func optioned(ip []byte) []byte {
	h := slices.Clone(ip[20:40])
	h[12] = 8 << 4
	src, dst := addresses(ip)
	return packet(src, dst, 6, slices.Concat(h, []byte("\x01\x01\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02"), ip[40:]))
}

// A file that a connection carries as it is comes back, in either direction.
func TestBareFile(t *testing.T) {
	file := append([]byte("PK\x03\x04"), random(2000, 6)...)
	up := each(fetched(ask, file, 300), func(i int, s sent) []byte { return s.body })
	c := opened("ip", messages(slices.DeleteFunc(up, func(s sent) bool { return bytes.Contains(s.body, ask) })...))
	if f := came(c, file); f == nil || !strings.HasPrefix(f.MediaType, "application/") || f.Src != hosts[1].Address {
		t.Errorf("%v bytes came back", sizes(c))
	}
	text := []byte(strings.Repeat("a line of text\n", 100))
	if c := opened("ip", messages(fetched(nil, text, 300)...)); came(c, text) == nil {
		t.Errorf("text to which nothing was said: %v bytes came back", sizes(c))
	}
	if c := opened("ip", messages(fetched([]byte("USER anna\r\n"), text, 300)...)); len(c.Finds) != 1 {
		t.Errorf("talk: %v bytes came back", sizes(c))
	}
}

// Packets in packets, and those that errors quote, are inside what holds them; a tool may have headers of two lengths.
func TestHeaders(t *testing.T) {
	src, dst := netip.MustParseAddr("10.9.0.2"), netip.MustParseAddr("10.9.0.1")
	nested := func(s sent) []byte { return packet(src, dst, 4, packet(src, dst, 4, s.body)) }
	list := fetched(ask, answered(random(4000, 8)), 300)
	for name, tt := range map[string]struct {
		list    []sent
		carrier string
	}{
		"nested": {each(list, func(i int, s sent) []byte {
			if i%2 == 0 {
				return nested(s)
			}
			return packet(src, dst, 4, s.body)
		}), "sift.payload[0:]"},
		"two lengths": {each(list, func(i int, s sent) []byte {
			if i%3 == 0 {
				return append([]byte("longer header"), s.body...)
			}
			return append([]byte("header"), s.body...)
		}), "sift.payload[6:], sift.payload[13:]"},
	} {
		c := opened("ip", messages(tt.list...))
		if len(c.Finds) == 0 || c.Finds[0].Packets != int64(len(list)) || c.Finds[0].Carrier != tt.carrier {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
}

// Version 6, with extension headers.
func TestVersion6(t *testing.T) {
	file := random(900, 7)
	list := each(fetched(ask, answered(file), 400), func(i int, s sent) []byte {
		ends := []netip.Addr{netip.MustParseAddr("fd00::2"), netip.MustParseAddr("fd00::1")}
		return packet(ends[s.from], ends[1-s.from], 0, append([]byte{6, 0, 1, 4, 0, 0, 0, 0}, s.body[20:]...))
	})
	c := opened("ip", messages(list...))
	if came(c, file) == nil || !strings.Contains(strings.Join(c.Notes, " "), "[fd00::2]:50000") {
		t.Errorf("%v bytes came back, notes %q", sizes(c), c.Notes)
	}
}

func FuzzIP(f *testing.F) {
	var b []byte
	for _, s := range fetched(ask, answered([]byte("a small file")), 20) {
		b = append(append(b, byte(s.from), byte(len(s.body)), byte(len(s.body)>>8)), s.body...)
	}
	f.Add(b)
	f.Add([]byte("\x00\x30\x00" + strings.Repeat("E", 48)))
	f.Fuzz(func(t *testing.T, b []byte) { sane(t, opened("ip", split(b)), split(b)) })
}
