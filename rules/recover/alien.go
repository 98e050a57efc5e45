package recover

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
)

// leastAlien is how many packets it takes to say that no ordinary program wrote a field.
const leastAlien = 48

// alien gives a field's bytes as they are, where no ordinary sender's field has such values: what is carried may be encrypted, and then
// nothing but that tells it.
func (n numbers) alien(c Carrier, o Options) ([]Found, bool) {
	if len(n.values) < leastAlien {
		return nil, false
	}
	why := n.strange(c)
	if why == "" {
		return nil, false
	}
	s := n.stream(n.plainView(c), 8)
	f := Found{Stream: s, Carrier: n.plainView(c).name, Verdict: Judge(s.Bytes), Believable: true}
	f.Why = []string{why, f.Verdict.Why}
	return []Found{f}, true
}

// plainView reads all of a number; of two bytes only the low one, if the other never changes.
func (n numbers) plainView(c Carrier) view {
	if n.width == 2 && n.lowest>>8 == n.most>>8 {
		return byteOf(c.Name, 1, 0)
	}
	if c.bits > 0 {
		return n.views(c)[0]
	}
	return whole(c.Name, n.width)
}

// strange says why a field's values cannot be an ordinary sender's; "" if they can.
func (n numbers) strange(c Carrier) string {
	switch base, _, _ := strings.Cut(strings.ReplaceAll(c.Name, "&", "["), "["); base {
	case "sift.seq", "icmp.seq", "icmpv6.echo.sequence_number":
		if n.oneSender() && n.scattered() && n.kinds > len(n.values)/3 {
			return fmt.Sprintf("%d packets of one identifier whose sequence numbers do not count: every ping counts.", len(n.values))
		}
	case "sift.ttl", "ip.ttl", "ipv6.hlim":
		if n.kinds >= 64 && n.scattered() && n.most-n.lowest > 127 {
			return fmt.Sprintf("%d different values of the time to live between two hosts, in no order: paths do not change like that.", n.kinds)
		}
	case "sift.dsfield", "ip.dsfield", "ipv6.tclass":
		if n.kinds >= 40 && n.scattered() {
			return fmt.Sprintf("%d different values of the traffic class between two hosts, in no order.", n.kinds)
		}
	case "sift.code", "icmp.code", "icmpv6.code":
		if n.kinds >= 16 && n.scattered() {
			return fmt.Sprintf("%d different codes in echo messages, whose code is always 0.", n.kinds)
		}
	}
	return ""
}

// strange says why the pieces of a carrier cannot be an ordinary sender's; "" if they can.
func (t transfer) strange(c Carrier) string {
	switch c.Name {
	case "sift.timestamps":
		return t.strangeTimes()
	case "sift.payload":
		return t.strangePatterns()
	}
	return ""
}

// strangeTimes: a timestamp request holds zeros, or the time of sending again, where the receiver writes its times; and a day has
// 86,400,000 milliseconds.
func (t transfer) strangeTimes() string {
	kinds, late := map[string]bool{}, 0
	for _, m := range t.members {
		if len(m.Value) < 12 {
			return ""
		}
		kinds[string(m.Value[4:12])] = true
		if v := binary.BigEndian.Uint32(m.Value[4:]) &^ (1 << 31); v > 86_400_000 {
			late++
		}
	}
	if n := len(t.members); n >= 8 && 10*len(kinds) >= 9*n && 2*late >= n {
		return fmt.Sprintf("%d timestamp requests with other times of receipt in each, most of which no clock shows.", n)
	}
	return ""
}

// strangePatterns: many different patterns of ping -p, of more bytes than those of line tests.
func (t transfer) strangePatterns() string {
	got := repeated(t)
	if len(got) == 0 {
		return ""
	}
	kinds := map[string]bool{}
	for _, m := range got[0].members {
		if len(m.Value) >= 3 {
			kinds[string(m.Value)] = true
		}
	}
	if n := len(t.members); len(kinds) >= 8 && 2*len(kinds) >= n {
		return fmt.Sprintf("%d pings with %d different patterns.", n, len(kinds))
	}
	return ""
}

// oneSender tells whether all packets have one identifier.
func (n numbers) oneSender() bool {
	for _, m := range n.members {
		if m.Ident != n.members[0].Ident {
			return false
		}
	}
	return true
}

// scattered tells whether hardly any value follows the one before by a small step, or by the step that is most frequent, in either byte
// order, and few repeat it.
func (n numbers) scattered() bool {
	mask := uint32(1)<<(8*n.width) - 1
	for _, swap := range []bool{false, true} {
		near, steps := 0, map[uint32]int{}
		for i := 1; i < len(n.values); i++ {
			a, b := n.values[i-1], n.values[i]
			if swap && n.width == 2 {
				a, b = uint32(bits.ReverseBytes16(uint16(a))), uint32(bits.ReverseBytes16(uint16(b)))
			}
			d := (b - a) & mask
			if steps[d]++; d <= max(24, mask>>6) || (a-b)&mask <= 2 {
				near++
			}
		}
		if 4*near > len(n.values) {
			return false
		}
		for _, k := range steps {
			if 8*k > len(n.values) {
				return false
			}
		}
	}
	return true
}

// counting tells whether the values of a 16-bit field mostly go up by little, in either byte order: what counters of senders do, also those
// that other traffic of the host drives on.
func (n numbers) counting() bool {
	if n.width != 2 || n.besideCount() {
		return false
	}
	for _, swap := range []bool{false, true} {
		up := 0
		for i := 1; i < len(n.values); i++ {
			a, b := uint16(n.values[i-1]), uint16(n.values[i])
			if swap {
				a, b = bits.ReverseBytes16(a), bits.ReverseBytes16(b)
			}
			if d := b - a; d > 0 && d < 4096 {
				up++
			}
		}
		if 5*up >= 4*(len(n.values)-1) {
			return true
		}
	}
	return false
}

// besideCount tells whether one byte of a 16-bit field counts by one, and the other changes far more often than once in 256 packets, as that
// of a counter would: then it is another thing.
func (n numbers) besideCount() bool {
	for _, shift := range []int{0, 8} {
		ones, changes := 0, 0
		for i := 1; i < len(n.values); i++ {
			a, b := n.values[i-1], n.values[i]
			ones += int(btof(byte(b>>shift)-byte(a>>shift) == 1))
			changes += int(btof(byte(b>>(8-shift)) != byte(a>>(8-shift))))
		}
		if most := len(n.values) - 1; 10*ones >= 9*most && 4*changes >= most {
			return true
		}
	}
	return false
}
