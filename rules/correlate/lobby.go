package correlate

import (
	"math/bits"
	"unsafe"

	"icmpsift/rules"
)

// Lobby is where the first packets of pairs of hosts wait, until there are enough of them for a correlator to make something of. Floods
// have very many pairs with a packet or two each, which most rules match: here such a packet takes one place for all of them. What a
// correlator finds is the same as if each event had come to it at once.
//
// Correlators come in by [Lobby.Join]; then their events go to [Lobby.Add], in order of time.
type Lobby struct {
	room     *Room
	seats    []*Correlator
	counting uint64 // those that count values
	rows     []row  // an open hash table; its size is a power of two
	pairs    int    // rows in use
	waiting  []waiting
	next     uint64 // number of the next event that waits, from 1; its place is that modulo maxWaiting
	back     []uint64
}

// Bounds of a lobby.
const (
	maxSeats   = 64
	maxWaiting = 3 << 16 // events; the first to come is the first to be given up
	maxPatient = 8       // events of one group and correlator
	leastRows  = 1 << 10
)

// row is a pair of hosts.
type row struct {
	key  uint64    // stands for the pair; 0: the row is free
	last uint64    // number of its latest event that waits
	here [2]uint64 // correlators that have a group of the pair, and take its events at once; by side
}

// waiting is a packet.
type waiting struct {
	time, number int64
	value        uint64 // of those correlators that count values
	who          uint64 // correlators that it is an event of
	part         uint64 // those for which it is in the share
	before       uint64 // number of the pair's event before it
	side         int8
}

// Seat is a correlator's place in a lobby.
type Seat struct {
	place int
	taken bool
}

// Pair says which two hosts an event is of: a number that stands for both of them, never 0, and which of the two groups that they can make
// it belongs to, 0 or 1.
type Pair struct {
	Key  uint64
	Side int8
}

// NewLobby makes a lobby whose state is inside the room.
func (r *Room) NewLobby() *Lobby { return &Lobby{room: r, next: 1} }

// Join gives a correlator a seat, if events of its kind can wait and there is one left: events of one pair and side must be of one group.
func (l *Lobby) Join(c *Correlator) (s Seat) {
	if len(l.seats) == maxSeats || !c.patient() {
		return s
	}
	l.seats = append(l.seats, c)
	c.lobby, c.seat = l, len(l.seats)-1
	if c.counts() {
		l.counting |= 1 << c.seat
	}
	return Seat{place: c.seat, taken: true}
}

// Taken tells whether it is a seat.
func (s Seat) Taken() bool { return s.taken }

// Add takes an event of the pair.
func (l *Lobby) Add(s Seat, at Pair, e Event) {
	c, bit := l.seats[s.place], uint64(1)<<s.place
	e.value, e.valued, e.pair = c.value(&e), true, at
	r := l.row(at.Key)
	if r.here[at.Side]&bit != 0 {
		c.Add(e)
		return
	}
	l.back = l.back[:0]
	for n := r.last; l.holds(n); n = l.at(n).before {
		if w := l.at(n); w.who&bit != 0 && w.side == at.Side && e.Time-w.time <= int64(c.c.Timespan) {
			l.back = append(l.back, n)
		}
	}
	if len(l.back) < maxPatient && c.idle(len(l.back)+1) {
		l.wait(r, c, bit, &e)
		return
	}
	r.here[at.Side] |= bit // before the correlator, to make room, gives up groups
	l.admit(c, bit, e)
}

// admit sends the events of one group that waited for the correlator on to it, and the one that came last.
func (l *Lobby) admit(c *Correlator, bit uint64, e Event) {
	for i := len(l.back) - 1; i >= 0; i-- {
		w := l.at(l.back[i])
		w.who &^= bit
		earlier := e
		earlier.Time, earlier.Number, earlier.value = w.time, w.number, w.valueFor(c, bit)
		c.Add(earlier)
	}
	c.Add(e)
}

func (w *waiting) valueFor(c *Correlator, bit uint64) uint64 {
	switch {
	case c.counts():
		return w.value
	case w.part&bit != 0:
		return 1
	}
	return 0
}

// wait keeps the event: with others of its packet, if the values that are counted are the same.
func (l *Lobby) wait(r *row, c *Correlator, bit uint64, e *Event) {
	w := (*waiting)(nil)
	if l.holds(r.last) {
		w = l.at(r.last)
	}
	if w == nil || w.number != e.Number || w.side != e.pair.Side || c.counts() && w.who&l.counting != 0 && w.value != e.value {
		w = l.fresh()
		*w = waiting{time: e.Time, number: e.Number, side: e.pair.Side, before: r.last}
		r.last = l.next - 1
	}
	w.who |= bit
	switch {
	case c.counts():
		w.value = e.value
	case e.value != 0:
		w.part |= bit
	}
}

