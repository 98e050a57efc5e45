package tunnel

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"icmpsift/rules"
)

// pt builds a ptunnel packet. The user's first packet names the target.
func pt(magic uint32, proxy bool, state uint32, seq, id uint16, data []byte) sent {
	be := binary.BigEndian
	b := be.AppendUint32(nil, magic)
	target := make([]byte, 8)
	if !proxy && state == ptunnelStart {
		target = []byte{192, 168, 5, 6, 0, 0, 0, 22}
	}
	who := uint32(ptunnelUser)
	if proxy {
		who = ptunnelProxy
	}
	b = append(b, target...)
	b = be.AppendUint32(be.AppendUint32(be.AppendUint32(b, who|state), 0xffff), uint32(len(data)))
	b = be.AppendUint16(be.AppendUint16(b, seq), id)
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0) // ptunnel sends even lengths
	}
	if proxy {
		return sent{1, b}
	}
	return sent{0, b}
}

// session is a whole one: start, password challenge, data both ways with acknowledgments, close. Numbers begin where wanted.
func session(magic uint32, id uint16, up, down [][]byte) (out []sent) {
	var user, proxy uint16
	u := func(state uint32, data []byte) { out = append(out, pt(magic, false, state, user, id, data)); user++ }
	p := func(state uint32, data []byte) { out = append(out, pt(magic, true, state, proxy, id, data)); proxy++ }
	u(ptunnelStart, nil)
	p(4, random(32, 1))
	u(4, random(32, 2))
	p(1, nil)
	for i := range max(len(up), len(down)) {
		if i < len(up) {
			u(ptunnelData, up[i])
		}
		if i < len(down) {
			p(ptunnelData, down[i])
		}
		if i%7 == 3 {
			u(1, nil)
			p(1, nil)
		}
	}
	p(ptunnelClose, nil)
	u(ptunnelClose, nil)
	return out
}

func TestPtunnel(t *testing.T) {
	up, down := random(5001, 3), random(30_003, 4)
	whole := messages(session(0x0badf00d, 7777, chunks(up, 333), chunks(down, 1024))...)
	for name, list := range map[string][]Message{
		"whole":                          whole,
		"kernel echoes":                  mirrored(whole, true),
		"replies alone, kernel echoes":   replies(mirrored(whole, false)),
		"each packet sent again":         again(whole, 9),
		"one cut, and sent again whole":  cutOnce(whole),
		"each other pair out of order":   swappedPairs(whole),
		"pings of the same host before":  renumbered(append(messages(sent{0, random(56, 5)}, sent{1, random(28, 6)}), whole...)),
		"pings of the other host before": renumbered(append([]Message{{From: 1, Payload: random(56, 7), Wire: 56}}, whole...)),
	} {
		c := opened("ptunnel", list)
		sane(t, c, list)
		a, b := came(c, up), came(c, down)
		if a == nil || b == nil || len(c.Finds) != 2 {
			t.Errorf("%s: %v bytes came back, want %d and %d", name, sizes(c), len(up), len(down))
			continue
		}
		if a.Src != hosts[0].Address || b.Src != hosts[1].Address || !a.Complete || !b.Complete || a.Confidence != "high" {
			t.Errorf("%s: from %s and %s, complete %v and %v", name, a.Src, b.Src, a.Complete, b.Complete)
		}
		if note := strings.Join(c.Notes, " "); !strings.Contains(note, "192.168.5.6:22") || !strings.Contains(note, "encrypted or compressed") {
			t.Errorf("%s: notes %q", name, note)
		}
	}
}

// again sends each message once more, behind so many others.
func again(list []Message, after int) (out []Message) {
	for i, m := range list {
		if out = append(out, m); i >= after {
			out = append(out, list[i-after])
		}
	}
	return renumbered(out)
}

// cutOnce cuts a large packet that is sent again whole.
func cutOnce(list []Message) []Message {
	i := slices.IndexFunc(list, func(m Message) bool { return m.Wire > 500 })
	list = slices.Insert(slices.Clone(list), i+1, list[i])
	list[i].Payload = list[i].Payload[:200]
	return renumbered(list)
}

func swappedPairs(list []Message) []Message {
	list = slices.Clone(list)
	for i := 6; i+3 < len(list)-4; i += 4 {
		list[i].Payload, list[i+2].Payload = list[i+2].Payload, list[i].Payload
		list[i].Wire, list[i+2].Wire = list[i+2].Wire, list[i].Wire
	}
	return list
}

// What is missing is told: pieces lost, a beginning that was not captured, bytes behind the snaplen.
func TestPtunnelGaps(t *testing.T) {
	down := random(10*512, 9)
	whole := messages(session(1, 2, [][]byte{[]byte("go")}, chunks(down, 512))...)
	data := slices.IndexFunc(whole, func(m Message) bool { return m.Wire > 500 })
	for name, tt := range map[string]struct {
		list []Message
		want []byte
		gaps []rules.Gap
	}{
		"lost":      {renumbered(slices.Delete(slices.Clone(whole), data+1, data+2)), slices.Concat(down[:512], down[1024:]), []rules.Gap{{Offset: 512, Length: -1}}},
		"beginning": {renumbered(slices.Clone(whole[data:])), down, []rules.Gap{{Offset: 0, Length: -1}}},
		"cut":       {snapped(whole, 28+500), cutEach(down, 512, 500), gapsEach(10, 500, 12)},
	} {
		c := opened("ptunnel", tt.list)
		sane(t, c, tt.list)
		f := came(c, tt.want)
		if f == nil || f.Complete || !slices.Equal(f.Gaps, tt.gaps) {
			t.Errorf("%s: %v bytes came back, want %d with gaps %v", name, sizes(c), len(tt.want), tt.gaps)
		}
	}
}

