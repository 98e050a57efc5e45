package field

import "icmpsift/ingest"

// mobileFields are the Mobile IP extensions of router advertisements (RFC 5944, RFC 4721).
var mobileFields = in(ingest.ProtoICMPv4,
	mobile("icmp.mip.type", Uint8, "Mobile IP extension: type").named(mobileTypes),
	mobile("icmp.mip.length", Uint8, "Mobile IP extension: bytes that follow"),
	mobile("icmp.mip.seq", Uint16, "agent advertisement: advertisements since the agent started"),
	mobile("icmp.mip.life", Uint16, "agent advertisement: longest registration lifetime, seconds"),
	mobile("icmp.mip.flags", Uint16, "agent advertisement: flags").hex(),
	mobile("icmp.mip.r", Boolean, "agent advertisement: registration required"),
	mobile("icmp.mip.b", Boolean, "agent advertisement: busy"),
	mobile("icmp.mip.h", Boolean, "agent advertisement: home agent"),
	mobile("icmp.mip.f", Boolean, "agent advertisement: foreign agent"),
	mobile("icmp.mip.m", Boolean, "agent advertisement: minimal encapsulation"),
	mobile("icmp.mip.g", Boolean, "agent advertisement: GRE encapsulation"),
	mobile("icmp.mip.v", Boolean, "agent advertisement: Van Jacobson header compression"),
	mobile("icmp.mip.rt", Boolean, "agent advertisement: reverse tunnelling"),
	mobile("icmp.mip.u", Boolean, "agent advertisement: UDP tunnelling"),
	mobile("icmp.mip.x", Boolean, "agent advertisement: registration revocation"),
	mobile("icmp.mip.reserved", Uint16, "agent advertisement: reserved bits").hex(),
	mobile("icmp.mip.coa", IPv4, "agent advertisement: care-of address"),
	mobile("icmp.mip.prefixlength", Uint8, "prefix lengths: bits of the network part of an advertised address"),
	mobile("icmp.mip.challenge", Bytes, "challenge"),
	mobile("icmp.mip.content", Bytes, "data of an unknown Mobile IP extension, without its last four bytes (as in Wireshark)"),
)

var mobileTypes = map[int64]string{
	0: "One byte padding extension", 16: "Mobility Agent Advertisement Extension", 19: "Prefix Lengths Extension", 24: "Challenge Extension",
}

func mobile(name string, t Type, meaning string) Field {
	return row(name, t, icmp4(func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{c: c, want: name, dst: dst, b: p.Layers[i].Bytes}
		mobileExtensions(&d, p.Layers[i].Reported)
		return d.dst
	}, 9), meaning)
}

// mobileExtensions stand behind the addresses of advertisements with code 0 or 16.
func mobileExtensions(d *dissection, reported int) {
	code := d.peek(1, 1)
	if code != 0 && code != 16 || d.peek(5, 1) != 2 {
		return
	}
	for off := 8 + 8*d.peek(4, 1); off < reported && !d.cut; {
		typ := d.peek(off, 1)
		if typ == 0 {
			d.number("icmp.mip.type", off, 1)
			off++
			continue
		}
		n := d.peek(off+1, 1)
		d.number("icmp.mip.type", off, 1)
		d.number("icmp.mip.length", off+1, 1)
		off = mobileExtension(d, typ, off, n)
	}
}

// mobileExtension returns where the next one begins, for Wireshark.
func mobileExtension(d *dissection, typ, off, n int) int {
	switch typ {
	case 16:
		return agentAdvertisement(d, off, n)
	case 19:
		for k := range n {
			d.number("icmp.mip.prefixlength", off+2+k, 1)
		}
	case 24:
		d.bytes("icmp.mip.challenge", off+2, n)
	default:
		unknownMobile(d, off+2, n)
	}
	return off + 2 + n
}

// agentAdvertisement ends behind its last whole address.
func agentAdvertisement(d *dissection, off, n int) int {
	d.number("icmp.mip.seq", off+2, 2)
	d.number("icmp.mip.life", off+4, 2)
	d.number("icmp.mip.flags", off+6, 2)
	for _, f := range agentFlags {
		d.bits(f.name, off+6, 2, f.mask)
	}
	k := 6
	for ; k+4 <= n; k += 4 {
		d.ip4("icmp.mip.coa", off+2+k)
	}
	return off + 2 + k
}

// unknownMobile: of an extension it does not know Wireshark leaves out the last four bytes. Where that is less than nothing it
// gives up, but one less means all the rest.
func unknownMobile(d *dissection, off, n int) {
	switch {
	case n == 0:
	case n == 3:
		d.bytes("icmp.mip.content", off, len(d.b)-off)
	case n < 4:
		d.cut = true
	default:
		d.bytes("icmp.mip.content", off, n-4)
	}
}

var agentFlags = [...]struct {
	name string
	mask int64
}{
	{"icmp.mip.r", 0x8000}, {"icmp.mip.b", 0x4000}, {"icmp.mip.h", 0x2000}, {"icmp.mip.f", 0x1000}, {"icmp.mip.m", 0x0800},
	{"icmp.mip.g", 0x0400}, {"icmp.mip.v", 0x0200}, {"icmp.mip.rt", 0x0100}, {"icmp.mip.u", 0x0080}, {"icmp.mip.x", 0x0040},
	{"icmp.mip.reserved", 0x003f},
}
