package field

// rplOptionList walks the options: a byte of padding, or type, length and as many bytes. reply tells that the message is a P2P
// discovery reply, in which route discovery options have another shape.
func rplOptionList(d *dissection, reply bool, off, reported int) {
	for off < reported && !d.cut {
		d.at(off, 1)
		d.present("icmpv6.opt")
		d.number("icmpv6.rpl.opt.type", off, 1)
		typ := d.peek(off, 1)
		if off++; typ == 0 {
			continue
		}
		d.number("icmpv6.rpl.opt.length", off, 1)
		n := d.peek(off, 1)
		off++
		used := rplOption(d, reply, typ, off, n)
		if off += n; used < off {
			d.unknown(used, off-used)
		}
	}
}

// rplOption walks one option of n bytes at off and returns where what it understood ends.
func rplOption(d *dissection, reply bool, typ, off, n int) (end int) {
	switch typ {
	case 1:
		d.none("icmpv6.rpl.opt.padn", off)
		return off + n
	case 2:
		return rplMetrics(d, off, n)
	case 3:
		return rplRoute(d, off, n)
	case 4:
		return rplConfiguration(d, off)
	case 5:
		d.none("icmpv6.rpl.opt.target.flag", off)
		d.number("icmpv6.rpl.opt.target.prefix_length", off+1, 1)
		return d.variablePrefix("icmpv6.rpl.opt.target.prefix", off+2, n-2)
	case 6:
		return rplTransit(d, off, n)
	case 7:
		return rplSolicited(d, off)
	case 8:
		return rplPrefix(d, off)
	case 9:
		d.number("icmpv6.rpl.opt.targetdesc.descriptor", off, 4)
		return off + 4
	case 10:
		return rplRouteDiscovery(d, reply, off, n)
	}
	d.put("icmpv6.undecoded.rpl_option", Value{Int: int64(typ)})
	d.bytes("icmpv6.data", off, n)
	return off + n
}

// variablePrefix reads a prefix of which none, half or all is there; other lengths are wrong.
func (d *dissection) variablePrefix(name string, off, n int) (end int) {
	switch n {
	case 0:
	case 8, 16:
		d.prefix(name, off, n)
	default:
		d.put("icmpv6.invalid_option_length", Value{Int: 1})
		return off
	}
	return off + n
}

func rplRoute(d *dissection, off, n int) int {
	d.number("icmpv6.rpl.opt.route.prefix_length", off, 1)
	d.masks("icmpv6.rpl.opt.route.flag", off+1, 1, bitField{"icmpv6.rpl.opt.route.pref", 0x18}, bitField{"icmpv6.rpl.opt.route.reserved", 0xe7})
	d.number("icmpv6.rpl.opt.route.lifetime", off+2, 4)
	return d.variablePrefix("icmpv6.rpl.opt.route.prefix", off+6, n-6)
}

func rplConfiguration(d *dissection, off int) int {
	d.masks("icmpv6.rpl.opt.config.flag", off, 1, bitField{"icmpv6.rpl.opt.config.reserved", 0xf0}, bitField{"icmpv6.rpl.opt.config.auth", 0x08},
		bitField{"icmpv6.rpl.opt.config.pcs", 0x07})
	d.number("icmpv6.rpl.opt.config.interval_double", off+1, 1)
	d.number("icmpv6.rpl.opt.config.interval_min", off+2, 1)
	d.number("icmpv6.rpl.opt.config.redundancy", off+3, 1)
	d.number("icmpv6.rpl.opt.config.max_rank_inc", off+4, 2)
	d.number("icmpv6.rpl.opt.config.min_hop_rank_inc", off+6, 2)
	d.number("icmpv6.rpl.opt.config.ocp", off+8, 2)
	d.number("icmpv6.rpl.opt.config.rsv", off+10, 1)
	d.number("icmpv6.rpl.opt.config.def_lifetime", off+11, 1)
	d.number("icmpv6.rpl.opt.config.lifetime_unit", off+12, 2)
	return off + 14
}

func rplTransit(d *dissection, off, n int) int {
	d.masks("icmpv6.rpl.opt.transit.flag", off, 1, bitField{"icmpv6.rpl.opt.transit.flag.e", 0x80}, bitField{"icmpv6.rpl.opt.transit.flag.rsv", 0x7f})
	d.masks("icmpv6.rpl.opt.transit.pathctl", off+1, 1, bitField{"icmpv6.rpl.opt.transit.pathctl.pc1", 0xc0},
		bitField{"icmpv6.rpl.opt.transit.pathctl.pc2", 0x30}, bitField{"icmpv6.rpl.opt.transit.pathctl.pc3", 0x0c},
		bitField{"icmpv6.rpl.opt.transit.pathctl.pc4", 0x03})
	d.number("icmpv6.rpl.opt.transit.pathseq", off+2, 1)
	d.number("icmpv6.rpl.opt.transit.pathlifetime", off+3, 1)
	if n <= 4 {
		return off + 4
	}
	d.ip6("icmpv6.rpl.opt.transit.parent", off+4)
	return off + 20
}

