package tshark

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"icmpsift/ingest"
)

const (
	maxInterfaces = 4096
	maxFrame      = 16 << 20 // bytes; no wire carries more
	maxComments   = 64       // of one frame
	maxNumber     = 1<<32 - 1
)

// Frames makes frames of an export's packets, for the decoder to read as it reads a capture's.
type Frames struct {
	*Reader
	frame      ingest.Frame
	tally      Tally
	interfaces []*ingest.Interface
	index      map[[2]int]*ingest.Interface
	base       int64 // added to frame numbers where one export follows another
	last       int64 // frame number
	began      bool
	first      int64 // times
	before     int64
	fragments  recent
	data       []byte
}

// Tally counts what became of an export's packets. Its numbers are frames.
type Tally struct {
	Raw          int64 // with the bytes that -x wrote
	Rebuilt      int64 // without: bytes made of field values
	Unbuilt      int64 // neither: the fields do not reach as far as an IP header
	Proven       int64 // ICMP messages of which bytes had to be guessed, proven by their checksum
	Incomplete   int64 // ICMP messages of which bytes are not told: cut there
	Contradicted int64 // ICMP messages whose fields do not give the checksum that tshark found good: cut behind the header
	Folded       int64 // datagrams kept whole in one frame, because other fragments of them are not in the export
	Stripped     int64 // options or extension headers left out
	Unwrapped    int64 // outer headers left out: the frame begins with the IP header of the ICMP message
	Missing      int64 // frame numbers that the export leaves out, up to the last
	Unnumbered   int64 // frames without a number, counted on
	Joined       int64 // times at which frame numbers begin again
}

// NewFrames reads frames from an export.
func NewFrames(r *Reader) *Frames {
	return &Frames{Reader: r, index: map[[2]int]*ingest.Interface{}}
}

// Tally counts so far.
func (f *Frames) Tally() Tally { return f.tally }

// Interfaces lists the interfaces seen so far.
func (f *Frames) Interfaces() []ingest.Interface {
	out := make([]ingest.Interface, len(f.interfaces))
	for i, x := range f.interfaces {
		out[i] = *x
	}
	return out
}

// Next gives the next frame, valid until the next call; io.EOF is the only error. Frames have the number, times, interface
// and comments that the export tells. Data is shorter than Wire where bytes are not told.
func (f *Frames) Next() (*ingest.Frame, error) {
	rec, err := f.Reader.Next()
	if err != nil {
		return nil, err
	}
	layers := outer(rec.Nodes, f.format == JSON)
	head := &layer{}
	if len(layers) > 0 && layers[0].name == "frame" {
		head, layers = layers[0], layers[1:]
	}
	f.frame = ingest.Frame{Offset: rec.Offset}
	f.number(rec.Number)
	f.times(head, rec.Timestamp)
	f.place(head)
	f.bytes(head, layers)
	if fragmented(layers) {
		f.fragments.add(rec.Number)
	}
	return &f.frame, nil
}

// number gives the frame its number: the original capture's. Where an export follows another they are counted on.
func (f *Frames) number(n int64) {
	switch {
	case n <= 0 || n > maxNumber:
		f.tally.Unnumbered++
		n = f.last + 1
	case n+f.base <= f.last:
		f.tally.Joined++
		f.base, f.fragments = f.last, recent{}
		n += f.base
	default:
		n += f.base
	}
	f.tally.Missing += n - f.last - 1
	f.frame.Number, f.last = n, n
}

// times takes over what the export says, and works out what it does not.
func (f *Frames) times(head *layer, stamp string) {
	at, ok := int64(0), false
	for _, name := range []string{"frame.time_epoch", "frame.time_utc", "frame.time"} {
		if v, told := head.peek(name); told && !ok {
			at, ok = moment(v)
		}
	}
	if n, err := strconv.ParseInt(stamp, 10, 64); !ok && err == nil && n > -1<<42 && n < 1<<42 {
		at, ok = n*1e6, true
	}
	if f.frame.Time, f.frame.NoTime = at, !ok; !ok {
		return
	}
	if !f.began {
		f.began, f.first, f.before = true, at, at
	}
	f.frame.Since, f.frame.Elapsed, f.before = at-f.before, at-f.first, at
	if v, told := head.peek("frame.time_delta"); told {
		f.frame.Since = span64(v, f.frame.Since)
	}
	if v, told := head.peek("frame.time_relative"); told {
		f.frame.Elapsed = span64(v, f.frame.Elapsed)
	}
}

func span64(v string, otherwise int64) int64 {
	if n, ok := seconds(v); ok {
		return n
	}
	return otherwise
}

// place is the link type, the interface, and what somebody noted in the capture.
func (f *Frames) place(head *layer) {
	f.frame.Link = ingest.LinkEthernet
	if n, ok := head.number("frame.encap_type"); ok {
		f.frame.Link = unknownLink
		if l, known := encapsulations[n]; known {
			f.frame.Link = l
		}
	}
	if n, ok := head.number("frame.section_number"); ok {
		f.frame.Section = max(0, n-1)
	}
	id, told := head.number("frame.interface_id")
	f.frame.Interface = id
	if x := f.meet(head); told {
		f.frame.On = x
	}
	for len(f.frame.Comments) < maxComments {
		v, ok := head.take("frame.comment")
		if !ok {
			break
		}
		f.frame.Comments = append(f.frame.Comments, strings.Clone(v))
	}
}

