package engine

// rounds watches whether packets come in rounds, each by a process of its own: under a new identifier, and with numbers that begin anew.
type rounds struct {
	all     []round
	unalike bool // a round began with another number than the first
	first   uint16
}

// round is how many packets one has, and when it began.
type round struct {
	packets int
	began   int64
}

// maxRounds bounds the rounds that are remembered.
const maxRounds = 1 << 10

// add takes a packet; begins tells whether its identifier is not the one of the packet before.
func (r *rounds) add(begins bool, seq uint16, at int64) {
	if !begins && len(r.all) > 0 {
		r.all[len(r.all)-1].packets++
		return
	}
	if len(r.all) == 0 {
		r.first = seq
	}
	r.unalike = r.unalike || seq != r.first || len(r.all) >= maxRounds
	if len(r.all) < maxRounds {
		r.all = append(r.all, round{1, at})
	}
}

// Least that make a habit.
const (
	leastRounds      = 3
	leastRoundLength = 4
)

// even tells whether the rounds are as long as each other and follow each other at even times, but for packets that were lost: so a test runs on a schedule. The
// last round of a file is as short as what is left of the file.
func (r *rounds) even() bool {
	if r.unalike || len(r.all) < leastRounds {
		return false
	}
	most := 0
	for _, x := range r.all {
		most = max(most, x.packets)
	}
	step := (r.all[len(r.all)-1].began - r.all[0].began) / int64(len(r.all)-1)
	for i, x := range r.all {
		late := x.began - r.all[0].began - int64(i)*step
		if 10*x.packets < 9*most || 10*max(late, -late) > step {
			return false
		}
	}
	return most >= leastRoundLength
}
