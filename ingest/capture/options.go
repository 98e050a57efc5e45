package capture

import "strings"

// Option codes (draft-ietf-opsawg-pcapng sections 3.5 and 4).
const (
	optEnd         = 0
	optComment     = 1
	optCustom      = 2989 // bytes, may be copied by others
	ifName         = 2
	ifDescription  = 3
	ifHardware     = 15
	ifResolution   = 9  // if_tsresol
	ifFCS          = 13 // if_fcslen
	ifOffset       = 14 // if_tsoffset
	epbFlags       = 2
	epbDrops       = 4
	epbPacketID    = 5
	epbQueue       = 6
	isbDrops       = 5 // isb_ifdrop
	maxText        = 256
	maxComment     = 64 << 10
	maxRemembered  = 1 << 16 // interfaces that are listed, and that one section may have
	maxCommentsAll = 1 << 20 // bytes of section comments that are kept
)

// options walks the options of a block.
type options struct {
	order
	rest  []byte
	code  uint16
	value []byte
	bad   bool // an option reaches past the block
}

// next moves to the next option; false at the end, or when bad.
func (o *options) next() bool {
	if len(o.rest) == 0 || o.bad {
		return false
	}
	if o.bad = len(o.rest) < 4; o.bad {
		return false
	}
	o.code = o.u16(o.rest)
	size := int(o.u16(o.rest[2:]))
	if o.bad = len(o.rest)-4 < size; o.bad {
		return false
	}
	o.value = o.rest[4 : 4+size]
	o.rest = o.rest[min(4+(size+3)&^3, len(o.rest)):]
	return o.code != optEnd
}

// text is the option's value as text of at most n bytes, made printable no further than to be UTF-8.
func (o *options) text(n int) string {
	s := strings.TrimRight(string(o.value[:min(n, len(o.value))]), "\x00")
	return strings.ToValidUTF8(s, "\uFFFD")
}
