package recover

// openingBytes is as much of a file as its signature needs.
const openingBytes = 512

// bySilence parts packets where, after a silence, the next file begins: its first bytes are a known signature. A silence
// alone says nothing, because a slow transfer pauses too.
func bySilence(members []Candidate) [][]Candidate {
	limit, start := reach(members), 0
	var out [][]Candidate
	for i := 1; i < len(members); i++ {
		if members[i].Time-members[i-1].Time > limit && known(opening(members[i:])) != "" {
			out = append(out, members[start:i])
			start = i
		}
	}
	return append(out, members[start:])
}

// opening joins the first pieces, as many as a signature needs.
func opening(members []Candidate) (b []byte) {
	for _, c := range members {
		if b = append(b, c.Value...); len(b) >= openingBytes {
			break
		}
	}
	return b
}