func cutEach(b []byte, size, kept int) (out []byte) {
	for _, c := range chunks(b, size) {
		out = append(out, c[:kept]...)
	}
	return out
}

func gapsEach(n int, kept, missing int64) (out []rules.Gap) {
	for i := range int64(n) {
		out = append(out, rules.Gap{Offset: (i + 1) * kept, Length: missing})
	}
	return out
}

// The 16-bit number wraps in long sessions.
func TestPtunnelWraps(t *testing.T) {
	var down [][]byte
	for i := range 70_000 {
		down = append(down, fmt.Appendf(nil, "%d;", i))
	}
	list := messages(session(5, 6, nil, down)...)
	if c := opened("ptunnel", list); came(c, bytes.Join(down, nil)) == nil || !c.Finds[0].Complete {
		t.Errorf("%v bytes came back", sizes(c))
	}
}

// Several sessions at once, and one identifier that is used again.
func TestPtunnelSessions(t *testing.T) {
	a, b, again := random(3000, 11), random(4000, 12), random(500, 13)
	first, second := session(5, 100, nil, chunks(a, 100)), session(5, 200, nil, chunks(b, 100))
	var mixed []sent
	for i := range max(len(first), len(second)) {
		if i < len(first) {
			mixed = append(mixed, first[i])
		}
		if i < len(second) {
			mixed = append(mixed, second[i])
		}
	}
	list := messages(append(mixed, session(5, 100, nil, chunks(again, 100))...)...)
	c := opened("ptunnel", list)
	for _, want := range [][]byte{a, b, again} {
		if f := came(c, want); f == nil || !f.Complete {
			t.Errorf("%v bytes came back, want %d", sizes(c), len(want))
		}
	}
}

// An HTTP download through the tunnel comes back as a file too.
func TestPtunnelObject(t *testing.T) {
	file := append([]byte("%PDF-1.7\n"), random(5000, 14)...)
	answer := append(fmt.Appendf(nil, "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n"), file...)
	list := messages(session(5, 1, [][]byte{[]byte("GET /a/b/report.pdf HTTP/1.0\r\n\r\n")}, chunks(answer, 1000))...)
	c := opened("ptunnel", list)
	f := came(c, file)
	if len(c.Finds) != 3 || f == nil || f.Name != "report.pdf" || f.MediaType != "application/pdf" || !f.Complete || f.Src != hosts[1].Address {
		t.Fatalf("%v bytes came back: %+v", sizes(c), f)
	}
	if s := came(c, answer); s == nil || s.MediaType != "application/http" || strings.Contains(strings.Join(c.Notes, " "), "encrypted") {
		t.Error("the stream is not told to be HTTP")
	}
}

// Other things are no ptunnel sessions.
func TestNoPtunnel(t *testing.T) {
	for name, list := range map[string][]Message{
		"random": messages(sent{0, random(1052, 1)}, sent{1, random(1052, 2)}, sent{0, random(28, 3)}),
		"zeros":  messages(sent{0, make([]byte, 56)}, sent{1, make([]byte, 56)}),
		"long":   messages(longer(pt(1, false, 2, 0, 9, []byte("data"))), longer(pt(1, true, 2, 0, 9, []byte("data")))),
		"nobody": messages(nobodys(pt(1, false, 2, 0, 9, []byte("data"))), nobodys(pt(1, false, 2, 1, 9, []byte("more")))),
		"one":    messages(pt(1, false, 0, 0, 0, nil)),
		"none":   nil,
	} {
		if c := opened("ptunnel", list); len(c.Finds) != 0 {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
}

// longer puts more behind a packet than its header tells.
func longer(s sent) sent { return sent{s.from, append(s.body, 1, 2, 3)} }

// nobodys leaves out who wrote a packet.
func nobodys(s sent) sent {
	s.body[12] &= 0x3f
	return s
}

func FuzzPtunnel(f *testing.F) {
	add := func(list []sent) {
		var b []byte
		for _, s := range list {
			b = append(append(b, byte(s.from), byte(len(s.body)), byte(len(s.body)>>8)), s.body...)
		}
		f.Add(b)
	}
	add(session(0xd5200880, 9, [][]byte{[]byte("hello")}, [][]byte{[]byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")}))
	f.Fuzz(func(t *testing.T, b []byte) { sane(t, opened("ptunnel", split(b)), split(b)) })
}

// split makes messages of fuzzed bytes: sender and flags, length on the wire, payload.
func split(b []byte) (out []Message) {
	for len(b) > 3 && len(out) < 300 {
		n := int(b[1]) | int(b[2]&7)<<8
		cut := int(b[2] >> 5)
		m := Message{Number: int64(len(out) + 1), Time: int64(len(out)) * 1e8, From: int(b[0] & 1), Reply: b[0]&2 == 0 && b[0]&1 == 1, Mirror: b[0]&4 != 0, Ordinary: b[0]&8 != 0, Seq: uint16(b[0] >> 4)}
		b = b[3:]
		m.Payload = b[:min(n, len(b))]
		m.Wire = len(m.Payload) + cut
		b = b[len(m.Payload):]
		out = append(out, m)
	}
	return out
}
