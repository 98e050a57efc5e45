package field

import (
	"encoding/hex"
	"fmt"
	"net/netip"
)

// seeds walks an MPL control message (RFC 7731, section 6.2): for each seed its sequence numbers and name. What does not fit
// is unknown data; Wireshark stops there.
func seeds(d *dissection) {
	if d.peek(1, 1) != 0 {
		d.unused(4, 1, "Code must be 0")
		return
	}
	off := 4
	for len(d.b)-off >= 2 && !d.cut {
		next, ok := seed(d, off)
		if !ok {
			return
		}
		off = next
	}
	if len(d.b) > off {
		d.unused(off, off-4, fmt.Sprintf("%d bytes data is left after dissecting MPL Control Message", len(d.b)-off))
	}
}

func seed(d *dissection, off int) (end int, ok bool) {
	least, kind, size := d.peek(off, 1), d.peek(off+1, 1)&3, d.peek(off+1, 1)>>2
	d.number("icmpv6.mpl.seed_info.min_sequence", off, 1)
	d.bits("icmpv6.mpl.seed_info.bm_len", off+1, 1, 0xfc)
	d.bits("icmpv6.mpl.seed_info.s", off+1, 1, 0x03)
	off += 2
	name := [...]int{0, 2, 8, 16}[kind]
	if len(d.b)-off < name {
		d.unused(off, len(d.b)-off, fmt.Sprintf("Remaining data, %d bytes, is too short for Seed ID of %d bytes", len(d.b)-off, name))
		return 0, false
	}
	if d.wants("icmpv6.mpl.seed_info.seed_id") {
		d.add("icmpv6.mpl.seed_info.seed_id", Value{Text: d.seedName(kind, d.at(off, name)), Bytes: d.at(off, name)})
	}
	if off += name; len(d.b)-off < size {
		d.unused(off, len(d.b)-off, fmt.Sprintf("Remaining data, %d bytes, is too short for Buffered Messages of %d bytes", len(d.b)-off, size))
		return 0, false
	}
	d.buffered(least, off, size)
	return off + size, true
}

// seedName: without a name of its own the seed is the sender.
func (d *dissection) seedName(kind int, b []byte) string {
	switch kind {
	case 0:
		return addressText(d.src)
	case 1:
		return hex.EncodeToString(b)
	case 2:
		return string(appendColon(nil, b))
	}
	return addressText(netip.AddrFrom16([16]byte(b)))
}

// buffered tells the sequence numbers whose bits are set in the bitmap, counted from the least one.
func (d *dissection) buffered(least, off, n int) {
	for k := range 8 * n {
		if d.peek(off+k/8, 1)&(0x80>>(k%8)) != 0 {
			d.put("icmpv6.mpl.seed_info.sequence", Value{Int: int64(least+k) & 0xff})
		}
	}
}
