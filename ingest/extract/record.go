package extract

import (
	"encoding/binary"
	"errors"
	"math"

	"icmpsift/ingest"
)

// A record is one frame as the spool keeps it: the length of the rest in headSize bytes, then numbers as varints, then
// bytes. It is private to one run; the form that leaves the machine is pcapng.

const headSize = 4

func recordSize(head []byte) int64 { return int64(binary.LittleEndian.Uint32(head)) }

const (
	flagNoTime = 1 << iota
	flagSalvaged
	flagBigEndian
	flagWhole
)

func flags(p *ingest.Packet) (f uint64) {
	for bit, on := range []bool{p.NoTime, p.Salvaged, p.BigEndian, p.Whole != nil} {
		if on {
			f |= 1 << bit
		}
	}
	return f
}

// appendRecord appends the packet's record, its length in front; b must be empty.
func appendRecord(b []byte, p *ingest.Packet) []byte {
	b = append(b, 0, 0, 0, 0)
	b = appendBytes(appendFacts(b, p), p.Data)
	b = appendWholes(b, p.Whole)
	binary.LittleEndian.PutUint32(b, uint32(len(b)-headSize))
	return b
}

// appendFacts appends what there is to say of the frame beside its bytes.
func appendFacts(b []byte, p *ingest.Packet) []byte {
	b = binary.AppendUvarint(b, flags(p))
	for _, n := range [...]int64{p.Number, p.Time, int64(p.Section), int64(p.Interface), int64(p.Frame.Link), int64(p.FCS), p.Offset, int64(p.Wire), p.Since, p.Elapsed, int64(p.Problems), int64(len(p.Comments))} {
		b = binary.AppendVarint(b, n)
	}
	for _, c := range p.Comments {
		b = appendBytes(b, []byte(c))
	}
	return b
}

func appendWholes(b []byte, w *ingest.Datagram) []byte {
	for ; w != nil; w = w.Inner {
		b = appendWhole(b, w)
	}
	return b
}

func appendWhole(b []byte, w *ingest.Datagram) []byte {
	b = binary.AppendUvarint(b, uint64(w.Next))
	b = binary.AppendUvarint(b, uint64(w.Layer))
	b = binary.AppendUvarint(b, uint64(len(w.Frames)))
	for i, f := range w.Frames {
		b = binary.AppendVarint(b, f)
		var p ingest.Part
		if i < len(w.Parts) {
			p = w.Parts[i]
		}
		b = binary.AppendUvarint(b, uint64(p.Offset))
		b = binary.AppendUvarint(b, uint64(p.Length))
		b = binary.AppendUvarint(b, uint64(p.Flags))
	}
	return appendBytes(b, w.Payload)
}

func appendBytes(b, p []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(p))), p...) }

var errRecord = errors.New("the spool of an extract is damaged: was its temporary file changed?")

// cursor reads a record; after an error everything reads as zero.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) uint() uint64 { v, n := binary.Uvarint(c.b); c.skip(n); return v }
func (c *cursor) int() int64   { v, n := binary.Varint(c.b); c.skip(n); return v }

func (c *cursor) skip(n int) {
	if n <= 0 || n > len(c.b) {
		c.b, c.err = nil, errRecord
		return
	}
	c.b = c.b[n:]
}

func (c *cursor) bytes() []byte {
	n := c.uint()
	if n > uint64(len(c.b)) || n > math.MaxInt32 {
		c.b, c.err = nil, errRecord
		return nil
	}
	p := c.b[:n]
	c.b = c.b[n:]
	return p
}

// readRecord fills the frame and returns the datagram stored with it, from the bytes behind a record's length; both alias b.
func readRecord(b []byte, f *ingest.Frame) (whole *ingest.Datagram, problems ingest.Problem, err error) {
	c := cursor{b: b}
	bits, problems := c.facts(f)
	f.Data = c.bytes()
	whole = c.wholes(bits)
	return whole, problems, c.err
}

// facts reads what appendFacts appended; bits are its flags.
func (c *cursor) facts(f *ingest.Frame) (bits uint64, problems ingest.Problem) {
	bits = c.uint()
	*f = ingest.Frame{NoTime: bits&flagNoTime != 0, Salvaged: bits&flagSalvaged != 0, BigEndian: bits&flagBigEndian != 0,
		Number: c.int(), Time: c.int(), Section: int(c.int()), Interface: int(c.int()), Link: ingest.LinkType(c.int()), FCS: int(c.int()),
		Offset: c.int(), Wire: int(c.int()), Since: c.int(), Elapsed: c.int()}
	problems = ingest.Problem(c.int())
	for range min(c.int(), int64(len(c.b))) {
		if f.Comments = append(f.Comments, string(c.bytes())); c.err != nil {
			break
		}
	}
	return bits, problems
}

func (c *cursor) wholes(bits uint64) (whole *ingest.Datagram) {
	for into := &whole; bits&flagWhole != 0 && len(c.b) > 0; into = &(*into).Inner {
		*into = readWhole(c)
	}
	return whole
}

// skimRecord reads what tells the frame's place on a timeline.
func skimRecord(b []byte, f *ingest.Frame) error {
	c := cursor{b: b}
	bits := c.uint()
	*f = ingest.Frame{NoTime: bits&flagNoTime != 0, Number: c.int(), Time: c.int()}
	return c.err
}

func readWhole(c *cursor) *ingest.Datagram {
	w := &ingest.Datagram{Next: uint8(c.uint()), Layer: int8(c.uint())}
	for range min(c.uint(), uint64(len(c.b))) {
		w.Frames = append(w.Frames, c.int())
		w.Parts = append(w.Parts, ingest.Part{Offset: int(c.uint()), Length: int(c.uint()), Flags: ingest.PartFlags(c.uint())})
	}
	w.Payload = c.bytes()
	return w
}
