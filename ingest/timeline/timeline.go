// Package timeline makes one case of many extracts: packets of all files in order of time, each packet once with its
// further sightings marked as copies, requests paired with replies across files. [Build] works that out; [Timeline.Open]
// then reads it as often as wanted; [Timeline.Each], [Timeline.Some] and [Timeline.Stream] do so with reading and visiting side by side.
package timeline

import (
	"context"
	"errors"

	"icmpsift/ingest"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/station"
)

// maxOpenRequests bounds the case-scope pairing; see reference figures in the package's benchmark.
const maxOpenRequests = 1 << 18

// Stats counts what building the timeline met.
type Stats struct {
	Packets int64 // unique
	Copies  int64 // further sightings
	NoTime  int64 // left off: no usable time
	Late    int64 // farther out of order than the reorder buffer reaches
	Evicted int64 // requests and identities given up to stay in memory
	Outside int64 // messages that a limit took off, further sightings apart
	Astray  int64 // of them, those of which a further sighting would have passed

	Fragments  int64 // frames that hold a fragment and do not complete its datagram
	Unfinished int64 // datagrams of which not all fragments are there
}

// Timeline is the merged, de-duplicated case.
type Timeline struct {
	extracts []ingest.Extract
	budget   *spool.Budget
	clocks   clocks
	original *spool.Slots // by place in the merge: number of the packet, and whether it is joined
	facts    *exchange.Facts
	past     *station.Book
	stats    Stats
	limit    Limit
}

// Build reads the extracts and works out order, copies and pairs. The extracts must stay open as long as the timeline is
// used. It ends early with the context's error when that is cancelled.
func Build(ctx context.Context, extracts []ingest.Extract, b *spool.Budget) (*Timeline, error) {
	t := &Timeline{extracts: extracts, budget: b, original: spool.NewSlots(b), facts: exchange.NewFacts(b)}
	if err := t.build(ctx, b); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Timeline) build(ctx context.Context, b *spool.Budget) (err error) {
	if t.clocks, err = newClocks(ctx, t.extracts); err != nil {
		return err
	}
	for i, x := range t.extracts {
		x.Evidence().ClockOffset = t.clocks.shift[i]
	}
	recording := recordings(t.Evidence())
	t.past = station.New(b, func(evidence int) int { return recording(evidence).ID })
	m := newMerger(t.extracts, t.clocks.shift, false)
	n := t.numbering(recording)
	if err := stream(ctx, func() (ingest.PacketReader, error) { return m, nil }, n.number, n.pair, n.remember); err != nil {
		return t.named(err)
	}
	t.past.Settle()
	t.stats.NoTime, t.stats.Late = m.noTime, m.late
	joined := n.joiner.decoder.Stats()
	t.stats.Unfinished = int64(joined.Unfinished) + joined.Evicted
	t.stats.Evicted = n.pairing.Evicted() + n.known.evicted + joined.Evicted
	return t.err()
}

func (t *Timeline) err() error { return errors.Join(t.original.Err(), t.facts.Err(), t.past.Err()) }

// numbering gives each packet its place, pairs requests with replies, and remembers who turned to whom: one visitor for each.
type numbering struct {
	t       *Timeline
	pairing *exchange.Case
	known   *copies
	joiner  *joiner
	scratch []byte
	place   int64
}

// joined marks the number of a packet that is to be put together with others. Others are what their file makes of them.
const joined = 1 << 62

func (t *Timeline) numbering(recording func(evidence int) exchange.Recording) *numbering {
	pairing := exchange.NewCase(maxOpenRequests, recording, t.facts)
	return &numbering{t: t, pairing: pairing, known: newCopies(t.window()), joiner: newJoiner(t.budget.Fragments())}
}

func (n *numbering) number(_ int, p *ingest.Packet) {
	stats := &n.t.stats
	mark := n.tell(p, stats.Packets+1)
	n.t.original.Set(n.place, p.Case.Number|mark)
	n.place++
	if p.Fragment {
		stats.Fragments++
	}
	if p.Case.Copy = p.Case.Number <= stats.Packets; p.Case.Copy {
		stats.Copies++
		return
	}
	stats.Packets++
}

// tell gives the packet the number of what it is a further sighting of, or the next. Fragments that are none are put together with
// the others of the case first.
func (n *numbering) tell(p *ingest.Packet, next int64) (mark int64) {
	at, whole := vantageOf(p), false
	var piece identity
	if p.Case.Number = next; fragmentary(p) {
		piece, n.scratch = identifyPiece(p, n.scratch)
		if p.Case.Number = n.known.add(piece, at, p.Case.Time, next); p.Case.Number == next {
			mark = joined
			n.joiner.join(p)
		}
		if whole = p.Whole != nil; !whole {
			return mark
		}
	}
	var id identity
	id, n.scratch = identify(p, n.scratch)
	p.Case.Number = n.known.add(id, at, p.Case.Time, p.Case.Number)
	if whole && p.Case.Number < next {
		n.known.renumber(piece, next, p.Case.Number)
	}
	return mark
}