// meet remembers the frame's interface; nil beyond the number remembered.
func (f *Frames) meet(head *layer) *ingest.Interface {
	key := [2]int{f.frame.Section, f.frame.Interface}
	if x := f.index[key]; x != nil || len(f.interfaces) >= maxInterfaces {
		return x
	}
	name, _ := head.peek("frame.interface_name")
	x := &ingest.Interface{Section: key[0], ID: key[1], Link: f.frame.Link, Name: strings.Clone(name), Resolution: 1e9}
	f.index[key] = x
	f.interfaces = append(f.interfaces, x)
	return x
}

// bytes gives the frame its data.
func (f *Frames) bytes(head *layer, layers []*layer) {
	wire := length(head, "frame.len")
	captured := length(head, "frame.cap_len")
	raw, err := hex.AppendDecode(f.data[:0], []byte(head.raw))
	f.data = raw[:0]
	if head.raw != "" && err == nil && !(fragmented(layers) && f.lacking(layers)) {
		f.tally.Raw++
		f.frame.Data, f.frame.Wire = raw, max(wire, len(raw))
		return
	}
	f.rebuild(layers, wire, captured)
}

// length is a length of the frame in bytes, -1 if not told.
func length(head *layer, name string) int {
	v, ok := head.peek(name)
	n, good := integer(v)
	if !ok || !good || n > maxFrame {
		return -1
	}
	return int(n)
}

// fragmented tells whether the frame holds an IP fragment.
func fragmented(layers []*layer) bool {
	for _, l := range layers {
		for _, name := range []string{"ip.flags.mf", "ip.frag_offset", "ipv6.fraghdr.ident"} {
			if n, ok := l.number(name); ok && (n != 0 || name == "ipv6.fraghdr.ident") {
				return true
			}
		}
	}
	return false
}

// lacking tells whether the frame completes a datagram of which the export lacks fragments.
func (f *Frames) lacking(layers []*layer) bool {
	r := f.rebuilder()
	for _, l := range layers {
		if !r.complete(l, "ip.fragment") || !r.complete(l, "ipv6.fragment") {
			return true
		}
	}
	return false
}

func (f *Frames) rebuilder() *rebuild {
	return &rebuild{number: f.frame.Number - f.base, arrived: f.fragments.has, bytewise: f.told.bytewise()}
}

// rebuild makes the frame's data from field values.
func (f *Frames) rebuild(layers []*layer, wire, captured int) {
	r := f.rebuilder()
	c, unwrapped := chain(layers), false
	if !buildable(c) {
		c, unwrapped = innermost(c), true
		wire, captured = -1, -1
	}
	s := r.encode(c, wire)
	if s.reach() == 0 {
		f.tally.Unbuilt++
		f.frame.Data, f.frame.Wire = nil, max(0, wire)
		return
	}
	if r.folded || r.dropped { // the frame is not as long as it was
		wire, captured = -1, -1
	}
	if unwrapped {
		f.tally.Unwrapped++
		f.frame.Link = ingest.LinkRaw
	}
	if wire < 0 {
		wire = len(s.b)
	}
	if captured < 0 {
		captured = wire
	}
	known := min(s.reach(), captured, wire)
	f.frame.Data, f.frame.Wire = s.b[:known], wire
	f.count(r, known < min(len(s.b), captured))
}

func (f *Frames) count(r *rebuild, short bool) {
	f.tally.Rebuilt++
	for _, x := range []struct {
		met   bool
		count *int64
	}{{r.proven, &f.tally.Proven}, {r.message && short, &f.tally.Incomplete}, {r.contradicted, &f.tally.Contradicted},
		{r.folded, &f.tally.Folded}, {r.dropped, &f.tally.Stripped}} {
		if x.met {
			*x.count++
		}
	}
}

// buildable tells whether the headers in front of an ICMP message can be written; of other frames what there is will do.
func buildable(c chain) bool {
	for i, l := range c {
		switch {
		case l.name == "icmp" || l.name == "icmpv6":
			return i > 0
		case l.name == "udp" && l.has("udp.payload"): // whatever tunnel is in it
			return true
		case !encodable[l.name] || len(l.fields) == 0 && l.name != "raw":
			return !slices.ContainsFunc(c, func(l *layer) bool { return l.name == "icmp" || l.name == "icmpv6" })
		}
	}
	return len(c) > 0
}

// innermost is the chain from the IP header on that carries the ICMP message; what stands in front cannot be written. nil if
// something unwritable stands between the two.
func innermost(c chain) chain {
	at := -1
	for i, l := range c {
		switch {
		case l.name == "ip" || l.name == "ipv6":
			at = i
		case (l.name == "icmp" || l.name == "icmpv6") && at >= 0:
			return c[at:]
		case !encodable[l.name]:
			at = -1
		}
	}
	return nil
}

// recent remembers the latest numbers: at least half of its bound.
type recent struct{ now, old map[int64]bool }

const maxRecent = 1 << 16

func (r *recent) add(n int64) {
	if len(r.now) >= maxRecent {
		r.old, r.now = r.now, nil
	}
	if r.now == nil {
		r.now = map[int64]bool{}
	}
	r.now[n] = true
}

func (r *recent) has(n int64) bool { return r.now[n] || r.old[n] }
