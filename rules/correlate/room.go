package correlate

import (
	"hash/maphash"
	"unsafe"
)

// Room is memory that correlators share. When it runs out, the one that holds the most gives up half of what it can spare
// best, and counts it: so a flood that only some rules look at takes nothing from the others.
type Room struct {
	left  int
	users []*Correlator
	seed  maphash.Seed
}

// NewRoom makes room for so many bytes of state.
func NewRoom(bytes int) *Room { return &Room{left: bytes, seed: maphash.MakeSeed()} }

// What state costs, with what maps and growing slices add: measured by the tests.
const (
	eventCost    = int(unsafe.Sizeof(event{})) * 3 / 2
	valueCost    = 32 // of an event whose value is told apart
	groupCost    = int(unsafe.Sizeof(group{})) + 96
	valuesCost   = int(unsafe.Sizeof(run{})) + 160 // of a group whose values are
	gaugeCost    = int(unsafe.Sizeof(gauge{})) + 64
	openCost     = int(unsafe.Sizeof(running{})) + 32
	incidentCost = int(unsafe.Sizeof(Incident{})) * 3 / 2
	rangeCost    = 20
)

// costs gives what a group and an event cost a correlation of the type.
func (c *Correlator) costs() (group, event int) {
	group, event = groupCost, eventCost
	if c.gauges() {
		group += gaugeCost
	}
	if c.counts() {
		group += valuesCost
		event += valueCost
	}
	return group, event
}

// charge takes memory from the room, or gives it back.
func (c *Correlator) charge(bytes int) {
	c.used += bytes
	c.room.left -= bytes
}

// settle makes room again where it has run out. What one user holds beside is small.
func (r *Room) settle(now int64) {
	for r.left < 0 {
		most := r.users[0]
		for _, c := range r.users[1:] {
			if c.used > most.used {
				most = c
			}
		}
		if before := r.left; !most.yield(now) || r.left <= before {
			return
		}
	}
}

// yield gives up half of what takes the most memory: incidents, groups, or events in windows; false if there is nothing.
func (c *Correlator) yield(now int64) bool {
	group, event := c.costs()
	groups, events := len(c.groups)*group, c.held*event+c.stuck*valueCost
	switch most := max(c.stored, groups, events); {
	case most == 0:
		return false
	case most == c.stored:
		c.choose((len(c.done) + 1) / 2) // never the last one
	case most == events && c.held+c.stuck > 2*len(c.groups):
		c.thin(now, (c.held+c.stuck)/2)
	default:
		c.shed(now)
	}
	return true
}
