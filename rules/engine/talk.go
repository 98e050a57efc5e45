package engine

import (
	"errors"

	"icmpsift/ingest"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
)

// talks remembers by its number between whom each packet went, so that later readings pass over others without decoding them.
type talks struct {
	key func(pair) uint64 // stands for a pair
	by  *spool.Slots
}

func newTalks(b *spool.Budget, key func(pair) uint64) *talks { return &talks{key, spool.NewSlots(b)} }

// note takes a packet of the timeline.
func (t *talks) note(p *ingest.Packet) {
	if p.Message() != nil && p.IP >= 0 && !p.Case.Copy {
		t.by.Set(p.Case.Number, int64(t.key(pair{p.Src(), p.Dst()})))
	}
}

// among tells packets of the pairs, by number.
func (t *talks) among(pairs ...pair) func(number int64) bool {
	keys := map[uint64]bool{}
	for _, at := range pairs {
		keys[t.key(at)] = true
	}
	return func(n int64) bool { return keys[uint64(t.by.Get(n))] }
}

// visitor notes every packet.
func (t *talks) visitor() timeline.Visitor { return func(_ int, p *ingest.Packet) { t.note(p) } }

func (t *talks) close() error { return errors.Join(t.by.Err(), t.by.Close()) }