func (n *numbering) pair(_ int, p *ingest.Packet) {
	switch {
	case p.Message() == nil:
	case p.Case.Copy:
		n.pairing.Sighted(p)
	default:
		n.pairing.Add(p)
	}
}

func (n *numbering) remember(_ int, p *ingest.Packet) {
	if p.Message() != nil && !p.Case.Copy {
		n.t.past.Add(p)
	}
}

// window asks the clocks by evidence id.
func (t *Timeline) window() func(a, b int) int64 {
	place := map[int]int{}
	for i, x := range t.extracts {
		place[x.Evidence().ID] = i
	}
	return func(a, b int) int64 { return t.clocks.window(place[a], place[b]) }
}

// Budget is what the timeline was built with; who reads it keeps to that, too.
func (t *Timeline) Budget() *spool.Budget { return t.budget }

// Stats tells what building met.
func (t *Timeline) Stats() Stats { return t.stats }

// Evidence lists the ledger entries of the files in it, in the order of the extracts.
func (t *Timeline) Evidence() []*ingest.Evidence {
	out := make([]*ingest.Evidence, len(t.extracts))
	for i, x := range t.extracts {
		out[i] = x.Evidence()
	}
	return out
}

// Open reads the timeline from its start; copies come marked, at the place of their own time. One reader at a time.
func (t *Timeline) Open() (ingest.PacketReader, error) { return t.open(nil), nil }

// open reads the packets whose numbers are wanted; nil wants all.
func (t *Timeline) open(wants func(number int64) bool) *reader {
	return &reader{t: t, merger: newMerger(t.extracts, t.clocks.shift, wants != nil), wants: wants, joiner: newJoiner(t.budget.Fragments())}
}

// Each calls visit with every packet in order, copies included; the packet is valid during the call. It ends early with
// the context's error when that is cancelled.
func (t *Timeline) Each(ctx context.Context, visit func(*ingest.Packet)) error {
	return t.named(each(ctx, t.Open, visit))
}

// Some calls visit as Each does, with those packets, and their copies, whose numbers are wanted: the others are not even decoded.
// wants is asked ahead of visit, in another goroutine.
func (t *Timeline) Some(ctx context.Context, wants func(number int64) bool, visit func(*ingest.Packet)) error {
	return t.named(each(ctx, func() (ingest.PacketReader, error) { return t.open(wants), nil }, visit))
}

// Stream shows every packet in order to the visitors, one after another, and each of them at its own pace: the first may be
// some packets ahead of the second. The last runs in the caller's goroutine. It ends early as Each does.
func (t *Timeline) Stream(ctx context.Context, visitors ...Visitor) error {
	return t.named(stream(ctx, t.Open, visitors...))
}

// named tells of a bug which file was being worked on.
func (t *Timeline) named(err error) error {
	var bug *fault.Bug
	if errors.As(err, &bug) && bug.Frame > 0 {
		for _, e := range t.Evidence() {
			if e.ID == bug.Evidence {
				bug.Path = e.Path
			}
		}
	}
	return err
}

// each reads to the end.
func each(ctx context.Context, open func() (ingest.PacketReader, error), visit func(*ingest.Packet)) error {
	return stream(ctx, open, func(_ int, p *ingest.Packet) { visit(p) })
}

// Close frees the timeline's own memory and files, not the extracts.
func (t *Timeline) Close() error {
	err := errors.Join(t.original.Close(), t.facts.Close())
	if t.past != nil { // building may have ended before
		err = errors.Join(err, t.past.Close())
	}
	return err
}

type reader struct {
	*merger
	t      *Timeline
	wants  func(number int64) bool
	joiner *joiner
	place  int64
	mark   int64 // of the packet given last
	told   int64
}

func (r *reader) Next() (*ingest.Packet, error) {
	for {
		p, err := r.merger.Next()
		if err != nil {
			return nil, err
		}
		wanted := r.number(p)
		if !wanted && r.mark == 0 {
			continue
		}
		if err := r.decode(); err != nil {
			return nil, err
		}
		if r.mark != 0 { // others may be put together with it
			r.joiner.join(p)
		}
		if !wanted {
			continue
		}
		p.Case.Reply = r.t.facts.Of(p)
		p.Case.Past = r.t.past.Of(p) // which looks at the reply
		p.Facts = ingest.PayloadFacts{}
		return p, r.t.err()
	}
}

// number gives the packet its number, and tells whether it is wanted.
func (r *reader) number(p *ingest.Packet) (wanted bool) {
	n := r.t.original.Get(r.place)
	r.place++
	c := &p.Case
	c.Number, r.mark = n&^joined, n&joined
	c.Copy = c.Number <= r.told
	r.told = max(r.told, c.Number)
	return c.Number != outside && (r.wants == nil || r.wants(c.Number))
}
