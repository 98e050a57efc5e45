package capture

const (
	runLength = 4                  // so many records in a row are no accident
	runCut    = 3                  // or so many, when the stream ends inside the last
	yearish   = 366 * 24 * 60 * 60 // seconds that records behind damage may lie from those before it
)

// seen is what the records read so far have in common, to tell others from rubbish.
type seen struct {
	any              bool
	earliest, latest int64 // seconds
	short            bool  // a captured length exceeded the wire length: this writer does that
}

func (s *seen) add(r record) {
	if !s.any {
		s.any, s.earliest, s.latest = true, r.seconds, r.seconds
		return
	}
	s.earliest, s.latest = min(s.earliest, r.seconds), max(s.latest, r.seconds)
}

// plausible tells whether r can be a record of the same file.
func (s *seen) plausible(r record, most uint32, fraction int64) bool {
	switch {
	case r.captured == 0 || r.captured > most,
		r.wire > largest || r.wire < r.captured && !s.short,
		r.fraction*fraction >= second:
		return false
	case !s.any:
		return r.seconds > 0
	}
	return r.seconds >= s.earliest-yearish && r.seconds <= s.latest+yearish
}

// resync moves to the next run of plausible records; false if there is none. The record at the front, which is damaged,
// is itself accepted when only its size is improbable and a run follows it.
func (p *pcap) resync() bool {
	if r := p.record(p.at(0, 16)); r.captured > p.limit && p.once == 0 && p.run(largest) {
		p.once = r.captured
		return true
	}
	p.once = 0
	for p.pos++; p.have(p.header); p.pos++ {
		if p.seen.plausible(p.record(p.at(0, 16)), maxPacket, p.magic.fraction) && p.run(maxPacket) {
			return true
		}
	}
	return false
}

// run tells whether plausible records follow one another from the front of the stream, the first of at most the given size.
func (p *pcap) run(most uint32) bool {
	at := 0
	like := p.seen
	for n := 0; n < runLength; n++ {
		if !p.have(at + p.header) {
			return p.left() == at || n >= runCut
		}
		r := p.record(p.at(at, 16))
		if !like.plausible(r, most, p.magic.fraction) {
			return false
		}
		like.add(r)
		most = maxPacket
		if at += p.header + int(r.captured); !p.have(at) {
			return n+1 >= runCut
		}
	}
	return true
}
