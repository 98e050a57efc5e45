package capture

import "encoding/binary"

// An extract of icmpsift is a pcapng that says more than others: in custom options (draft-ietf-opsawg-pcapng section 3.5), which
// programs that do not know them pass over. The section header's comes first and begins with extractMark.
const (
	extractMark = "icmpsift.extract/v1\n"

	// ownNumber is the private enterprise number kept for documentation (RFC 5612): icmpsift has none of its own.
	ownNumber = 32473

	longestOwn = 1 << 15 // bytes of what is said in one option; what is longer takes several
)

// owned appends custom options; nil appends none.
func owned(b, own []byte) []byte {
	for len(own) > 0 {
		n := min(len(own), longestOwn)
		b = binary.LittleEndian.AppendUint16(b, optionOwn)
		b = binary.LittleEndian.AppendUint16(b, uint16(n+4))
		b = binary.LittleEndian.AppendUint32(b, ownNumber)
		b, own = padded(append(b, own[:n]...)), own[n:]
	}
	return b
}

// marked tells whether the stream begins as an extract does.
func marked(s *stream) bool {
	const at = 8 + sectionFixed // the first option
	if !s.have(at + 8 + len(extractMark)) {
		return false
	}
	o := s.at(at, 8+len(extractMark))
	return little.u16(o) == optCustom && little.u32(o[4:]) == ownNumber && string(o[8:]) == extractMark
}

// keep takes in one custom option.
func (p *pcapng) keep(value []byte) {
	if len(value) >= 4 && p.order.u32(value) == ownNumber {
		p.own = append(p.own, value[4:]...)
	}
}

// Extract tells whether the capture is marked as an extract of icmpsift. Whether it is a sound one its content must show: anybody
// can write the mark.
func (r *Reader) Extract() bool { p, ok := r.records.(*pcapng); return ok && p.extract }

// Sections has begun called at each section of an extract, with what its header says; the bytes are valid during the call.
func (r *Reader) Sections(begun func(own []byte)) {
	if p, ok := r.records.(*pcapng); ok {
		p.begun = begun
	}
}

// Own is what an extract says of the frame that Next gave last, valid until Next is called again.
func (r *Reader) Own() []byte {
	if p, ok := r.records.(*pcapng); ok {
		return p.own
	}
	return nil
}
