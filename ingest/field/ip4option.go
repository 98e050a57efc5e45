package field

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"icmpsift/ingest"
)

func ip4Option(name string, t Type, meaning string) Field {
	return row(name, t, func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		l := &p.Layers[i]
		if len(l.Bytes) < 20 || len(l.Bytes) < headerLength4(l) {
			return dst
		}
		d := dissection{c: c, want: name, dst: dst, b: l.Bytes}
		ip4Options(&d, headerLength4(l))
		return d.dst
	}, meaning)
}

// ip4Kind is an option that Wireshark shows.
type ip4Kind struct {
	field      string // with the option's bytes
	title      string
	size       int  // bytes it should have, 0 if that varies
	deprecated bool // RFC 6814
}

// The option types whose bodies are read (IANA ip-parameters).
const (
	optRecordRoute = 7
	optMTUProbe    = 11
	optMTUReply    = 12
	optQuickStart  = 25
	optTimestamp   = 68
	optTraceroute  = 82
	optSecurity    = 130
	optLooseRoute  = 131
	optExtSecurity = 133
	optCIPSO       = 134
	optStream      = 136
	optStrictRoute = 137
	optRouterAlert = 148
	optBroadcast   = 149
)

var ip4Kinds = map[int]ip4Kind{
	optRecordRoute: {"ip.options.record_route", "Record Route", 0, false},
	optMTUProbe:    {"ip.options.mtu_probe", "MTU Probe", 4, false},
	optMTUReply:    {"ip.options.mtu_reply", "MTU Reply", 4, false},
	optQuickStart:  {"ip.options.qs", "Quick-Start", 8, false},
	optTimestamp:   {"ip.options.timestamp", "Time Stamp", 0, false},
	optTraceroute:  {"ip.options.traceroute", "Traceroute", 12, true},
	optSecurity:    {"ip.options.security", "Security", 0, false},
	optLooseRoute:  {"ip.options.route", "Loose Source Route", 0, false},
	optExtSecurity: {"ip.options.ext_security", "Extended Security", 0, false},
	optCIPSO:       {"ip.options.cipso", "Commercial Security", 0, false},
	optStream:      {"ip.options.sid", "Stream ID", 4, true},
	optStrictRoute: {"ip.options.source_route", "Strict Source Route", 0, false},
	optRouterAlert: {"ip.options.routeralert", "Router Alert", 4, false},
	optBroadcast:   {"ip.options.sdb", "Selective Directed Broadcast", 0, true},
}

// ip4Options walks the options up to end. An option whose body breaks off is the last.
func ip4Options(d *dissection, end int) {
	nops := 0
	for off := 20; off < end && !d.cut; {
		typ := d.peek(off, 1)
		switch typ {
		case 0:
			ip4OptionType(d, "ip.options.eol", off, 1)
			return
		case 1:
			if nops++; nops == 4 {
				d.put("ip.nop", Value{Int: 1})
			}
			ip4OptionType(d, "ip.options.nop", off, 1)
			off++
			continue
		}
		nops = 0
		kind, known := ip4Kinds[typ]
		n, ok := ip4OptionLength(d, kind, typ, off, end)
		if d.want == finalStop && typ != optLooseRoute && typ != optStrictRoute {
			known = false
		}
		if !ok || known && !ip4OptionBody(d, kind, typ, off, n) {
			return
		}
		off += n
	}
}

func ip4OptionType(d *dissection, name string, off, n int) {
	d.bytes(name, off, n)
	d.masks("ip.opt.type", off, 1, bitField{"ip.opt.type.copy", 0x80}, bitField{"ip.opt.type.class", 0x60}, bitField{"ip.opt.type.number", 0x1f})
}

// ip4OptionLength is the option's length, if it is possible.
func ip4OptionLength(d *dissection, kind ip4Kind, typ, off, end int) (n int, ok bool) {
	if off+1 < end {
		n = d.peek(off+1, 1)
	}
	switch {
	case off+1 >= end:
		d.optionFault(kind, typ, "length byte past end of options", -1)
		return 0, false
	case n < 2:
		d.optionFault(kind, typ, "with too-short option length = %s", n)
		return 0, false
	case off+n > end:
		d.optionFault(kind, typ, "option length = %s says option goes past end of options", n)
		return 0, false
	}
	return n, true
}

// optionFault notes an expert item on an option's length; the format has a place for the length in words.
func (d *dissection) optionFault(kind ip4Kind, typ int, format string, n int) {
	if !d.wants("ip.opt.len.invalid") {
		return
	}
	text := cmp.Or(kind.title, fmt.Sprintf("Unknown (0x%02x)", typ))
	length := strconv.Itoa(n) + " bytes"
	if n == 1 {
		length = "1 byte"
	}
	d.add("ip.opt.len.invalid", Value{Int: 1, Text: text + " (" + strings.Replace(format, "%s", length, 1) + ")"})
}

func ip4OptionBody(d *dissection, kind ip4Kind, typ, off, n int) (ok bool) {
	ip4OptionType(d, kind.field, off, n)
	d.number("ip.opt.len", off+1, 1)
	if kind.size > 0 && n != kind.size {
		d.optionFault(kind, typ, "with option length = %s; should be "+strconv.Itoa(kind.size), n)
	}
	if kind.deprecated && d.c.since("4.4") {
		d.present("ip.opt.deprecated")
	}
	return ip4OptionData(d, typ, off, off+n)
}

