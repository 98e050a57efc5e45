package recover

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"icmpsift/ingest/payload"
)

// fromNumbers reads a number field. Packets of several senders between the same hosts are told apart by what each keeps to.
func fromNumbers(members []Candidate, c Carrier, o Options) (out []Found) {
	used := map[int64]bool{}
	for _, part := range byHabit(members, c) {
		if mostly(part, used) {
			continue
		}
		f, ok := fromRun(part, c, o)
		if !ok {
			continue
		}
		for _, m := range part {
			used[m.Number] = true
		}
		if out = append(out, f...); len(out) >= maxOfStream {
			return out[:maxOfStream]
		}
	}
	if len(out) == 0 && !o.Required {
		return plainly(members, c, o)
	}
	return out
}

// mostly tells whether a fifth or more of the packets are used already.
func mostly(part []Candidate, used map[int64]bool) bool {
	n := 0
	for _, m := range part {
		n += int(btof(used[m.Number]))
	}
	return 5*n >= len(part) && n > 0
}

// fromRun reads the numbers of one sender in every way there is, and gives the first that is believable.
func fromRun(members []Candidate, c Carrier, o Options) (out []Found, ok bool) {
	if c.kind == gap {
		return fromGaps(members, c, o)
	}
	n := numbersOf(orderedFor(members, c, o.Order))
	if c.steps && n.counting() {
		n, c.Name = n.between(), c.Name+" steps"
	}
	n, c.Name = n.freed(c)
	if len(n.values) < leastNumbers || n.kinds < 2 || n.counting() {
		return nil, false
	}
	if out = n.surest(n.views(c), n.stream(n.plainView(c), 8).Bytes, o); out != nil {
		return out, true
	}
	return n.alien(c, o)
}

// fromGaps reads the time between packets: as short and long, or on several levels.
func fromGaps(members []Candidate, c Carrier, o Options) (out []Found, ok bool) {
	if n, two := gapsOf(sequence{members: members, order: ByTime}); two {
		if out = n.surest(bitViews(c.Name, func(v uint32) uint32 { return v }), nil, o); out != nil {
			return out, true
		}
	}
	if n, several := levelsOf(members); several {
		out = n.surest(n.levelViews(c.Name), nil, o)
	}
	return out, out != nil
}

// surest reads numbers in every way of a list: the first that gives a file, else the one that reads best. What reads as text because a base
// or a key was taken off does not stand against plain bytes that are clear as they are.
func (n numbers) surest(all []view, plain []byte, o Options) (out []Found) {
	top := -1e18
	for i, v := range all {
		for _, group := range []int{8, 7} {
			if group == 7 && v.bits != 1 {
				continue
			}
			got := n.try(v, group, i < 4 && !v.fitted && v.bits >= 4, o)
			if got == nil {
				continue
			}
			if got[0].Verdict.grade > text {
				return got
			}
			if (v.fitted && v.bits == 8 || got[0].underKey()) && !got[0].Verdict.overrides(plain, got[0].Bytes) {
				continue
			}
			if r := reads(got[0].Bytes); r > top {
				top, out = r, got
			}
		}
	}
	return out
}

// try reads the numbers in one way; nil if what comes of it proves nothing. Unless it is one of the plain ways, encodings that leave no
// trace, such as a key, are not looked for.
func (n numbers) try(v view, group int, hard bool, o Options) []Found {
	s := n.stream(v, group)
	if len(s.Bytes) < leastText || counts(s.Bytes[:min(len(s.Bytes), 1024)]) || !hard && !hinted(s.Bytes) {
		return nil
	}
	layers := []layer{{bytes: s.Bytes, gaps: s.Gaps, verdict: Judge(s.Bytes)}}
	if !o.Plain {
		layers, _ = unwrapNumbers(s.Bytes, s.Gaps, o.Decode)
	}
	if !v.proves(s, layers) && !n.ordered(v, group, s) {
		return nil
	}
	base := Found{Stream: s, Carrier: v.name}
	base.Why = append(base.Why, v.words(group))
	out := readings(base, layers, nil, o)
	for i := range out {
		out[i].Carrier, out[i].Believable = v.name, true
	}
	return out
}

