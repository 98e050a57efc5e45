package capture

import (
	"fmt"

	"icmpsift/ingest"
)

const (
	fileHeader = 24 // bytes of a pcap file header, magic number included
	second     = 1_000_000_000
)

// magic is what a pcap file's first four bytes tell (draft-ietf-opsawg-pcap section 4; variants: Wireshark, wiretap/libpcap.c).
type magic struct {
	order    order
	fraction int64 // nanoseconds in one unit of a record's time fraction
	extra    int   // bytes of file header behind the usual ones
	guess    []variant
}

var magics = []struct {
	number uint32
	magic
}{
	{0xa1b2c3d4, magic{fraction: 1000, guess: []variant{standard, redHat, nokia}}},
	{0xa1b23c4d, magic{fraction: 1}},
	{0xa1b2cd34, magic{fraction: 1000, guess: []variant{redHat, suse}}}, // "modified" by Alexey Kuznetsov
	{0x1c0001ac, magic{fraction: 1, extra: 4}},                          // Ixia lcap, by hardware
	{0x1c0001ab, magic{fraction: 1000, extra: 4}},                       // Ixia lcap, by software
}

func pcapMagic(head []byte) (magic, bool) {
	if len(head) < 4 {
		return magic{}, false
	}
	for _, o := range []order{little, big} {
		for _, m := range magics {
			if o.u32(head) == m.number {
				m.order = o
				return m.magic, true
			}
		}
	}
	return magic{}, false
}

// pcap reads the classic format: a file header, then records.
type pcap struct {
	*stream
	log     *journal
	magic   magic
	header  int  // bytes of a record header
	swapped bool // the two lengths of a record are in the order of before version 2.3
	perhaps bool // version 2.3: they are if that makes sense of them
	limit   uint32
	fcs     int
	link    ingest.LinkType
	list    []ingest.Interface
	seen    seen
	once    uint32 // the next record may be this large, for resynchronising has looked behind it
	joined  bool   // the record just given is in truth the header of a further file
}

// newPcap reads the file header, of which at least the magic number is available.
func newPcap(s *stream, log *journal, m magic) (records, error) {
	p := &pcap{stream: s, log: log, magic: m, header: int(standard)}
	if !s.have(fileHeader + m.extra) {
		log.cut(s, 0, "the file header")
		s.pos = s.end
		return p, nil
	}
	if err := p.open(s.at(0, fileHeader)); err != nil {
		return nil, err
	}
	s.pos += fileHeader + m.extra
	p.header = int(p.guess())
	return p, nil
}

// open takes over what the file header says.
func (p *pcap) open(b []byte) error {
	major, minor := p.magic.order.u16(b[4:]), p.magic.order.u16(b[6:])
	if major < 2 {
		return &Unsupported{Kind: fmt.Sprintf("pcap version %d.%d", major, minor), Hint: "expected version 2"}
	}
	p.swapped = major == 2 && minor < 3 || major == 543 // DG/UX
	p.perhaps = major == 2 && minor == 3
	network := p.magic.order.u32(b[20:])
	if link, ok := aix[network]; ok && major == 2 && minor == 2 && p.magic.guess != nil {
		network, p.magic.fraction, p.magic.guess = link, 1, nil
	}
	if major != 2 || minor != 4 {
		p.magic.guess = nil
	}
	p.attach(network, p.magic.order.u32(b[16:]))
	return nil
}

// aix maps the ifType values that AIX writes (with version 2.2 and nanoseconds) to link types.
var aix = map[uint32]uint32{6: 1, 9: 6, 15: 10, 24: 0}

// attach adds the interface that a file header describes. Of its link-type field the upper half holds the FCS length in
// 16-bit words and, in bit 26, whether it counts (draft-ietf-opsawg-pcap section 4).
func (p *pcap) attach(network, snaplen uint32) {
	p.link, p.fcs = ingest.LinkType(network), 0
	if network&0x04000000 != 0 {
		p.fcs = 2 * int(network>>28)
	}
	if network&0x0bff0000 != 0 {
		p.log.odd(oddLink)
	}
	p.limit = limit(p.link)
	if len(p.list) < maxRemembered {
		p.list = append(p.list, ingest.Interface{
			ID: len(p.list), Link: p.link, SnapLen: snaplen, Resolution: uint64(second / p.magic.fraction),
		})
	}
}

