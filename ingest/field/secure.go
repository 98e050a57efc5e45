package field

import "encoding/binary"

// secureOption walks the options of secure neighbor discovery (RFC 3971, RFC 6496).
func secureOption(d *dissection, typ, off, n int) (end int) {
	switch typ {
	case 11:
		return generatedAddress(d, off, n)
	case 12, 32:
		d.reserved(off + 2)
		d.bytes(map[int]string{12: "icmpv6.opt.rsa.key_hash", 32: "icmpv6.opt.ps.key_hash"}[typ], off+4, 16)
		d.none("icmpv6.opt.digital_signature_padding", off+20)
	case 13:
		d.reserved(off + 2)
		sendTimestamp(d, off+8)
		return off + 16
	case 14:
		d.bytes("icmpv6.opt.nonce", off+2, n-2)
	case 15:
		return trustAnchor(d, off, n)
	case 16:
		return certificate(d, off, n)
	}
	return off + n
}

// generatedAddress holds the parameters of a cryptographically generated address (RFC 3972, RFC 4581).
func generatedAddress(d *dissection, off, n int) int {
	d.number("icmpv6.opt.cga.pad_length", off+2, 1)
	d.reserved(off + 3)
	pad := d.peek(off+2, 1)
	end := off + n - pad
	d.bytes("icmpv6.opt.cga", off+4, n-4-pad)
	d.bytes("icmpv6.opt.cga.modifier", off+4, 16)
	d.bytes("icmpv6.opt.cga.subnet_prefix", off+20, 8)
	d.bytes("icmpv6.opt.cga.count", off+28, 1)
	off += 29
	size := derLength(d, off)
	if d.c.since("4.2") {
		d.none("icmpv6.opt.cga.subject_public_key_info", off)
	}
	for off += size; off < end && !d.cut; {
		size := d.peek(off+2, 2)
		d.number("icmpv6.opt.cga.ext_type", off, 2)
		d.number("icmpv6.opt.cga.ext_length", off+2, 2)
		d.bytes("icmpv6.opt.cga.ext_data", off+4, size)
		off += 4 + size
	}
	d.none("icmpv6.opt.padding", off)
	return off + pad
}

// derLength is how many bytes an ASN.1 value in DER takes, its header included.
func derLength(d *dissection, off int) int {
	n := d.peek(off+1, 1)
	if n < 0x80 {
		return 2 + n
	}
	size := min(n&0x7f, 3)
	return 2 + size + d.peek(off+2, size)
}

func trustAnchor(d *dissection, off, n int) int {
	kind, pad := d.peek(off+2, 1), d.peek(off+3, 1)
	d.number("icmpv6.opt.name_type", off+2, 1)
	d.number("icmpv6.opt.cga.pad_length", off+3, 1)
	switch kind {
	case 1:
		d.bytes("icmpv6.opt.name_x501", off+4, n-4-pad)
	case 2:
		d.text("icmpv6.opt.name_type.fqdn", off+4, n-4-pad)
	}
	d.none("icmpv6.opt.padding", off+n-pad)
	return off + n
}

func certificate(d *dissection, off, n int) int {
	if d.c.since("4.4") {
		d.number("icmpv6.opt.cert_type", off+2, 1)
	} else { // by a slip
		d.number("icmpv6.opt.name_type", off+2, 1)
	}
	d.reserved(off + 3)
	if d.peek(off+2, 1) != 1 {
		d.none("icmpv6.opt.certificate_padding", off+4)
		return off + n
	}
	size := derLength(d, off+4)
	d.none("icmpv6.x509_Certificate", off+4)
	d.none("icmpv6.opt.padding", off+4+size)
	return off + n
}

// sendTimestamp counts seconds since 1970 in 48 bits and 1/64K seconds in 16 (RFC 3971, 5.3.1).
func sendTimestamp(d *dissection, off int) {
	b := d.at(off, 8)
	if b == nil {
		return
	}
	ticks := binary.BigEndian.Uint64(b)
	if ticks>>16 > 1<<33 { // keeps nanoseconds within 64 bits
		return
	}
	d.put("icmpv6.opt.timestamp", Value{Int: int64(ticks>>16)*1e9 + int64(ticks&0xffff)*1e9/65536})
}
