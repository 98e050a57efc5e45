package timeline

import (
	"container/heap"
	"errors"
	"io"

	"icmpsift/ingest"
)

// merger gives the packets of several extracts in order of corrected time; ties by evidence, then by place in the file.
// Packets without a time are passed over.
type merger struct {
	sources []*source
	began   bool
	noTime  int64
	late    int64
	latest  int64
}

// source is one extract's next packet.
type source struct {
	reader ingest.PacketReader
	index  int // of the evidence
	shift  int64
	packet *ingest.Packet
}

func newMerger(extracts []ingest.Extract, shift []int64) (*merger, error) {
	m := &merger{}
	for i, x := range extracts {
		r, err := x.Open()
		if err != nil {
			return nil, errors.Join(err, m.Close())
		}
		if d := x.Disorder(); d > 0 {
			r = &reorder{in: r, span: min(d, int64(MaxReorder))}
		}
		m.sources = append(m.sources, &source{reader: r, index: x.Evidence().ID, shift: shift[i]})
	}
	return m, nil
}

// Next gives the next packet with Case.Evidence and Case.Time set; io.EOF behind the last.
func (m *merger) Next() (*ingest.Packet, error) {
	if !m.began {
		if err := m.begin(); err != nil {
			return nil, err
		}
	} else if len(m.sources) > 0 {
		if err := m.step(); err != nil {
			return nil, err
		}
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

func (m *merger) begin() error {
	m.began = true
	live := m.sources[:0]
	for _, s := range m.sources {
		more, err := m.advance(s)
		if err != nil {
			return err
		}
		if more {
			live = append(live, s)
		}
	}
	m.sources = live
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

func (m *merger) advance(s *source) (more bool, err error) {
	for {
		s.packet, err = s.reader.Next()
		switch {
		case err == io.EOF:
			return false, s.reader.Close()
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

// Close closes what is still open.
func (m *merger) Close() error {
	var errs []error
	for _, s := range m.sources {
		errs = append(errs, s.reader.Close())
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
