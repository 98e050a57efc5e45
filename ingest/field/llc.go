package field

import "icmpsift/ingest"

// llcFields are the 802.2 header and, behind it, SNAP's.
var llcFields = in(ingest.ProtoLLC,
	row("llc", Protocol, header, "802.2 LLC header"),
	row("llc.dsap", Uint8, number(0, 1), "destination service access point").hex(),
	row("llc.dsap.sap", Uint8, bits(0, 1, 0xfe), "destination service access point without its group bit"),
	row("llc.dsap.ig", Boolean, bits(0, 1, 0x01), "the destination is a group").named(map[int64]string{0: "Individual", 1: "Group"}),
	row("llc.ssap", Uint8, number(1, 1), "source service access point").hex(),
	row("llc.ssap.sap", Uint8, bits(1, 1, 0xfe), "source service access point without its command bit"),
	row("llc.ssap.cr", Boolean, bits(1, 1, 0x01), "a response, not a command").named(map[int64]string{0: "Command", 1: "Response"}),
	row("llc.control", Uint16, llcControl, "control field").hex(),
	row("llc.control.u_modifier_cmd", Uint8, unnumbered(0, bits(2, 1, 0xec)), "kind of an unnumbered command").hex(),
	row("llc.control.u_modifier_resp", Uint8, unnumbered(1, bits(2, 1, 0xec)), "kind of an unnumbered response").hex(),
	row("llc.control.ftype", Uint16, llcFrameType, "type of the frame").hex().asRead().named(map[int64]string{0: "Information frame", 1: "Supervisory frame", 3: "Unnumbered frame"}),
	row("llc.oui", Uint24, snap(number(3, 3)), "SNAP: who defines the type"),
	row("llc.type", Uint16, encapsulated(number(6, 2)), "SNAP: EtherType of what the frame carries").hex().named(etherTypes),
)

// isUnnumbered tells an unnumbered frame, whose control field is one byte, from the others, who have two, low byte first.
func isUnnumbered(l *ingest.Layer) bool { return len(l.Bytes) > 2 && l.Bytes[2]&3 == 3 }

func llcControl(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	if l := &p.Layers[i]; isUnnumbered(l) {
		return number(2, 1)(c, p, i, dst)
	}
	return little(2)(c, p, i, dst)
}

// llcFrameType: information frames are told by one bit, the others by two.
func llcFrameType(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	n := 2
	if isUnnumbered(&p.Layers[i]) {
		n = 1
	}
	b := span(p.Layers[i].Bytes, 2, n)
	if b == nil {
		return dst
	}
	if b[0]&1 == 0 {
		return append(dst, Value{Bytes: b, mask: 1})
	}
	return append(dst, Value{Int: int64(b[0] & 3), Bytes: b, mask: 3})
}

// unnumbered reads from unnumbered commands or responses.
func unnumbered(response byte, get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if l := &p.Layers[i]; isUnnumbered(l) && l.Bytes[1]&1 == response {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// snap reads from headers that SNAP goes on from (IEEE 802).
func snap(get getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, 0, 8); b != nil && b[0]&0xfe == 0xaa && b[1]&0xfe == 0xaa {
			dst = get(c, p, i, dst)
		}
		return dst
	}
}

// encapsulated reads from SNAP headers whose type is an EtherType (RFC 1042, IEEE 802.1H).
func encapsulated(get getter) getter {
	return snap(func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if oui := be(p.Layers[i].Bytes[3:6]); oui == 0 || oui == 0xf8 {
			dst = get(c, p, i, dst)
		}
		return dst
	})
}
