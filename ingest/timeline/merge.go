package timeline

import (
	"container/heap"
	"errors"
	"io"
	"slices"

	"icmpsift/ingest"
)

// merger gives the packets of several extracts in order of corrected time; ties by evidence, then by place in the file.
// Packets without a time are passed over.
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
	reader ingest.PacketReader
	skim   skimmer // nil: its packets come decoded
	index  int     // of the evidence
	shift  int64
	packet *ingest.Packet
}

// newMerger opens the extracts. With skim, packets may come with the number and time of their frames alone: decode does the rest.
func newMerger(extracts []ingest.Extract, shift []int64, skim bool) (*merger, error) {
	m := &merger{}
	for i, x := range extracts {
		r, err := x.Open()
		if err != nil {
			return nil, errors.Join(err, m.Close())
		}
		if d := x.Disorder(); d > 0 {
			r = newReorder(r, min(d, int64(MaxReorder)))
		}
		s := &source{reader: r, index: x.Evidence().ID, shift: shift[i]}
		if skim {
			s.skim, _ = r.(skimmer)
		}
		m.sources = append(m.sources, s)
	}
	return m, nil
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

func (m *merger) move() error {
	if !m.began {
		return m.begin()
	}
	if len(m.sources) > 0 {
		return m.step()
	}
	return nil
}

// begin fetches each source's first packet.
func (m *merger) begin() error {
	m.began = true
	for i := 0; i < len(m.sources); {
		more, err := m.advance(m.sources[i])
		switch {
		case err != nil:
			return err
		case more:
			i++
		default:
			m.sources = slices.Delete(m.sources, i, i+1)
		}
	}
	heap.Init(m)
	return nil
}

// step moves the source whose packet was given last.
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
		s.packet.Case = ingest.Case{Evidence: s.index, Time: s.packet.Time - s.shift}
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

// close closes the reader, once.
func (s *source) close() error {
	r := s.reader
	if s.reader = nil; r == nil {
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
	if a.packet.Case.Time != b.packet.Case.Time {
		return a.packet.Case.Time < b.packet.Case.Time
	}
	return a.index < b.index
}
func (m *merger) Pop() any {
	s := m.sources[len(m.sources)-1]
	m.sources = m.sources[:len(m.sources)-1]
	return s
}
