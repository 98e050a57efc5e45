package recover

import "bytes"

// sealing is a check sum that was found.
type sealing struct {
	name   string
	behind int  // bytes of it at the packet's end
	pins   bool // it tells where the piece begins
	bits   float64
}

// sealOf looks for a check sum of the piece, or of all that stands before it.
func (s *sample) sealOf(p parse, n, back int) (best sealing, ok bool) {
	probe := s.core[0]
	b := s.members[probe].Value
	from, to := p.at[probe]+n, len(b)-back
	if !s.whole || to-from < 3 || n > deepestSeal {
		return best, false
	}
	take := func(x seal, at, width int, all bool) {
		if bits := s.holds(p, n, back, sealAt{at, len(x.sum), x.name}, width, all); bits > best.bits {
			best, ok = sealing{x.name, width, !all, bits}, true
		}
	}
	for _, x := range s.sealsOf(b, from, to) {
		if at := bytes.Index(b[:from], x.sum); at >= 0 && (len(x.sum) > 1 || at == from-1) {
			take(x, at, 0, false)
		}
	}
	for _, width := range []int{4, 2, 1, 16, 8, 20, 32, 40, 64} {
		for _, start := range []int{from, 0} {
			if to-width <= from {
				continue
			}
			for _, x := range s.sealsOf(b, start, to-width) {
				if len(x.sum) == width && bytes.Equal(x.sum, b[to-width:to]) {
					take(x, to-width, width, start == 0)
				}
			}
		}
	}
	return best, ok
}

// sealsOf gives the check sums of a part of the packet that is probed first.
func (s *sample) sealsOf(b []byte, from, to int) []seal {
	key := [2]int{from, to}
	if s.sums[key] == nil {
		s.sums[key] = seals(b[from:to])
	}
	return s.sums[key]
}

// holds tells how much speaks for a check sum: it must be right in all packets that are looked at.
func (s *sample) holds(p parse, n, back int, x sealAt, behind int, all bool) float64 {
	shown, distinct := 0, map[string]bool{}
	probe := s.core[0]
	for _, i := range s.core[:min(len(s.core), 16)] {
		b := s.members[i].Value
		from, to := p.at[i]+n, len(b)-back-behind
		at := x.at
		if behind > 0 {
			at = to
		} else if at >= p.at[probe] {
			at += p.at[i] - p.at[probe]
		}
		if all {
			from = 0
		}
		if to <= from || at < 0 || at+x.width > len(b) {
			return 0
		}
		sum := b[at : at+x.width]
		if !isSeal(x.name, sum, b[from:to]) {
			return 0
		}
		shown++
		distinct[string(sum)] = true
	}
	if len(distinct) < 2 || x.width == 1 && shown < 6 {
		return 0
	}
	return min(8*float64(x.width)*float64(shown-1), 80)
}
