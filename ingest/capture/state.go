package capture

import (
	"errors"
	"fmt"
	"io"
	"maps"

	"icmpsift/ingest"
)

// State is how far reading came and what was met on the way.
type State struct {
	Status      ingest.Status    // Complete, Cut, Damaged or Empty; provisional until Next has given io.EOF
	Problem     string           // what is wrong, in words, with the offset; "" if nothing
	Offset      int64            // of the first problem in the uncompressed bytes, -1 if none
	Frames      int64            // up to the damage, as Wireshark counts them
	FramesAfter int64            // found behind it
	Skipped     map[string]int64 // blocks and records passed over, by kind
	Odd         map[string]int64 // records that were read although they break the format's rules, by kind
	Limits      []string         // what the file does not hold although nothing is wrong with it
}

// Kinds of odd records; maxKinds bounds the kinds that hostile input can make us remember.
const (
	oddLength   = "captured length exceeds wire length"
	oddFraction = "time fraction reaches past a second"
	oddTime     = "time cannot be expressed"
	oddLink     = "link-type field has reserved bits set"
	oddHeader   = "file header in the place of a record (captures joined)"
	oddMany     = "interface or comment beyond the number remembered"

	maxKinds = 64
)

// journal keeps the State while reading.
type journal struct {
	State
	places int // damaged places
}

func newJournal() *journal {
	return &journal{State: State{Status: ingest.Complete, Offset: -1, Skipped: map[string]int64{}, Odd: map[string]int64{}}}
}

// hurt tells whether Wireshark would have stopped by now.
func (j *journal) hurt() bool { return j.places > 0 }

// problem notes that reading cannot go on normally; the first problem names the state.
func (j *journal) problem(status ingest.Status, offset int64, format string, args ...any) {
	j.places++
	if j.places > 1 {
		return
	}
	j.Status, j.Offset = status, offset
	j.Problem = fmt.Sprintf("offset %d: ", offset) + fmt.Sprintf(format, args...)
}

// cut notes that the stream ends inside what begins at the offset; if its source failed, that is what there is to say.
func (j *journal) cut(s *stream, offset int64, what string) {
	end := s.base + int64(s.end)
	switch {
	case s.err == io.EOF:
		j.problem(ingest.Cut, offset, "the file ends inside %s", what)
	case errors.Is(s.err, io.ErrUnexpectedEOF):
		j.problem(ingest.Cut, end, "%v", s.err)
	default:
		j.problem(ingest.Damaged, end, "%v", s.err)
	}
}

// resumed notes that records were found behind damage, which a mere cut therefore is not.
func (j *journal) resumed(offset int64) {
	if j.places == 1 {
		j.Status = ingest.Damaged
		j.Problem += fmt.Sprintf("; readable again from offset %d", offset)
	}
}

// count numbers a record that Wireshark shows.
func (j *journal) count() {
	if j.hurt() {
		j.FramesAfter++
	} else {
		j.Frames++
	}
}

// number gives the frame its number.
func (j *journal) number(f *ingest.Frame) {
	j.count()
	f.Number, f.Salvaged = j.Frames+j.FramesAfter, j.hurt()
}

func (j *journal) skip(kind string) { tally(j.Skipped, kind) }
func (j *journal) odd(kind string)  { tally(j.Odd, kind) }

func tally(kinds map[string]int64, kind string) {
	if _, known := kinds[kind]; !known && len(kinds) >= maxKinds {
		kind = "other"
	}
	kinds[kind]++
}

// report gives a State of its own to the caller.
func (j *journal) report() State {
	s := j.State
	s.Skipped, s.Odd = maps.Clone(j.Skipped), maps.Clone(j.Odd)
	if j.places > 1 {
		s.Problem += fmt.Sprintf("; damaged in %d places in all", j.places)
	}
	if s.Status == ingest.Complete && s.Frames+s.FramesAfter == 0 {
		s.Status = ingest.Empty
	}
	return s
}
