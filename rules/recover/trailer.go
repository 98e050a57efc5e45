package recover

import "slices"

// behindPiece is the step that takes what stands behind each piece to its front, where framings are looked for.
const behindPiece = "a count behind each piece"

// deepestTrailer is how many bytes, such as a check sum, may stand behind a count that stands behind the pieces.
const deepestTrailer = 4

// trailed gives the packets with what stands behind their pieces before them, where a count is in it; nil if none is.
func (t transfer) trailed() []Candidate {
	if len(t.members) < manyPieces || t.place != nil || t.textFrom(0) {
		return nil
	}
	for _, x := range scripts {
		if x.base != 0 || x.width > 4 || x.width == 3 {
			continue
		}
		for over := range deepestTrailer + 1 {
			if t.countsBehind(x, over) {
				return turnedRound(t.members, x.width+over)
			}
		}
	}
	return nil
}

// countsBehind tells whether the number that ends so many bytes before the end of each packet counts.
func (t transfer) countsBehind(x script, over int) bool {
	follows := 0
	values := make([]uint64, len(t.members))
	for i, c := range t.members {
		at := len(c.Value) - over - x.width
		if at < 1 || len(c.Value) != c.Wire {
			return false
		}
		values[i] = x.read(c.Value[at:])
		if i > 0 {
			follows += int(btof((values[i]-values[i-1])&(1<<(8*x.width)-1) == 1))
		}
		if i == glanced && 2*follows < i {
			return false
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	return 10*follows >= 7*(len(t.members)-1) && 2*len(values) > len(t.members) && (x.width > 1 || values[0] <= 1)
}

// turnedRound gives the packets with their last n bytes first.
func turnedRound(members []Candidate, n int) []Candidate {
	out := slices.Clone(members)
	for i, c := range out {
		at := len(c.Value) - n
		out[i].Value = slices.Concat(c.Value[at:], c.Value[:at])
	}
	return out
}
