package recover

import "slices"

// spread keeps what came from several hosts' packets that belong together beyond doubt: the file is whole by its own structure; or it makes
// sense, its pieces are not of one form as a monitor's are, and one count goes over all of them without a hole, or they went to one host
// after the other in turn. Else each host's packets are something of their own.
func spread(all []Found, members []Candidate) []Found {
	by := map[int64]Candidate{}
	for _, c := range members {
		by[c.Number] = c
	}
	return slices.DeleteFunc(all, func(f Found) bool {
		var hosts []int
		t := transfer{}
		for _, p := range f.Pieces {
			hosts, t.members = append(hosts, by[p.Number].Host), append(t.members, by[p.Number])
		}
		first := slices.IndexFunc(hosts, func(h int) bool { return h != hosts[0] })
		return first < 0 || !f.Vouched && !(f.sensible() && t.unlike() && (f.counted(hosts) || inTurn(hosts) && f.even()))
	})
}

// sensible tells whether bytes are a file that opens, or text such as people and programs write.
func (f Found) sensible() bool { return f.Verdict.grade > text || fluent(f.Bytes, 60, 8) }

// unlike tells whether pieces have little in common with the one before, place by place.
func (t transfer) unlike() bool {
	all := 0
	for _, c := range t.members {
		all += len(c.Value)
	}
	return 5*t.likeness() < 2*all
}

// counted tells whether one count goes over the pieces of all hosts, each of which has several.
func (f Found) counted(hosts []int) bool {
	of := map[int]int{}
	for _, h := range hosts {
		of[h]++
	}
	for _, n := range of {
		if n < 2 {
			return false
		}
	}
	return (f.Order == BySeq || f.Order == ByIndex) && len(f.Gaps) == 0
}

// leastRounds is how often it must have been each host's turn.
const leastRounds = 3

// inTurn tells whether hosts follow each other in the same order again and again.
func inTurn(hosts []int) bool {
	kinds := map[int]bool{}
	for _, h := range hosts {
		kinds[h] = true
	}
	n, off := len(kinds), 0
	for i := n; i < len(hosts); i++ {
		off += int(btof(hosts[i] != hosts[i-n]))
	}
	return len(hosts) >= leastRounds*n && 20*off <= len(hosts)-n
}

// even tells whether all pieces but the last have one size.
func (f Found) even() bool { return f.size > 0 }
