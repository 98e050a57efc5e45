package tunnel

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// Bounds of what is put together from inner TCP.
const (
	maxFlows = 4096
	maxHole  = 16 << 20 // a larger jump of sequence numbers is no loss
)

// TCP flags.
const (
	flagFIN = 1
	flagSYN = 2
	flagACK = 16
)

// segment is a TCP segment of one direction.
type segment struct {
	seq     uint32
	flags   byte
	data    []byte
	wire    int
	message int
}

// flow is a TCP connection inside a tunnel; its first end opened it, as far as that was seen.
type flow struct {
	ends     [2]netip.AddrPort
	from     [2]int // the host whose messages carried each end's segments
	segments [2][]segment
	streams  [2]*stream
}

// flows sorts the TCP segments of packets by connection, in order of their first packets.
func (t *talk) flows(packets []inner) (out []*flow) {
	open := map[[2]netip.AddrPort]*flow{}
	for _, p := range packets {
		ends, s, ok := readSegment(p)
		if !ok {
			continue
		}
		f, back := open[ends], 0
		if f == nil {
			f, back = open[swapped(ends)], 1
		}
		if f == nil || f.again(back, s) {
			if len(out) == maxFlows {
				continue
			}
			delete(open, ends)
			delete(open, swapped(ends))
			f, back = newFlow(ends, s), 0
			if f.ends != ends {
				back = 1
			}
			open[f.ends] = f
			out = append(out, f)
		}
		f.from[back] = t.messages[p.message].From
		f.from[1-back] = 1 - f.from[back]
		f.segments[back] = append(f.segments[back], s)
	}
	for _, f := range out {
		f.streams = [2]*stream{t.assemble(f, 0), t.assemble(f, 1)}
	}
	return out
}

// newFlow has whoever did not answer a SYN as its first end; where no SYN was seen, the one with the higher port.
func newFlow(ends [2]netip.AddrPort, s segment) *flow {
	syn, ack := s.flags&flagSYN != 0, s.flags&flagACK != 0
	if syn && ack || !syn && ends[0].Port() < ends[1].Port() {
		ends = swapped(ends)
	}
	return &flow{ends: ends}
}

func swapped(ends [2]netip.AddrPort) [2]netip.AddrPort { return [2]netip.AddrPort{ends[1], ends[0]} }

// again tells whether a segment opens another connection between the same ports.
func (f *flow) again(side int, s segment) bool {
	if s.flags&flagSYN == 0 || s.flags&flagACK != 0 || len(f.segments[side]) == 0 {
		return false
	}
	return !slices.ContainsFunc(f.segments[side], func(x segment) bool { return x.flags&flagSYN != 0 && x.seq == s.seq })
}

// volume is how many bytes a side sent.
func (f *flow) volume(side int) int { return len(f.streams[side].bytes) }

// readSegment reads the TCP header behind an IP header. Fragments are left out.
func readSegment(p inner) (ends [2]netip.AddrPort, s segment, ok bool) {
	at, ok := transport(p.data)
	if !ok || at+20 > len(p.data) {
		return ends, s, false
	}
	h := p.data[at:]
	header := int(h[12]>>4) * 4
	if header < 20 || at+header > p.wire {
		return ends, s, false
	}
	src, dst := addresses(p.data)
	ends = [2]netip.AddrPort{netip.AddrPortFrom(src, binary.BigEndian.Uint16(h)), netip.AddrPortFrom(dst, binary.BigEndian.Uint16(h[2:]))}
	s = segment{seq: binary.BigEndian.Uint32(h[4:]), flags: h[13], data: h[min(header, len(h)):], wire: p.wire - at - header, message: p.message}
	return ends, s, true
}

// transport is where the TCP header of an IP packet stands; false where it carries something else, or a fragment of it.
func transport(ip []byte) (at int, ok bool) {
	if ip[0]>>4 == 4 {
		return int(ip[0]&15) * 4, ip[9] == 6 && binary.BigEndian.Uint16(ip[6:])&0x3fff == 0
	}
	next := ip[6]
	for at = 40; next == 0 || next == 43 || next == 60; { // hop-by-hop, routing, destination options (RFC 8200)
		if at+2 > len(ip) {
			return 0, false
		}
		next, at = ip[at], at+8+8*int(ip[at+1])
	}
	return at, next == 6
}

// assemble puts a side's segments in order of sequence number. Of bytes sent twice the first sent count.
func (t *talk) assemble(f *flow, side int) *stream {
	s := t.stream(f.from[side])
	pieces, end := f.pieces(side)
	if len(pieces) > 0 && !f.synced(side) {
		s.unknown()
	}
	total := 0
	for _, p := range pieces {
		total += len(p.data)
	}
	s.bytes = make([]byte, 0, total)
	next := int64(0)
	for _, p := range pieces {
		if p.at+int64(p.wire) <= next {
			continue
		}
		if skip := next - p.at; skip > 0 {
			p.at, p.wire, p.data = next, p.wire-int(skip), p.data[min(skip, int64(len(p.data))):]
		}
		if p.at > next && (p.at-next > maxHole || !s.skip(p.at-next)) {
			s.unknown()
			break
		}
		s.add(p)
		next = int64(len(s.bytes))
	}
	s.closed = end >= 0 && next >= end
	return s
}

// pieces are a side's data by their place behind its SYN, or behind the lowest sequence number seen; end is where its FIN
// stands, -1 if none was seen. Numbers wrap: each lies where it is nearest to the one before it.
func (f *flow) pieces(side int) (out []piece, end int64) {
	var at, low int64
	var last uint32
	end = -1
	for i, s := range f.segments[side] {
		if i > 0 {
			at += int64(int32(s.seq - last))
		}
		last = s.seq
		if s.flags&flagSYN != 0 {
			at, last, low = at+1, s.seq+1, at+1
		}
		if s.wire > 0 {
			out = append(out, piece{at, s.data, s.wire, s.message})
		}
		if s.flags&flagFIN != 0 {
			end = max(end, at+int64(s.wire))
		}
	}
	slices.SortStableFunc(out, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(len(b.data), len(a.data))) // of resends the one captured longest
	})
	if !f.synced(side) && len(out) > 0 {
		low = out[0].at
	}
	for i := range out {
		out[i].at -= low
	}
	return slices.DeleteFunc(out, func(p piece) bool { return p.at < 0 }), max(end-low, -1)
}

// synced tells whether the start of what a side sent was seen.
func (f *flow) synced(side int) bool {
	return slices.ContainsFunc(f.segments[side], func(s segment) bool { return s.flags&flagSYN != 0 })
}
