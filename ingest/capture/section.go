package capture

import (
	"bytes"

	"icmpsift/ingest"
)

// readSection begins a section: byte order and interfaces are its own.
func (p *pcapng) readSection(b block) {
	if len(b.body) < sectionFixed {
		p.wrong(b, "a section header of %d bytes is too short", len(b.body)+blockFrame)
		return
	}
	p.order, _ = sectionOrder(p.buf[p.pos-len(b.body)-blockFrame:])
	p.section, p.nets = p.section+1, p.nets[:0]
	major, minor := p.order.u16(b.body[4:]), p.order.u16(b.body[6:])
	if p.skipped = major != 1; p.skipped {
		p.wrong(b, "a section has version %d.%d, of which only 1.x is known", major, minor)
		return
	}
	o := options{order: p.order, rest: b.body[sectionFixed:]}
	p.own = p.own[:0]
	for o.next() {
		switch {
		case o.code == optComment:
			p.note(o.text(maxComment))
		case o.code == optCustom && p.extract:
			p.keep(o.value)
		}
	}
	p.checked(b, o)
	if p.begun != nil {
		p.begun(bytes.TrimPrefix(p.own, []byte(extractMark)))
	}
}

// note keeps a section comment, within bounds.
func (p *pcapng) note(text string) {
	if p.noted += len(text) + 1; p.noted > maxCommentsAll {
		p.log.odd(oddMany)
		return
	}
	p.notes = append(p.notes, text)
}

// checked notes options that reach past their block.
func (p *pcapng) checked(b block, o options) {
	if o.bad {
		p.wrong(b, "an option reaches past the end of a block of type %#x", b.kind)
	}
}

// readInterface takes in an interface description.
func (p *pcapng) readInterface(b block) {
	if len(b.body) < 8 {
		p.wrong(b, "an interface description of %d bytes is too short", len(b.body)+blockFrame)
		return
	}
	n := network{link: ingest.LinkType(p.order.u16(b.body)), snap: p.order.u32(b.body[4:]), index: -1}
	if n.limit = limit(n.link); p.extract {
		n.limit = largest // exports may hold larger ones
	}
	var told ingest.Interface
	resolution, offset := uint8(6), int64(0) // microseconds, if it does not tell
	o := options{order: p.order, rest: b.body[8:]}
	for o.next() {
		switch {
		case o.code == ifName:
			told.Name = o.text(maxText)
		case o.code == ifDescription:
			told.About = o.text(maxText)
		case o.code == ifHardware:
			told.Hardware = o.text(maxText)
		case o.code == ifResolution && len(o.value) > 0:
			resolution = o.value[0]
		case o.code == ifFCS && len(o.value) > 0:
			n.fcs = int(o.value[0])
		case o.code == ifOffset && len(o.value) == 8:
			offset = int64(p.order.u64(o.value))
		}
	}
	p.checked(b, o)
	n.clock = newClock(resolution)
	n.clock.offset = offset
	p.attach(n, told)
}

// attach adds an interface to the section, and to the list as long as that has room.
func (p *pcapng) attach(n network, told ingest.Interface) {
	if len(p.nets) >= maxRemembered {
		p.log.odd(oddMany)
		return
	}
	told.Section, told.ID, told.Link, told.SnapLen = p.section, len(p.nets), n.link, n.snap
	told.Resolution, told.Offset = n.clock.units, n.clock.offset
	n.about = &told
	if len(p.list) < maxRemembered {
		n.index = len(p.list)
		p.list = append(p.list, told)
	} else {
		p.log.odd(oddMany)
	}
	p.nets = append(p.nets, n)
}

// readStatistics takes the drop counter from interface statistics; it only grows, so the last one counts.
func (p *pcapng) readStatistics(b block) {
	if len(b.body) < 12 {
		p.wrong(b, "interface statistics of %d bytes are too short", len(b.body)+blockFrame)
		return
	}
	id := p.order.u32(b.body)
	if uint64(id) >= uint64(len(p.nets)) || p.nets[id].index < 0 {
		p.log.skip("statistics of an unknown interface")
		return
	}
	o := options{order: p.order, rest: b.body[12:]}
	for o.next() {
		if o.code == isbDrops && len(o.value) == 8 {
			p.list[p.nets[id].index].Drops = p.order.u64(o.value)
		}
	}
	p.checked(b, o)
}

// readOther checks the blocks whose content we do not use, but at whose faults Wireshark stops.
func (p *pcapng) readOther(b block) {
	sound := p.soundNames
	if b.kind == blockSecrets {
		sound = p.soundSecrets
	}
	if !sound(b.body) {
		p.wrong(b, "a %s contradicts itself", blockName(b.kind))
	}
}

// soundSecrets checks the length of decryption secrets (draft-ietf-opsawg-pcapng section 4.7).
func (p *pcapng) soundSecrets(body []byte) bool {
	return len(body) >= 8 && uint64(p.order.u32(body[4:])) <= uint64(len(body)-8)
}

// soundNames walks the records of a name resolution block (section 4.5) to the end-of-records mark.
func (p *pcapng) soundNames(body []byte) bool {
	least := map[uint16]int{1: 4, 2: 16} // an address, IPv4 or IPv6
	for len(body) > 0 {
		if len(body) < 4 {
			return false
		}
		kind, size := p.order.u16(body), int(p.order.u16(body[2:]))
		padded := 4 + (size+3)&^3
		if padded > len(body) || size < least[kind] {
			return false
		}
		if kind == 0 {
			return true
		}
		body = body[padded:]
	}
	return true
}
