package recover

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
)

// reading of one packet under a framing.
type unwrapped struct {
	place int64 // raw, of its count
	from  int   // where the piece begins
	to    int   // where it ends, on the wire
	odd   bool  // bytes that are else always the same are others here
}

// apply reads a packet; ok is false if the framing is not there.
func (f framing) apply(c Candidate) (r unwrapped, ok bool) {
	r.to = c.Wire - len(f.tail)
	at, wrong, fixed := 0, 0, 0
	check := func(gap []int16) bool {
		if at+len(gap) > len(c.Value) {
			return false
		}
		for i, want := range gap {
			if want >= 0 {
				fixed++
				wrong += int(btof(int16(c.Value[at+i]) != want))
			}
		}
		at += len(gap)
		return true
	}
	for _, m := range f.marks {
		if !check(m.gap) {
			return r, false
		}
		v, end, good := m.script.at(c.Value, at)
		if !good {
			return r, false
		}
		at = end
		switch m.role {
		case countRole:
			r.place = int64(v ^ m.hidden)
		case lengthRole:
			n := int(min(v, 1<<30)) + m.over
			if m.from {
				n += end
			}
			if n > c.Wire || n < c.Wire && m.from && !m.padding {
				return r, false
			}
			r.to = n - len(f.tail)
		}
	}
	if !check(f.after) {
		return r, false
	}
	r.from, r.odd = at, wrong > 0
	return r, r.to > r.from && (3*wrong <= max(3, fixed) || wrong <= maxOdd && wrong < fixed)
}

// maxOdd bounds the bytes that may be others in a packet: flags of the first and the last, and lengths of the last.
const maxOdd = 4

// names tells whether what stands in the place of a piece is the name of a file: a message about the transfer.
func (r unwrapped) names(c Candidate) bool {
	b := bytes.Trim(c.Value[min(r.from, len(c.Value)):], "\x00")
	m := fileName.Find(b)
	return len(b) <= longestMark && m != nil && 2*len(m) >= len(b) && printable(b)
}

// unframed takes a framing off all packets that have it. Few must not; they are messages about the transfer, or none of it.
func (t transfer) unframed(f framing) (ways [][]transfer) {
	read, good, odd := make([]unwrapped, len(t.members)), 0, 0
	has := make([]bool, len(t.members))
	for i, c := range t.members {
		if read[i], has[i] = f.apply(c); has[i] {
			if has[i] = !read[i].odd || !read[i].names(c); !has[i] {
				continue
			}
			good++
			odd += int(btof(read[i].odd))
		}
	}
	if good < 3 || 10*good < 8*len(t.members)-40 {
		return nil
	}
	if way := t.taken(f, read, has); way != nil {
		ways = append(ways, way)
	}
	if odd == 0 || odd > 4 {
		return ways
	}
	for i := range has {
		has[i] = has[i] && !read[i].odd
	}
	if way := t.taken(f, read, has); way != nil {
		ways = append(ways, way)
	}
	return ways
}

// taken makes transfers of what the packets that have the framing hold: several, where the count begins anew with other pieces.
func (t transfer) taken(f framing, read []unwrapped, has []bool) (out []transfer) {
	counter := slices.IndexFunc(f.marks, func(m mark) bool { return m.role == countRole })
	var rest, members []Candidate
	var values []uint64
	for i, c := range t.members {
		if !has[i] {
			rest = append(rest, c)
			continue
		}
		r := read[i]
		c.Value, c.Wire = c.Value[r.from:max(r.from, min(r.to, len(c.Value)))], r.to-r.from
		members, values = append(members, c), append(values, uint64(r.place))
	}
	out = []transfer{{members: members}}
	if counter >= 0 {
		m := f.marks[counter]
		if out = byCount(members, m.places(values)); out == nil {
			return nil
		}
	}
	for i := range out {
		out[i].name, out[i].framing, out[i].steps = t.name, &f, append(slices.Clone(t.steps), f.words())
		out[i].left = len(rest)
		if f.bits < sureFraming {
			out[i].doubt++
		}
	}
	if counter >= 0 && len(out) == 1 {
		out[0].lacks = f.lacking(out[0])
	}
	if name := nameOf(rest); name != "" && len(out) == 1 {
		out[0].name = name
	}
	return out
}

