package capture

import (
	"fmt"

	"icmpsift/ingest"
)

// Block types (draft-ietf-opsawg-pcapng section 10.1).
const (
	blockSection    = 0x0a0d0d0a // reads the same in both byte orders
	blockInterface  = 1
	blockOldPacket  = 2
	blockSimple     = 3
	blockNames      = 4
	blockStatistics = 5
	blockPacket     = 6
	blockJournal    = 9 // systemd journal entry
	blockSecrets    = 10
	blockCustom     = 0xbad
	blockCustomOwn  = 0x40000bad // custom, not to be copied
	blockEvent      = 0x204      // Sysdig
	blockEvent2     = 0x216
	blockEvent2Long = 0x221

	byteOrderMagic = 0x1a2b3c4d
	maxBlock       = 128<<20 + 128<<10 + 32 // Wireshark's MAX_BLOCK_SIZE
	blockFrame     = 12                     // type, length, and length again at the end
	sectionFixed   = 16                     // byte-order magic, version, section length
)

// sectionOrder tells whether b begins with a section header block, and its byte order.
func sectionOrder(b []byte) (order, bool) {
	if len(b) < 12 || little.u32(b) != blockSection {
		return little, false
	}
	return little.u32(b[8:]) != byteOrderMagic, little.u32(b[8:]) == byteOrderMagic || big.u32(b[8:]) == byteOrderMagic
}

// pcapng reads the block format. Blocks of which only the content is wrong are damage too, for Wireshark stops at them,
// but reading goes on at the next block; where a block's length is wrong as well, resync looks for it.
type pcapng struct {
	*stream
	log     *journal
	order   order
	section int // of the current block, from 0
	skipped bool
	nets    []network // interfaces of the current section
	list    []ingest.Interface
	notes   []string
	noted   int  // bytes in notes
	extract bool // made by icmpsift extract: its own options count
	own     []byte
	begun   func(own []byte)
	trusted bool // resynchronising has looked behind the next block: its lengths need not agree
}

// network is an interface as its packets need it.
type network struct {
	clock clock
	link  ingest.LinkType
	snap  uint32
	limit uint32
	fcs   int
	index int // in the list of interfaces, -1 when that is full
	about *ingest.Interface
}

func newPcapng(s *stream, log *journal, o order) (records, error) {
	p := &pcapng{stream: s, log: log, order: o, section: -1, extract: o == little && marked(s)}
	if s.have(16) {
		if major, minor := o.u16(s.at(12, 2)), o.u16(s.at(14, 2)); major != 1 {
			return nil, &Unsupported{Kind: fmt.Sprintf("pcapng version %d.%d", major, minor), Hint: "expected version 1.x"}
		}
	}
	return p, nil
}

func (p *pcapng) format() string                 { return "pcapng" }
func (p *pcapng) interfaces() []ingest.Interface { return p.list }
func (p *pcapng) comments() []string             { return p.notes }

func (p *pcapng) next(f *ingest.Frame) bool {
	for {
		b, ok := p.block()
		if !ok {
			return false
		}
		if p.read(f, b) {
			return true
		}
	}
}

// block is one block; its body lies between the two lengths.
type block struct {
	kind   uint32
	offset int64
	body   []byte
}

// block gives the next whole block and consumes it; false at the end.
func (p *pcapng) block() (block, bool) {
	for {
		if !p.have(8) {
			if p.left() > 0 || !p.finished() {
				p.log.cut(p.stream, p.offset(), "a block header")
			}
			return block{}, false
		}
		kind, size, ok := p.sized()
		if !ok {
			return block{}, false
		}
		if size == 0 {
			continue // damage was passed
		}
		b := block{kind: kind, offset: p.offset(), body: p.at(8, size-blockFrame)}
		p.pos += size
		return b, true
	}
}

