package engine

import (
	"context"
	"math"
	"net/netip"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/correlate"
)

// maxMACs bounds the link-layer addresses remembered on each side of a finding.
const maxMACs = 8

// draft is a finding in the making.
type draft struct {
	x          *compiled
	context    *field.Context
	lists      rules.Lists
	incident   correlate.Incident
	src, dst   side // the rule's endpoints
	from, to   side // who sent the packets to whom: what recovery goes by
	frames     places
	seen       interval // times of the frames by their own captures' clocks
	last       int64
	bytes      int64
	back       int64 // of them, those that went to src
	returned   int64 // so many packets did
	layer      int   // which IP header of its kind carries the message: Wireshark's "#" operator
	layered    bool  // it is not the same header in all packets
	v4, v6     bool
	fragmented bool
	short      bool // ICMPv4 without all of its header, which Wireshark shows as malformed and not as ICMP
	cut        bool
	values     []field.Value
	key        []byte
	counters   counters
	noise      noise
	form       form
	lineTest   bool // the same host sends noise to many
	drill      bool // noise goes to one, as a ping would send it
	preview    []byte
	carved     []*rules.Artefact
	unread     bool         // the finding stands by values that no ordinary sender writes, and not by what they mean
	tunnelled  bool         // they are what a tunnel carried
	inside     []string     // what is known of its inside
	said       []string     // and what its content says
	truncated  bool         // more candidates than memory allows
	asked      int64        // packets that suppressions were asked about
	covered    []int64      // of them, by suppression of the rule
	superseded []*draft     // of more general rules
	claimants  []*draft     // of more specific rules, that share packets with it
	claimed    rules.Ranges // packets that were left to them
	gone       bool         // all of them
	against    []int64      // packets that speak against each innocent cause
	weighed    int64        // of so many
	borrowed   bool         // what came back, came back by more general rules
	siblings   int64        // incidents of the same rule, where not all of them became findings
}

// interval is a stretch of time, in nanoseconds.
type interval struct{ first, last int64 }

func newDraft(x *compiled, c *field.Context, lists rules.Lists, i correlate.Incident) *draft {
	i.Unpack()
	return &draft{x: x, context: c, lists: lists, incident: i, frames: places{}, seen: interval{math.MaxInt64, math.MinInt64}, last: i.Last,
		covered: make([]int64, len(x.covers)), against: make([]int64, len(x.causes)),
		src: newSide(), dst: newSide(), from: newSide(), to: newSide()}
}

// block is how many timeline numbers are looked up together.
const block = 1 << 6

// spot is a draft's packets in a block: numbers in a row, counted from the block's start. There are very many.
type spot struct {
	draft       uint32
	first, last uint8
}

func (s spot) has(n int64) bool { return int64(s.first) <= n%block && n%block <= int64(s.last) }

// gather reads the packets of all drafts, and their further sightings.
func gather(ctx context.Context, t *timeline.Timeline, drafts []*draft) error {
	if len(drafts) == 0 {
		return nil
	}
	index := blocks(drafts)
	wants := func(n int64) bool {
		return slices.ContainsFunc(index[n/block], func(s spot) bool { return s.has(n) })
	}
	return t.Some(ctx, wants, func(p *ingest.Packet) {
		for _, s := range index[p.Case.Number/block] {
			if s.has(p.Case.Number) {
				d := drafts[s.draft]
				d.takes(gathering, p, d.add)
			}
		}
	})
}

// blocks lists where the drafts have packets, by block.
func blocks(drafts []*draft) map[int64][]spot {
	index := map[int64][]spot{}
	for i, d := range drafts {
		for _, r := range d.incident.Members {
			for b := r.First / block; b <= r.Last/block; b++ {
				index[b] = append(index[b], spot{uint32(i), uint8(max(r.First-b*block, 0)), uint8(min(r.Last-b*block, block-1))})
			}
		}
	}
	return index
}