func rplSolicited(d *dissection, off int) int {
	d.number("icmpv6.rpl.opt.solicited.instance", off, 1)
	d.masks("icmpv6.rpl.opt.solicited.flag", off+1, 1, bitField{"icmpv6.rpl.opt.solicited.flag.v", 0x80}, bitField{"icmpv6.rpl.opt.solicited.flag.i", 0x40},
		bitField{"icmpv6.rpl.opt.solicited.flag.d", 0x20}, bitField{"icmpv6.rpl.opt.solicited.flag.rsv", 0x1f})
	d.ip6("icmpv6.rpl.opt.solicited.dodagid", off+2)
	d.number("icmpv6.rpl.opt.solicited.version", off+18, 1)
	return off + 19
}

// rplPrefix: some of its flags go by names of the configuration option in Wireshark.
func rplPrefix(d *dissection, off int) int {
	d.number("icmpv6.rpl.opt.prefix.length", off, 1)
	d.masks("icmpv6.rpl.opt.prefix.flag", off+1, 1, bitField{"icmpv6.rpl.opt.prefix.flag.l", 0x80}, bitField{"icmpv6.rpl.opt.config.flag.a", 0x40},
		bitField{"icmpv6.rpl.opt.config.flag.r", 0x20}, bitField{"icmpv6.rpl.opt.config.flag.rsv", 0x1f})
	d.number("icmpv6.rpl.opt.prefix.valid_lifetime", off+2, 4)
	d.number("icmpv6.rpl.opt.prefix.preferred_lifetime", off+6, 4)
	d.none("icmpv6.rpl.opt.reserved", off+10)
	d.ip6("icmpv6.rpl.opt.prefix", off+14)
	return off + 30
}

// rplRouteDiscovery is the P2P route discovery option (RFC 6997, section 7).
func rplRouteDiscovery(d *dissection, reply bool, off, n int) int {
	d.none("icmpv6.rpl.opt.routediscovery.flag", off)
	d.bits("icmpv6.rpl.opt.routediscovery.flag.reply", off, 1, 0x80)
	d.bits("icmpv6.rpl.opt.routediscovery.flag.hopbyhop", off, 1, 0x40)
	d.bits("icmpv6.rpl.opt.routediscovery.flag.numofroutes", off, 1, 0x30)
	d.bits("icmpv6.rpl.opt.routediscovery.flag.compr", off, 1, 0x0f)
	d.bits("icmpv6.rpl.opt.routediscovery.lifetime", off+1, 1, 0xc0)
	if reply {
		d.bits("icmpv6.rpl.opt.routediscovery.nh", off+1, 1, 0x3f)
	} else {
		d.bits("icmpv6.rpl.opt.routediscovery.maxrank", off+1, 1, 0x3f)
	}
	flags := d.peek(off, 1)
	routeDiscoveryFaults(d, reply, flags, d.peek(off+1, 1))
	d.ip6("icmpv6.rpl.opt.routediscovery.targetaddr", off+2)
	return routeVector(d, flags&0x0f, off+18, n-18)
}

func routeDiscoveryFaults(d *dissection, reply bool, flags, second int) {
	hop, several := flags&0x40 != 0, flags&0x30 != 0
	switch {
	case reply:
		for _, wrong := range [...]bool{flags&0x80 != 0, several, second&0xc0 != 0} {
			if wrong {
				d.present("icmpv6.rpl.p2p.dro.rdo.zero")
			}
		}
	case hop:
		if flags&0x80 == 0 {
			d.present("icmpv6.rpl.p2p.hop_by_hop")
		}
		if several {
			d.present("icmpv6.rpl.p2p.num_of_routes")
		}
	}
}

// routeVector lists n bytes of addresses of which the first left bytes are left out: Wireshark shows zeros for them.
func routeVector(d *dissection, left, off, n int) int {
	d.none("icmpv6.rpl.opt.routediscovery.addr_vec", off)
	size := 16 - left
	for count := n / size; count != 0 && !d.cut; count-- { // Wireshark goes on and on when the count is negative
		d.suffix("icmpv6.rpl.opt.routediscovery.addrvec.addr", off, size)
		off += size
	}
	return off
}
