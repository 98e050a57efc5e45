package field

import "icmpsift/ingest"

// ip4OptionFields are the IPv4 options of RFC 791 and RFC 2113 that meet ICMP: record route (ping -R), timestamp, source
// routes, router alert.
var ip4OptionFields = in(ingest.ProtoIPv4,
	ip4Option("ip.opt.type", Uint8, "type of an option"),
	ip4Option("ip.opt.type.copy", Boolean, "the option is copied into every fragment").named(map[int64]string{0: "No", 1: "Yes"}),
	ip4Option("ip.opt.type.class", Uint8, "class of an option").named(optionClasses),
	ip4Option("ip.opt.type.number", Uint8, "number of an option"),
	ip4Option("ip.opt.len", Uint8, "bytes of an option, type and length included"),
	ip4Option("ip.opt.ptr", Uint8, "place of the next slot of a route or timestamp option, from 1"),
	ip4Option("ip.opt.ra", Uint16, "router alert value"),
	ip4Option("ip.opt.overflow", Uint8, "hosts that found no room for their timestamp"),
	ip4Option("ip.opt.flag", Uint8, "form of the timestamp option").hex(),
	ip4Option("ip.rec_rt", IPv4, "address in a record-route option"),
	ip4Option("ip.cur_rt", IPv4, "next address of a source route"),
	ip4Option("ip.src_rt", IPv4, "address of a source route"),
	ip4Option("ip.empty_rt", IPv4, "slot of a route option not used yet"),
)

var optionClasses = map[int64]string{0: "Control", 1: "Reserved for future use", 2: "Debugging and measurement", 3: "Reserved for future use"}

func ip4Option(name string, t Type, meaning string) Field {
	return row(name, t, func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		l := &p.Layers[i]
		if len(l.Bytes) < 20 || len(l.Bytes) < headerLength4(l) {
			return dst
		}
		d := dissection{want: name, dst: dst, b: l.Bytes}
		ip4Options(&d, headerLength4(l))
		return d.dst
	}, meaning)
}

func ip4Options(d *dissection, end int) {
	for off := 20; off < end && !d.cut; {
		typ, n := d.peek(off, 1), 1
		if typ > 1 {
			n = d.peek(off+1, 1)
		}
		if typ > 1 && n < 2 || off+n > end {
			return
		}
		if knownOptions[typ] {
			ip4OptionType(d, off)
		}
		if typ == 0 {
			return
		}
		if typ == 1 {
			off++
			continue
		}
		if knownOptions[typ] {
			d.number("ip.opt.len", off+1, 1)
		}
		ip4OptionBody(d, typ, off, n)
		off += n
	}
}

// knownOptions are the types that Wireshark shows (IANA ip-parameters).
var knownOptions = setOf(0, 1, 7, 11, 12, 25, 68, 82, 130, 131, 133, 134, 136, 137, 147, 148, 149)

func ip4OptionType(d *dissection, off int) {
	d.number("ip.opt.type", off, 1)
	d.bits("ip.opt.type.copy", off, 1, 0x80)
	d.bits("ip.opt.type.class", off, 1, 0x60)
	d.bits("ip.opt.type.number", off, 1, 0x1f)
}

// The option types whose bodies are read.
const (
	optRecordRoute = 7
	optTimestamp   = 68
	optLooseRoute  = 131
	optStrictRoute = 137
	optRouterAlert = 148
)

func ip4OptionBody(d *dissection, typ, off, n int) {
	switch typ {
	case optRecordRoute, optLooseRoute, optStrictRoute:
		if n >= 3 {
			d.number("ip.opt.ptr", off+2, 1)
			routeSlots(d, typ, off, n)
		}
	case optTimestamp:
		if n >= 4 {
			d.number("ip.opt.ptr", off+2, 1)
			d.bits("ip.opt.overflow", off+3, 1, 0xf0)
			d.bits("ip.opt.flag", off+3, 1, 0x0f)
		}
	case optRouterAlert:
		if n == 4 {
			d.number("ip.opt.ra", off+2, 2)
		}
	}
}

// routeSlots: the pointer counts bytes of the option from 1; slots before it were used. While a source route goes on its
// last slot is the destination, and the header's destination the next stop.
func routeSlots(d *dissection, typ, off, n int) {
	next, going := d.peek(off+2, 1), false
	if next < 4 || next%4 != 0 { // not where a slot begins
		return
	}
	for slot := 3; slot+4 <= n; slot += 4 {
		ended := next > slot+1
		last := slot+8 > n
		switch {
		case ended:
			d.ip4("ip.rec_rt", off+slot)
		case typ == optRecordRoute:
			d.ip4("ip.empty_rt", off+slot)
		case last:
			d.ip4(finalStop, off+slot)
			going = true
		default:
			d.ip4("ip.src_rt", off+slot)
		}
	}
	if going {
		d.ip4("ip.cur_rt", 16)
	}
}

// finalStop is not a field of its own: see [destination4].
const finalStop = "(destination of a source route)"