// add takes a packet of the finding, or a further sighting of one.
func (d *draft) add(p *ingest.Packet) {
	d.sight(sightingOf(p))
	if p.Case.Copy {
		return
	}
	d.cover(p)
	d.weigh(p)
	m := p.Message()
	d.bytes += int64(max(0, m.Reported-8))
	d.cut = d.cut || m.Cut()
	d.incident.First, d.last = min(d.incident.First, p.Case.Time), max(d.last, p.Case.Time)
	d.shape(p)
	if t := d.x.correlation.Type; (t == rules.ValueCount || t == rules.XInterval) && d.x.value != nil && d.x.value.Type == field.Bytes {
		if d.values = d.x.value.Values(d.context, p, d.values[:0]); len(d.values) > 0 && d.values[0].Bytes != nil {
			value := d.values[0].Bytes
			d.counters.add(d.sender(p), value)
			d.form.add(value)
			d.noise.add(d, p)
		}
	}
	if d.preview == nil && len(m.Bytes) > 8 {
		d.preview = append([]byte(nil), m.Bytes[8:min(len(m.Bytes), 72)]...)
	}
	e := d.ends(p)
	src := d.first(e.src, p)
	if src == p.Dst() && src != p.Src() {
		d.back += int64(max(0, m.Reported-8))
		d.returned++
	}
	d.src.take(src, p)
	d.dst.take(d.first(e.dst, p), p)
	d.from.take(p.Src(), p)
	d.to.take(p.Dst(), p)
}

// shape notes what a display filter for the packets has to take into account.
func (d *draft) shape(p *ingest.Packet) {
	ip := p.Layers[p.IP].Proto
	d.v4, d.v6 = d.v4 || ip == ingest.ProtoIPv4, d.v6 || ip == ingest.ProtoIPv6
	n := layerNumber(p)
	d.layered = d.layered || d.layer != 0 && d.layer != n
	d.layer = n
	d.short = d.short || ip == ingest.ProtoIPv4 && len(p.Message().Bytes) < 8
}

// sighting is a frame that shows a packet.
type sighting struct {
	evidence    int
	frame, time int64
	fragments   []place // all frames of a fragmented packet
}

// place is a frame of an evidence file.
type place struct {
	evidence int
	frame    int64
}

func sightingOf(p *ingest.Packet) sighting {
	s := sighting{evidence: p.Case.Evidence, frame: p.Number, time: p.Time}
	for w := p.Whole; w != nil; w = w.Inner {
		for i, n := range w.Frames {
			at := place{s.evidence, n}
			if w.Files != nil {
				at.evidence = w.Files[i]
			}
			s.fragments = append(s.fragments, at)
		}
	}
	return s
}

// places are frames by evidence.
type places map[int]*rules.Ranges

func (f places) add(evidence int, frame int64) {
	if f[evidence] == nil {
		f[evidence] = &rules.Ranges{}
	}
	f[evidence].Add(frame)
}

// mark adds the sighting's frames.
func (f places) mark(s sighting) {
	f.add(s.evidence, s.frame)
	for _, at := range s.fragments {
		f.add(at.evidence, at.frame)
	}
}

func (d *draft) sight(s sighting) {
	d.frames.mark(s)
	d.fragmented = d.fragmented || s.fragments != nil
	d.seen = interval{min(d.seen.first, s.time), max(d.seen.last, s.time)}
}

func (d *draft) first(f *field.Field, p *ingest.Packet) netip.Addr {
	if d.values = f.Values(d.context, p, d.values[:0]); len(d.values) > 0 {
		return d.values[0].Addr
	}
	return netip.Addr{}
}

// layerNumber counts IP headers of the carrying one's kind from the outside.
func layerNumber(p *ingest.Packet) int {
	n := 0
	for _, l := range p.Layers[:p.IP+1] {
		if l.Proto == p.Layers[p.IP].Proto {
			n++
		}
	}
	return n
}
