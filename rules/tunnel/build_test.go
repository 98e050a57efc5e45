package tunnel

import (
	"encoding/binary"
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"icmpsift/rules"
)

// hosts are the ends of the tests' tunnels; the first sends the requests.
var hosts = [2]Host{{"10.1.1.1", "client"}, {"198.51.100.7", "server"}}

// sent is a payload on its way: of a request from the first host, or of a reply from the second.
type sent struct {
	from int
	body []byte
}

// messages numbers payloads and gives them times a tenth of a second apart.
func messages(list ...sent) (out []Message) {
	start := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC).UnixNano()
	for i, s := range list {
		out = append(out, Message{Number: int64(i + 1), Frame: int64(i + 1), Time: start + int64(i)*int64(time.Second)/10, From: s.from, Reply: s.from == 1,
			Seq: uint16(i), Payload: s.body, Wire: len(s.body)})
	}
	return out
}

// mirrored adds the replies that a kernel gives to requests. Marked or not: without the requests nobody can tell.
func mirrored(list []Message, marked bool) (out []Message) {
	for _, m := range list {
		out = append(out, m)
		if m.From == 0 {
			m.From, m.Reply, m.Mirror = 1, true, marked
			out = append(out, m)
		}
	}
	return renumbered(out)
}

func renumbered(list []Message) []Message {
	for i := range list {
		list[i].Number, list[i].Frame = int64(i+1), int64(i+1)
	}
	return list
}

// replies keeps what the second host sent.
func replies(list []Message) []Message {
	return renumbered(slices.DeleteFunc(slices.Clone(list), func(m Message) bool { return m.From == 0 }))
}

// snapped cuts payloads as a snaplen does.
func snapped(list []Message, n int) []Message {
	list = slices.Clone(list)
	for i := range list {
		list[i].Payload = list[i].Payload[:min(n, len(list[i].Payload))]
	}
	return list
}

func random(n int, seed int64) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return b
}

func chunks(b []byte, size int) (out [][]byte) {
	for ; len(b) > size; b = b[size:] {
		out = append(out, b[:size:size])
	}
	return append(out, b)
}

// opened looks into messages in one way.
func opened(way string, list []Message) Content { return Open([]string{way}, hosts, list) }

func someTalk() *talk {
	spare := purse(maxSpare)
	return &talk{hosts: hosts, spare: &spare}
}

// came finds an artefact with these bytes.
func came(c Content, b []byte) *Find {
	i := slices.IndexFunc(c.Finds, func(f Find) bool { return string(f.Bytes) == string(b) })
	if i < 0 {
		return nil
	}
	return &c.Finds[i]
}

func sizes(c Content) (out []int) {
	for _, f := range c.Finds {
		out = append(out, len(f.Bytes))
	}
	return out
}

// sane checks what holds of all that comes back, whatever went in.
func sane(t *testing.T, c Content, list []Message) {
	t.Helper()
	for _, f := range c.Finds {
		if len(f.Messages) == 0 || !slices.IsSorted(f.Messages) || f.Messages[len(f.Messages)-1] >= len(list) || f.Packets != int64(len(f.Messages)) {
			t.Fatalf("messages %v of %d, %d packets", f.Messages, len(list), f.Packets)
		}
		if f.Extension == "" || f.MediaType == "" || f.Carrier == "" || f.Order == "" || f.Confidence == "" || f.Src == f.Dst {
			t.Fatalf("%+v", f.Artefact)
		}
		if f.Complete && len(f.Gaps) > 0 {
			t.Fatalf("complete, with gaps %v", f.Gaps)
		}
		last := rules.Gap{}
		for _, g := range f.Gaps {
			if g.Offset < last.Offset || g.Offset > int64(max(len(f.Bytes), len(f.Raw))) || g.Length == 0 || g.Length < -1 {
				t.Fatalf("gaps %v in %d bytes", f.Gaps, len(f.Bytes))
			}
			last = g
		}
	}
}

// packet builds an IP packet around a transport header; tcp builds a TCP segment in one.
func packet(src, dst netip.Addr, protocol byte, body []byte) []byte {
	if src.Is6() {
		return slices.Concat([]byte{0x60, 0, 0, 0, byte(len(body) >> 8), byte(len(body)), protocol, 64}, src.AsSlice(), dst.AsSlice(), body)
	}
	n := 20 + len(body)
	h := slices.Concat([]byte{0x45, 0, byte(n >> 8), byte(n), 0, 0, 0, 0, 64, protocol, 0, 0}, src.AsSlice(), dst.AsSlice())
	var s uint32
	for i := 0; i < 20; i += 2 {
		s += uint32(binary.BigEndian.Uint16(h[i:]))
	}
	s = s>>16 + s&0xffff
	binary.BigEndian.PutUint16(h[10:], ^uint16(s+s>>16))
	return append(h, body...)
}

func tcp(src, dst string, flags byte, seq uint32, data []byte) []byte {
	a, b := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	h := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, a.Port()), b.Port())
	h = append(binary.BigEndian.AppendUint32(h, seq), 0, 0, 0, 0, 5<<4, flags, 1, 0, 0, 0, 0, 0)
	return packet(a.Addr(), b.Addr(), 6, append(h, data...))
}