// sized checks the block at the front and gives its type and total length: 0 after damage that has been passed, and not
// ok when there is no further block.
func (p *pcapng) sized() (kind uint32, size int, ok bool) {
	p.have(blockFrame) // a section's byte order is behind its length
	o, h := p.order, p.at(0, min(p.left(), blockFrame))
	if little.u32(h) == blockSection && len(h) == blockFrame {
		if o, ok = sectionOrder(h); !ok {
			return 0, 0, p.damaged("a section header has no byte-order magic")
		}
	}
	kind, total := o.u32(h), o.u32(h[4:])
	switch {
	case total < blockFrame:
		return 0, 0, p.damaged("a block of type %#x claims %d bytes, less than a block has", kind, total)
	case total > largest && total <= maxBlock && passedOver(kind):
		return 0, 0, p.passLarge(kind, total)
	case total > largest:
		return 0, 0, p.damaged("a block of type %#x claims %d bytes, more than the possible %d", kind, total, largest)
	}
	size = int(total+3) &^ 3 // some writers forget the padding
	if !p.have(size) {
		return 0, 0, p.cutBlock(kind, size)
	}
	if end := o.u32(p.at(size-4, 4)); (end+3)&^3 != uint32(size) && !p.trusted {
		return 0, 0, p.damaged("a block of type %#x has length %d at its front and %d at its end", kind, total, end)
	}
	p.trusted = false
	return kind, size, true
}

// passLarge passes a block that is too large to be looked at as a whole and does not have to be.
func (p *pcapng) passLarge(kind, total uint32) bool {
	at, size := p.offset(), int(total+3)&^3
	p.skip(size - 4)
	if !p.have(4) {
		p.log.cut(p.stream, at, fmt.Sprintf("a block of type %#x and %d bytes", kind, total))
		return false
	}
	if end := p.order.u32(p.at(0, 4)); (end+3)&^3 != uint32(size) {
		p.log.problem(ingest.Damaged, at, "a block of type %#x has length %d at its front and %d at its end", kind, total, end)
		return p.pass()
	}
	p.pos += 4
	p.passOver(kind)
	return true
}

// damaged passes damage that leaves the next block's place unknown; false if there is none.
func (p *pcapng) damaged(format string, args ...any) bool {
	p.log.problem(ingest.Damaged, p.offset(), format, args...)
	return p.pass()
}

func (p *pcapng) cutBlock(kind uint32, size int) bool {
	p.log.cut(p.stream, p.offset(), fmt.Sprintf("a block of type %#x: %d of %d bytes are there", kind, p.left(), size))
	return p.pass()
}

func (p *pcapng) pass() bool {
	if !p.resync() {
		return false
	}
	p.log.resumed(p.offset())
	return true
}

// wrong notes a block whose content contradicts itself, and that reading goes on behind it.
func (p *pcapng) wrong(b block, format string, args ...any) {
	p.log.problem(ingest.Damaged, b.offset, format, args...)
	p.log.resumed(p.offset())
}

// read takes in the block; true if it is a packet.
func (p *pcapng) read(f *ingest.Frame, b block) bool {
	if b.kind == blockSection {
		p.readSection(b)
		return false
	}
	if p.skipped {
		p.log.skip("block of a section of an unknown version")
		return false
	}
	switch b.kind {
	case blockPacket:
		return p.readPacket(f, b)
	case blockOldPacket:
		return p.readOldPacket(f, b)
	case blockSimple:
		return p.readSimple(f, b)
	case blockInterface:
		p.readInterface(b)
	case blockStatistics:
		p.readStatistics(b)
	case blockNames, blockSecrets:
		p.readOther(b)
		p.passOver(b.kind)
	default:
		p.passOver(b.kind)
	}
	return false
}

// passedOver tells whether blocks of the type are standardised and hold nothing for us. Lengths of other types are not
// trusted so far: they may be damage, and passing them would pass packets.
func passedOver(kind uint32) bool {
	switch kind {
	case blockNames, blockSecrets, blockJournal, blockCustom, blockCustomOwn:
		return true
	}
	return false
}

// passOver counts a block that holds nothing for us. Wireshark numbers some of them like packets.
func (p *pcapng) passOver(kind uint32) {
	switch kind {
	case blockCustom, blockCustomOwn, blockJournal, blockEvent, blockEvent2, blockEvent2Long:
		p.log.count()
	}
	p.log.skip(blockName(kind))
}

func blockName(kind uint32) string {
	switch kind {
	case blockNames:
		return "name resolution block"
	case blockSecrets:
		return "decryption secrets block"
	case blockJournal:
		return "systemd journal block"
	case blockCustom, blockCustomOwn:
		return "custom block"
	case blockEvent, blockEvent2, blockEvent2Long:
		return "sysdig event block"
	}
	return fmt.Sprintf("block of type %#x", kind)
}
