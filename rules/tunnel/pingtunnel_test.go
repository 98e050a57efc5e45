package tunnel

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"icmpsift/rules"
)

// Protocol buffers, written.
func number(b []byte, field, n uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, field<<3), n)
}

func lengthed(b []byte, field uint64, v []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(b, field<<3|2), uint64(len(v))), v...)
}

// pm builds a message of pingtunnel's. The first of a client tells the mode.
func pm(server bool, id string, magic uint64, data []byte, framed bool) sent {
	b := lengthed(nil, pingtunnelID, []byte(id))
	if !server {
		b = lengthed(b, pingtunnelTarget, []byte("10.9.8.7:443"))
	}
	b = lengthed(b, pingtunnelBytes, data)
	if server {
		b = number(b, pingtunnelReply, 1) // -1
	}
	b = number(number(b, pingtunnelMagic, magic), 7, 2468)
	if framed && !server {
		b = number(b, pingtunnelMode, 1)
	}
	if server {
		return sent{1, b}
	}
	return sent{0, b}
}

// pf builds a frame. Kind 0 carries data, 1 connects, 3 closes.
func pf(id, kind uint64, data []byte, packed bool) []byte {
	var inner []byte
	if kind > 0 {
		inner = number(inner, dataType, kind)
	}
	if packed {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(data)
		w.Close()
		data = z.Bytes()
	}
	if len(data) > 0 {
		inner = lengthed(inner, dataBytes, data)
	}
	if packed {
		inner = number(inner, dataPacked, 1)
	}
	b := number(nil, 3, 1_700_000_000_000_000_000)
	if id > 0 {
		b = number(b, frameNumber, id)
	}
	return lengthed(b, frameData, inner)
}

// connection is a whole one over TCP, with acknowledgments and pings between.
func connection(id string, magic uint64, up, down [][]byte, packed bool) (out []sent) {
	c := func(data []byte) { out = append(out, pm(false, id, magic, data, true)) }
	s := func(data []byte) { out = append(out, pm(true, id, magic, data, true)) }
	keep := number(number(lengthed(number(nil, pingtunnelType, 1), pingtunnelBytes, random(15, 1)), pingtunnelMagic, magic), 7, 2468)
	out = append(out, sent{0, keep}, sent{1, number(keep, pingtunnelReply, 1)})
	c(pf(0, 1, []byte("greeting"), false))
	s(pf(0, 2, nil, false))
	for i, b := range up {
		c(pf(uint64(i+1), 0, b, packed))
		s(lengthed(number(nil, frameType, 2), 6, []byte{byte(i)}))
	}
	for i, b := range down {
		s(pf(uint64(i+1), 0, b, packed))
	}
	c(pf(uint64(len(up)+1), 3, nil, false))
	s(pf(uint64(len(down)+1), 3, nil, false))
	return out
}

func TestPingtunnel(t *testing.T) {
	up, down := random(2000, 21), random(20_000, 22)
	id := strings.Repeat("0123456789abcdef", 2)
	whole := messages(connection(id, 57005*2, chunks(up, 300), chunks(down, 888), false)...)
	for name, list := range map[string][]Message{
		"whole":                        whole,
		"another magic, compressed":    messages(connection("short-id", 424242, chunks(up, 300), chunks(down, 888), true)...),
		"each message sent again":      again(whole, 3),
		"out of order":                 swappedPairs(whole),
		"kernel echoes":                mirrored(whole, true),
		"replies alone, kernel echoes": replies(mirrored(whole, false)),
	} {
		c := opened("pingtunnel", list)
		sane(t, c, list)
		a, b := came(c, up), came(c, down)
		if a == nil || b == nil || len(c.Finds) != 2 || !a.Complete || !b.Complete || a.Src != hosts[0].Address || b.Src != hosts[1].Address {
			t.Errorf("%s: %v bytes came back, want %d and %d", name, sizes(c), len(up), len(down))
		}
		if !strings.Contains(strings.Join(c.Notes, " "), "10.9.8.7:443") {
			t.Errorf("%s: notes %q", name, c.Notes)
		}
	}
}

// Datagrams are carried as they are, each side in the order it sent them.
func TestPingtunnelDatagrams(t *testing.T) {
	queries := [][]byte{[]byte("\x12\x34\x01\x00 first"), []byte("\x12\x35\x01\x00 second")}
	var list []sent
	for _, q := range queries {
		list = append(list, pm(false, "udp-1", 99, q, false), pm(true, "udp-1", 99, append([]byte("answer to "), q...), false))
	}
	list = append(list, sent{0, number(pm(false, "udp-1", 99, []byte("a farewell"), false).body, pingtunnelType, 2)})
	c := opened("pingtunnel", messages(list...))
	if came(c, bytes.Join(queries, nil)) == nil || len(c.Finds) != 2 || c.Finds[0].Order != "time" {
		t.Errorf("%v bytes came back", sizes(c))
	}
}

// Where the client's messages, which tell the mode, were not captured, the frames tell it themselves.
func TestPingtunnelServerAlone(t *testing.T) {
	down := random(3000, 24)
	list := replies(messages(connection("id", 9, [][]byte{[]byte("x")}, chunks(down, 500), false)...))
	if f := came(opened("pingtunnel", list), down); f == nil || !f.Complete || f.Order != "seq" || f.Src != hosts[1].Address {
		t.Errorf("%+v", f)
	}
}

