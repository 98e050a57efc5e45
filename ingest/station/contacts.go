package station

import (
	"hash/maphash"
	"net/netip"
)

// contacts knows when each source first turned to each destination, and whether that ever answered. Hosts and pairs go by hashes,
// of 64 bits: floods make hundreds of thousands of them.
type contacts struct {
	seed  maphash.Seed
	pairs map[uint64]contact
	of    map[uint64]circle // by source
	heard map[uint64]bool   // hosts that answered somebody who had turned to them
	full  bool
	lost  bool // some were forgotten
}

// contact is a source and a destination that it turned to.
type contact struct {
	from     uint64
	first    int64 // when
	answered bool
}

// circle is those that one source turned to.
type circle struct {
	pairs    int32
	hosts    int32 // of them, those that are no group
	answered int32 // of the hosts
}

func newContacts() contacts {
	return contacts{seed: maphash.MakeSeed(), pairs: map[uint64]contact{}, of: map[uint64]circle{}, heard: map[uint64]bool{}}
}

func (c *contacts) pair(from, to netip.Addr) uint64 {
	return maphash.Comparable(c.seed, [2]netip.Addr{from, to})
}

func (c *contacts) host(a netip.Addr) uint64 { return maphash.Comparable(c.seed, a) }

// since gives how long before now the source first turned to the destination; ok is false for what cannot be remembered.
func (c *contacts) since(from, to netip.Addr, now int64) (age int64, ok bool) {
	if !from.IsValid() || !to.IsValid() {
		return 0, false
	}
	if x, met := c.pairs[c.pair(from, to)]; met {
		return max(0, now-x.first), true
	}
	if len(c.pairs) >= maxPairs && !c.shed() {
		return 0, false
	}
	c.meet(from, to, now)
	return 0, true
}

func (c *contacts) meet(from, to netip.Addr, now int64) {
	source := c.host(from)
	c.pairs[c.pair(from, to)] = contact{from: source, first: now}
	x := c.of[source]
	x.pairs++
	if !to.IsMulticast() {
		x.hosts++
	}
	c.of[source] = x
}

// answer notes that a host replied to one that had turned to it.
func (c *contacts) answer(from, to netip.Addr) {
	if to.IsMulticast() {
		return
	}
	k := c.pair(from, to)
	p, met := c.pairs[k]
	if !met || p.answered {
		return
	}
	p.answered = true
	c.pairs[k] = p
	c.heard[c.host(to)] = true
	x := c.of[p.from]
	x.answered++
	c.of[p.from] = x
}

// silent gives how many in a hundred of the hosts that a source turned to never answered, rounded down.
func (c *contacts) silent(from netip.Addr) int {
	if x := c.of[c.host(from)]; x.hosts > 0 {
		return 100 * int(x.hosts-x.answered) / int(x.hosts)
	}
	return 0
}

// never tells whether a host is known to have turned to nobody.
func (c *contacts) never(from netip.Addr) bool {
	_, met := c.of[c.host(from)]
	return !met && !c.lost
}

// mute tells whether a host is known to have answered nobody, where others were heard.
func (c *contacts) mute(to netip.Addr) bool {
	return len(c.heard) > 0 && !c.lost && !to.IsMulticast() && !c.heard[c.host(to)]
}

// shed forgets sources that turned to one destination only: they come in floods, with addresses made up, and none of them
// swept anything. It tells whether there is room again.
func (c *contacts) shed() bool {
	if c.full {
		return false
	}
	c.lost = true
	for k, p := range c.pairs {
		if c.of[p.from].pairs == 1 {
			delete(c.of, p.from)
			delete(c.pairs, k)
		}
	}
	c.full = len(c.pairs) > maxPairs/2 // to look again would take longer each time, and free less
	return len(c.pairs) < maxPairs
}

// settle forgets the destinations: no packet comes any more.
func (c *contacts) settle() { c.pairs = nil }
