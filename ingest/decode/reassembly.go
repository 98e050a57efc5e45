package decode

import (
	"bytes"
	"container/list"
	"slices"
	"sort"

	"icmpsift/ingest"
)

// key tells which datagram a fragment belongs to: RFC 791 (addresses, protocol, identification), RFC 8200 4.5
// (addresses, identification: there the first fragment alone says what follows).
type key struct {
	src, dst [16]byte
	id       uint32
	vlan     uint16
	protocol uint8
	kind     keyKind
}

// keyKind is whose fragments they are.
type keyKind uint8

const (
	keyIPv4 keyKind = iota
	keyIPv6
	keyWLAN
	keyCAPWAP
)

// piece says where a fragment goes.
type piece struct {
	key    key
	start  int // offset in the datagram's payload, bytes
	more   bool
	next   uint8
	header int // bytes of IP header in front, which count against the 65,535
}

// part is a fragment kept until its datagram is complete.
type part struct {
	start, end int
	frame      int64
	next       uint8
	tail       bool // a second last fragment that ends elsewhere than the first
	data       []byte
}

// assembly is a datagram in the making. Parts are in order of offset, then of arrival.
type assembly struct {
	key    key
	parts  []*part
	length int // of the payload, known from the first last fragment; -1 before
	reach  int // bytes from the start without a gap
	size   int // memory
}

// Memory that a datagram and a fragment cost beside their bytes, and how many fragments a datagram may have: twice
// the distinct offsets there are, so that repetition cannot make one datagram cost ever more time.
const (
	assemblyCost = 256
	partCost     = 96
	maxParts     = 2 * 8192
)

// table holds the unfinished datagrams, the one added to the longest ago in front.
type table struct {
	open  map[key]*list.Element
	order *list.List
	size  int
	bound int
	stats Stats
}

func newTable(bound int) table {
	return table{open: map[key]*list.Element{}, order: list.New(), bound: bound}
}

// add takes a fragment in and gives its datagram when it is complete, in the way Wireshark's reassembly table works:
// any order, no time limit, earlier offsets win where fragments overlap, and a new datagram begins after completion.
func (t *table) add(b []byte, p piece, frame int64) (whole *ingest.Datagram, disputed bool) {
	t.stats.Fragments++
	a := t.assembly(p.key)
	before := a.size
	a.insert(b, p, frame)
	t.size += a.size - before
	if a.length >= 0 && a.reach >= a.length {
		t.drop(t.open[p.key])
		t.stats.Datagrams++
		return a.build(p.next), a.disputed()
	}
	if len(a.parts) >= maxParts {
		t.evict(t.open[p.key])
	}
	for t.size > t.bound && t.order.Len() > 0 {
		t.evict(t.order.Front())
	}
	return nil, false
}

// next tells where the fragment of the given number goes, of a datagram whose fragments are numbered and come in order;
// ok is false when those before it are missing. Number 0 begins anew.
func (t *table) next(k key, number int) (start int, ok bool) {
	e := t.open[k]
	if number == 0 && e != nil {
		t.evict(e)
		e = nil
	}
	if e == nil {
		return 0, number == 0
	}
	a := e.Value.(*assembly)
	return a.reach, len(a.parts) == number
}

// waiting counts the datagrams that are not complete and their fragments.
func (t *table) waiting() (datagrams int, fragments int64) {
	for _, e := range t.open {
		fragments += int64(len(e.Value.(*assembly).parts))
	}
	return len(t.open), fragments
}

func (t *table) assembly(k key) *assembly {
	if e := t.open[k]; e != nil {
		t.order.MoveToBack(e)
		return e.Value.(*assembly)
	}
	a := &assembly{key: k, length: -1, size: assemblyCost}
	t.open[k] = t.order.PushBack(a)
	t.size += a.size
	return a
}

func (t *table) evict(e *list.Element) {
	t.stats.Evicted++
	t.stats.EvictedFragments += int64(len(e.Value.(*assembly).parts))
	t.drop(e)
}

func (t *table) drop(e *list.Element) {
	a := t.order.Remove(e).(*assembly)
	delete(t.open, a.key)
	t.size -= a.size
}

func (a *assembly) insert(b []byte, p piece, frame int64) {
	n := &part{start: p.start, end: p.start + len(b), frame: frame, next: p.next}
	if !p.more && a.length < 0 {
		a.length = n.end
	}
	n.tail = !p.more && a.length != n.end
	at := sort.Search(len(a.parts), func(i int) bool { return a.parts[i].start > n.start })
	if n.data = a.same(n, b, at); n.data == nil {
		n.data = bytes.Clone(b)
		a.size += len(b)
	}
	a.parts = slices.Insert(a.parts, at, n)
	a.size += partCost
	if n.start <= a.reach && n.end > a.reach {
		a.extend(at)
	}
}

// extend moves reach over the parts from index at on, up to the next gap.
func (a *assembly) extend(at int) {
	for _, q := range a.parts[at:] {
		if q.start > a.reach {
			break
		}
		a.reach = max(a.reach, q.end)
	}
}

// same gives the bytes of an equal fragment that is there already, so that repetition costs no memory; at is where
// parts of larger offset begin. It looks at the latest few only: what repeats an offset more often than that is no mere copy.
func (a *assembly) same(n *part, b []byte, at int) []byte {
	for i := at - 1; i >= max(0, at-8) && a.parts[i].start == n.start; i-- {
		if q := a.parts[i]; q.end == n.end && bytes.Equal(q.data, b) {
			return q.data
		}
	}
	return nil
}

// build puts the payload together. What reaches past the end that the last fragment set is left out. Wireshark takes
// the next header from the fragment that completes the datagram, RFC 8200 (4.5) from the first.
func (a *assembly) build(next uint8) *ingest.Datagram {
	w := &ingest.Datagram{Payload: make([]byte, a.length), Next: next,
		Frames: make([]int64, 0, len(a.parts)), Parts: make([]ingest.Part, 0, len(a.parts))}
	done := 0
	for _, p := range a.parts {
		w.Frames = append(w.Frames, p.frame)
		w.Parts = append(w.Parts, ingest.Part{Offset: p.start, Length: p.end - p.start, Flags: p.flags(w.Payload, done)})
		if end := min(p.end, a.length); end > done {
			copy(w.Payload[done:end], p.data[done-p.start:])
			done = end
		}
	}
	return w
}

// flags judges a part against the payload put together up to done.
func (p *part) flags(payload []byte, done int) (f ingest.PartFlags) {
	if p.tail {
		f |= ingest.PartMultipleTails
	}
	if p.end > len(payload) {
		f |= ingest.PartTooLong
	}
	if p.start < done {
		f |= ingest.PartOverlap
		if n := min(p.end, done) - p.start; !bytes.Equal(payload[p.start:p.start+n], p.data[:n]) {
			f |= ingest.PartConflict
		}
	}
	return f
}

// disputed tells whether the fragments name different next headers.
func (a *assembly) disputed() bool {
	return slices.ContainsFunc(a.parts, func(p *part) bool { return p.next != a.parts[0].next })
}
