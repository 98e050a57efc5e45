package recover

import "fmt"

// freed takes off what senders write around data in a number: a count in one of two bytes, or a step that lengths are multiples of. It gives
// what is left, and its name.
func (n numbers) freed(c Carrier) (numbers, string) {
	switch {
	case c.kind == number && c.bits == 0 && n.width == 2:
		for at, shift := range []int{8, 0} {
			if n.byteAt(8-shift).counts() && !walk(n.byteAt(shift).values) {
				return n.byteAt(shift), fmt.Sprintf("%s[%d]", c.Name, at)
			}
		}
	case c.kind == size && n.step() == 2:
		out := n
		out.values, out.lowest, out.most = nil, n.lowest/2, n.most/2
		for _, v := range n.values {
			out.values = append(out.values, v/2)
		}
		return out, c.Name + "/2"
	}
	return n, c.Name
}

// byteAt is one byte of the numbers.
func (n numbers) byteAt(shift int) numbers {
	out := numbers{sequence: n.sequence, width: 1, lowest: 255}
	seen := [256]bool{}
	for _, v := range n.values {
		v = v >> shift & 255
		if out.values = append(out.values, v); !seen[v] {
			seen[v] = true
			out.kinds++
		}
		out.lowest, out.most = min(out.lowest, v), max(out.most, v)
	}
	return out
}

// counts tells whether nearly every value of a byte is the one before and one.
func (n numbers) counts() bool {
	next := 0
	for i := 1; i < len(n.values); i++ {
		next += int(btof((n.values[i]-n.values[i-1])&255 == 1))
	}
	return len(n.values) >= leastNumbers && 10*next >= 9*(len(n.values)-1)
}

// step is the largest number up to 4 that all values are multiples of, as far as they differ.
func (n numbers) step() uint32 {
	for step := uint32(4); step > 1; step-- {
		same := true
		for _, v := range n.values {
			same = same && (v-n.lowest)%step == 0
		}
		if same {
			return step
		}
	}
	return 1
}

// between are the steps from number to number, where each is a byte or zero; the first number is taken for one, if it can be. Counters that count by what is sent hide it in
// numbers that go up as all do.
func (n numbers) between() (out numbers) {
	out = numbers{sequence: n.sequence, width: 1, lowest: 255}
	out.members = n.members[1:]
	if n.place != nil {
		out.place = n.place[1:]
	}
	seen := [256]bool{}
	for i := 1; i < len(n.values); i++ {
		d := uint16(n.values[i]) - uint16(n.values[i-1])
		if d > 255 {
			return numbers{}
		}
		if out.values = append(out.values, uint32(d)); !seen[d] {
			seen[d], out.kinds = true, out.kinds+1
		}
		out.lowest, out.most = min(out.lowest, uint32(d)), max(out.most, uint32(d))
	}
	if first := n.values[0]; first > 0 && first < 256 && len(out.values) > 0 {
		out.members, out.values, out.place = n.members, append([]uint32{first}, out.values...), n.place
		out.lowest, out.most = min(out.lowest, first), max(out.most, first)
	}
	return out
}
