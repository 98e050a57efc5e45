package capture

import "icmpsift/ingest"

// packet is what the three kinds of packet block have in common.
type packet struct {
	id             uint32 // interface
	captured, wire uint32
	data           []byte // packet data and whatever follows it in the block
	ticks          uint64
	timed          bool
}

// readPacket reads an enhanced packet block (draft-ietf-opsawg-pcapng section 4.3).
func (p *pcapng) readPacket(f *ingest.Frame, b block) bool {
	if len(b.body) < 20 {
		p.wrong(b, "a packet block of %d bytes is too short", len(b.body)+blockFrame)
		return false
	}
	return p.give(f, b, packet{
		id: p.order.u32(b.body), timed: true, ticks: p.ticks(b.body[4:]),
		captured: p.order.u32(b.body[12:]), wire: p.order.u32(b.body[16:]), data: b.body[20:],
	})
}

// readOldPacket reads an obsolete packet block (appendix A): two bytes of its interface field count drops.
func (p *pcapng) readOldPacket(f *ingest.Frame, b block) bool {
	if len(b.body) < 20 {
		p.wrong(b, "a packet block of %d bytes is too short", len(b.body)+blockFrame)
		return false
	}
	return p.give(f, b, packet{
		id: uint32(p.order.u16(b.body)), timed: true, ticks: p.ticks(b.body[4:]),
		captured: p.order.u32(b.body[12:]), wire: p.order.u32(b.body[16:]), data: b.body[20:],
	})
}

// readSimple reads a simple packet block (section 4.4), which has no time, and whose captured length is not stored.
func (p *pcapng) readSimple(f *ingest.Frame, b block) bool {
	if len(b.body) < 4 {
		p.wrong(b, "a simple packet block of %d bytes is too short", len(b.body)+blockFrame)
		return false
	}
	k := packet{wire: p.order.u32(b.body), data: b.body[4:]}
	k.captured = k.wire
	if len(p.nets) > 0 && p.nets[0].snap > 0 {
		k.captured = min(k.wire, p.nets[0].snap)
	}
	return p.give(f, b, k)
}

func (p *pcapng) ticks(b []byte) uint64 {
	return uint64(p.order.u32(b))<<32 | uint64(p.order.u32(b[4:]))
}

// give makes a frame of a packet block, unless its content contradicts itself.
func (p *pcapng) give(f *ingest.Frame, b block, k packet) bool {
	if !p.sound(b, k) {
		return false
	}
	n := &p.nets[k.id]
	p.own = p.own[:0]
	f.Data, f.Comments, f.FCS = k.data[:k.captured:k.captured], f.Comments[:0], n.fcs
	if padded := int(k.captured+3) &^ 3; padded < len(k.data) {
		p.readOptions(f, b, k.data[padded:])
	}
	p.log.number(f)
	f.Offset, f.Wire, f.Link = b.offset, int(k.wire), n.link
	f.Section, f.Interface, f.BigEndian, f.On = p.section, int(k.id), p.order == big, n.about
	f.Time, f.NoTime = 0, true
	if k.timed {
		p.stamp(f, n, k.ticks)
	}
	if k.captured > k.wire {
		p.log.odd(oddLength)
	}
	return true
}

func (p *pcapng) stamp(f *ingest.Frame, n *network, ticks uint64) {
	time, ok := n.clock.nanoseconds(ticks)
	if f.Time, f.NoTime = time, !ok; !ok {
		p.log.odd(oddTime)
	}
}

// sound checks a packet block's content; a packet that fails is passed over and counted.
func (p *pcapng) sound(b block, k packet) bool {
	switch {
	case uint64(k.captured) > uint64(len(k.data)):
		p.wrong(b, "a packet of %d bytes is larger than its block", k.captured)
		p.log.skip("packet larger than its block")
	case uint64(k.id) >= uint64(len(p.nets)):
		p.wrong(b, "a packet names interface %d, but the section describes %d", k.id, len(p.nets))
		p.log.skip("packet of an unknown interface")
	case k.captured > p.nets[k.id].limit:
		p.wrong(b, "a packet has %d bytes, more than the possible %d", k.captured, p.nets[k.id].limit)
		return true
	default:
		return true
	}
	return false
}

// readOptions reads a packet's comments and FCS length. Wireshark stops at options that are wrong; the packet is intact.
func (p *pcapng) readOptions(f *ingest.Frame, b block, rest []byte) {
	o := options{order: p.order, rest: rest}
	for o.next() {
		switch {
		case o.code == optComment:
			f.Comments = append(f.Comments, o.text(maxComment))
		case o.code == optCustom && p.extract:
			p.keep(o.value)
		case o.code == epbFlags && len(o.value) == 4:
			if n := p.order.u32(o.value) >> 5 & 0xf; n > 0 {
				f.FCS = int(n)
			}
		case (o.code == epbFlags || o.code == epbQueue) && len(o.value) != 4,
			(o.code == epbDrops || o.code == epbPacketID) && len(o.value) != 8:
			p.wrong(b, "packet option %d has %d bytes", o.code, len(o.value))
		}
	}
	p.checked(b, o)
}