// Bounds of what the order of numbers proves.
const (
	shuffles     = 4
	leastOrdered = 24.0 // bits, of which the number of views takes six
	leastLegible = 18.0 // bits, where the data begins with the first number and reads as text by its letters: then few views are left
	mostShuffled = 4096 // numbers that are shuffled
)

// ordered tells whether bytes that are put together of parts are clear only because the parts come in this order: shuffled, they are not.
// What a field holds by chance, or by the turns that paths take, is as readable in one order as in another.
func (n numbers) ordered(v view, group int, s Stream) bool {
	if v.bits%8 == 0 || !clear(s.Bytes) || count(s.Bytes).distinct < leastKinds {
		return false
	}
	few := numbers{sequence: sequence{members: slices.Clone(n.members), order: ByTime}, values: slices.Clone(n.values), width: n.width, most: n.most}
	few.members, few.values = few.members[:min(len(few.members), mostShuffled)], few.values[:min(len(few.values), mostShuffled)]
	good, all := 1, 2
	rnd := rand.New(rand.NewPCG(1, 2))
	for range shuffles {
		rnd.Shuffle(len(few.values), func(i, k int) { few.values[i], few.values[k] = few.values[k], few.values[i] })
		b := few.stream(v, group).Bytes
		good, all = good+readable(b), all+len(b)
	}
	least := leastOrdered
	if v.skip == 0 && group == 8 && legible(s.Bytes) && prose(s.Bytes) > 2*float64(len(s.Bytes)) {
		least = leastLegible
	}
	return -math.Log2(float64(good)/float64(all))*float64(min(len(s.Bytes), mostShuffled)) >= least
}

// readable counts the bytes that are printable ASCII, line ends, or of whole characters of UTF-8.
func readable(b []byte) (n int) {
	for i := 0; i < len(b); {
		r, k := utf8.DecodeRune(b[i:])
		if payload.Text(b[i:i+k]) && (r != utf8.RuneError || k > 1) {
			n += k
		}
		i += k
	}
	return n
}

// words says how a view reads.
func (v view) words(group int) string {
	first := "the high bits first"
	if v.low {
		first = "the low bits first"
	}
	switch {
	case v.bits == 1:
		return fmt.Sprintf("Each packet gives one bit, %d to a character, %s.", group, first)
	case v.bits < 8:
		return fmt.Sprintf("Each packet gives %d bits, %s.", v.bits, first)
	}
	return fmt.Sprintf("Each packet gives %d bits.", v.bits)
}

// byHabit gives the packets as a whole, and parts of them that some habit of their sender tells from the rest.
func byHabit(members []Candidate, c Carrier) (out [][]Candidate) {
	out = append(out, members)
	for _, of := range []func(Candidate) int{
		func(c Candidate) int { return int(c.Ident) },
		func(c Candidate) int { return c.Shape.Length },
		func(c Candidate) int { return int(btof(c.Ordinary)) },
		func(c Candidate) int { return int(c.Shape.TTL) },
		func(c Candidate) int { return int(c.Shape.TOS)<<1 | int(btof(c.Shape.DontFragment)) },
	} {
		parts, order := map[int][]Candidate{}, []int{}
		for _, m := range members {
			k := of(m)
			if parts[k] == nil {
				order = append(order, k)
			}
			if len(order) > 64 {
				break
			}
			parts[k] = append(parts[k], m)
		}
		if len(order) < 2 || len(order) > 64 {
			continue
		}
		slices.SortStableFunc(order, func(a, b int) int { return len(parts[b]) - len(parts[a]) })
		for _, k := range order[:min(len(order), 4)] {
			if len(parts[k]) >= leastNumbers {
				out = append(out, parts[k])
			}
		}
	}
	return out
}

// byIdentifierAlone reads the identifier as a counter whatever the sequence number is.
func byIdentifierAlone(members []Candidate) (reading, bool) {
	same := slices.Clone(members)
	for i := range same {
		same[i].Seq = 0
	}
	return byIdentifier(same)
}
