package build

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/rules"
)

// Listing says which packets are listed one by one.
type Listing struct {
	Context  context.Context    // of the run: renderers read the timeline after the report is made
	Line     *timeline.Timeline // has to stay open until the report is rendered
	Most     int64              // packets that are listed; 0 is all
	Withhold rules.Ranges       // packets whose headers or times carry recovered data
}

// packets makes the list; nil if there is nothing to list from.
func (b *builder) packets() *report.Packets {
	if b.in.Listing == nil {
		return nil
	}
	out := &report.Packets{Total: b.in.Tally.totals.ICMPPackets}
	if out.Most = out.Total; b.in.Listing.Most > 0 {
		out.Most = min(out.Total, b.in.Listing.Most)
	}
	out.Each = func(visit func(*report.Packet) error) error { return b.eachPacket(out.Most, visit) }
	return out
}

func (b *builder) eachPacket(most int64, visit func(*report.Packet) error) (err error) {
	l := b.in.Listing
	in, err := l.Line.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	row := newPacketRow(b.in)
	for n := int64(0); n < most; {
		p, err := in.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case p.Message() == nil || p.IP < 0 || p.Case.Copy:
			continue
		}
		n++
		row.take(p)
		row.Telling = l.Withhold.Has(p.Case.Number)
		if err := cmp.Or(l.Context.Err(), visit(&row.Packet)); err != nil {
			return err
		}
	}
	return nil
}

// packetRow is a row that is filled again and again.
type packetRow struct {
	report.Packet
	context *field.Context
	belongs belonging
	fields  map[string]*field.Field
	values  []field.Value
	numbers [6]int64 // that the row's pointers lead to
	floats  [2]float64
}

func newPacketRow(in Input) *packetRow {
	r := &packetRow{context: in.Context, belongs: newBelonging(in.Result.Findings, in.Result.Suppressed), fields: map[string]*field.Field{}}
	for _, name := range []string{"sift.type", "sift.code", "sift.id", "sift.seq", "sift.ttl", "sift.payload.entropy"} {
		r.fields[name], _ = field.Lookup(name)
	}
	return r
}

func (r *packetRow) take(p *ingest.Packet) {
	r.Packet = report.Packet{Number: p.Case.Number, Evidence: evidenceID(p.Case.Evidence), Frame: p.Number, Time: when(p.Case.Time), Src: p.Src().String(), Dst: p.Dst().String(),
		Version: 4, Length: int64(p.Message().Reported), Findings: r.belongs.of(p.Case.Number)}
	if p.V6() {
		r.Version = 6
	}
	r.Type, r.Code, r.ID = r.number(0, "sift.type", p), r.number(1, "sift.code", p), r.number(2, "sift.id", p)
	r.Seq, r.TTL = r.number(3, "sift.seq", p), r.number(4, "sift.ttl", p)
	r.pair(&p.Case.Reply)
	if v, ok := r.value("sift.payload.entropy", p); ok {
		r.floats[1] = v.Float
		r.Entropy = &r.floats[1]
	}
}

func (r *packetRow) value(name string, p *ingest.Packet) (v field.Value, ok bool) {
	if r.values = r.fields[name].Values(r.context, p, r.values[:0]); len(r.values) == 0 {
		return v, false
	}
	return r.values[0], true
}

func (r *packetRow) number(slot int, name string, p *ingest.Packet) *int64 {
	v, ok := r.value(name, p)
	if !ok {
		return nil
	}
	r.numbers[slot] = v.Int
	return &r.numbers[slot]
}

// pair tells what answers the packet, or what it answers.
func (r *packetRow) pair(reply *ingest.Reply) {
	r.numbers[5] = cmp.Or(reply.In, reply.To, reply.ErrorIn, reply.ErrorTo)
	if r.numbers[5] == 0 {
		return
	}
	r.Pair = &r.numbers[5]
	if reply.In+reply.To+reply.ErrorTo > 0 {
		r.floats[0] = ms(reply.Time)
		r.RTT = &r.floats[0]
	}
}

// belonging tells, going up the timeline, which findings a packet belongs to.
type belonging struct {
	waiting []*claimant // by first packet
	within  []*claimant // those that packets may belong to here
	out     []string
}

// claimant is a finding and its place in the report.
type claimant struct {
	*rules.Finding
	place int
}

func newBelonging(lists ...[]*rules.Finding) (b belonging) {
	for _, f := range slices.Concat(lists...) {
		if len(f.Members) > 0 {
			b.waiting = append(b.waiting, &claimant{f, len(b.waiting)})
		}
	}
	slices.SortStableFunc(b.waiting, func(x, y *claimant) int { return cmp.Compare(x.Members[0].First, y.Members[0].First) })
	return b
}

// of lists the findings of a packet; numbers only go up. The list holds until the next call.
func (b *belonging) of(number int64) []string {
	more := false
	for len(b.waiting) > 0 && b.waiting[0].Members[0].First <= number {
		b.within, b.waiting, more = append(b.within, b.waiting[0]), b.waiting[1:], true
	}
	b.within = slices.DeleteFunc(b.within, func(c *claimant) bool { return c.Members[len(c.Members)-1].Last < number })
	if more {
		slices.SortFunc(b.within, func(x, y *claimant) int { return cmp.Compare(x.place, y.place) })
	}
	b.out = b.out[:0]
	for _, c := range b.within {
		if c.Members.Has(number) {
			b.out = append(b.out, c.ID)
		}
	}
	return b.out
}
