package field

// Codes of RPL control messages (RFC 6550, RFC 6997); secure ones have the top bit set and a section of their own.
const (
	rplSolicitation = iota
	rplInformation
	rplAdvertisement
	rplAcknowledgment
	rplDiscovery
	rplDiscoveryAck
	rplSecure      = 0x80
	rplConsistency = 0x8a
)

// rplControl walks a control message: security section, body by its code, options.
func rplControl(d *dissection, reported int) {
	code, off := d.peek(1, 1), 4
	if code&rplSecure != 0 {
		off = rplSecurity(d, off)
	}
	if code != rplConsistency {
		code &^= rplSecure
	}
	switch code {
	case rplSolicitation:
		d.number("icmpv6.rpl.dis.flags", off, 1)
		d.bytes("icmpv6.reserved", off+1, 1)
		off += 2
	case rplInformation:
		off = rplInfo(d, off)
	case rplAdvertisement, rplAcknowledgment:
		off = rplDestination(d, code, off)
	case rplConsistency:
		off = rplCheck(d, off)
	case rplDiscovery, rplDiscoveryAck:
		off = rplReply(d, code, off)
	}
	if code <= rplDiscovery || code == rplConsistency {
		rplOptionList(d, code == rplDiscovery, off, reported)
	}
}

// rplSecurity: the third word of flags repeats the field of the first, as in Wireshark, which also takes the key identifier
// mode from the wrong bits.
func rplSecurity(d *dissection, off int) int {
	d.masks("icmpv6.rpl.secure.flag", off, 1, bitField{"icmpv6.rpl.secure.flag.t", 0x80}, bitField{"icmpv6.rpl.secure.flag.rsv", 0x7f})
	d.number("icmpv6.rpl.secure.algorithm", off+1, 1)
	d.masks("icmpv6.rpl.secure.flag", off+2, 1, bitField{"icmpv6.rpl.secure.kim", 0xc0}, bitField{"icmpv6.rpl.secure.lvl", 0x07},
		bitField{"icmpv6.rpl.secure.rsv", 0x38})
	d.number("icmpv6.rpl.secure.flag", off+3, 1)
	d.number("icmpv6.rpl.secure.counter", off+4, 4)
	mode, level := d.peek(off+2, 1)&3, d.peek(off+2, 1)&7
	off += 8
	if mode == 2 || mode == 3 && (level == 1 || level == 3) {
		d.bytes("icmpv6.rpl.secure.key.source", off, 8)
		off += 8
	} else if mode != 0 {
		return off
	}
	d.number("icmpv6.rpl.secure.key.index", off, 1)
	return off + 1
}

func rplInfo(d *dissection, off int) int {
	d.number("icmpv6.rpl.dio.instance", off, 1)
	d.number("icmpv6.rpl.dio.version", off+1, 1)
	d.number("icmpv6.rpl.dio.rank", off+2, 2)
	d.masks("icmpv6.rpl.dio.flag", off+4, 1, bitField{"icmpv6.rpl.dio.flag.g", 0x80}, bitField{"icmpv6.rpl.dio.flag.0", 0x40},
		bitField{"icmpv6.rpl.dio.flag.mop", 0x38}, bitField{"icmpv6.rpl.dio.flag.preference", 0x07})
	d.number("icmpv6.rpl.dio.dtsn", off+5, 1)
	d.number("icmpv6.rpl.dio.flag", off+6, 1)
	d.bytes("icmpv6.reserved", off+7, 1)
	d.ip6("icmpv6.rpl.dio.dagid", off+8)
	return off + 24
}

// rplDestination is a destination advertisement or its acknowledgment; a flag tells whether the DODAG is named.
func rplDestination(d *dissection, code, off int) int {
	named, address := d.peek(off+1, 1)&0x40 != 0, "icmpv6.rpl.dao.dodagid"
	if code == rplAdvertisement {
		d.number("icmpv6.rpl.dao.instance", off, 1)
		d.masks("icmpv6.rpl.dao.flag", off+1, 1, bitField{"icmpv6.rpl.dao.flag.k", 0x80}, bitField{"icmpv6.rpl.dao.flag.d", 0x40},
			bitField{"icmpv6.rpl.dao.flag.rsv", 0x3f})
		d.bytes("icmpv6.reserved", off+2, 1)
		d.number("icmpv6.rpl.dao.sequence", off+3, 1)
	} else {
		named, address = d.peek(off+1, 1)&0x80 != 0, "icmpv6.rpl.daoack.dodagid"
		d.number("icmpv6.rpl.daoack.instance", off, 1)
		d.masks("icmpv6.rpl.daoack.flag", off+1, 1, bitField{"icmpv6.rpl.daoack.flag.d", 0x80}, bitField{"icmpv6.rpl.daoack.flag.rsv", 0x7f})
		d.number("icmpv6.rpl.daoack.sequence", off+2, 1)
		d.number("icmpv6.rpl.daoack.status", off+3, 1)
	}
	if !named {
		return off + 4
	}
	d.ip6(address, off+4)
	return off + 20
}

func rplCheck(d *dissection, off int) int {
	d.number("icmpv6.rpl.cc.instance", off, 1)
	d.masks("icmpv6.rpl.cc.flag", off+1, 1, bitField{"icmpv6.rpl.cc.flag.r", 0x80}, bitField{"icmpv6.rpl.cc.flag.rsv", 0x7f})
	d.number("icmpv6.rpl.cc.nonce", off+2, 2)
	d.ip6("icmpv6.rpl.cc.dodagid", off+4)
	d.number("icmpv6.rpl.cc.destination_counter", off+20, 4)
	return off + 24
}

// rplReply is a P2P discovery reply or its acknowledgment (RFC 6997).
func rplReply(d *dissection, code, off int) int {
	d.number("icmpv6.rpl.p2p.dro.instance", off, 1)
	d.number("icmpv6.rpl.p2p.dro.version", off+1, 1)
	if d.peek(off+1, 1) != 0 {
		d.present("icmpv6.rpl.p2p.dro.zero")
	}
	if code == rplDiscovery {
		d.masks("icmpv6.rpl.p2p.dro.flag", off+2, 2, bitField{"icmpv6.rpl.p2p.dro.flag.stop", 0x8000}, bitField{"icmpv6.rpl.p2p.dro.flag.ack", 0x4000},
			bitField{"icmpv6.rpl.p2p.dro.flag.seq", 0x3000}, bitField{"icmpv6.rpl.p2p.dro.flag.reserved", 0x0fff})
	} else {
		d.masks("icmpv6.rpl.p2p.droack.flag", off+2, 2, bitField{"icmpv6.rpl.p2p.droack.flag.seq", 0xc000},
			bitField{"icmpv6.rpl.p2p.droack.flag.reserved", 0x3fff})
	}
	d.ip6("icmpv6.rpl.p2p.dro.dagid", off+4)
	return off + 20
}
