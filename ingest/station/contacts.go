package station

import "net/netip"

// contacts knows when each source first turned to each destination.
type contacts struct {
	first map[netip.Addr]map[netip.Addr]int64
	pairs int
	full  bool
}

func newContacts() contacts { return contacts{first: map[netip.Addr]map[netip.Addr]int64{}} }

// since gives how long before now the source first turned to the destination; ok is false for what cannot be remembered.
func (c *contacts) since(from, to netip.Addr, now int64) (age int64, ok bool) {
	if !from.IsValid() || !to.IsValid() {
		return 0, false
	}
	known := c.first[from]
	if at, met := known[to]; met {
		return max(0, now-at), true
	}
	if c.pairs >= maxPairs && !c.shed() {
		return 0, false
	}
	if known = c.first[from]; known == nil {
		known = map[netip.Addr]int64{}
		c.first[from] = known
	}
	known[to] = now
	c.pairs++
	return 0, true
}

// shed forgets sources that turned to one destination only: they come in floods, with addresses made up, and none of them
// swept anything. It tells whether there is room again.
func (c *contacts) shed() bool {
	if c.full {
		return false
	}
	for from, known := range c.first {
		if len(known) == 1 {
			delete(c.first, from)
			c.pairs--
		}
	}
	c.full = c.pairs > maxPairs/2 // to look again would take longer each time, and free less
	return c.pairs < maxPairs
}
