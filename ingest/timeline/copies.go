package timeline

import "time"

// Window is how far apart, after correcting the clocks, two sightings of one packet may be at most.
const Window = time.Second

// maxKeys bounds the identities remembered at once; beyond it the oldest are given up, and counted.
const maxKeys = 1 << 20

// copies finds further sightings of packets in a stream ordered by time. Packets that look the same (the same byte sent
// twice is the same packet) are told apart by counting: the k-th sighting from one vantage is the k-th from another.
type copies struct {
	seen    map[identity]*sightings
	queue   []remembered // by time, to forget from the front
	first   int
	window  func(a, b int) int64 // between two evidence files
	evicted int64
}

// sightings are the packets of one identity within the window.
type sightings struct {
	last      int64
	originals []original
	next      []cursor // a vantage's place in originals
}

type original struct {
	number, time int64
	from         vantage
}

type cursor struct {
	vantage
	index int
}

type remembered struct {
	identity
	time int64
}

// add takes a packet with the number it would get; it gives the number of its original, or number itself if it is new.
func (c *copies) add(id identity, v vantage, now, number int64) int64 {
	c.forget(now)
	s := c.seen[id]
	if s == nil {
		s = &sightings{}
		c.seen[id] = s
	}
	if now > s.last || len(s.originals) == 0 {
		c.queue = append(c.queue, remembered{id, now})
		s.last = now
	}
	at := s.cursor(v)
	for ; at.index < len(s.originals); at.index++ {
		if o := s.originals[at.index]; v.mayCopy(o.from) && now-o.time <= c.window(v.evidence, o.from.evidence) {
			at.index++
			return o.number
		}
	}
	s.originals = append(s.originals, original{number, now, v})
	at.index = len(s.originals)
	s.trim(now)
	return number
}

func (s *sightings) cursor(v vantage) *cursor {
	for i := range s.next {
		if s.next[i].vantage == v {
			return &s.next[i]
		}
	}
	s.next = append(s.next, cursor{vantage: v})
	return &s.next[len(s.next)-1]
}

// trim drops originals that lie behind the window, so that an endless run of equal packets stays small.
func (s *sightings) trim(now int64) {
	old := 0
	for old < len(s.originals) && now-s.originals[old].time > int64(Window) {
		old++
	}
	if old < 64 || old < len(s.originals)/2 {
		return
	}
	s.originals = append(s.originals[:0], s.originals[old:]...)
	for i := range s.next {
		s.next[i].index = max(0, s.next[i].index-old)
	}
}

func (c *copies) forget(now int64) {
	for c.first < len(c.queue) && (now-c.queue[c.first].time > int64(Window) || len(c.seen) > maxKeys) {
		r := c.queue[c.first]
		if s := c.seen[r.identity]; s != nil && s.last <= r.time {
			delete(c.seen, r.identity)
			if now-r.time <= int64(Window) {
				c.evicted++
			}
		}
		if c.first++; c.first > len(c.queue)/2 && c.first > 1024 {
			c.queue, c.first = append(c.queue[:0], c.queue[c.first:]...), 0
		}
	}
}
