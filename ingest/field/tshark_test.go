package field_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// corpus is the captures every field is compared on: the package's own, and the reference material where it is present.
func corpus(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"testdata/*.pcap", "testdata/*.pcapng"} {
		found, _ := filepath.Glob(pattern)
		paths = append(paths, found...)
	}
	return paths
}

// TestTshark compares every field the installed tshark has, on every frame of the corpus.
func TestTshark(t *testing.T) {
	bin, version := tshark(t)
	fields := comparable(knownTo(t, bin))
	for _, path := range corpus(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { compare(t, bin, version, path, fields, byDesign) })
	}
}

// comparable leaves out what is not said in tshark's words: protocols are printed by name here, by label there.
func comparable(fields []*field.Field) []*field.Field {
	var out []*field.Field
	for _, f := range fields {
		if f.Type != field.Protocol || f.Name == "data" {
			out = append(out, f)
		}
	}
	return out
}

func compare(t *testing.T, bin, version, path string, fields []*field.Field, excused excuse) {
	for _, d := range differences(t, bin, version, path, fields, excused) {
		t.Error(d)
	}
}

// differences are at most one for each frame.
func differences(t *testing.T, bin, version, path string, fields []*field.Field, excused excuse) (out []string) {
	packets := load(t, path)
	rows := ask(t, bin, path, fields)
	if len(rows) != len(packets) {
		t.Errorf("%d frames, tshark has %d", len(packets), len(rows))
	}
	c := &field.Context{Wireshark: version}
	protocols := slices.IndexFunc(fields, func(f *field.Field) bool { return f.Name == "frame.protocols" })
	for i := range min(len(rows), len(packets)) {
		for k, f := range fields {
			if got, want := answer(f, c, packets[i]), rows[i][k]; got != want && !excused(f, packets[i], rows[i][protocols], want) {
				out = append(out, fmt.Sprintf("frame %d: %s is %q, tshark says %q", i+1, f.Name, abridged(got), abridged(want)))
				break
			}
		}
	}
	return out
}

func abridged(s string) string {
	if len(s) > 120 {
		return s[:120] + "..."
	}
	return s
}

// excuse tells whether a difference is known.
type excuse func(f *field.Field, p *ingest.Packet, protocols, want string) bool

// hostile leaves what the decoder makes of broken packets, and experts on them, to other tests.
func hostile(f *field.Field, p *ingest.Packet, protocols, want string) bool {
	return f.Name == "frame.protocols" || f.Name == "_ws.col.info" || strings.HasPrefix(f.Name, "data") || strings.HasPrefix(f.Name, "_ws.expert") || strings.HasPrefix(f.Name, "_ws.mal") || strings.HasPrefix(f.Name, "_ws.short") || byDesign(f, p, protocols, want)
}

// byDesign are differences that are meant.
func byDesign(f *field.Field, p *ingest.Packet, protocols, want string) bool {
	switch {
	case foreign(protocols):
		// a dissector that icmpsift does not have took the payload: DNS in a quoted datagram, say
		return f.Name == "frame.protocols" || f.Name == "data" || p.Message() == nil && strings.HasPrefix(f.Name, "_ws.col.") || strings.HasPrefix(f.Name, "data.") || strings.HasPrefix(f.Name, "_ws.expert")
	case f.Name == "tcp.seq_raw":
		return !has(p, ingest.ProtoTCP) // quoted, of a connection that the capture holds
	case has(p, ingest.ProtoTCP):
		// what needs the connection: frames of TCP are not icmpsift's business
		return f.Name == "tcp.seq" || f.Name == "tcp.ack" || f.Name == "tcp.window_size" || f.Name == "_ws.col.info" || strings.HasPrefix(f.Name, "_ws.expert")
	case strings.HasPrefix(f.Name, "_ws.expert"):
		return p.Message() == nil || zeroUDP(p) || has(p, ingest.ProtoRouting) // experts of other protocols than those of the table
	case undecodedBody(p):
		return f.Name == "frame.protocols" || strings.HasPrefix(f.Name, "data")
	case f.Name == "icmp.data_time":
		return strings.Contains(want, ".-") // Wireshark prints negative microseconds
	case f.Name == "icmpv6.reserved" || strings.HasPrefix(f.Name, "icmpv6.opt"):
		return p.V6() && p.Message().Bytes[0] == 155 // RPL's bodies are not decoded
	case f.Name == "ip.fragment":
		return p.Problems&(ingest.Overlap|ingest.TooLong) != 0 // overlapping fragments have a field of their own there
	}
	return false
}

