package field

import "net/netip"

// Zone tells where an address lies, in the words of sift.zone.src; networks of broadcast are not told apart.
func (c *Context) Zone(a netip.Addr) string { return zoneOf(c, a) }
