package recover

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// alien gives a field's bytes as they are, where no ordinary sender's field has such values: what is carried may be encrypted, or of any form,
// and then nothing but that tells it.
func (n numbers) alien(c Carrier, o Options) ([]Found, bool) {
	why := n.strange(c)
	if why == "" {
		return nil, false
	}
	v := n.plainView(c)
	s := n.stream(v, 8)
	layers := []layer{{bytes: s.Bytes, gaps: s.Gaps, verdict: Judge(s.Bytes)}}
	g := layers[0].verdict.grade
	out := readings(Found{Stream: s, Why: []string{why}}, layers, nil, o)
	for i := range out {
		out[i].Carrier, out[i].Believable, out[i].ByValues = v.name, true, g < text || g == text && !worded(s.Bytes) && 50*count(s.Bytes).blanks < len(s.Bytes)
	}
	return out, true
}

// plainView reads all of a number that changes: of two bytes only one, if the other is always the same.
func (n numbers) plainView(c Carrier) view {
	switch {
	case c.bits > 0:
		return n.plainBits(c)
	case c.kind == size:
		return view{name: c.Name, bits: 8, of: func(v uint32) uint32 { return v }}
	case n.width == 2 && n.byteAt(8).kinds == 1:
		return byteOf(c.Name, 1, 0)
	case n.width == 2 && n.byteAt(0).kinds == 1:
		return byteOf(c.Name, 0, 8)
	}
	return whole(c.Name, n.width)
}

// plainBits reads a field of so many bits: whole bytes of it, if the others are never used.
func (n numbers) plainBits(c Carrier) view {
	for _, bits := range []int{8, 16} {
		if mask := uint32(1)<<bits - 1; bits < c.bits && n.most <= mask {
			return view{name: fmt.Sprintf("%s&%#x", c.Name, mask), bits: bits, of: func(v uint32) uint32 { return v }}
		}
	}
	return n.views(c)[0]
}

// strange says why a field's values cannot be an ordinary sender's; "" if they can.
func (n numbers) strange(c Carrier) string {
	if n.kinds < leastKinds || n.walks() {
		return ""
	}
	switch base, _, _ := strings.Cut(strings.ReplaceAll(c.Name, "&", "["), "["); base {
	case "sift.seq", "icmp.seq", "icmpv6.echo.sequence_number":
		return n.strangeSeq()
	case "sift.id", "icmp.ident", "icmpv6.echo.identifier":
		return n.strangeWords("identifiers", "processes get them by chance, or one after the other")
	case "ip.id":
		return n.strangeWords("IP identifications", "stacks count there, or draw them by chance from all there are")
	case "sift.ttl", "ip.ttl", "ipv6.hlim":
		return n.strangeHops()
	case "sift.dsfield", "ip.dsfield", "ipv6.tclass":
		return n.strangeClasses()
	case "sift.code", "icmp.code", "icmpv6.code":
		if len(n.values) >= 48 && n.kinds >= 16 {
			return fmt.Sprintf("%d different codes in echo messages, whose code is always 0.", n.kinds)
		}
	case "ipv6.flow":
		if n.oneSender() && n.kinds >= leastNumbers && 2*n.kinds > len(n.values) {
			return fmt.Sprintf("%d different flow labels in %d packets of one identifier: a flow keeps its label (RFC 6437).", n.kinds, len(n.values))
		}
	case "sift.payload.length":
		return n.strangeLengths()
	}
	return ""
}

// leastSeqs is how many packets it takes to say that sequence numbers do not count.
const leastSeqs = 20

// strangeSeq: every ping counts, or says the same number again.
func (n numbers) strangeSeq() string {
	if len(n.values) < leastSeqs || !n.oneSender() {
		return ""
	}
	return fmt.Sprintf("%d packets of one identifier whose sequence numbers do not count: every ping counts.", len(n.values))
}