func (p *pcap) format() string                 { return "pcap" }
func (p *pcap) interfaces() []ingest.Interface { return p.list }
func (p *pcap) comments() []string             { return nil }

func (p *pcap) next(f *ingest.Frame) bool {
	for {
		if p.joined {
			p.join()
		}
		if !p.have(p.header) {
			return p.end()
		}
		r := p.record(p.at(0, 16))
		if (r.captured <= p.limit || r.captured == p.once) && p.have(p.header+int(r.captured)) {
			p.once = 0
			p.give(f, r)
			return true
		}
		if !p.damaged(r) {
			return false
		}
	}
}

// record is the header of one packet.
type record struct {
	seconds, fraction int64
	captured, wire    uint32
}

func (p *pcap) record(b []byte) record {
	o := p.magic.order
	r := record{int64(o.u32(b)), int64(o.u32(b[4:])), o.u32(b[8:]), o.u32(b[12:])}
	if p.swapped || p.perhaps && r.captured > r.wire {
		r.captured, r.wire = r.wire, r.captured
	}
	return r
}

// give makes a frame of the record at the front of the stream and consumes it.
func (p *pcap) give(f *ingest.Frame, r record) {
	p.log.number(f)
	f.Time, f.NoTime = r.seconds*second+r.fraction*p.magic.fraction, false
	f.BigEndian, f.Link, f.FCS = p.magic.order == big, p.link, p.fcs
	f.Interface = len(p.list) - 1
	f.Offset, f.Wire, f.Data = p.offset(), int(r.wire), p.at(p.header, int(r.captured))
	if r.captured == 0 && p.isHeader() {
		p.joined, f.NoTime = true, true
	} else {
		p.strange(r)
		p.seen.add(r)
	}
	p.pos += p.header + int(r.captured)
}

// strange counts what the format forbids and readers accept nevertheless.
func (p *pcap) strange(r record) {
	if r.captured > r.wire {
		p.log.odd(oddLength)
		p.seen.short = true
	}
	if r.fraction*p.magic.fraction >= second {
		p.log.odd(oddFraction)
	}
}

// isHeader tells whether the record at the front of the stream is the header of a further file: "cat a.pcap b.pcap". Only
// where Wireshark, which takes it for an empty packet, finds nothing readable behind it.
func (p *pcap) isHeader() bool {
	if p.header != int(standard) || !p.have(2*p.header) {
		return false
	}
	b := p.at(0, 2*p.header)
	m, ok := pcapMagic(b)
	return ok && m.order.u16(b[4:]) == 2 && m.order.u16(b[6:]) == 4 && p.record(b[p.header:]).captured > p.limit
}

// join goes on with the further file, whose magic number has been consumed with the first 16 bytes of its header.
func (p *pcap) join() {
	p.joined = false
	p.log.problem(ingest.Damaged, p.offset()-16, "a further pcap file is joined on behind the first")
	p.log.odd(oddHeader)
	p.magic, _ = pcapMagic(p.buf[p.pos-16:])
	p.have(8 + p.magic.extra)
	b := p.at(0, 8)
	p.attach(p.magic.order.u32(b[4:]), p.magic.order.u32(b))
	p.pos += min(8+p.magic.extra, p.left())
	p.log.resumed(p.offset())
}

// end is the end of the stream at or in a record header.
func (p *pcap) end() bool {
	if p.left() > 0 || !p.finished() {
		p.log.cut(p.stream, p.offset(), "a record header")
	}
	return false
}

// damaged is a record that cannot be: too large, or reaching past the end of the stream. True if records follow it.
func (p *pcap) damaged(r record) bool {
	at := p.offset()
	if r.captured > p.limit {
		p.log.problem(ingest.Damaged, at, "a record claims %d bytes, more than the possible %d", r.captured, p.limit)
	} else {
		p.log.cut(p.stream, at, fmt.Sprintf("a record: %d of %d bytes are there", p.left()-p.header, r.captured))
	}
	if !p.resync() {
		return false
	}
	p.log.resumed(p.offset())
	return true
}
