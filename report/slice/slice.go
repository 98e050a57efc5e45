// Package slice cuts the packets of findings out of the evidence, for Wireshark: a pcapng file for each finding, with the
// packets' own times, interfaces and link types, each packet commented with finding, rule, file and frame. [Write] makes
// them all in one reading of the timeline.
package slice

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/inert"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// Most is how many packets a slice holds: those of a flood are the same again and again.
const Most = 10_000

// Dir is where slices lie in the report folder.
const Dir = "findings"

// Name is where the slice of a finding lies in the report folder.
func Name(f *rules.Finding) string { return Dir + "/" + f.ID + ".pcapng" }

// held is how many bytes of a slice wait to be written.
const held = 16 << 10

// cut is a slice in the making. Its file is open only while it is written to: there may be more findings than files one may open.
type cut struct {
	Options
	finding *rules.Finding
	ledger  map[int]*ingest.Evidence
	path    string
	waiting bytes.Buffer
	w       *capture.Writer
	on      map[source]int
	packets int
	failed  error
}

// source is an interface of an evidence file.
type source struct{ evidence, section, id int }

// Write cuts the packets of findings out of the timeline, into the folder dir/findings. Of a packet
// that came in fragments all of them are cut out.
func Write(ctx context.Context, t *timeline.Timeline, found []*rules.Finding, dir string, o Options) error {
	cuts := prepare(t, found, dir, o)
	if len(cuts) == 0 {
		return nil
	}
	if err := os.Mkdir(filepath.Join(dir, Dir), 0o755); err != nil {
		return err
	}
	s := sweep{waiting: cuts}
	if err := s.through(ctx, t); err != nil {
		return err
	}
	for _, c := range cuts {
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

func prepare(t *timeline.Timeline, found []*rules.Finding, dir string, o Options) (out []*cut) {
	ledger := map[int]*ingest.Evidence{}
	for _, e := range t.Evidence() {
		ledger[e.ID] = e
	}
	for _, f := range found {
		if !o.Holds(f) {
			continue
		}
		c := &cut{Options: o, finding: f, ledger: ledger, path: filepath.Join(dir, filepath.FromSlash(Name(f))), on: map[source]int{}}
		c.w = capture.NewWriter(&c.waiting, o.about(f))
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b *cut) int { return cmp.Compare(a.finding.Members[0].First, b.finding.Members[0].First) })
	return out
}

func (o Options) about(f *rules.Finding) string {
	text := fmt.Sprintf("Packets of finding %s (rule %s), cut out of the evidence by icmpsift", f.ID, f.Rule.Name)
	if f.Packets > Most {
		text += fmt.Sprintf("; the first %d of %d packets", Most, f.Packets)
	}
	if o.NoPayload {
		text += "; frames end behind their headers: payload was cut off for hand-over, lengths are as they were"
		if n := f.Members.Shared(o.Withhold.Packets); n > 0 {
			text += fmt.Sprintf("; %d packets in whose headers data was carried are left out", n)
		}
	}
	return inert.Text(text)
}

// sweep goes through the timeline with the findings that its place lies in.
type sweep struct {
	waiting, within []*cut // by first packet
}

// through reads what the slices are made of: where there are fragments, which packet they belong to is known when they are decoded.
func (s *sweep) through(ctx context.Context, t *timeline.Timeline) error {
	if t.Stats().Fragments > 0 {
		return t.Each(ctx, s.add)
	}
	wanted := make([]rules.Ranges, 0, len(s.waiting))
	for _, c := range s.waiting {
		wanted = append(wanted, c.wanted())
	}
	return t.Some(ctx, rules.Ranges{}.Union(wanted...).Has, s.add)
}

// wanted are the packets that may get into the slice.
func (c *cut) wanted() (out rules.Ranges) {
	if len(c.Withhold.Packets) > 0 { // and do not count
		return c.finding.Members
	}
	left := int64(Most)
	for _, r := range c.finding.Members {
		r.Last = min(r.Last, r.First+left-1)
		if out = append(out, r); left <= r.Last-r.First+1 {
			break
		}
		left -= r.Last - r.First + 1
	}
	return out
}

func (s *sweep) add(p *ingest.Packet) {
	if p.Case.Copy {
		return
	}
	for len(s.waiting) > 0 && (s.waiting[0].finding.Members[0].First <= p.Case.Number || p.Fragment) { // a fragment comes before the packet it belongs to
		s.within, s.waiting = append(s.within, s.waiting[0]), s.waiting[1:]
	}
	s.within = slices.DeleteFunc(s.within, func(c *cut) bool { return c.over(p) })
	for _, c := range s.within {
		if c.takes(p) && c.allows(p) {
			c.add(p)
		}
	}
}

// over tells whether nothing more comes for the slice.
func (c *cut) over(p *ingest.Packet) bool {
	m := c.finding.Members
	return c.packets >= Most || m[len(m)-1].Last < p.Case.Number
}

func (c *cut) takes(p *ingest.Packet) bool {
	if !p.Fragment {
		return c.finding.Members.Has(p.Case.Number)
	}
	for _, s := range c.finding.Frames {
		if s.Evidence == p.Case.Evidence && s.Ranges.Has(p.Number) {
			return true
		}
	}
	return false
}

func (c *cut) add(p *ingest.Packet) {
	c.packets++
	comment := fmt.Sprintf("Finding %s, rule %s: frame %d of %s", c.finding.ID, c.finding.Rule.Name, p.Number, c.file(p))
	c.w.Packet(c.interfaceOf(p), p.Time, p.Wire, c.bytes(p), inert.Text(comment), capture.NoDirection)
	if c.waiting.Len() > held {
		c.failed = c.flush() // which gives an earlier failure again
	}
}

func (c *cut) interfaceOf(p *ingest.Packet) int {
	at := source{p.Case.Evidence, p.Section, p.Interface}
	n, ok := c.on[at]
	if !ok {
		name, snapLen := "", uint32(0)
		if p.On != nil {
			name, snapLen = inert.Text(cmp.Or(p.On.Name, p.On.About, p.On.Hardware)), p.On.SnapLen
		}
		n = c.w.Interface(p.Frame.Link, snapLen, name, inert.Text(c.file(p)))
		c.on[at] = n
	}
	return n
}

// file names the evidence as the report does.
func (c *cut) file(p *ingest.Packet) string {
	return fmt.Sprintf("E%d, %s", p.Case.Evidence+1, c.ledger[p.Case.Evidence].Path)
}

// flush writes what waits to the file's end.
func (c *cut) flush() error {
	if c.failed != nil || c.waiting.Len() == 0 {
		return c.failed
	}
	f, err := os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = c.waiting.WriteTo(f)
	return errors.Join(err, f.Close())
}
