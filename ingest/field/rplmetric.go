package field

// Types of metrics and constraints (RFC 6551).
const (
	metricState      = 1
	metricEnergy     = 2
	metricHops       = 3
	metricThroughput = 4
	metricLatency    = 5
	metricQuality    = 6
	metricETX        = 7
	metricColour     = 8
)

// rplMetrics walks a metric container: objects of four bytes of header and a body by type. Wireshark stops two bytes before
// the option's end, as it takes the option's header for part of its length.
func rplMetrics(d *dissection, off, n int) int {
	for end := off - 2 + n; off < end && !d.cut; {
		d.number("icmpv6.rpl.opt.metric.type", off, 1)
		d.masks("icmpv6.rpl.opt.metric.flags", off+1, 2, bitField{"icmpv6.rpl.opt.metric.reserved", 0xf800},
			bitField{"icmpv6.rpl.opt.metric.flag.p", 0x0400}, bitField{"icmpv6.rpl.opt.metric.flag.c", 0x0200},
			bitField{"icmpv6.rpl.opt.metric.flag.o", 0x0100}, bitField{"icmpv6.rpl.opt.metric.flag.r", 0x0080},
			bitField{"icmpv6.rpl.opt.metric.flag.a", 0x0070}, bitField{"icmpv6.rpl.opt.metric.prec", 0x000f})
		d.number("icmpv6.rpl.opt.metric.length", off+3, 1)
		off = rplMetric(d, d.peek(off, 1), d.peek(off+1, 2), off+4, d.peek(off+3, 1))
	}
	return off
}

func rplMetric(d *dissection, typ, flags, off, n int) int {
	switch typ {
	case metricState:
		return metricNodeState(d, off, n)
	case metricEnergy:
		return each(d, off, n, 2, func(off int) {
			d.masks("icmpv6.rpl.opt.metric.ne.object", off, 2, bitField{"icmpv6.rpl.opt.metric.ne.object.flags", 0xf000},
				bitField{"icmpv6.rpl.opt.metric.ne.object.flag.i", 0x0800}, bitField{"icmpv6.rpl.opt.metric.ne.object.type", 0x0600},
				bitField{"icmpv6.rpl.opt.metric.ne.object.flag.e", 0x0100}, bitField{"icmpv6.rpl.opt.metric.ne.object.energy", 0x00ff})
		})
	case metricHops:
		d.masks("icmpv6.rpl.opt.metric.hp.object", off, 2, bitField{"icmpv6.rpl.opt.metric.hp.object.reserved", 0xf000},
			bitField{"icmpv6.rpl.opt.metric.hp.object.flags", 0x0f00}, bitField{"icmpv6.rpl.opt.metric.hp.object.hp", 0x00ff})
		return off + 2
	case metricThroughput:
		return each(d, off, n, 4, func(off int) { d.number("icmpv6.rpl.opt.metric.lt.object.lt", off, 4) })
	case metricLatency:
		return each(d, off, n, 4, func(off int) { d.number("icmpv6.rpl.opt.metric.ll.object.ll", off, 4) })
	case metricQuality:
		d.number("icmpv6.rpl.opt.metric.lql.object.res", off, 1)
		return each(d, off+1, n-1, 1, func(off int) {
			d.masks("icmpv6.rpl.opt.metric.lql.object", off, 1, bitField{"icmpv6.rpl.opt.metric.lql.object.val", 0xe0},
				bitField{"icmpv6.rpl.opt.metric.lql.object.counter", 0x1f})
		})
	case metricETX:
		return each(d, off, n, 2, func(off int) { d.number("icmpv6.rpl.opt.metric.etx.object.etx", off, 2) })
	case metricColour:
		d.number("icmpv6.rpl.opt.metric.lc.object.res", off, 1)
		return each(d, off+1, n-1, 2, func(off int) { metricLinkColour(d, flags, off) })
	}
	d.present("icmpv6.rpl.unknown.metric")
	return off
}

// each walks records of the same size until n bytes are used up.
func each(d *dissection, off, n, size int, walk func(off int)) (end int) {
	for ; n > 0 && !d.cut; n -= size {
		walk(off)
		off += size
	}
	return off
}

func metricNodeState(d *dissection, off, n int) int {
	d.masks("icmpv6.rpl.opt.metric.nsa.object", off, 2, bitField{"icmpv6.rpl.opt.metric.nsa.object.reserved", 0xff00},
		bitField{"icmpv6.rpl.opt.metric.nsa.object.flags", 0x00fc}, bitField{"icmpv6.rpl.opt.metric.nsa.object.flag.a", 0x0002},
		bitField{"icmpv6.rpl.opt.metric.nsa.object.flag.o", 0x0001})
	off, n = off+2, n-2
	for n > 0 && !d.cut {
		d.number("icmpv6.rpl.opt.metric.nsa.object.opttlv.object", off, 1)
		d.number("icmpv6.rpl.opt.metric.nsa.object.opttlv.object.type", off, 1)
		size := d.peek(off+1, 1)
		d.number("icmpv6.rpl.opt.metric.nsa.object.opttlv.object.length", off+1, 1)
		d.bytes("icmpv6.rpl.opt.metric.nsa.object.opttlv.object.data", off+2, size)
		off, n = off+2+size, n-2-size
	}
	return off
}

// metricLinkColour: what stands beside the colour depends on whether it is a constraint or recorded.
func metricLinkColour(d *dissection, flags, off int) {
	d.none("icmpv6.rpl.opt.metric.lc.object", off)
	d.bits("icmpv6.rpl.opt.metric.lc.object.lc", off, 2, 0xffc0)
	switch {
	case flags&0x0200 != 0:
		d.bits("icmpv6.rpl.opt.metric.lc.object.reserved", off, 2, 0x003e)
		d.bits("icmpv6.rpl.opt.metric.lc.object.flag.i", off, 2, 0x0001)
	case flags&0x0080 != 0:
		d.bits("icmpv6.rpl.opt.metric.lc.object.counter", off, 2, 0x003f)
	default:
		d.present("icmpv6.rpl.unknown.metric")
	}
}
