package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"icmpsift/ingest"
)

// Block types and options of pcapng (draft-ietf-opsawg-pcapng) that [Writer] writes.
const (
	writtenSection   = 0x0a0d0d0a
	writtenInterface = 1
	writtenPacket    = 6

	optionEnd         = 0
	optionComment     = 1
	optionName        = 2 // of an interface
	optionDescription = 3
	optionApplication = 4 // of a section
	optionFlags       = 2 // of a packet
	optionResolution  = 9
	optionFCS         = 13 // of an interface
	optionPacketID    = 5  // of a packet
	optionOwn         = optCustom

	longestOption = 1<<16 - 4
)

// Direction is which way a packet went at its interface.
type Direction uint32

// Directions, as the flags of a packet block name them.
const (
	NoDirection Direction = iota
	Inbound
	Outbound
)

// Writer writes a pcapng file, times in nanoseconds. The first error stays, and [Writer.Err] gives it.
type Writer struct {
	w          io.Writer
	block      []byte
	interfaces int
	err        error
}

// NewWriter starts a file; comment is what it says of itself.
func NewWriter(to io.Writer, comment string) *Writer {
	w := &Writer{w: to}
	w.section(comment, nil)
	return w
}

// NewExtractWriter starts a file that [Reader.Extract] knows again; [Writer.Section] begins each of its sections.
func NewExtractWriter(to io.Writer) *Writer { return &Writer{w: to} }

// Section begins a section of an extract, with what [Reader.Sections] is to give back. Interfaces are numbered anew.
func (w *Writer) Section(comment string, own []byte) {
	w.interfaces = 0
	w.section(comment, append([]byte(extractMark), own...))
}

func (w *Writer) section(comment string, own []byte) {
	b := w.begin(writtenSection)
	b = append(b, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, ^uint64(0))
	b = option(owned(b, own), optionComment, comment)
	w.end(option(b, optionApplication, "icmpsift"))
}

// Interface declares one more interface and gives its number. A snapLen of 0 is unlimited.
func (w *Writer) Interface(link ingest.LinkType, snapLen uint32, name, about string) int {
	return w.InterfaceFCS(link, snapLen, name, about, 0)
}

// InterfaceFCS declares one whose frames end with a check sequence of so many bytes; 0 says nothing.
func (w *Writer) InterfaceFCS(link ingest.LinkType, snapLen uint32, name, about string, fcs uint8) int {
	b := w.begin(writtenInterface)
	b = append(binary.LittleEndian.AppendUint16(b, uint16(link)), 0, 0)
	b = binary.LittleEndian.AppendUint32(b, snapLen)
	b = option(b, optionName, name)
	b = option(b, optionDescription, about)
	b = option(b, optionResolution, "\x09")
	if fcs > 0 {
		b = option(b, optionFCS, string([]byte{fcs}))
	}
	w.end(b)
	w.interfaces++
	return w.interfaces - 1
}

// Packet writes a packet of an interface, with its time in nanoseconds since the epoch, its length on the wire, what was captured of it.
func (w *Writer) Packet(on int, time int64, wire int, data []byte, comment string, way Direction) {
	b := option(w.packet(on, time, wire, data), optionComment, comment)
	if way != NoDirection {
		b = option(b, optionFlags, string(binary.LittleEndian.AppendUint32(nil, uint32(way))))
	}
	w.end(b)
}

// Kept writes a packet of an extract, with its number in the original, its comments, and what [Reader.Own] is to give back.
func (w *Writer) Kept(on int, f *ingest.Frame, own []byte) {
	b := w.packet(on, f.Time, f.Wire, f.Data)
	for _, c := range f.Comments {
		b = option(b, optionComment, c)
	}
	b = append(b, optionPacketID, 0, 8, 0)
	w.end(owned(binary.LittleEndian.AppendUint64(b, uint64(f.Number)), own))
}

func (w *Writer) packet(on int, time int64, wire int, data []byte) []byte {
	le, at := binary.LittleEndian, uint64(max(time, 0))
	b := le.AppendUint32(w.begin(writtenPacket), uint32(on))
	b = le.AppendUint32(le.AppendUint32(b, uint32(at>>32)), uint32(at))
	b = le.AppendUint32(le.AppendUint32(b, uint32(len(data))), uint32(wire))
	return padded(append(b, data...))
}

// Err is the first error of writing.
func (w *Writer) Err() error { return w.err }

// begin starts a block in the writer's own memory.
func (w *Writer) begin(kind uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(w.block[:0], kind), 0)
}

// end closes the options, fills in the lengths and writes the block.
func (w *Writer) end(b []byte) {
	b = binary.LittleEndian.AppendUint32(b, optionEnd)
	length := uint32(len(b) + 4)
	b = binary.LittleEndian.AppendUint32(b, length)
	binary.LittleEndian.PutUint32(b[4:], length)
	if w.block = b; w.err == nil && len(b) > largest {
		w.err = ErrLarge
	}
	if w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

// ErrLarge is the error of a block that would be taken for damage when it is read.
var ErrLarge = fmt.Errorf("a packet or ledger entry is larger than the %d bytes that a block of an extract can have", largest)

// option appends one, if it says anything, cut to what its length can count.
func option(b []byte, code uint16, value string) []byte {
	if value == "" {
		return b
	}
	if len(value) > longestOption {
		value = strings.ToValidUTF8(value[:longestOption], "")
	}
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...))
}

// padded fills a block up to whole words; every part of it in front is whole already.
func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