// holds tells whether an event still waits.
func (l *Lobby) holds(n uint64) bool { return n != 0 && n+maxWaiting >= l.next }

func (l *Lobby) at(n uint64) *waiting { return &l.waiting[n%maxWaiting] }

// fresh gives the place of the next event. The one that had it goes.
func (l *Lobby) fresh() *waiting {
	n := l.next
	l.next++
	if at := int(n % maxWaiting); at >= len(l.waiting) {
		l.grow(at + 1)
	}
	w := l.at(n)
	if n > maxWaiting {
		l.evict(w, l.at(n-1).time)
	}
	return w
}

// grow makes room for more events.
func (l *Lobby) grow(least int) {
	more := make([]waiting, min(max(2*len(l.waiting), least, leastRows), maxWaiting))
	copy(more, l.waiting)
	l.charge((len(more) - len(l.waiting)) * int(unsafe.Sizeof(waiting{})))
	l.waiting = more
}

// evict counts an event that goes, where it still counts.
func (l *Lobby) evict(w *waiting, now int64) {
	for left := w.who; left != 0; left &= left - 1 {
		if c := l.seats[bits.TrailingZeros64(left)]; now-w.time <= int64(c.c.Timespan) {
			c.evicted++
		}
	}
}

func (l *Lobby) charge(bytes int) { l.room.left -= bytes }

// row finds or makes the row of a pair.
func (l *Lobby) row(key uint64) *row {
	if r := l.find(key); r != nil && r.key == key {
		return r
	}
	if 4*(l.pairs+1) > 3*len(l.rows) {
		l.rehash()
	}
	r := l.find(key)
	r.key = key
	l.pairs++
	return r
}

// find gives the row of a pair, or the free one where it would be; nil where there is none at all.
func (l *Lobby) find(key uint64) *row {
	if len(l.rows) == 0 {
		return nil
	}
	last := uint64(len(l.rows) - 1)
	for i := key & last; ; i = (i + 1) & last {
		if r := &l.rows[i]; r.key == key || r.key == 0 {
			return r
		}
	}
}

// rehash drops the rows of which nothing is known any more, and makes room for others.
func (l *Lobby) rehash() {
	old, size := l.rows, leastRows
	l.pairs = 0
	for i := range old {
		if l.known(&old[i]) {
			l.pairs++
		}
	}
	for 2*(l.pairs+1) > size {
		size *= 2
	}
	l.charge((size - len(old)) * int(unsafe.Sizeof(row{})))
	l.rows = make([]row, size)
	for i := range old {
		if l.known(&old[i]) {
			*l.find(old[i].key) = old[i]
		}
	}
}

func (l *Lobby) known(r *row) bool {
	return r.key != 0 && (l.holds(r.last) || r.here != [2]uint64{})
}

// left is told that a correlator has given up its group of the pair: further events have to wait again.
func (l *Lobby) left(c *Correlator, at Pair) {
	if r := l.find(at.Key); r != nil && r.key == at.Key {
		r.here[at.Side] &^= 1 << c.seat
	}
}

// close gives everything back.
func (l *Lobby) close() {
	l.charge(-len(l.rows)*int(unsafe.Sizeof(row{})) - len(l.waiting)*int(unsafe.Sizeof(waiting{})))
	l.rows, l.waiting, l.pairs = nil, nil, 0
}

// patient tells whether the first events of groups may wait: so few do nothing, and that is known from their number.
func (c *Correlator) patient() bool {
	switch c.c.Type {
	case rules.XRatio:
		return len(c.c.Rules) <= 1 && c.c.Minimum > 1
	case rules.EventCount, rules.ValueCount, rules.XInterval:
		return c.lower() && c.least() > 1
	}
	return false
}

// idle tells whether nothing comes of a group of so few events: they neither meet the condition, nor come nearer to it than any other
// group did before.
func (c *Correlator) idle(events int) bool {
	switch {
	case c.c.Type == rules.XRatio:
		return events < c.c.Minimum
	case c.c.Type == rules.XInterval && events < 3: // there are no two intervals to compare
		return true
	}
	return float64(events) < c.least() && !c.nearest.beaten(score(c.c.Condition, float64(events)))
}

// lower tells whether there are no conditions but lower bounds, to which every event brings a window nearer.
func (c *Correlator) lower() bool {
	for _, x := range c.c.Condition {
		if x.Op != "gte" && x.Op != "gt" && x.Op != "eq" {
			return false
		}
	}
	return true
}

// least is the lowest number that can meet all lower bounds.
func (c *Correlator) least() (n float64) {
	for _, x := range c.c.Condition {
		n = max(n, x.Value)
	}
	return n
}
