package timeline

import (
	"encoding/binary"
	"io"
	"slices"
	"sort"
	"time"

	"icmpsift/ingest"
)

// Clock offsets are estimated from packets that two files share: packets that occur just once in each, so that there is
// no doubt which is which. The median difference is the offset (it holds the way between the sensors too).
const (
	minShared = 3               // fewer say nothing
	near      = 5 * time.Second // up to here an offset needs no more proof
	steady    = 100 * time.Millisecond
	minIDs    = 8       // beyond near: different IP ids, which a second run of a script would not repeat
	maxSample = 1 << 18 // identities sampled over all files
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
	tolerance []int64
}

func newClocks(extracts []ingest.Extract) (clocks, error) {
	n := len(extracts)
	c := clocks{shift: make([]int64, n), group: make([]int, n), tolerance: make([]int64, n)}
	for i := range c.group {
		c.group[i] = i
	}
	if n < 2 {
		return c, nil
	}
	seen, err := sampleShared(extracts)
	if err != nil {
		return c, err
	}
	c.spread(pairOffsets(seen))
	return c, nil
}

// window is how far apart two sightings of one packet may be: tight where the offset between the files is known.
func (c clocks) window(a, b int) int64 {
	if a == b || c.group[a] != c.group[b] {
		return int64(Window)
	}
	return min(int64(Window), max(c.tolerance[a], c.tolerance[b], int64(steady)))
}

// sampleShared collects identities of all files. When there are too many, an ever smaller share of all identities is kept,
// chosen by their value, so that what is kept is kept in every file.
func sampleShared(extracts []ingest.Extract) (map[identity][]sample, error) {
	seen := map[identity][]sample{}
	mask := uint16(0)
	for i, x := range extracts {
		r, err := x.Open()
		if err != nil {
			return nil, err
		}
		var scratch []byte
		for {
			p, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			var id identity
			if id, scratch = identify(p, scratch); p.NoTime || binary.BigEndian.Uint16(id[:])&mask != 0 {
				continue
			}
			note(seen, id, sample{index: i, time: p.Time, ipID: ipID(p), times: 1})
			if len(seen) > maxSample {
				mask = mask<<1 | 1
				thin(seen, mask)
			}
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func note(seen map[identity][]sample, id identity, s sample) {
	list := seen[id]
	if k := len(list); k > 0 && list[k-1].index == s.index {
		list[k-1].times++
		return
	}
	seen[id] = append(list, s)
}

func thin(seen map[identity][]sample, mask uint16) {
	for id := range seen {
		if binary.BigEndian.Uint16(id[:])&mask != 0 {
			delete(seen, id)
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

type link struct {
	pair
	offset int64 // clock of b less clock of a
	jitter int64 // nearly all shared packets lie this close to the offset
	shared int
}

// pairOffsets gives the believable offsets between files, best supported first.
func pairOffsets(seen map[identity][]sample) []link {
	differences, ids := map[pair][]int64{}, map[pair]map[uint16]bool{}
	for _, list := range seen {
		for i, a := range list {
			for _, b := range list[i+1:] {
				if a.times > 1 || b.times > 1 {
					continue
				}
				k := pair{a.index, b.index}
				differences[k] = append(differences[k], b.time-a.time)
				if ids[k] == nil {
					ids[k] = map[uint16]bool{}
				}
				ids[k][a.ipID] = true
			}
		}
	}
	var links []link
	for k, d := range differences {
		if offset, jitter, ok := believe(d, len(ids[k])); ok {
			links = append(links, link{k, offset, jitter, len(d)})
		}
	}
	sort.Slice(links, func(i, j int) bool {
		a, b := links[i], links[j]
		if a.shared != b.shared {
			return a.shared > b.shared
		}
		return a.a < b.a || a.a == b.a && a.b < b.b
	})
	return links
}

// believe finds the difference that most packets agree on, within steady, and how much they vary. Packets that look alike
// and are not the same (each file lost another one) disagree, so the median of all would not do.
func believe(d []int64, ids int) (offset, jitter int64, ok bool) {
	slices.Sort(d)
	first, last := 0, 0 // the densest stretch
	for i, j := 0, 0; j < len(d); j++ {
		for d[j]-d[i] > 2*int64(steady) {
			i++
		}
		if j-i > last-first {
			first, last = i, j
		}
	}
	agree := d[first : last+1]
	if len(agree) < minShared || 3*len(agree) < len(d) {
		return 0, 0, false
	}
	offset = agree[len(agree)/2]
	return offset, max(agree[len(agree)-1]-offset, offset-agree[0]), abs(offset) <= int64(near) || ids >= minIDs
}

func abs(x int64) int64 { return max(x, -x) }

// spread sets the offsets along the links, from the lowest file of each linked group, best supported links first.
func (c clocks) spread(links []link) {
	for _, l := range links {
		ga, gb := c.group[l.a], c.group[l.b]
		if ga == gb {
			continue
		}
		delta := c.shift[l.a] + l.offset - c.shift[l.b]
		if gb < ga { // keep the lower group's clock
			ga, gb, delta = gb, ga, -delta
		}
		for i := range c.group {
			if c.group[i] == gb {
				c.group[i] = ga
				c.shift[i] += delta
			}
		}
		c.tolerance[l.a], c.tolerance[l.b] = max(c.tolerance[l.a], 5*l.jitter), max(c.tolerance[l.b], 5*l.jitter)
	}
}