// foreign tells whether tshark met a protocol that the decoder has no layer for.
func foreign(protocols string) bool {
	for name := range strings.SplitSeq(protocols, ":") {
		if name == "ethertype" || name == "raw" {
			continue
		}
		if f, ok := field.Lookup(name); !ok || f.Type != field.Protocol {
			return true
		}
	}
	return false
}

// undecodedBody: Wireshark hands these bodies to its data dissector; the decoder has no layer for them.
func undecodedBody(p *ingest.Packet) bool {
	m := p.Message()
	if m == nil || len(m.Bytes) < 8 {
		return false
	}
	return !p.V6() && m.Bytes[0] == 9 && m.Bytes[5] != 2 || p.V6() && m.Bytes[0] == 160
}

// zeroUDP tells whether the packet quotes a UDP header that gives no length, of which Wireshark warns.
func zeroUDP(p *ingest.Packet) bool {
	for i := range p.Layers {
		if l := &p.Layers[i]; l.Proto == ingest.ProtoUDP && len(l.Bytes) >= 6 && l.Bytes[4] == 0 && l.Bytes[5] == 0 {
			return true
		}
	}
	return false
}

func has(p *ingest.Packet, proto ingest.Proto) bool {
	for i := range p.Layers {
		if p.Layers[i].Proto == proto && p.Layers[i].Quoted == 0 {
			return true
		}
	}
	return false
}

// TestTsharkStructures compares packets built to hold the structures that captures seldom do, and their replies' times.
func TestTsharkStructures(t *testing.T) {
	bin, version := tshark(t)
	frames := structures()
	for i := range 3 { // replies a nanosecond count apart, for the text of small times
		frames = append(frames, eth4(ip4(1, icmp4(8, 0, u16(i), u16(1)))), eth4(swapped(ip4(1, icmp4(0, 0, u16(i), u16(1))))))
	}
	compare(t, bin, version, save(t, frames, nil), comparable(knownTo(t, bin)), byDesign)
}

// swapped turns an IPv4 packet round.
func swapped(b []byte) []byte {
	return cat(b[:12], b[16:20], b[12:16], b[20:])
}

// TestTsharkMutated compares packets with bytes changed, cut on the wire and cut by the snaplen. Where exactly Wireshark gives up
// on nonsense is not pinned down for every structure, so that one packet in fifty may differ.
func TestTsharkMutated(t *testing.T) {
	bin, version := tshark(t)
	random := rand.New(rand.NewPCG(1, 2))
	var frames [][]byte
	var wire []int
	for range 40 {
		for _, frame := range structures() {
			if frame[14] > 0x45 && frame[14] < 0x50 || frame[20] == 0 && frame[12] == 0x86 {
				continue // options of the IP header itself: what stops Wireshark there is not pinned down
			}
			b, n := mutated(random, frame)
			frames, wire = append(frames, b), append(wire, n)
		}
	}
	path := save(t, frames, wire)
	if keep := os.Getenv("KEEP"); keep != "" {
		b, _ := os.ReadFile(path)
		os.WriteFile(keep, b, 0o600)
	}
	wrong := differences(t, bin, version, path, comparable(knownTo(t, bin)), hostile)
	for _, d := range wrong {
		t.Log(d)
	}
	if len(wrong)*100 > len(frames)*2 {
		t.Errorf("%d of %d broken packets have a field that differs from tshark's", len(wrong), len(frames))
	}
}

// mutated changes the bytes behind the IP header's addresses, so that the packet stays ICMP; wire is 0 if nothing was cut off by
// the snaplen.
func mutated(random *rand.Rand, frame []byte) (b []byte, wire int) {
	b = slices.Clone(frame)
	const keep = 14 + 20
	switch random.IntN(4) {
	case 0:
		wire = len(b)
		b = b[:keep+random.IntN(len(b)-keep+1)]
	case 1:
		b = b[:keep+random.IntN(len(b)-keep+1)]
	default:
		for range 1 + random.IntN(3) {
			if len(b) > keep {
				b[keep+random.IntN(len(b)-keep)] = byte(random.IntN(256) >> random.IntN(8))
			}
		}
	}
	return b, wire
}
