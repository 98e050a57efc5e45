package field

import "icmpsift/ingest"

// ports reads from headers whose two ports were captured: Wireshark shows neither without the other.
func ports(get getter) getter { return holding(4, get) }

// quotedOnly reads from headers that an ICMP error quotes: Wireshark follows no connection there, so that its relative
// sequence number is the one sent.
func quotedOnly(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if p.Layers[i].Quoted > 0 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// unquoted reads from headers that are on the wire.
func unquoted(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if p.Layers[i].Quoted == 0 {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}
