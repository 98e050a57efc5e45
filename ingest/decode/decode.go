// Package decode turns frames of a capture into packets: layers from the link header down to the ICMP message and the
// packets that ICMP errors quote, with IPv4 and IPv6 fragments put together.
//
// Call [New] once for each evidence file and hand its frames, in file order, to [Decoder.Decode]. [Decoder.Candidate]
// says cheaply which frames are not worth it. [Decoder.Replay] decodes a frame again later, without reassembly state.
//
// Values follow Wireshark where Wireshark has an opinion. Headers are parsed by gopacket, which only this package
// imports; the walk over them is ours, because gopacket v1.1.19 lacks or gets wrong what evidence needs: Linux cooked
// v2, lengths on the wire against lengths captured, checksums, fragments, quoted packets.
package decode

import (
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

// Options of a decoder; the zero value is good.
type Options struct {
	// MaxReassembly bounds the memory of unfinished datagrams, in bytes; 0 is 64 MiB. Beyond it the datagram that was
	// added to the longest ago is given up and counted in [Stats].Evicted.
	MaxReassembly int
}

const defaultReassembly = 64 << 20

// Stats counts what reassembly did and what went wrong.
type Stats struct {
	Fragments           int64 // fragments taken in
	Datagrams           int64 // datagrams completed
	Overlapping         int64 // of these: with fragments that overlap
	Conflicting         int64 // with fragments that contradict each other
	TooLong             int64 // longer than 65,535 bytes
	Evicted             int64 // datagrams given up for lack of memory
	EvictedFragments    int64 // their fragments
	Unfinished          int   // datagrams waiting for fragments now; at the end of a file: incomplete
	UnfinishedFragments int64 // their fragments
	Panics              int64 // frames that made a parser panic
}

// Add sums the counts of several files.
func (s *Stats) Add(o Stats) {
	s.Fragments += o.Fragments
	s.Datagrams += o.Datagrams
	s.Overlapping += o.Overlapping
	s.Conflicting += o.Conflicting
	s.TooLong += o.TooLong
	s.Evicted += o.Evicted
	s.EvictedFragments += o.EvictedFragments
	s.Unfinished += o.Unfinished
	s.UnfinishedFragments += o.UnfinishedFragments
	s.Panics += o.Panics
}

// count takes in the problems of a completed datagram.
func (s *Stats) count(p ingest.Problem) {
	s.Overlapping += one(p & ingest.Overlap)
	s.Conflicting += one(p & ingest.Conflict)
	s.TooLong += one(p & ingest.TooLong)
}

func one(p ingest.Problem) int64 {
	if p != 0 {
		return 1
	}
	return 0
}

// Decoder decodes the frames of one evidence file. It is not safe for concurrent use.
type Decoder struct {
	table  table
	panics int64

	ip4       layers.IPv4
	ip6       layers.IPv6
	extension layers.IPv6ExtensionSkipper
	udp       layers.UDP
	icmp4     layers.ICMPv4
	icmp6     layers.ICMPv6

	walk  walk
	final [16]byte // final destination of the packet in hand, behind a route
}

// walk is what the decoder knows of the frame it is in.
type walk struct {
	packet     *ingest.Packet
	frame      *ingest.Frame
	replay     bool
	given      *ingest.Datagram  // replay: the next datagram to go on with
	hang       **ingest.Datagram // where the next completed datagram is hung
	ip         int               // index of the latest IP layer
	src, dst   []byte            // addresses of that layer; dst is the final one behind a routing header
	fragLength int               // IPv6: bytes behind the headers so far, which a fragment header must find
	vlan       uint16            // identifier of the outermost tag
	tagged     bool
	teredo     bool // the latest UDP header goes to Teredo's port
	fragmented bool // the bytes in hand are the first fragment only
}

// New makes a decoder for one evidence file.
func New(o Options) *Decoder {
	if o.MaxReassembly <= 0 {
		o.MaxReassembly = defaultReassembly
	}
	return &Decoder{table: newTable(o.MaxReassembly)}
}

// Stats tells the counts so far.
func (d *Decoder) Stats() Stats {
	s := d.table.stats
	s.Unfinished, s.UnfinishedFragments = d.table.waiting()
	s.Panics = d.panics
	return s
}

// Decode fills p from the next frame of the file. Layers alias the frame's data, or p.Whole's payload in a frame that
// completes a datagram. Hostile bytes end in p.Problems, never in a panic.
func (d *Decoder) Decode(f *ingest.Frame, p *ingest.Packet) {
	d.decode(f, p, walk{})
}

// Replay fills p as Decode did, from the frame and the datagram that Decode left in p.Whole (nil if none), in any
// order. Only the problem [ingest.NextHeaders] is not seen again: it belongs to fragments in other frames.
func (d *Decoder) Replay(f *ingest.Frame, whole *ingest.Datagram, p *ingest.Packet) {
	d.decode(f, p, walk{replay: true, given: whole})
}

func (d *Decoder) decode(f *ingest.Frame, p *ingest.Packet, w walk) {
	layers := p.Layers[:0]
	*p = ingest.Packet{}
	p.Frame, p.Layers, p.ICMP, p.IP = *f, layers, -1, -1
	w.frame, w.packet, w.hang, w.ip = f, p, &p.Whole, -1
	d.walk = w
	defer d.guard()
	first := linkStep(f.Link)
	if first == nil {
		p.Problems |= ingest.UnknownLink
		return
	}
	d.run(first, span{bytes: f.Data, wire: max(f.Wire, len(f.Data)), parent: -1})
	d.trail()
}

// guard keeps a panic in a parser to the frame that caused it: evidence is hostile, a run must go on.
func (d *Decoder) guard() {
	if recover() != nil {
		d.walk.packet.Problems |= ingest.DecoderPanic
		d.panics++
	}
}

// span is a run of bytes that one step decodes.
type span struct {
	bytes  []byte
	wire   int // how many bytes there were on the wire, never less than captured
	parent int8
	quoted uint8
}

// step decodes the layer at the front of a span and tells what follows; nil ends the walk.
type step func(*Decoder, span) (step, span)

// maxLayers keeps hostile nesting finite and layer indexes inside Layer.Parent.
const maxLayers = 100

// run walks from layer to layer. Of a quote that ends between two layers nothing more is told.
func (d *Decoder) run(next step, s span) {
	for next != nil && len(d.walk.packet.Layers) < maxLayers && (s.quoted == 0 || s.wire > 0) {
		next, s = next(d, s)
	}
}

// limit cuts the span to a length that a header stated.
func (s span) limit(wire int) span {
	if wire < s.wire {
		s.wire, s.bytes = wire, s.bytes[:min(wire, len(s.bytes))]
	}
	return s
}

// behind is what follows n bytes of header; inside says which layer it stands in.
func (s span) behind(n, inside int) span {
	n = min(n, s.wire)
	s.bytes, s.wire, s.parent = s.bytes[min(n, len(s.bytes)):], s.wire-n, int8(inside)
	return s
}

// add appends a layer that begins at the span's front and gives its index.
func (d *Decoder) add(proto ingest.Proto, s span, header int) int {
	p := d.walk.packet
	p.Layers = append(p.Layers, ingest.Layer{
		Proto: proto, Quoted: s.quoted, Parent: s.parent, Checksum: ingest.ChecksumUnverified,
		Header: min(header, len(s.bytes)), Reported: s.wire, Bytes: s.bytes,
	})
	return len(p.Layers) - 1
}

// need tells whether the span holds n bytes. If not, the packet is malformed when they were never sent, short when
// the capture cut them off. A quote may end anywhere (RFC 792 asks for 8 bytes of payload): it is never malformed.
func (d *Decoder) need(s span, n int) bool {
	if len(s.bytes) >= n {
		return true
	}
	if s.wire < n {
		d.problem(s, ingest.Malformed)
	} else {
		d.problem(s, ingest.Short)
	}
	return false
}

// reads is need for bytes that Wireshark reads one after the other, up to each of the ends: the first that is missing says
// whether the capture or the sender ended too early.
func (d *Decoder) reads(s span, ends ...int) bool {
	for _, n := range ends {
		if !d.need(s, n) {
			return false
		}
	}
	return true
}

// unseen tells of a quoted header that ends before what Wireshark reads, up to each of the ends, before it shows any of
// it: for Wireshark there is no such layer. Where the capture ended first, there is.
func (s span) unseen(ends ...int) bool {
	for _, n := range ends {
		if len(s.bytes) < n {
			return s.quoted > 0 && s.wire < n
		}
	}
	return false
}

func (d *Decoder) problem(s span, p ingest.Problem) {
	if s.quoted == 0 || p == ingest.Short {
		d.walk.packet.Problems |= p
	}
}

// data ends a walk: bytes that no step knows, or an application's. No layer stands for no bytes.
func data(d *Decoder, s span) (step, span) {
	if len(s.bytes) > 0 {
		d.add(ingest.ProtoData, s, 0)
	}
	return nil, s
}

// feedback is where gopacket says that bytes are missing. The steps judge lengths themselves: they know more.
var feedback = gopacket.NilDecodeFeedback
