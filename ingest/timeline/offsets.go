package timeline

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"icmpsift/ingest"
)

// Clock offsets are estimated from packets that two files share: packets that occur just once in each, so that there is
// no doubt which is which. The median difference is the offset (it holds the way between the sensors too). A wrong
// offset merges different packets, so the proof must be strong: without it files keep their clocks, and a packet that
// both saw may be told twice.
const (
	minShared = 3               // fewer say nothing
	near      = 5 * time.Second // up to here an offset needs no IP ids as proof
	steady    = 100 * time.Millisecond
	equal     = time.Microsecond // the same record in two files, of whatever resolution
	minIDs    = 8                // different IP ids, which a second run of a script would not repeat
	chance    = 1e-6             // how likely an agreement by chance may be
	maxSample = 1 << 18          // packets sampled over all files
	neighbors = 8                // sightings of a packet by other files are compared with so many next in time
)

type sample struct {
	index int // of the extract
	time  int64
	ipID  uint16
	times int
}

// clocks is what is known of the extracts' clocks: how far each is ahead of the first extract that it is linked with by
// shared packets, which extracts are linked, and how steady the links are.
type clocks struct {
	shift     []int64
	group     []int
	set       []bool // by group: the analyst set a clock of it, which the others then follow
	tolerance []int64
}

func newClocks(ctx context.Context, extracts []ingest.Extract) (clocks, error) {
	n := len(extracts)
	c := clocks{shift: make([]int64, n), group: make([]int, n), set: make([]bool, n), tolerance: make([]int64, n)}
	for i, x := range extracts {
		c.group[i], c.set[i] = i, x.Evidence().ClockShift != 0
	}
	defer func() { // estimates are of clocks as set
		for i, x := range extracts {
			c.shift[i] -= x.Evidence().ClockShift
		}
	}()
	if n < 2 {
		return c, nil
	}
	seen, err := sampleShared(ctx, extracts)
	if err != nil {
		return c, err
	}
	c.spread(pairOffsets(seen, extracts))
	return c, nil
}

// window is how far apart two sightings of one packet may be: as the links between the files tell. One file has one
// clock, and routers forward at once. Files that are not linked share packets only where one is made from the other.
func (c clocks) window(a, b int) int64 {
	switch {
	case a == b:
		return int64(steady)
	case c.group[a] != c.group[b]:
		return int64(equal)
	}
	return min(int64(Window), max(c.tolerance[a], c.tolerance[b]))
}

// sampler collects identities of all files. When there are too many, an ever smaller share of all identities is kept,
// chosen by their value, so that what is kept is kept in every file.
type sampler struct {
	seen    map[identity][]sample
	held    int
	mask    uint16
	scratch []byte
}

func sampleShared(ctx context.Context, extracts []ingest.Extract) (map[identity][]sample, error) {
	s := sampler{seen: map[identity][]sample{}}
	for i, x := range extracts {
		shift := x.Evidence().ClockShift
		if err := each(ctx, x.Open, func(p *ingest.Packet) { s.add(i, shift, p) }); err != nil {
			return nil, err
		}
	}
	return s.seen, nil
}

// add takes a packet of the extract at index, whose times are to be moved by shift.
func (s *sampler) add(index int, shift int64, p *ingest.Packet) {
	if p.NoTime {
		return
	}
	var id identity
	if id, s.scratch = identify(p, s.scratch); binary.BigEndian.Uint16(id[:])&s.mask != 0 {
		return
	}
	list := s.seen[id]
	if k := len(list); k > 0 && list[k-1].index == index {
		list[k-1].times++
		return
	}
	s.seen[id] = append(list, sample{index: index, time: p.Time + shift, ipID: ipID(p), times: 1})
	for s.held++; s.held > maxSample && s.mask < math.MaxUint16; {
		s.thin()
	}
}

// thin keeps half of the identities.
func (s *sampler) thin() {
	s.mask = s.mask<<1 | 1
	for id, list := range s.seen {
		if binary.BigEndian.Uint16(id[:])&s.mask != 0 {
			s.held -= len(list)
			delete(s.seen, id)
		}
	}
}

func ipID(p *ingest.Packet) uint16 {
	if ip := carrier(p); ip != nil && ip.Proto == ingest.ProtoIPv4 && len(ip.Bytes) >= 6 {
		return binary.BigEndian.Uint16(ip.Bytes[4:])
	}
	return 0
}

type pair struct{ a, b int }

// shared is what two files have in common: the times of packets that occur once in each.
type shared struct {
	differences []int64 // time in b less time in a
	first, last pairTime
	ids         map[uint16]bool // different IP ids, up to minIDs
}

type pairTime struct{ a, b int64 }

type link struct {
	pair
	offset int64 // clock of b less clock of a
	jitter int64 // the shared packets that agree lie this close to the offset
	shared int
}

