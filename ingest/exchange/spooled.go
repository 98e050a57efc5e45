package exchange

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"icmpsift/ingest"
	"icmpsift/ingest/spool"
)

const (
	openCost  = 160     // bytes a request costs in the map; measured by the tests
	openStep  = 1 << 10 // requests paid for at a time
	openFree  = 1 << 14 // requests held whatever the budget says, 2.5 MiB: so small a capture never needs files
	partBits  = 4
	parts     = 1 << partBits
	maxLevels = 64 / partBits // a part that holds few keys, or one, never needs so many
)

// Spooled matches as [File] does, exactly, in bounded memory: within a budget it holds open requests as File does; once
// that is used up, all that has to do with matching goes to temporary files, in parts that no match can cross, and is
// matched part by part in [Spooled.Finish] (a hash join; a part that is still too large is divided again). Make one with
// [NewSpooled].
type Spooled struct {
	budget *spool.Budget
	tell   func(reply int64, frame int64, m Match)
	seed   maphash.Seed
	level  int // how often what is matched here was divided before
	free   int // open requests held whatever the budget says
	memory File
	paid   int // open requests that the budget was charged for
	parts  []*spool.Log
	buf    []byte
}

// NewSpooled matches within the budget. tell is called once for each match, in Add or in Finish, in any order: with the
// place and frame of the reply, and its match.
func NewSpooled(b *spool.Budget, tell func(place, frame int64, m Match)) *Spooled {
	return &Spooled{budget: b, tell: tell, seed: maphash.MakeSeed(), free: openFree}
}

// Add takes the next packet of the file; place is its place in the extract. Errors are those of temporary files.
func (s *Spooled) Add(p *ingest.Packet, place int64) error {
	var e event
	if !e.of(p, place) {
		return nil
	}
	return s.take(&e)
}

func (s *Spooled) take(e *event) error {
	if s.parts != nil {
		return s.log(e)
	}
	if m, ok := s.memory.take(e); ok {
		s.tell(e.at.Place, e.at.Frame, m)
	}
	if len(s.memory.open) > s.paid+s.free {
		return s.pay()
	}
	return nil
}

// pay asks for memory; if there is none, matching moves to files.
func (s *Spooled) pay() error {
	if s.level >= maxLevels || s.budget.Take(openStep*openCost) {
		s.paid += openStep
		return nil
	}
	return s.spill()
}

// spill divides the open requests. Their order is lost, and does not matter: no two have one key.
func (s *Spooled) spill() error {
	s.parts = make([]*spool.Log, parts)
	for i := range s.parts {
		s.parts[i] = spool.NewFileLog(s.budget)
	}
	for key, at := range s.memory.open {
		if err := s.log(&event{key: key, at: at, request: true}); err != nil {
			return err
		}
	}
	s.forget()
	return nil
}

func (s *Spooled) forget() {
	if s.level < maxLevels {
		s.budget.Give(s.paid * openCost)
	}
	s.memory, s.paid = File{}, 0
}

func (s *Spooled) log(e *event) error {
	sum := maphash.Comparable(s.seed, e.key)
	s.buf = e.append(s.buf[:0])
	_, err := s.parts[sum>>(partBits*s.level)%parts].Write(s.buf)
	return failed(err)
}

// Finish makes the matches that are still to be made, and frees everything.
func (s *Spooled) Finish() error {
	s.forget()
	for len(s.parts) > 0 {
		if err := s.finish(s.parts[0]); err != nil {
			return errors.Join(err, s.Close())
		}
		s.parts = s.parts[1:]
	}
	s.parts = nil
	return nil
}

// finish matches one part, and gives its disk space back.
func (s *Spooled) finish(part *spool.Log) error {
	in, err := part.Reader()
	if err != nil {
		return failed(err)
	}
	below := &Spooled{budget: s.budget, tell: s.tell, seed: s.seed, level: s.level + 1, free: s.free}
	for r := bufio.NewReaderSize(in, 64<<10); err == nil; {
		var e event
		if err = e.read(r); err == nil {
			err = below.take(&e)
		}
	}
	if err != io.EOF {
		return errors.Join(failed(err), below.Close())
	}
	if err := below.Finish(); err != nil {
		return err
	}
	return failed(part.Close())
}

// Close frees everything without matching further.
func (s *Spooled) Close() error {
	s.forget()
	var errs []error
	for _, part := range s.parts {
		errs = append(errs, part.Close())
	}
	s.parts = nil
	return errors.Join(errs...)
}

func failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("spool of requests and replies: %w", err)
}

// append writes the event: kind, addresses, the rest of the key, then where it stands.
func (e *event) append(b []byte) []byte {
	k, from := &e.key, 0
	kind := k.kind
	if e.request {
		kind |= kindRequest
	}
	if kind&kindIPv4 != 0 {
		from = 12 // the rest of the address is the same in all of them
	}
	b = append(append(append(b, kind), k.low[from:]...), k.high[from:]...)
	for _, w := range [...]uint16{k.checksum, k.ident, k.seq} {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	for _, n := range [...]int64{e.at.Frame, e.at.Time, e.at.Place} {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// read reads what append wrote; io.EOF means that there is no further event.
func (e *event) read(r *bufio.Reader) (err error) {
	k := &e.key
	if k.kind, err = r.ReadByte(); err != nil {
		return err
	}
	e.request, k.kind = k.kind&kindRequest != 0, k.kind&^kindRequest
	from := 0
	if k.kind&kindIPv4 != 0 {
		from = 12
		k.low = [16]byte{10: 0xff, 11: 0xff}
		k.high = k.low
	}
	var words [6]byte
	for _, into := range [...][]byte{k.low[from:], k.high[from:], words[:]} {
		if _, err = io.ReadFull(r, into); err != nil {
			return cut(err)
		}
	}
	k.checksum, k.ident, k.seq = binary.BigEndian.Uint16(words[:]), binary.BigEndian.Uint16(words[2:]), binary.BigEndian.Uint16(words[4:])
	for _, into := range [...]*int64{&e.at.Frame, &e.at.Time, &e.at.Place} {
		if *into, err = binary.ReadVarint(r); err != nil {
			return cut(err)
		}
	}
	return nil
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
