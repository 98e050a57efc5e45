package field

import (
	"net/netip"

	"icmpsift/ingest"
)

// body declares a field of ICMPv6 bodies whose shape their content tells.
func body(name string, t Type, meaning string) Field {
	return row(name, t, func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{c: c, want: name, dst: dst, b: p.Layers[i].Bytes, src: source(p, i)}
		body6(&d, &p.Layers[i])
		return d.dst
	}, meaning)
}

// body6 walks the body of an ICMPv6 message; the bodies of fixed shape are declared field by field.
func body6(d *dissection, l *ingest.Layer) {
	switch first(l.Bytes) {
	case 130, 131, 132, 143:
		listeners(d, l.Reported)
	default:
		managed(d, l.Reported)
	}
	if !decoded6[first(l.Bytes)] {
		d.at(4, 1) // Wireshark shows what it does not know as data, of which there must be some
	}
	if start := l.OptionStart(); start >= 0 {
		options(d, start, l.Reported)
	}
}

// source is the source address of the header that carries layer i.
func source(p *ingest.Packet, i int) netip.Addr {
	for k := i; k >= 0; k = int(p.Layers[k].Parent) {
		if a := p.Layers[k].Src(); a.IsValid() {
			return a
		}
	}
	return netip.Addr{}
}