// pairOffsets gives the believable offsets between files, best supported first.
func pairOffsets(seen map[identity][]sample, extracts []ingest.Extract) []link {
	pairs := map[pair]*shared{}
	for _, list := range seen {
		once := slices.DeleteFunc(slices.Clone(list), func(s sample) bool { return s.times > 1 })
		slices.SortFunc(once, func(a, b sample) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.index, b.index)) })
		for i, a := range once {
			for _, b := range once[i+1 : min(len(once), i+1+neighbors)] {
				note(pairs, a, b)
			}
		}
	}
	var links []link
	for k, s := range pairs {
		if l, ok := s.believe(overlap(extracts[k.a].Evidence(), extracts[k.b].Evidence())); ok {
			l.pair = k
			links = append(links, l)
		}
	}
	slices.SortFunc(links, func(x, y link) int {
		return cmp.Or(cmp.Compare(y.shared, x.shared), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return links
}

func note(pairs map[pair]*shared, a, b sample) {
	if b.index < a.index {
		a, b = b, a
	}
	s := pairs[pair{a.index, b.index}]
	if s == nil {
		s = &shared{first: pairTime{a.time, b.time}, last: pairTime{a.time, b.time}, ids: map[uint16]bool{}}
		pairs[pair{a.index, b.index}] = s
	}
	s.differences = append(s.differences, b.time-a.time)
	s.first = pairTime{min(s.first.a, a.time), min(s.first.b, b.time)}
	s.last = pairTime{max(s.last.a, a.time), max(s.last.b, b.time)}
	if len(s.ids) < minIDs {
		s.ids[a.ipID] = true
	}
}

// overlap tells whether two files cover a common time. Files that do not are a rotated set, or two runs of something.
func overlap(a, b *ingest.Evidence) bool {
	return a.First+a.ClockShift <= b.Last+b.ClockShift && b.First+b.ClockShift <= a.Last+a.ClockShift
}

// believe finds the difference that most packets agree on, within steady, and how much they vary. Packets that look alike
// and are not the same (each file lost another one) disagree, so the median of all would not do.
func (s *shared) believe(overlap bool) (l link, ok bool) {
	d := s.differences
	agree := densest(d)
	l.offset, l.shared = agree[len(agree)/2], len(agree)
	l.jitter = max(agree[len(agree)-1]-l.offset, l.offset-agree[0])
	if max(-agree[0], agree[len(agree)-1]) <= int64(equal) {
		l.offset, l.jitter = 0, 0 // one clock, maybe at two resolutions
	}
	if len(agree) < minShared || 3*len(agree) < len(d) || !s.beyondChance(agree) {
		return l, false
	}
	switch far := abs(l.offset); {
	case len(s.ids) >= minIDs:
		return l, true
	case far <= int64(steady):
		return l, overlap
	default: // the same traffic again, a little later, would look so: nearly all must agree
		return l, overlap && far <= int64(near) && len(agree) >= minIDs && 10*len(agree) >= 9*len(d)
	}
}

// densest sorts d and gives the longest stretch that lies within steady of its middle.
func densest(d []int64) []int64 {
	slices.Sort(d)
	first, last := 0, 0
	for i, j := 0, 0; j < len(d); j++ {
		for d[j]-d[i] > 2*int64(steady) {
			i++
		}
		if j-i > last-first {
			first, last = i, j
		}
	}
	return d[first : last+1]
}

// beyondChance tells whether unrelated packets would hardly agree so well. Differences of unrelated times lie densest
// around zero, as dense as if spread over the longer span of the two; n of them have about n·C(n-1,k-1) chances for k of
// them in so narrow a stretch.
func (s *shared) beyondChance(agree []int64) bool {
	n, k := float64(len(s.differences)), float64(len(agree))
	span := float64(max(s.last.a-s.first.a, s.last.b-s.first.b))
	width := float64(agree[len(agree)-1]-agree[0]) + float64(equal)
	if width >= span {
		return false
	}
	all, _ := math.Lgamma(n)
	some, _ := math.Lgamma(k)
	rest, _ := math.Lgamma(n - k + 1)
	return math.Log(n)+all-some-rest+(k-1)*math.Log(width/span) < math.Log(chance)
}

func abs(x int64) int64 { return max(x, -x) }

// spread sets the offsets along the links, from the lowest file of each linked group, or from the lowest whose clock the analyst
// set, best supported links first.
func (c clocks) spread(links []link) {
	for _, l := range links {
		ga, gb := c.group[l.a], c.group[l.b]
		if ga == gb {
			continue
		}
		delta := c.shift[l.a] + l.offset - c.shift[l.b]
		if gb < ga && c.set[ga] == c.set[gb] || c.set[gb] && !c.set[ga] { // keep the clock of the other group
			ga, gb, delta = gb, ga, -delta
		}
		for i := range c.group {
			if c.group[i] == gb {
				c.group[i] = ga
				c.shift[i] += delta
			}
		}
		c.tolerance[l.a], c.tolerance[l.b] = max(c.tolerance[l.a], l.tolerance()), max(c.tolerance[l.b], l.tolerance())
	}
}

// tolerance is how far off the offset a sighting may be. Files with the very same times hold the same records.
func (l link) tolerance() int64 {
	if l.offset == 0 && l.jitter == 0 {
		return int64(equal)
	}
	return max(5*l.jitter, int64(steady))
}