// places are counts on one line, upwards by one.
func (m mark) places(values []uint64) []int64 {
	all := make([]int, len(values))
	for i := range all {
		all[i] = i
	}
	out := line(m.script, values, all)
	for i := range out {
		if out[i] /= max(m.step, -m.step); m.step < 0 {
			out[i] = -out[i]
		}
	}
	return out
}

// byCount parts packets into files where the count begins anew with other pieces. It gives nothing if the places do not count.
func byCount(members []Candidate, places []int64) (files []transfer) {
	var out []transfer
	held, current := map[int64]int{}, transfer{}
	lowest := slices.Min(places)
	for i, c := range members {
		if k, seen := held[places[i]]; seen && !members[k].agrees(c) {
			if places[i] > lowest+1 {
				return nil
			}
			out = append(out, current)
			held, current = map[int64]int{}, transfer{}
		}
		held[places[i]] = i
		current.members, current.place = append(current.members, c), append(current.place, places[i])
	}
	for _, t := range append(out, current) {
		files = append(files, t.bySession()...)
	}
	for _, t := range files {
		if len(files) > 8 || !mostlyFollow(t.place) {
			return nil
		}
	}
	return files
}

// bySession parts packets whose counts lie far apart, and begin low in their last byte: the bytes before that are something else.
func (t transfer) bySession() (out []transfer) {
	sorted := slices.Clone(t.place)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	bounds := []int64{}
	for i, p := range sorted {
		if i == 0 || p-sorted[i-1] > max(255, 4*int64(len(sorted))) {
			if p&0xff > 1 {
				return []transfer{t}
			}
			bounds = append(bounds, p)
		}
	}
	if len(bounds) < 2 {
		return []transfer{t}
	}
	out = make([]transfer, len(bounds))
	for i, c := range t.members {
		k := sort.Search(len(bounds), func(k int) bool { return bounds[k] > t.place[i] }) - 1
		out[k].members, out[k].place = append(out[k].members, c), append(out[k].place, t.place[i])
	}
	return out
}

// mostlyFollow tells whether most places follow another.
func mostlyFollow(places []int64) bool {
	sorted := slices.Clone(places)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	follows := 0
	for i := 1; i < len(sorted); i++ {
		follows += int(btof(sorted[i] == sorted[i-1]+1))
	}
	return 3*follows >= 2*(len(sorted)-1) && 2*len(sorted) >= len(places)
}

// lacking tells whether a number that all packets have, of pieces or of bytes, says that there are more of them. One that is equal to what
// there is says that nothing is missing.
func (f framing) lacking(t transfer) string {
	pieces, all := slices.Max(t.place)-min(slices.Min(t.place), 1)+1, int64(0)
	held := map[int64]bool{}
	for i, c := range t.members {
		if !held[t.place[i]] {
			held[t.place[i]] = true
			all += int64(c.Wire)
		}
	}
	var more int64
	for _, gap := range f.constants() {
		for at := range gap {
			for _, x := range scripts {
				v, _, ok := x.at(gap, at)
				n := int64(min(v, 1<<40))
				switch {
				case !ok || x.width == 1 || at > 0 && x.base != 0 && digit(gap[at-1], x.base):
				case n == pieces || n == pieces-1 || n == all && n > 255:
					return ""
				case more == 0 && n > pieces && n <= 2*pieces && x.base != 16:
					more = n
				}
			}
		}
	}
	if more == 0 {
		return ""
	}
	return fmt.Sprintf("Each packet holds the number %d, which may be that of the pieces: then at least %d are missing at the end.", more, more-pieces)
}

// constants are the runs of bytes before the piece that all packets share.
func (f framing) constants() (out [][]byte) {
	gaps := [][]int16{f.after}
	for _, m := range f.marks {
		gaps = append(gaps, m.gap)
	}
	for _, gap := range gaps {
		var run []byte
		for _, c := range append(slices.Clone(gap), -1) {
			if c >= 0 {
				run = append(run, byte(c))
				continue
			}
			if len(run) > 0 {
				out = append(out, run)
			}
			run = nil
		}
	}
	return out
}
