package field

import (
	"net/netip"

	"icmpsift/ingest"
)

// be reads up to eight bytes as a big-endian number.
func be(b []byte) int64 {
	var n int64
	for _, x := range b {
		n = n<<8 | int64(x)
	}
	return n
}

// span is n bytes of b at off, or nil when b does not hold them all.
func span(b []byte, off, n int) []byte {
	if off < 0 || n < 0 || off > len(b) || n > len(b)-off {
		return nil
	}
	return b[off : off+n : off+n]
}

// masked cuts the bits of mask out of n and shifts them down, as Wireshark does.
func masked(n, mask int64) int64 { return n & mask / (mask & -mask) }

// reading is how a value comes of the bytes it was read from.
type reading uint8

const (
	notRead    reading = iota
	readNumber         // big-endian, shifted down where there is a mask
	readLittle         // little-endian, 16 bits
	readBytes
	readAddress
)

// number reads a big-endian number of n bytes at off.
func number(off, n int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, n); b != nil {
			dst = append(dst, Value{Int: be(b), Bytes: b, reading: readNumber})
		}
		return dst
	}
}

// little reads a little-endian 16-bit number at off.
func little(off int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, 2); b != nil {
			dst = append(dst, Value{Int: int64(b[0]) | int64(b[1])<<8, Bytes: b, reading: readLittle})
		}
		return dst
	}
}

// bits reads the bits of mask from the big-endian number of n bytes at off.
func bits(off, n int, mask int64) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, n); b != nil {
			dst = append(dst, Value{Int: masked(be(b), mask), Bytes: b, mask: mask, reading: readNumber})
		}
		return dst
	}
}

// octets reads n bytes at off as they are.
func octets(off, n int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, n); b != nil {
			dst = append(dst, Value{Bytes: b, reading: readBytes})
		}
		return dst
	}
}

func ip4(off int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, 4); b != nil {
			dst = append(dst, Value{Addr: netip.AddrFrom4([4]byte(b)), Bytes: b, reading: readAddress})
		}
		return dst
	}
}

func ip6(off int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if b := span(p.Layers[i].Bytes, off, 16); b != nil {
			dst = append(dst, Value{Addr: netip.AddrFrom16([16]byte(b)), Bytes: b, reading: readAddress})
		}
		return dst
	}
}

// asHost spells addresses out: what Wireshark shows as host when it resolves no names.
func (f Field) asHost() Field {
	return f.spelled(Address, func(dst []byte, v Value) []byte { return appendAddress(dst, v.Addr) })
}

// spelled makes texts of the values, as those of another type have. A packet's tree does without these texts until they are printed.
func (f Field) spelled(as Type, spell func(dst []byte, v Value) []byte) Field {
	f.spell, f.looks = spell, as
	return f
}

// withText is the accessor for a field that is spelled out.
func (f *Field) withText(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
	from := len(dst)
	dst = f.bare(c, p, i, dst)
	for k := from; k < len(dst); k++ {
		var room [64]byte
		dst[k] = Value{Text: string(f.spell(room[:0], dst[k])), Bytes: dst[k].Bytes}
	}
	return dst
}

// both gives what two accessors find, one behind the other.
func both(a, b getter) getter {
	return func(c *Context, p *ingest.Packet, i int, dst []Value) []Value { return b(c, p, i, a(c, p, i, dst)) }
}

// header is the layer's own header, as captured: the value of most protocol fields.
func header(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	l := &p.Layers[i]
	return append(dst, protocol(l.Bytes, l.Header))
}

// protocol is a layer whose header is the first n of its bytes. What it carries lies within the capacity: there Wireshark
// searches when it is asked what a protocol contains, while slices and lengths end with the header.
func protocol(b []byte, n int) Value { return Value{Bytes: b[:min(max(n, 0), len(b)):len(b)]} }

// everything is the layer with all it carries, as captured.
func everything(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
	return append(dst, protocol(p.Layers[i].Bytes, len(p.Layers[i].Bytes)))
}

// checksumStatus is the decoder's verdict, present once the checksum itself was captured.
func checksumStatus(off int) getter {
	return func(_ *Context, p *ingest.Packet, i int, dst []Value) []Value {
		if l := &p.Layers[i]; len(l.Bytes) >= off+2 {
			dst = append(dst, Value{Int: int64(l.Checksum)})
		}
		return dst
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
