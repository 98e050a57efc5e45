package timeline

import (
	"math"
	"time"
)

// Window is how far apart, after correcting the clocks, two sightings of one packet may be at most; most often the
// bound is tighter, see clocks.window.
const Window = time.Second

// Bounds of what is remembered to find copies. Beyond them the oldest is given up, and counted: a copy may then be
// taken for a packet of its own, never one packet for another.
const (
	maxIdentities = 1 << 18
	maxOriginals  = 1 << 19 // of all identities
	maxEqual      = 1 << 16 // of one identity
	maxVantages   = 32      // of one identity; what comes from further ones is compared with the latest originals only
	maxSightings  = 256     // of one packet
	lookBack      = 16
)

// copies finds further sightings of packets in a stream ordered by time. Packets that look the same (the same byte sent
// twice is the same packet) are told apart by counting: the k-th sighting from one vantage is the k-th from another.
type copies struct {
	seen    map[identity]*sightings
	queue   []remembered // each identity once, about in order of time, to forget from the front
	first   int
	window  func(a, b int) int64 // between two evidence files
	held    int                  // originals of all identities
	evicted int64
	free    []*sightings
}

// sightings are the packets of one identity, as far as they can still be seen again.
type sightings struct {
	last      int64
	originals []original // in order of time
	next      []cursor
}

// original is a packet with all its sightings.
type original struct {
	number, time int64
	at           vantage
	more         []sighting
}

// sighting is a further one.
type sighting struct {
	vantage
	time int64
}

type remembered struct {
	identity
	last int64 // when it was seen last, as of being queued
}

// cursor is a vantage's place in originals: what lies before it was counted from there, or cannot be a copy.
type cursor struct {
	vantage
	index int
}

func newCopies(window func(a, b int) int64) *copies {
	return &copies{seen: map[identity]*sightings{}, window: window}
}

// add takes a packet with the number it would get; it gives the number of its original, or number itself if it is new.
func (c *copies) add(id identity, v vantage, now, number int64) int64 {
	c.forget(now)
	s := c.seen[id]
	if s == nil {
		s = c.fresh()
		c.seen[id] = s
	}
	if s.last = max(s.last, now); len(s.originals) == 0 {
		c.queue = append(c.queue, remembered{id, s.last})
	}
	if o := c.match(s, v, now); o != nil {
		return o.number
	}
	s.originals = append(s.originals, original{number: number, time: now, at: v})
	c.held++
	c.trim(s, now)
	return number
}

// renumber makes a packet that was just added as a new one the one of another number.
func (c *copies) renumber(id identity, was, number int64) {
	if s := c.seen[id]; s != nil && len(s.originals) > 0 {
		if o := &s.originals[len(s.originals)-1]; o.number == was {
			o.number = number
		}
	}
}

// match finds the next original that the sighting can be of, and adds it to that.
func (c *copies) match(s *sightings, v vantage, now int64) *original {
	at := s.cursor(v)
	for at.index < len(s.originals) {
		o := &s.originals[at.index]
		at.index++
		if c.near(o, v, now) && len(o.more) < maxSightings && o.mayBe(v) {
			o.more = append(o.more, sighting{v, now})
			return o
		}
	}
	at.index = len(s.originals) + 1 // the sighting becomes an original itself
	return nil
}

// near tells whether a sighting is close enough to one that is known: to the first, or to one of the same packet sent on, which
// a second recording of the same point has at that later time, too.
func (c *copies) near(o *original, v vantage, now int64) bool {
	if abs(now-o.time) <= c.window(int(v.evidence), int(o.at.evidence)) {
		return true
	}
	if abs(now-o.time) > int64(Window) {
		return false
	}
	for i := range o.more {
		if abs(now-o.more[i].time) <= c.window(int(v.evidence), int(o.more[i].evidence)) {
			return true
		}
	}
	return false
}

// mayBe tells whether a sighting from v can be of this packet: the first from its point, or the latest from there forwarded.
func (o *original) mayBe(v vantage) bool {
	for i := len(o.more) - 1; i >= 0; i-- {
		if o.more[i].point == v.point {
			return v.forwarded(o.more[i].vantage)
		}
	}
	return o.at.point != v.point || v.forwarded(o.at)
}

func (s *sightings) cursor(v vantage) *cursor {
	for i := range s.next {
		if s.next[i].vantage == v {
			return &s.next[i]
		}
	}
	if len(s.next) < maxVantages {
		s.next = append(s.next, cursor{vantage: v})
		return &s.next[len(s.next)-1]
	}
	return &cursor{vantage: v, index: max(0, len(s.originals)-lookBack)}
}

// trim drops originals that lie behind the window or are too many, so that an endless run of equal packets stays small.
func (c *copies) trim(s *sightings, now int64) {
	old := 0
	for old < len(s.originals) && now-s.originals[old].time > int64(Window) {
		old++
	}
	if len(s.originals) > maxEqual && old < maxEqual/2 {
		c.evicted += int64(maxEqual/2 - old)
		old = maxEqual / 2
	}
	if old < 64 || old < len(s.originals)/2 {
		return
	}
	n := copy(s.originals, s.originals[old:])
	clear(s.originals[n:])
	s.originals = s.originals[:n]
	c.held -= old
	for i := range s.next {
		s.next[i].index = max(0, s.next[i].index-old)
	}
}

// forget drops identities not seen for longer than the window, and the oldest while there are too many.
func (c *copies) forget(now int64) {
	for c.first < len(c.queue) {
		r := c.queue[c.first]
		full := len(c.seen) >= maxIdentities || c.held >= maxOriginals
		if !full && now-r.last <= int64(Window) {
			return
		}
		c.pop()
		s := c.seen[r.identity]
		if s.last > r.last { // seen again since: its turn comes later
			c.queue = append(c.queue, remembered{r.identity, s.last})
			continue
		}
		if now-s.last <= int64(Window) {
			c.evicted += int64(len(s.originals))
		}
		delete(c.seen, r.identity)
		c.release(s)
	}
}

func (c *copies) pop() {
	if c.first++; c.first > len(c.queue)/2 && c.first > 1024 {
		c.queue, c.first = append(c.queue[:0], c.queue[c.first:]...), 0
	}
}

const keepSmall = 8 // originals and cursors that forgotten sightings keep room for

func (c *copies) fresh() *sightings {
	if k := len(c.free); k > 0 {
		s := c.free[k-1]
		c.free = c.free[:k-1]
		return s
	}
	return &sightings{last: math.MinInt64}
}

func (c *copies) release(s *sightings) {
	c.held -= len(s.originals)
	if cap(s.originals) > keepSmall || cap(s.next) > keepSmall {
		return
	}
	clear(s.originals)
	*s = sightings{last: math.MinInt64, originals: s.originals[:0], next: s.next[:0]}
	c.free = append(c.free, s)
}
