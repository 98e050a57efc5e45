package station

import "net/netip"

// contacts knows when each source first turned to each destination, and whether that ever answered.
type contacts struct {
	of    map[netip.Addr]*circle
	pairs int
	full  bool
}

// circle is those that one source turned to.
type circle struct {
	first    map[netip.Addr]int64 // when
	hosts    int                  // of them, those that are no group
	answered map[netip.Addr]bool
	silent   int // of a hundred of them, once all is known
}

func newContacts() contacts { return contacts{of: map[netip.Addr]*circle{}} }

// since gives how long before now the source first turned to the destination; ok is false for what cannot be remembered.
func (c *contacts) since(from, to netip.Addr, now int64) (age int64, ok bool) {
	if !from.IsValid() || !to.IsValid() {
		return 0, false
	}
	if x := c.of[from]; x != nil {
		if at, met := x.first[to]; met {
			return max(0, now-at), true
		}
	}
	if c.pairs >= maxPairs && !c.shed() {
		return 0, false
	}
	c.meet(from, to, now)
	return 0, true
}

func (c *contacts) meet(from, to netip.Addr, now int64) {
	x := c.of[from]
	if x == nil {
		x = &circle{first: map[netip.Addr]int64{}}
		c.of[from] = x
	}
	x.first[to] = now
	c.pairs++
	if !to.IsMulticast() {
		x.hosts++
	}
}

// answer notes that a host replied to one that had turned to it.
func (c *contacts) answer(from, to netip.Addr) {
	x := c.of[from]
	if x == nil || to.IsMulticast() {
		return
	}
	if _, met := x.first[to]; !met {
		return
	}
	if x.answered == nil {
		x.answered = map[netip.Addr]bool{}
	}
	x.answered[to] = true
}

// silent gives how many in a hundred of the hosts that a source turned to never answered, rounded down.
func (c *contacts) silent(from netip.Addr) int {
	switch x := c.of[from]; {
	case x == nil || x.hosts == 0:
		return 0
	case x.first == nil:
		return x.silent
	default:
		return 100 * (x.hosts - len(x.answered)) / x.hosts
	}
}

// settle forgets the destinations: no packet comes any more.
func (c *contacts) settle() {
	for from, x := range c.of {
		x.silent = c.silent(from)
		x.first, x.answered = nil, nil
	}
}

// shed forgets sources that turned to one destination only: they come in floods, with addresses made up, and none of them
// swept anything. It tells whether there is room again.
func (c *contacts) shed() bool {
	if c.full {
		return false
	}
	for from, x := range c.of {
		if len(x.first) == 1 {
			delete(c.of, from)
			c.pairs--
		}
	}
	c.full = c.pairs > maxPairs/2 // to look again would take longer each time, and free less
	return c.pairs < maxPairs
}
