package recover

import (
	"fmt"
	"slices"
)

// mostOtherwise bounds the bytes of files for which other packets and orders are tried.
const mostOtherwise = 4 << 20

// way is packets in an order that is not the likeliest.
type way struct {
	sequence
	why string
}

// otherwise gives other choices of the packets, and other orders of them: of an order that is not the sender's, or of packets that are
// none of the file's, only the file's own structure tells.
func (q sequence) otherwise(members []Candidate) (out []way) {
	size := 0
	for _, c := range members {
		size += len(c.Value)
	}
	if size > mostOtherwise || len(q.stream().Gaps) > 0 { // of what is lost, no order makes a whole
		return nil
	}
	if once, n := q.withoutResends(); n > 0 {
		out = append(out, way{once, fmt.Sprintf("%d packets that held the same as the one before, under a number of their own, were left out as sent again: only so is the file whole.", n)})
	}
	for _, choice := range chosen(members) {
		for _, o := range orders(choice.members) {
			if !o.same(q) {
				out = append(out, way{o.sequence, choice.why + o.why})
			}
			if once, n := o.withoutResends(); n > 0 {
				out = append(out, way{once, fmt.Sprintf("%s%s %d packets that held the same as the one before were left out as sent again.", choice.why, o.why, n)})
			}
		}
	}
	return out
}

// same tells whether the packets and their order are the same.
func (q sequence) same(o sequence) bool {
	return slices.EqualFunc(q.members, o.members, func(a, b Candidate) bool { return a.Number == b.Number })
}

// withoutResends drops packets that hold the same as the one before: who waits for an answer to each piece sends it again if none comes.
func (q sequence) withoutResends() (out sequence, n int) {
	out = sequence{order: q.order, repeats: q.repeats}
	for i, c := range q.members {
		if k := len(out.members) - 1; i > 0 && c.Wire >= leastRepeat && out.members[k].agrees(c) {
			n++
			continue
		}
		out.members = append(out.members, c)
	}
	out.repeats += n
	return out, n
}

// choice is some of the packets.
type choice struct {
	members []Candidate
	why     string
}

// chosen gives all packets, and those that are no known ping's.
func chosen(members []Candidate) []choice {
	out := []choice{{members, ""}}
	alien := slices.DeleteFunc(slices.Clone(members), func(c Candidate) bool { return c.Ordinary })
	if n := len(members) - len(alien); n > 0 && len(alien) > 1 {
		out = append(out, choice{alien, fmt.Sprintf("%d ordinary pings of the same sender were left out: only so is the file whole. ", n)})
	}
	return out
}

// orders are those that packets can have been sent in: by sequence number, in either byte order, by identifier, and as they came.
func orders(members []Candidate) (out []way) {
	by := func(why string, number func(c Candidate) uint16) {
		list := slices.Clone(members)
		for i := range list {
			list[i].Seq = number(list[i])
		}
		r := read(list, false)
		if 10*distinct(r.place) < 9*len(members) {
			return
		}
		q := sequence{order: BySeq}
		for _, i := range r.order {
			q.members = append(q.members, members[i])
		}
		out = append(out, way{q, why + ": only so is the file whole."})
	}
	by("Put in order by sequence number", func(c Candidate) uint16 { return c.Seq })
	by("Put in order by sequence number, the low byte first", func(c Candidate) uint16 { return c.Seq<<8 | c.Seq>>8 })
	by("Put in order by identifier", func(c Candidate) uint16 { return c.Ident })
	by("Put in order by identifier, the low byte first", func(c Candidate) uint16 { return c.Ident<<8 | c.Ident>>8 })
	return append(out, way{sequence{members: members, order: ByTime}, "Put in order of time: only so is the file whole."})
}

func distinct(places []int64) int {
	s := slices.Clone(places)
	slices.Sort(s)
	return len(slices.Compact(s))
}