// strangeWords: numbers that are drawn by chance, or counted, are not made of printable characters alone, nor of one byte.
func (n numbers) strangeWords(what, ordinary string) string {
	s := n.stream(n.plainView(Carrier{Name: what}), 8)
	if !clear(s.Bytes) || count(s.Bytes).distinct < leastKinds {
		return ""
	}
	if n.plainView(Carrier{}).bits == 8 && len(n.values) < 2*leastNumbers {
		return ""
	}
	return fmt.Sprintf("All %d %s are made of printable characters and do not count: %s.", len(n.values), what, ordinary)
}

// Times to live that ordinary traffic between two hosts has.
const (
	mostRoutes   = 24 // apart: what balanced paths differ by at most
	mostPaths    = 12 // different ones of them
	mostTraced   = 40 // what traceroutes go up to
	mostHopsAway = 12 // between a sender and the place where it was captured
)

// strangeHops: between two hosts the time to live hardly changes, but for traceroutes, balanced paths, several senders behind one address,
// and nmap, which draws it from 37 to 59.
func (n numbers) strangeHops() string {
	switch {
	case n.most-n.lowest < mostRoutes && n.kinds <= mostPaths, n.most <= mostTraced, n.lowest >= 37 && n.most <= 59 && n.sameSeq(), n.keepsByIdent(), n.fewHops():
		return ""
	}
	return fmt.Sprintf("%d different values of the time to live between two hosts, in no order: paths do not change like that.", n.kinds)
}

// sameSeq tells whether all packets have one sequence number, as each probe of nmap has.
func (n numbers) sameSeq() bool {
	return !slices.ContainsFunc(n.members, func(c Candidate) bool { return c.Seq != n.members[0].Seq })
}

// fewHops tells whether nearly all values lie a few hops below what systems begin with.
func (n numbers) fewHops() bool {
	near := 0
	for _, v := range n.values {
		for _, start := range []uint32{32, 64, 128, 255} {
			near += int(btof(v <= start && start-v < mostHopsAway))
		}
	}
	return 10*near >= 9*len(n.values)
}

// keepsByIdent tells whether packets of one identifier mostly have the value of the one before: each process keeps to its own.
func (n numbers) keepsByIdent() bool {
	last, same, of := map[uint16]uint32{}, 0, 0
	for i, m := range n.members {
		if v, known := last[m.Ident]; known {
			of++
			same += int(btof(v == n.values[i]))
		}
		last[m.Ident] = n.values[i]
	}
	return of > 0 && 3*same >= 2*of
}

// namedClass are the code points that have a name (RFC 2474, 2597, 3246, 5865, 8622).
var namedClass = [64]bool{0: true, 8: true, 16: true, 24: true, 32: true, 40: true, 48: true, 56: true, 10: true, 12: true, 14: true, 18: true, 20: true, 22: true,
	26: true, 28: true, 30: true, 34: true, 36: true, 38: true, 46: true, 44: true, 1: true}

// strangeClasses: traffic keeps to a few classes, which have names, and routers mark congestion in few packets.
func (n numbers) strangeClasses() string {
	nameless, marks := 0, [4]int{}
	for _, v := range n.values {
		nameless += int(btof(!namedClass[v>>2&63]))
		marks[v&3]++
	}
	marked := 0
	for _, k := range marks {
		marked += int(btof(10*k >= len(n.values)))
	}
	if n.keepsByIdent() || 4*nameless < len(n.values) && marked < 3 {
		return ""
	}
	return fmt.Sprintf("%d different values of the traffic class between two hosts, in no order, many of them of no class that has a name.", n.kinds)
}

// Lengths that a channel has.
const (
	leastLengths   = 32
	leastUnevenly  = 16.0 // bits
	mostLengthSpan = 255
)

