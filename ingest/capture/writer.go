package capture

import (
	"encoding/binary"
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

// Writer writes a pcapng file of one section, times in nanoseconds. The first error stays, and [Writer.Err] gives it.
type Writer struct {
	w          io.Writer
	block      []byte
	interfaces int
	err        error
}

// NewWriter starts a file; comment is what it says of itself.
func NewWriter(to io.Writer, comment string) *Writer {
	w := &Writer{w: to}
	b := w.begin(writtenSection)
	b = append(b, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, ^uint64(0))
	b = option(b, optionComment, comment)
	w.end(option(b, optionApplication, "icmpsift"))
	return w
}

// Interface declares one more interface and gives its number. A snapLen of 0 is unlimited.
func (w *Writer) Interface(link ingest.LinkType, snapLen uint32, name, about string) int {
	b := w.begin(writtenInterface)
	b = append(binary.LittleEndian.AppendUint16(b, uint16(link)), 0, 0)
	b = binary.LittleEndian.AppendUint32(b, snapLen)
	b = option(b, optionName, name)
	b = option(b, optionDescription, about)
	w.end(option(b, optionResolution, "\x09"))
	w.interfaces++
	return w.interfaces - 1
}

// Packet writes a packet of an interface, with its time in nanoseconds since the epoch, its length on the wire, what was captured of it.
func (w *Writer) Packet(on int, time int64, wire int, data []byte, comment string, way Direction) {
	le, at := binary.LittleEndian, uint64(max(time, 0))
	b := le.AppendUint32(w.begin(writtenPacket), uint32(on))
	b = le.AppendUint32(le.AppendUint32(b, uint32(at>>32)), uint32(at))
	b = le.AppendUint32(le.AppendUint32(b, uint32(len(data))), uint32(wire))
	b = option(padded(append(b, data...)), optionComment, comment)
	if way != NoDirection {
		b = option(b, optionFlags, string(le.AppendUint32(nil, uint32(way))))
	}
	w.end(b)
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
	if w.block = b; w.err == nil {
		_, w.err = w.w.Write(b)
	}
}

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
