package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"icmpsift/ingest"
)

// writer builds captures by hand, in either byte order.
type writer struct{ binary.AppendByteOrder }

var (
	le = writer{binary.LittleEndian}
	be = writer{binary.BigEndian}
)

func (w writer) u16(n int) []byte   { return w.AppendUint16(nil, uint16(n)) }
func (w writer) u32(n int) []byte   { return w.AppendUint32(nil, uint32(n)) }
func (w writer) u64(n int64) []byte { return w.AppendUint64(nil, uint64(n)) }

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// file is a pcap file header.
func (w writer) file(magic uint32, major, minor int, snaplen, network uint32) []byte {
	return cat(w.AppendUint32(nil, magic), w.u16(major), w.u16(minor), w.u32(0), w.u32(0), w.AppendUint32(nil, snaplen), w.AppendUint32(nil, network))
}

func (w writer) pcap(records ...[]byte) []byte {
	return cat(append([][]byte{w.file(0xa1b2c3d4, 2, 4, 65535, 1)}, records...)...)
}

// record is a pcap record, with further header fields between lengths and data.
func (w writer) record(seconds, fraction, captured, wire int, more, data []byte) []byte {
	return cat(w.u32(seconds), w.u32(fraction), w.u32(captured), w.u32(wire), more, data)
}

const epoch = 1_700_000_000

// packet is a sound record of n bytes at the given second.
func (w writer) packet(at, n int) []byte {
	return w.record(epoch+at, 7, n, n, nil, bytes.Repeat([]byte{0xee}, n))
}

// packets are sound records of 60 bytes.
func (w writer) packets(n int) []byte {
	var out []byte
	for i := range n {
		out = append(out, w.packet(i, 60)...)
	}
	return out
}

func (w writer) block(kind int, body ...[]byte) []byte {
	b := cat(body...)
	b = append(b, make([]byte, -len(b)&3)...)
	return cat(w.u32(kind), w.u32(len(b)+12), b, w.u32(len(b)+12))
}

func (w writer) option(code int, value []byte) []byte {
	return cat(w.u16(code), w.u16(len(value)), value, make([]byte, -len(value)&3))
}

func (w writer) section(options ...[]byte) []byte { return w.version(1, 0, options...) }

func (w writer) version(major, minor int, options ...[]byte) []byte {
	return w.block(blockSection, w.u32(byteOrderMagic), w.u16(major), w.u16(minor), w.u64(-1), cat(options...))
}

func (w writer) net(link, snaplen int, options ...[]byte) []byte {
	return w.block(blockInterface, w.u16(link), w.u16(0), w.u32(snaplen), cat(options...))
}

// enhanced is an enhanced packet block.
func (w writer) enhanced(id int, ticks int64, data string, options ...[]byte) []byte {
	return w.epb(id, ticks, len(data), len(data), data, options...)
}

func (w writer) epb(id int, ticks int64, captured, wire int, data string, options ...[]byte) []byte {
	padding := make([]byte, -len(data)&3)
	return w.block(blockPacket, w.u32(id), w.u32(int(ticks>>32)), w.u32(int(uint32(ticks))), w.u32(captured), w.u32(wire), []byte(data), padding, cat(options...))
}

// result is what reading a capture gave, with frames that last.
type result struct {
	frames []ingest.Frame
	state  State
	reader *Reader
}

func readAll(t testing.TB, src io.Reader) result {
	t.Helper()
	r, err := NewReader(src)
	if err != nil {
		t.Fatalf("NewReader: %v", err)
	}
	return drain(t, r)
}

func drain(t testing.TB, r *Reader) result {
	t.Helper()
	out := result{reader: r}
	for {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		kept := *f
		kept.Data = bytes.Clone(f.Data)
		kept.Comments = append([]string(nil), f.Comments...)
		out.frames = append(out.frames, kept)
	}
	out.state = r.State()
	return out
}

func readBytes(t testing.TB, b []byte) result { t.Helper(); return readAll(t, bytes.NewReader(b)) }

// expect is what a test asks of a result.
type expect struct {
	status         ingest.Status
	frames, after  int64
	given          int // frames that Next gave, when not all of the above
	offset         int64
	skipped, odd   string // kinds that must have been counted, once or more
	problem        string // part of the problem
	link           ingest.LinkType
	fcs, wire, cap int
	time           int64
}