// strangeLengths: sizes are kept, or go up or down; sizes drawn by chance take each of a range as often. Only pings that are ordinary but for
// their size are looked at: messages of other programs have whatever length they need.
func (n numbers) strangeLengths() string {
	stock := 0
	for _, m := range n.members {
		stock += int(btof(m.Ordinary))
	}
	if len(n.values) < leastLengths || n.most-n.lowest > mostLengthSpan || 5*stock < 4*len(n.members) || n.keepsByIdent() || n.coarse() || n.unevenness() < leastUnevenly {
		return ""
	}
	return fmt.Sprintf("%d different lengths of otherwise ordinary pings between two hosts, in no order, and some far more often than others.", n.kinds)
}

// coarse tells whether all values are some multiple of four apart, as sizes that people choose are.
func (n numbers) coarse() bool {
	for _, v := range n.values {
		if (v-n.values[0])%4 != 0 {
			return false
		}
	}
	return true
}

// unevenness is how many bits speak against values having been drawn by chance from all between the lowest and the highest: what is saved by
// knowing how often each comes, less what it takes to tell that (Rissanen's measure).
func (n numbers) unevenness() float64 {
	counts, all := map[uint32]int{}, float64(len(n.values))
	for _, v := range n.values {
		counts[v]++
	}
	bits, span := 0.0, float64(n.most-n.lowest+1)
	for _, v := range slices.Sorted(maps.Keys(counts)) { // in order: sums of floats depend on it
		k := float64(counts[v])
		bits += k * math.Log2(k*span/all)
	}
	return bits - (float64(len(counts))-1)/2*math.Log2(all) - absent(span, float64(len(counts)))
}

// absent is how many bits it takes to say which values of a span do not come.
func absent(span, kinds float64) float64 {
	a, _ := math.Lgamma(span + 1)
	b, _ := math.Lgamma(kinds + 1)
	c, _ := math.Lgamma(span - kinds + 1)
	return (a - b - c) / math.Ln2
}

// walks tells whether the values are such as counters, sweeps, searches and turns make, in either byte order: most stay, go on by a
// small or by the usual step, or follow one that came shortly before, or come again after a fixed number of packets.
func (n numbers) walks() bool {
	if n.width == 2 {
		for _, shift := range []int{0, 8} {
			if n.byteAt(8-shift).kinds == 1 { // all that changes is one byte
				return walk(n.byteAt(shift).values)
			}
		}
	}
	return walk(n.values) || n.width == 2 && walk(n.swapped())
}

func (n numbers) swapped() (out []uint32) {
	for _, v := range n.values {
		out = append(out, uint32(bits.ReverseBytes16(uint16(v))))
	}
	return out
}

// Bounds of walks.
const (
	recent    = 4  // values that one may go on from, where they lie in one byte
	remote    = 32 // or further apart, where chance hardly makes two that follow each other
	mostTurns = 64 // packets after which a value may come again
)

func walk(values []uint32) bool {
	all, window := len(values)-1, recent
	if slices.Max(values)-slices.Min(values) > 255 {
		window = remote
	}
	steps, small, on := map[uint32]int{}, 0, 0
	up := 0
	for i := 1; i <= all; i++ {
		d := values[i] - values[i-1]
		steps[d]++
		small += int(btof(d == 0 || d == 1 || d == math.MaxUint32))
		on += int(btof(slices.ContainsFunc(values[max(0, i-window):i], func(v uint32) bool { return values[i] == v || values[i] == v+1 })))
		up += int(btof(int32(d) > 0))
	}
	most := 0
	for d, k := range steps {
		if d != 0 {
			most = max(most, k)
		}
	}
	if 2*small >= all || 5*(most+steps[0]) >= 3*all || 5*on >= 4*all || 4*up >= 3*all || 4*(up+steps[0]) <= all {
		return true
	}
	return turns(values)
}

// turns tells whether values come again after a fixed number of packets.
func turns(values []uint32) bool {
	for lag := 2; lag <= min(mostTurns, len(values)/3); lag++ {
		same := 0
		for i := lag; i < len(values); i++ {
			same += int(btof(values[i] == values[i-lag]))
		}
		if 3*same >= 2*(len(values)-lag) {
			return true
		}
	}
	return false
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