// ip4OptionData walks what an option holds; ok is false where it breaks off.
func ip4OptionData(d *dissection, typ, off, end int) (ok bool) {
	switch typ {
	case optRecordRoute, optLooseRoute, optStrictRoute:
		return routeOption(d, typ, off, end)
	case optMTUProbe, optMTUReply:
		return d.within(end, "ip.opt.mtu", off+2, 2)
	case optStream:
		return d.within(end, "ip.opt.sid", off+2, 2)
	case optRouterAlert:
		return d.within(end, "ip.opt.ra", off+2, 2)
	case optQuickStart:
		return quickStart4(d, off, end)
	case optTimestamp:
		return timestampOption(d, off, end)
	case optTraceroute:
		return tracerouteOption(d, off, end)
	case optBroadcast:
		return broadcastOption(d, off, end)
	case optSecurity:
		return securityOption(d, off, end)
	case optExtSecurity:
		return extendedSecurity(d, off, end)
	case optCIPSO:
		return cipso(d, off, end)
	}
	return true
}

// within reads a number of a body that ends at end.
func (d *dissection) within(end int, name string, off, n int) (ok bool) {
	if off+n > end {
		return false
	}
	d.number(name, off, n)
	return !d.cut
}

// quickStart4 is RFC 4782's option: a rate requested or reported.
func quickStart4(d *dissection, off, end int) bool {
	if off+4 > end {
		return false
	}
	d.bits("ip.opt.qs_func", off+2, 1, 0xf0)
	switch d.peek(off+2, 1) >> 4 {
	case 0:
		d.bits("ip.opt.qs_rate", off+2, 1, 0x0f)
		d.number("ip.opt.qs_ttl", off+3, 1)
		d.put("ip.opt.qs_ttl_diff", Value{Int: int64(d.peek(8, 1)-d.peek(off+3, 1)) & 0xff})
	case 8:
		d.bits("ip.opt.qs_rate", off+2, 1, 0x0f)
		d.number("ip.opt.qs_unused", off+3, 1)
	default:
		return true
	}
	if off+8 > end {
		return false
	}
	d.bits("ip.opt.qs_nonce", off+4, 4, 0xfffffffc)
	d.bits("ip.opt.qs_reserved", off+4, 4, 0x3)
	return true
}

// timestampOption holds times alone or behind the addresses of who wrote them (RFC 791).
func timestampOption(d *dissection, off, end int) bool {
	if !d.within(end, "ip.opt.ptr", off+2, 1) || off+4 > end {
		return false
	}
	d.bits("ip.opt.overflow", off+3, 1, 0xf0)
	d.bits("ip.opt.flag", off+3, 1, 0x0f)
	flag := d.peek(off+3, 1) & 0x0f
	size := 4
	if flag == 1 || flag == 3 {
		size = 8
	}
	for off += 4; off < end; off += size {
		if off+size > end {
			d.present("ip.subopt_too_long")
			return true
		}
		if size == 8 {
			d.ip4("ip.opt.time_stamp_addr", off)
		}
		d.number("ip.opt.time_stamp", off+size-4, 4)
	}
	return true
}

func tracerouteOption(d *dissection, off, end int) bool {
	if !d.within(end, "ip.opt.id_number", off+2, 2) || !d.within(end, "ip.opt.ohc", off+4, 2) || !d.within(end, "ip.opt.rhc", off+6, 2) || off+12 > end {
		return false
	}
	d.ip4("ip.opt.originator", off+8)
	return true
}

func broadcastOption(d *dissection, off, end int) bool {
	for off += 2; off+4 <= end; off += 4 {
		d.ip4("ip.opt.addr", off)
	}
	if off < end {
		d.bytes("ip.opt.padding", off, end-off)
	}
	return true
}

// routeOption: the pointer counts bytes of the option from 1; slots before it were used. While a source route goes on its last
// slot is the destination, and the header's destination the next stop.
func routeOption(d *dissection, typ, off, end int) bool {
	if !d.within(end, "ip.opt.ptr", off+2, 1) {
		return false
	}
	next, going := d.peek(off+2, 1), false
	if next < 4 {
		d.present("ip.opt.ptr.before_address")
		return true
	}
	if next%4 != 0 {
		d.present("ip.opt.ptr.middle_address")
		return true
	}
	for at := off + 3; at < end; at += 4 {
		switch slot := at - off; {
		case at+4 > end:
			d.present("ip.subopt_too_long")
		case next > slot+1:
			d.route("ip.rec_rt", "ip.rec_rt_host", at)
		case typ == optRecordRoute:
			d.route("ip.empty_rt", "ip.empty_rt_host", at)
		case at+8 > end:
			d.ip4(finalStop, at)
			going = true
		default:
			d.route("ip.src_rt", "ip.src_rt_host", at)
		}
	}
	if going {
		d.route("ip.cur_rt", "ip.cur_rt_host", 16)
	}
	return true
}

// route reads an address, and the same as a host.
func (d *dissection) route(name, host string, off int) {
	d.ip4(name, off)
	if b := d.at(off, 4); d.wants(host) {
		d.add(host, Value{Text: addressText(netip.AddrFrom4([4]byte(b))), Bytes: b})
	}
}

// finalStop is not a field of its own: see [destination4].
const finalStop = "(destination of a source route)"
