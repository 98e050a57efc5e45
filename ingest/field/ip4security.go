package field

import (
	"slices"
	"strconv"
)

// rfc791Levels are the security levels of RFC 791, the reserved ones included: they tell its option from RFC 1108's.
var rfc791Levels = []int{
	0x0000, 0xf135, 0x789a, 0xbc4d, 0x5e26, 0xaf13, 0xd788, 0x6bc5, 0x35e2, 0x9af1, 0x4d78, 0x24bd, 0x135e, 0x89af, 0xc4d6, 0xe26b,
}

func securityOption(d *dissection, off, end int) bool {
	if end-off == 11 && slices.Contains(rfc791Levels, d.peek(off+2, 2)) {
		d.number("ip.opt.sec_rfc791_sec", off+2, 2)
		d.number("ip.opt.sec_rfc791_comp", off+4, 2)
		d.text("ip.opt.sec_rfc791_hr", off+6, 2)
		d.text("ip.opt.sec_rfc791_tcc", off+8, 3)
		return true
	}
	if !d.within(end, "ip.opt.sec_cl", off+2, 1) {
		return false
	}
	return protectionFlags(d, off+3, end)
}

// protectionFlags are bytes of flags, the last bit of each telling whether another follows (RFC 1108).
func protectionFlags(d *dissection, off, end int) bool {
	for first := true; off < end; off, first = off+1, false {
		d.number("ip.opt.sec_prot_auth_flags", off, 1)
		unassigned := int64(0xfe)
		if first {
			unassigned = 0x06
			for _, f := range protectionAuthorities {
				d.bits(f.name, off, 1, f.mask)
			}
		}
		d.bits("ip.opt.sec_prot_auth_unassigned", off, 1, unassigned)
		d.bits("ip.opt.sec_prot_auth_fti", off, 1, 0x01)
		more := d.peek(off, 1)&1 != 0
		switch {
		case more && off+1 == end:
			d.put("ip.opt.len.invalid", Value{Int: 1, Text: "Field Termination Indicator set to 1 for last byte of option"})
		case !more && off+1 < end:
			d.put("ip.opt.len.invalid", Value{Int: 1, Text: "Extraneous data in option"})
			return true
		}
	}
	return true
}

var protectionAuthorities = [...]bitField{
	{"ip.opt.sec_prot_auth_genser", 0x80}, {"ip.opt.sec_prot_auth_siop_esi", 0x40}, {"ip.opt.sec_prot_auth_sci", 0x20},
	{"ip.opt.sec_prot_auth_nsa", 0x10}, {"ip.opt.sec_prot_auth_doe", 0x08},
}

func extendedSecurity(d *dissection, off, end int) bool {
	if !d.within(end, "ip.opt.ext_sec_add_sec_info_format_code", off+2, 1) {
		return false
	}
	if end > off+3 {
		d.bytes("ip.opt.ext_sec_add_sec_info", off+3, end-off-3)
	}
	return true
}

// Tags of the commercial IP security option (FIPS 188, draft-ietf-cipso-ipsecurity).
const (
	tagBitmap     = 1
	tagEnumerated = 2
	tagRanges     = 5
	tagFreeform   = 6
)

func cipso(d *dissection, off, end int) bool {
	if !d.within(end, "ip.cipso.doi", off+2, 4) {
		return false
	}
	for off += 6; off < end; {
		d.number("ip.cipso.tag_type", off, 1)
		typ := d.peek(off, 1)
		if typ != tagBitmap && typ != tagEnumerated && typ != tagRanges && typ != tagFreeform {
			return true
		}
		if off+1 >= end {
			return false
		}
		n := d.peek(off+1, 1)
		if n < 2 || off+n > end || typ != tagFreeform && n < 4 {
			d.present("ip.cipso.malformed")
			return true
		}
		cipsoTag(d, typ, off, n)
		off += n
	}
	return true
}

func cipsoTag(d *dissection, typ, off, n int) {
	if typ == tagFreeform {
		d.bytes("ip.cipso.tag_data", off+2, n-2)
		return
	}
	d.number("ip.cipso.sensitivity_level", off+3, 1)
	if b := d.at(off+4, n-4); len(b) > 0 && d.wants("ip.cipso.categories") {
		d.add("ip.cipso.categories", Value{Text: categories(typ, b), Bytes: b})
	}
}

// categories lists a tag's categories: set bits, numbers, or ranges whose last end may be left out for 0.
func categories(typ int, b []byte) string {
	var text []byte
	add := func(n int64) {
		if len(text) > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, n, 10)
	}
	for off := 0; off < len(b); {
		switch typ {
		case tagBitmap:
			for bit := range 8 {
				if b[off]&(0x80>>bit) != 0 {
					add(int64(8*off + bit))
				}
			}
			off++
		case tagEnumerated:
			add(be(span(b, off, 2)))
			off += 2
		default:
			add(be(span(b, off, 2)))
			text = strconv.AppendInt(append(text, '-'), be(span(b, off+2, 2)), 10)
			off += 4
		}
	}
	return string(text)
}
