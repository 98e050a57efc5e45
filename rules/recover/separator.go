package recover

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
)

// separators are what tools put between the fields before a piece, those that text has least first.
var separators = []string{"\x1f", "\x1e", "\x1d", "\x1c", "|!|", "|||", "::::", ":::", "||", "::", "$$", "##", "~~", "\x00", "|", "~", "#", "\t", ";", ":", "/", ","}

// firstCommon is the first of the separators that tables and configuration use, too.
const firstCommon = 14

// ofLines tells whether packets end where lines do.
func (t transfer) ofLines() bool {
	n := 0
	for _, c := range t.members {
		if bytes.HasSuffix(c.Value, []byte("\n")) {
			n++
		}
	}
	return 4*n >= 3*len(t.members)
}

// Bounds of headers made of fields.
const (
	maxFields   = 6
	longestName = 128
)

// header is the fields before a piece.
type heading struct {
	fields []string
	data   int // where the piece begins
}

// separated reads packets that begin with fields: a name, a session, an index, a total, and the like. The index must count. Files
// are told apart by the fields that do not.
func separated(t transfer) []transfer {
	if len(t.members) < 3 || t.place != nil {
		return nil
	}
	lines := t.ofLines()
	for i, sep := range separators {
		if lines && i >= firstCommon {
			return nil // rows of a table, one a packet
		}
		for n := min(maxFields, bytes.Count(t.members[len(t.members)/2].Value, []byte(sep))); n >= 1; n-- {
			if out := t.split(sep, n); out != nil {
				return out
			}
		}
	}
	return nil
}

// split reads n fields from each packet. Packets without them, few, are control messages.
func (t transfer) split(sep string, n int) []transfer {
	heads := make([]*heading, len(t.members))
	good := 0
	for i, c := range t.members {
		if h := headingOf(c.Value, sep, n); h != nil {
			heads[i] = h
			good++
		}
	}
	if good < 3 || good < len(t.members)-4 || 10*good < 8*len(t.members) {
		return nil
	}
	index := t.indexField(heads, n)
	if index < 0 || n-1 > index && !t.constantBehind(heads, index, n) {
		return nil
	}
	return t.grouped(heads, index)
}

// headingOf cuts n fields off, each short and printable and not empty.
func headingOf(b []byte, sep string, n int) *heading {
	h := &heading{}
	for range n {
		i := bytes.Index(b[h.data:], []byte(sep))
		if i < 1 || i > longestName || !printable(b[h.data:h.data+i]) {
			return nil
		}
		h.fields = append(h.fields, string(b[h.data:h.data+i]))
		h.data += i + len(sep)
	}
	return h
}

// indexField finds the field that counts up by one within each set of the others; -1 if none does.
func (t transfer) indexField(heads []*heading, n int) int {
	for at := range n {
		if t.countsAt(heads, at) {
			return at
		}
	}
	return -1
}

func (t transfer) countsAt(heads []*heading, at int) bool {
	groups, others := map[string]map[int64]bool{}, 0
	for _, h := range heads {
		if h == nil {
			continue
		}
		v, ok := h.number(at)
		if !ok {
			if others++; others > maxControl {
				return false
			}
			continue
		}
		key := h.key(at)
		if groups[key] == nil {
			groups[key] = map[int64]bool{}
		}
		groups[key][v] = true
	}
	if len(groups) > 16 || len(groups) == 0 || len(heads) < 3+others {
		return false
	}
	for _, g := range groups {
		if !consecutive(g) {
			return false
		}
	}
	return true
}

// maxControl bounds the packets among those of a file that say something about it: that it begins, and that it ends.
const maxControl = 2

// number reads a field as a number.
func (h *heading) number(at int) (int64, bool) {
	v, err := strconv.ParseInt(h.fields[at], 10, 32)
	return v, err == nil && v >= 0
}

func (h *heading) counted(at int) bool { _, ok := h.number(at); return ok }

// key joins the fields that do not count.
func (h *heading) key(index int) (s string) {
	for i, f := range h.fields {
		if i != index {
			s += f + "\x00"
		}
	}
	return s
}

// consecutive tells whether numbers begin near zero and mostly follow each other.
func consecutive(g map[int64]bool) bool {
	lowest, highest := int64(1<<40), int64(0)
	for v := range g {
		lowest, highest = min(lowest, v), max(highest, v)
	}
	return len(g) >= 2 && lowest <= 1+int64(len(g))/2 && highest-lowest+1 <= int64(len(g))*3/2+1
}

// constantBehind tells whether the fields behind the index are the same in nearly all packets of a file, as totals are; else they
// belong to the data.
func (t transfer) constantBehind(heads []*heading, index, n int) bool {
	for at := index + 1; at < n; at++ {
		kinds := map[string]int{}
		good := 0
		for _, h := range heads {
			if h != nil {
				kinds[h.fields[at]]++
				good++
			}
		}
		if len(kinds) > 8 || 3*len(kinds) > good+2 {
			return false
		}
	}
	return true
}

// grouped parts the packets by the fields that do not count, and numbers them by the one that does.
func (t transfer) grouped(heads []*heading, index int) (out []transfer) {
	where := map[string]int{}
	for i, c := range t.members {
		h := heads[i]
		if h == nil {
			continue
		}
		v, ok := h.number(index)
		if !ok {
			continue
		}
		key := h.key(index)
		k, known := where[key]
		if !known {
			k = len(out)
			where[key] = k
			out = append(out, transfer{name: nameIn(h.fields, index)})
		}
		c.Value, c.Wire = c.Value[h.data:], c.Wire-h.data
		if c.Wire > 0 && !ends(c.Value) {
			out[k].members, out[k].place = append(out[k].members, c), append(out[k].place, v)
		}
	}
	t.nameFromControl(heads, out, index)
	return slices.DeleteFunc(out, func(t transfer) bool { return len(t.members) == 0 })
}

// nameIn finds a file's name among the fields; else the first that is no number.
func nameIn(fields []string, index int) string {
	for i, f := range fields {
		if m := fileName.FindStringSubmatch(f); m != nil && i != index {
			return m[1]
		}
	}
	return ""
}

// nameFromControl takes a single file's name from a packet without the fields.
func (t transfer) nameFromControl(heads []*heading, out []transfer, index int) {
	if len(out) != 1 || out[0].name != "" {
		return
	}
	for i, h := range heads {
		if h == nil || !h.counted(index) {
			if m := fileName.FindSubmatch(t.members[i].Value); m != nil {
				out[0].name = string(m[1])
				return
			}
		}
	}
}

// byPlace sorts numbered members, drops repeats and gives the places left.
func byPlace(members []Candidate, place []int64) ([]Candidate, []int64, int) {
	r := reading{place: place, order: make([]int, len(members))}
	for i := range r.order {
		r.order[i] = i
	}
	slices.SortStableFunc(r.order, func(a, b int) int { return cmp.Compare(place[a], place[b]) })
	return r.sorted(members)
}
