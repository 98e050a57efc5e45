package recover

// most is the share of anchors that must agree before a feature counts as the sender's habit.
const most = 0.95

// belonging picks the packets that were sent by what sent the anchors: they share its habits (what nearly all anchors
// have in common), and lie in the anchors' run of time. So a file's zero bytes, which look like echo replies, are taken,
// and the same host's real pings are not.
func belonging(all []Candidate, o Options) []Candidate {
	var anchors []Candidate
	first, last := -1, -1
	for i, c := range all {
		if c.Anchor {
			if anchors = append(anchors, c); first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return nil
	}
	h := learn(anchors, o.Field)
	limit := reach(anchors)
	for i := first - 1; i >= 0 && all[first].Time-all[i].Time <= limit; i-- {
		if h.fits(all[i]) {
			first = i
		}
	}
	for i := last + 1; i < len(all) && all[i].Time-all[last].Time <= limit; i++ {
		if h.fits(all[i]) {
			last = i
		}
	}
	var out []Candidate
	for _, c := range all[first : last+1] {
		if c.Anchor || h.fits(c) {
			out = append(out, c)
		}
	}
	return out
}

// habits are the features that nearly all anchors share; nil means they vary and say nothing.
type habits struct {
	ttl, tos, code *int
	dontFragment   *int
	length, tail   *int // one or the other must agree: some tools fill in what a type prescribes, others do not
	idents         map[uint16]bool
	ordinary       bool // most anchors look like known pings but for their type: that others do says nothing
	size           *int // of their bytes: a piece that looks like a ping, as zeros behind a header may, has it too
}

func learn(anchors []Candidate, field bool) (h habits) {
	h.ttl = common(anchors, func(c Candidate) int { return int(c.Shape.TTL) })
	h.tos = common(anchors, func(c Candidate) int { return int(c.Shape.TOS) })
	h.code = common(anchors, func(c Candidate) int { return int(c.Shape.Code) })
	h.dontFragment = common(anchors, func(c Candidate) int {
		if c.Shape.DontFragment {
			return 1
		}
		return 0
	})
	if field {
		h.tail = common(anchors, func(c Candidate) int { return c.Shape.Tail })
		h.length = common(anchors, func(c Candidate) int { return c.Shape.Length })
	}
	idents, ordinary := map[uint16]bool{}, 0
	for _, c := range anchors {
		idents[c.Ident] = true
		if c.Ordinary {
			ordinary++
		}
	}
	if kept(len(idents), len(anchors)) {
		h.idents = idents
	}
	h.ordinary = 2*ordinary > len(anchors)
	if !field {
		h.size = common(anchors, func(c Candidate) int { return c.Wire })
	}
	return h
}

// common gives the value that nearly all anchors have, nil if there is none.
func common(anchors []Candidate, of func(Candidate) int) *int {
	counts := map[int]int{}
	for _, c := range anchors {
		counts[of(c)]++
	}
	for v, n := range counts {
		if float64(n) >= most*float64(len(anchors)) {
			return &v
		}
	}
	return nil
}

func (h habits) fits(c Candidate) bool {
	df := 0
	if c.Shape.DontFragment {
		df = 1
	}
	if !same(h.ttl, int(c.Shape.TTL)) || !same(h.tos, int(c.Shape.TOS)) || !same(h.code, int(c.Shape.Code)) || !same(h.dontFragment, df) || !h.sized(c) {
		return false
	}
	if h.idents != nil {
		return h.idents[c.Ident]
	}
	return h.ordinary || !c.Ordinary || h.size != nil && *h.size == c.Wire
}

func same(want *int, got int) bool { return want == nil || *want == got }

func (h habits) sized(c Candidate) bool {
	if h.length == nil || h.tail == nil {
		return same(h.length, c.Shape.Length) && same(h.tail, c.Shape.Tail)
	}
	return *h.length == c.Shape.Length || *h.tail == c.Shape.Tail
}
