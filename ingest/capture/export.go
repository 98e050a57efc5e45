package capture

import (
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/tshark"
)

// export reads what tshark exported as if it were the capture.
type export struct {
	frames *tshark.Frames
	log    *journal
}

func newExport(s *stream, log *journal) (records, error) {
	r, err := tshark.NewReader(s)
	if err != nil {
		return nil, err
	}
	return &export{frames: tshark.NewFrames(r), log: log}, nil
}

func (e *export) format() string                 { return e.frames.Format() }
func (e *export) interfaces() []ingest.Interface { return e.frames.Interfaces() }
func (e *export) comments() []string             { return nil }

func (e *export) next(f *ingest.Frame) bool {
	x, err := e.frames.Next()
	if err != nil {
		e.settle()
		return false
	}
	*f = *x
	e.log.Frames++ // numbers are the original capture's
	return true
}

// settle takes over how it ended.
func (e *export) settle() {
	s := e.frames.State()
	if s.Problem != "" {
		e.log.places = 1
		e.log.Status, e.log.Problem, e.log.Offset = s.Status, s.Problem, s.Offset
	}
	if s.Lost > 0 {
		e.log.Skipped["packets of the export that cannot be read"] = s.Lost
	}
	if s.Noise > 0 {
		e.log.Skipped[fmt.Sprintf("lines that are no JSON (%q)", s.Said)] = s.Noise
	}
	e.log.Limits = e.frames.Limits()
}

// Read takes bytes out of the window.
func (s *stream) Read(p []byte) (int, error) {
	if !s.have(1) {
		return 0, s.err
	}
	n := copy(p, s.at(0, s.left()))
	s.pos += n
	return n, nil
}
