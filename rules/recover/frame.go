package recover

import "slices"

// transfer is the packets of one file, or of what may be one: in order of time until places say otherwise.
type transfer struct {
	members []Candidate
	place   []int64 // of each member, where the packets number themselves; nil where they do not
	name    string
	framing *framing // what was taken off that was inferred from all packets, nil if nothing was
	steps   []string // what was taken off, in words
	lacks   string   // what tells that pieces are missing at the end, in a sentence
	left    int      // packets that do not have the framing
	doubt   int      // steps that only what came of them can justify
}

// step is a way to take off what a tool put around its pieces. It gives what is left, in one or several files; nothing if it
// does not apply. A sure step stands by itself; of the others only those count after which the bytes make more sense.
type step struct {
	name string
	sure bool
	take func(t transfer) []transfer
}

// steps in the order in which they are tried; one may follow another.
var steps = []step{
	{"fields of JSON", true, inJSON},
	{"marks of a known tool", true, toolMarked},
	{"digest", true, digested},
	{"repeated pattern", true, repeated},
	{"time stamp", true, stamped},
	{"a figure in each packet", true, figured},
	{"separators", true, separated},
	{"markers", true, marked},
	{"base64 packet by packet", true, eachEncoded},
	{"index", true, indexed},
	{"messages about the file", true, closed},
	{"length first", true, sized},
	{"tag", true, untagged},
	{"compression packet by packet", true, eachUnpacked},
	{"first bytes", false, headed},
	{"shared first bytes", false, sharing},
	{"last bytes", false, tailed},
	{"fixed columns", false, columned},
	{"a key that begins anew in each packet", false, keyed},
}

// maxReadings bounds the ways of reading that are followed for one stream.
const maxReadings = 24

// unframe gives the ways to read the pieces of a payload carrier: as they are, and with what tools put around them taken off. Each
// way is a set of files.
func unframe(t transfer) (ways [][]transfer) {
	ways = [][]transfer{{t}}
	if toolMarked(t) == nil { // what a tool is known to write need not be inferred
		ways = append(ways, inferred(t)...)
	}
	for _, s := range steps {
		for _, way := range slices.Clone(ways) {
			next, applied := s.apply(way)
			switch {
			case !applied || len(ways) >= maxReadings:
			case s.sure:
				ways[slices.IndexFunc(ways, func(w []transfer) bool { return &w[0] == &way[0] })] = next
			default:
				ways = append(ways, next)
			}
		}
	}
	return ways
}

// inferred gives the ways to read a stream with a framing taken off. Packets that end where lines do, or repeat a pattern or each byte, have
// none.
func inferred(t transfer) (ways [][]transfer) {
	if t.ofLines() && t.textFrom(0) || repeated(t) != nil || t.stutters() {
		return nil
	}
	from := []transfer{t}
	if got := stamped(t); got != nil {
		got[0].steps = []string{"time stamp"}
		from = append(from, got[0])
	}
	if members := t.inText(); members != nil {
		from = append(from, transfer{members: members, name: t.name, steps: []string{inText}})
	}
	if members := t.trailed(); members != nil {
		from = append(from, transfer{members: members, name: t.name, steps: []string{behindPiece}})
	}
	for k, t := range from {
		for _, f := range framings(t.members) {
			for _, way := range t.unframed(f) {
				if len(ways) < (k+1)*maxFramings && !slices.ContainsFunc(ways, func(w []transfer) bool { return alike(w, way) }) {
					ways = append(ways, way)
				}
			}
		}
	}
	return ways
}

// inText is the step that takes off the encoding each packet is in.
const inText = "the encoding of each packet"

// alike tells whether two ways give the same pieces.
func alike(a, b []transfer) bool {
	return slices.EqualFunc(a, b, func(x, y transfer) bool {
		return slices.Equal(x.place, y.place) && slices.EqualFunc(x.members, y.members, func(p, q Candidate) bool { return p.Number == q.Number && p.agrees(q) })
	})
}

// follow reads a stream as another was.
func (t transfer) follow(as transfer) []transfer {
	way, names := []transfer{t}, as.steps
	if as.framing != nil {
		switch as.steps[0] {
		case "time stamp":
			if got := stamped(t); got != nil {
				t = got[0]
			}
		case inText:
			if members := t.inText(); members != nil {
				t.members = members
			}
		case behindPiece:
			if members := t.trailed(); members != nil {
				t.members = members
			}
		}
		if ways := t.unframed(*as.framing); len(ways) > 0 {
			way, names = ways[0], names[slices.Index(names, as.framing.words())+1:]
		}
	}
	for _, name := range names {
		i := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
		if next, applied := steps[i].apply(way); applied {
			way = next
		}
	}
	return way
}

// apply takes the step with each file of a way.
func (s step) apply(way []transfer) (next []transfer, applied bool) {
	for _, t := range way {
		got := s.take(t)
		if len(got) == 0 {
			next = append(next, t)
			continue
		}
		applied = true
		for _, n := range got {
			if n.lacks == "" && len(got) == 1 {
				n.lacks = t.lacks
			}
			n.steps, n.framing, n.left = append(slices.Clone(t.steps), s.name), t.framing, t.left
			if n.name == "" {
				n.name = t.name
			}
			if n.doubt = t.doubt; !s.sure {
				n.doubt++
			}
			next = append(next, n)
		}
	}
	return next, applied
}

// shortened gives the members with the first n bytes of each taken off; what is shorter goes.
func shortened(members []Candidate, n int) (out []Candidate) {
	for _, c := range members {
		if len(c.Value) >= n && c.Wire > n {
			c.Value, c.Wire = c.Value[n:], c.Wire-n
			out = append(out, c)
		}
	}
	return out
}

// shortest is the length of the shortest captured piece.
func shortest(members []Candidate) int {
	n := 1 << 30
	for _, c := range members {
		n = min(n, len(c.Value))
	}
	return n
}

// commonLength is the length on the wire that most pieces have, and how many have it.
func commonLength(members []Candidate) (length, n int) {
	counts := map[int]int{}
	for _, c := range members {
		counts[c.Wire]++
	}
	for l, k := range counts {
		if k > n || k == n && l > length {
			length, n = l, k
		}
	}
	return length, n
}

// last is the member that comes last, by the numbers of the packets if they have any.
func (t transfer) last() (at int) {
	order := t.inOrder()
	end := order[len(order)-1].Number
	for i, m := range t.members {
		if t.place == nil && m.Number == end || t.place != nil && t.place[i] > t.place[at] {
			at = i
		}
	}
	return at
}
