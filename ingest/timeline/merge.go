package timeline

import (
	"container/heap"
	"errors"
	"io"

	"icmpsift/ingest"
)

// merger gives the packets of several extracts in order of corrected time; ties by evidence, then by place in the file.
// Packets without a time are passed over. Each extract is open from its earliest packet to its last: of captures that follow one
// another, hardly more than one at a time.
type merger struct {
	sources []*source
	began   bool
	failed  error // Next's error, given again
	noTime  int64
	late    int64
	latest  int64
}

// skimmer is a reader that can leave packets undecoded, as those of extracts can.
type skimmer interface {
	Skim() (*ingest.Packet, error) // the number and time of the next one's frame
	Decode() error                 // what else there is of it
}

// source is one extract's next packet.
type source struct {
	extract ingest.Extract
	lazy    bool                // may be skimmed
	time    int64               // corrected: of the packet, or before it is there, one that is not later
	reader  ingest.PacketReader // nil before and after reading
	skim    skimmer             // nil: its packets come decoded
	index   int                 // of the evidence
	shift   int64
	packet  *ingest.Packet
}

// newMerger merges extracts. With skim, packets may come with the number and time of their frames alone: decode does the rest.
func newMerger(extracts []ingest.Extract, shift []int64, skim bool) *merger {
	m := &merger{}
	for i, x := range extracts {
		m.sources = append(m.sources, &source{extract: x, lazy: skim, index: x.Evidence().ID, shift: shift[i], time: x.Earliest() - shift[i]})
	}
	heap.Init(m)
	return m
}

// open begins to read the extract.
func (s *source) open() error {
	r, err := s.extract.Open()
	if err != nil {
		return err
	}
	if d := s.extract.Disorder(); d > 0 {
		r = newReorder(r, min(d, int64(MaxReorder)))
	}
	if s.reader = r; s.lazy {
		s.skim, _ = r.(skimmer)
	}
	return nil
}

// Next gives the next packet with Case.Evidence and Case.Time set; io.EOF behind the last.
func (m *merger) Next() (*ingest.Packet, error) {
	if m.failed != nil {
		return nil, m.failed
	}
	if m.failed = m.move(); m.failed != nil {
		return nil, m.failed
	}
	if len(m.sources) == 0 {
		return nil, io.EOF
	}
	p := m.sources[0].packet
	if p.Case.Time < m.latest {
		m.late++
	}
	m.latest = max(m.latest, p.Case.Time)
	return p, nil
}

// move passes the packet that was given last, and opens the sources that may have the next.
func (m *merger) move() error {
	if m.began && len(m.sources) > 0 {
		if err := m.step(); err != nil {
			return err
		}
	}
	m.began = true
	for len(m.sources) > 0 && m.sources[0].reader == nil {
		if err := m.sources[0].open(); err != nil {
			return err
		}
		if err := m.step(); err != nil {
			return err
		}
	}
	return nil
}

// step moves the first source.
func (m *merger) step() error {
	more, err := m.advance(m.sources[0])
	switch {
	case err != nil:
		return err
	case more:
		heap.Fix(m, 0)
	default:
		heap.Pop(m)
	}
	return nil
}

// advance fetches the source's next packet; behind the last it closes the source.
func (m *merger) advance(s *source) (more bool, err error) {
	for {
		s.packet, err = s.next()
		switch {
		case err == io.EOF:
			return false, s.close()
		case err != nil:
			return false, err
		case s.packet.NoTime:
			m.noTime++
			continue
		}
		s.time = s.packet.Time - s.shift
		s.packet.Case = ingest.Case{Evidence: s.index, Time: s.time}
		return true, nil
	}
}

func (s *source) next() (*ingest.Packet, error) {
	if s.skim != nil {
		return s.skim.Skim()
	}
	return s.reader.Next()
}

// decode completes the packet that was given last.
func (m *merger) decode() error {
	s := m.sources[0]
	if s.skim == nil {
		return nil
	}
	place := s.packet.Case
	err := s.skim.Decode()
	s.packet.Case = place
	return err
}

// close closes the reader, once, and lets go of what it holds: thousands of captures may have been read.
func (s *source) close() error {
	r := s.reader
	if s.reader, s.skim, s.packet = nil, nil, nil; r == nil {
		return nil
	}
	return r.Close()
}

// Close closes what is still open.
func (m *merger) Close() error {
	var errs []error
	for _, s := range m.sources {
		errs = append(errs, s.close())
	}
	m.sources = nil
	return errors.Join(errs...)
}

// The heap's order: time, evidence; one source is always in its own order.
func (m *merger) Len() int      { return len(m.sources) }
func (m *merger) Swap(i, j int) { m.sources[i], m.sources[j] = m.sources[j], m.sources[i] }
func (m *merger) Push(x any)    { m.sources = append(m.sources, x.(*source)) }
func (m *merger) Less(i, j int) bool {
	a, b := m.sources[i], m.sources[j]
	if a.time != b.time {
		return a.time < b.time
	}
	return a.index < b.index
}
func (m *merger) Pop() any {
	last := len(m.sources) - 1
	s := m.sources[last]
	m.sources[last] = nil
	m.sources = m.sources[:last]
	return s
}
