package recover

import (
	"fmt"
	"slices"
	"sort"
)

// fromSender reads what one sender's packets hold: as they are, and without the ordinary pings among them, with which a sender hides its
// pieces. What makes more sense comes back; where both make as much, the pings are no pieces.
func fromSender(part []Candidate, c Carrier, o Options) []Found {
	found := fromRuns(part, c, o)
	bare := undisguised(part)
	if bare == nil || c.Field { // what stands in a field is not judged by what a ping would hold there
		return found
	}
	other := fromRuns(bare, c, o)
	if sense(other) < sense(found) {
		return found
	}
	for i := range other {
		other[i].Why = append([]string{fmt.Sprintf("Left out: %d ordinary pings of the same sender among them.", len(part)-len(bare))}, other[i].Why...)
	}
	return other
}

// sense is how much sense the likeliest readings make, by their bytes.
func sense(found []Found) float64 {
	sum, all := 0.0, 0.0
	for _, f := range found {
		if n := float64(len(f.Bytes)); f.Reading == 0 {
			sum, all = sum+n*f.score(), all+n
		}
	}
	if all == 0 {
		return -1
	}
	return sum / all
}

// undisguised gives the packets without ordinary pings; nil if there are none, if most that surely belong look like pings, nearly or altogether, or if the last
// packet alone does, which may be a short piece in a packet that was filled up. Where one
// count goes over all of them, the packets left are counted anew, so that the pings leave no holes.
func undisguised(part []Candidate) (kept []Candidate) {
	anchors, ordinary := 0, 0
	for _, c := range part {
		anchors += int(btof(c.Anchor))
		ordinary += int(btof(c.Anchor && c.Ordinary))
		if !c.Ordinary {
			kept = append(kept, c)
		}
	}
	if n := len(part) - len(kept); len(kept) == 0 || n == 0 || n == 1 && part[len(part)-1].Ordinary || 2*ordinary > anchors || near(part, kept) {
		return nil
	}
	if r, counts := numbering(part); counts {
		r.closeUp(part, kept)
	}
	return kept
}

// near tells whether most packets are ordinary pings but for some of their bytes: then those that are so altogether carry what happens to stand there in
// a ping.
func near(part, kept []Candidate) bool {
	like := 0
	i := slices.IndexFunc(part, func(c Candidate) bool { return c.Ordinary })
	for _, c := range kept {
		same := 0
		for k := range min(len(c.Value), len(part[i].Value)) {
			same += int(btof(c.Value[k] == part[i].Value[k]))
		}
		like += int(btof(c.Wire == part[i].Wire && 2*same > len(c.Value)))
	}
	return 10*like >= 9*len(kept)
}

// closeUp numbers what was kept as if the rest had not been sent. Where a number stands for both, there are two counts, and nothing is
// to be done.
func (r reading) closeUp(part, kept []Candidate) {
	var gone, stay []int64
	for i, c := range part {
		if c.Ordinary {
			gone = append(gone, r.place[i])
		} else {
			stay = append(stay, r.place[i])
		}
	}
	slices.Sort(gone)
	gone = slices.Compact(gone)
	for _, p := range stay {
		if _, both := slices.BinarySearch(gone, p); both {
			return
		}
	}
	for i, p := range stay {
		before := sort.Search(len(gone), func(k int) bool { return gone[k] > p })
		kept[i].Seq = uint16(p - int64(before))
	}
}