func TestProtobuf(t *testing.T) {
	good := lengthed(number(nil, 1, 300), 4, []byte("abc"))
	for name, tt := range map[string]struct {
		b    []byte
		wire int
		want int // fields, -1 for none
	}{
		"whole":                 {good, len(good), 2},
		"cut in the last field": {good[:len(good)-2], len(good), 2},
		"cut in a length":       {good[:4], len(good), 1},
		"longer than it is":     {good[:len(good)-2], len(good) - 2, -1},
		"field 0":               {[]byte{0, 1}, 2, -1},
		"a group":               {[]byte{0x0b}, 1, -1},
		"nothing":               {nil, 0, -1},
		"endless":               {bytes.Repeat([]byte{0xff}, 20), 20, -1},
	} {
		got, ok := protobuf(tt.b, tt.wire)
		if n := len(got); ok != (tt.want >= 0) || ok && n != tt.want {
			t.Errorf("%s: %d fields, %v", name, n, ok)
		}
	}
}

func TestPingtunnelGaps(t *testing.T) {
	down := random(5*500, 23)
	whole := messages(connection("id", 9, [][]byte{[]byte("x")}, chunks(down, 500), false)...)
	data := slices.IndexFunc(whole, func(m Message) bool { return m.Wire > 500 })
	lost := renumbered(slices.Delete(slices.Clone(whole), data+1, data+2))
	f := came(opened("pingtunnel", lost), slices.Concat(down[:500], down[1000:]))
	if f == nil || f.Complete || !slices.Equal(f.Gaps, []rules.Gap{{Offset: 500, Length: -1}}) {
		t.Errorf("lost: %+v", f)
	}
	cut := snapped(whole, 300)
	c := opened("pingtunnel", cut)
	sane(t, c, cut)
	if len(c.Finds) != 2 || c.Finds[1].Complete || len(c.Finds[1].Gaps) != 5 || !bytes.HasPrefix(down, c.Finds[1].Bytes[:200]) {
		t.Errorf("cut: %v bytes", sizes(c))
	}
}

// What is encrypted is no message of pingtunnel's; as payload it comes back as it is, and is said to be so.
func TestPingtunnelEncrypted(t *testing.T) {
	var list []sent
	var up, down []byte
	for i := range 40 {
		a, b := random(60+i, int64(i)), random(900, int64(100+i))
		list, up, down = append(list, sent{0, a}, sent{1, b}), append(up, a...), append(down, b...)
	}
	if c := opened("pingtunnel", messages(list...)); len(c.Finds) != 0 {
		t.Errorf("%v bytes came back of chance", sizes(c))
	}
	c := Open([]string{"ip", "ptunnel", "pingtunnel", "tagged", "transcript", "payload"}, hosts, messages(list...))
	if came(c, up) == nil || came(c, down) == nil || !strings.Contains(strings.Join(c.Notes, " "), "encrypted") {
		t.Errorf("%v bytes came back, notes %q", sizes(c), c.Notes)
	}
}

func FuzzPingtunnel(f *testing.F) {
	var b []byte
	for _, s := range connection("some-connection", 9, [][]byte{[]byte("hello")}, [][]byte{[]byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")}, true) {
		b = append(append(b, byte(s.from), byte(len(s.body)), byte(len(s.body)>>8)), s.body...)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) { sane(t, opened("pingtunnel", split(b)), split(b)) })
}

// older is a message of older versions.
func older(kind byte, id, target string, data []byte) []byte {
	b := []byte{kind, kind, kind, kind}
	for _, field := range [][]byte{[]byte(id), []byte(target), data} {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(field))), field...)
	}
	return append(b, 0, 0, 0xaa, 0xaa, 0xbb, 0xbb)
}

// Messages of older versions give their streams; what is put together otherwise gives all between type and end.
func TestOlderPingtunnel(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	up, down := random(900, 61), random(2000, 62)
	var list []sent
	for i, p := range chunks(down, 400) {
		list = append(list, sent{0, older(2, "", "", nil)}, sent{1, older(1, id, "", p)})
		if i < 3 {
			list = append(list, sent{0, older(1, id, "10.0.0.5:80", up[300*i:300*i+300])})
		}
	}
	c := opened("pingtunnel", messages(list...))
	sane(t, c, messages(list...))
	if came(c, up) == nil || came(c, down) == nil || len(c.Notes) == 0 {
		t.Errorf("came back: %v, %q", sizes(c), c.Notes)
	}
	odd := []byte{1, 1, 1, 1, 0xff, 0xff, 'a', 'b', 'c', 0xaa, 0xaa, 0xbb, 0xbb}
	list = []sent{{0, odd}, {1, odd}, {0, odd}}
	if c := opened("pingtunnel", messages(list...)); came(c, append([]byte{0xff, 0xff, 'a', 'b', 'c'}, 0xff, 0xff, 'a', 'b', 'c')) == nil {
		t.Errorf("came back: %v", sizes(c))
	}
}
