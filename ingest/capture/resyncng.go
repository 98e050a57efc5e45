package capture

// resyncReach is the largest block that resynchronising looks for.
const resyncReach = 1 << 20

// resync moves to the next plausible block; false if there is none. The block at the front, which is damaged, is itself
// accepted when only its second length is wrong and a block follows where its first one says.
func (p *pcapng) resync() bool {
	if c := p.claim(0, p.order); c.size > 0 && !p.trusted && p.whole(p.claim(c.size, c.order)) {
		p.trusted = true
		return true
	}
	p.trusted = false
	for p.pos++; p.have(blockFrame); p.pos++ {
		if !known(p.order.u32(p.at(0, 4))) {
			continue // nearly always
		}
		if c := p.claim(0, p.order); p.whole(c) && p.followed(c) {
			return true
		}
	}
	return false
}

// claim is what the header of a block i bytes ahead says of it.
type claim struct {
	i, size int // size is 0 when no block can be there
	order   order
}

// claim reads the header of a block, which is in the order o unless it begins a section itself.
func (p *pcapng) claim(i int, o order) claim {
	if !p.have(i + blockFrame) {
		return claim{}
	}
	h := p.at(i, blockFrame)
	if little.u32(h) == blockSection {
		var ok bool
		if o, ok = sectionOrder(h); !ok {
			return claim{}
		}
	}
	size := o.u32(h[4:])
	if !known(o.u32(h)) || size%4 != 0 || size < blockFrame || size > resyncReach {
		return claim{}
	}
	return claim{i, int(size), o}
}

// whole tells whether the block is there to its end and its two lengths agree.
func (p *pcapng) whole(c claim) bool {
	return c.size > 0 && p.have(c.i+c.size) && c.order.u32(p.at(c.i+c.size-4, 4)) == uint32(c.size)
}

// followed tells whether another block, or the end, follows; of that block the end may be missing.
func (p *pcapng) followed(c claim) bool {
	end := c.i + c.size
	if !p.have(end + blockFrame) {
		return true
	}
	next := p.claim(end, c.order)
	return next.size > 0 && (!p.have(end+next.size) || p.whole(next))
}

// known tells whether blocks of the type are written by common programs.
func known(kind uint32) bool {
	switch kind {
	case blockSection, blockInterface, blockOldPacket, blockSimple, blockNames, blockStatistics, blockPacket, blockJournal,
		blockSecrets, blockCustom, blockCustomOwn:
		return true
	}
	return false
}
