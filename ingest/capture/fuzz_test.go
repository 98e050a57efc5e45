package capture

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
	"testing/iotest"

	"icmpsift/ingest"
)

// crumbs gives its bytes in small reads of changing size, which the reader must not notice.
type crumbs struct {
	r io.Reader
	n int
}

func (c *crumbs) Read(p []byte) (int, error) {
	c.n = c.n*7%997 + 1
	return c.r.Read(p[:min(len(p), c.n)])
}

// examine reads hostile bytes and checks what must hold for all of them.
func examine(t *testing.T, file []byte) {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		identified(t, err)
		return
	}
	whole := drain(t, r)
	sane(t, whole)
	if _, err := r.Next(); !errors.Is(err, io.EOF) || !reflect.DeepEqual(r.State(), whole.state) {
		t.Fatalf("Next behind the end: %v, state %+v, was %+v", err, r.State(), whole.state)
	}
	pieces := readAll(t, iotest.DataErrReader(&crumbs{bytes.NewReader(file), 3}))
	if !reflect.DeepEqual(whole.state, pieces.state) || len(whole.frames) != len(pieces.frames) {
		t.Fatalf("read whole: %+v\nin pieces: %+v", whole.state, pieces.state)
	}
	for i := range whole.frames {
		if !reflect.DeepEqual(whole.frames[i], pieces.frames[i]) {
			t.Fatalf("read whole: %+v\nin pieces: %+v", whole.frames[i], pieces.frames[i])
		}
	}
}

func identified(t *testing.T, err error) {
	var not *NotCapture
	var unsupported *Unsupported
	if !errors.As(err, &not) && !errors.As(err, &unsupported) && !errors.Is(err, ErrEmpty) {
		t.Fatalf("unexpected error %v", err)
	}
}

func sane(t *testing.T, r result) {
	s := r.state
	if int64(len(r.frames)) > s.Frames+s.FramesAfter {
		t.Fatalf("%d frames given, %d+%d counted", len(r.frames), s.Frames, s.FramesAfter)
	}
	hurt := s.Status == ingest.Cut || s.Status == ingest.Damaged
	if hurt != (s.Problem != "") || hurt != (s.Offset >= 0) || s.FramesAfter > 0 && s.Status != ingest.Damaged {
		t.Fatalf("state %+v", s)
	}
	last := ingest.Frame{Offset: -1}
	for _, f := range r.frames {
		if f.Number <= last.Number || f.Offset <= last.Offset || f.Salvaged != (f.Number > s.Frames) || len(f.Data) > largest {
			t.Fatalf("frame %+v after %+v, state %+v", f, last, s)
		}
		last = f
	}
}

func FuzzPcap(f *testing.F) {
	f.Add(le.pcap(le.packets(5)))
	f.Add(be.pcap(be.packets(2), []byte("inserted"), be.packets(5)))
	f.Add(cat(le.file(0xa1b2cd34, 2, 4, 9999, 1), extended(le, 8)))
	f.Add(le.pcap(le.packets(2), be.file(0xa1b23c4d, 2, 4, 99, 101), be.packets(3)))
	f.Add(le.pcap(le.packets(2), le.record(epoch, 1, 100, 100, nil, nil), le.packets(6)))
	f.Add(cat(le.file(0xa1b2c3d4, 2, 3, 0, 1), le.packets(4)))
	f.Fuzz(func(t *testing.T, file []byte) { examine(t, file) })
}

func FuzzPcapng(f *testing.F) {
	head, one := cat(le.section(le.option(optComment, []byte("x"))), le.net(1, 0, le.option(ifResolution, []byte{0x8a}))), le.enhanced(0, 5, "abcd")
	f.Add(cat(head, one, be.section(), be.net(1, 9), be.enhanced(0, 5, "abc", be.option(epbFlags, be.u32(64)))))
	f.Add(cat(head, le.block(blockSimple, le.u32(4), []byte("abcd")), one[:len(one)-4], le.u32(7), one, one))
	f.Add(cat(head, one, []byte("inserted!"), head, one))
	f.Add(cat(head, le.block(blockStatistics, le.u32(0), le.u64(0), le.option(isbDrops, le.u64(7))), le.block(blockNames, le.option(0, nil))))
	f.Add(cat(head, le.block(blockCustom, le.u32(1)), le.block(blockSecrets, le.u32(1), le.u32(1), []byte("k")), one))
	f.Fuzz(func(t *testing.T, file []byte) { examine(t, file) })
}

// FuzzPeel bends compressed captures: a few bytes changed, and the end cut off.
func FuzzPeel(f *testing.F) {
	plain := cat(le.pcap(le.packets(5)))
	for _, packed := range [][]byte{gz(f, plain), zst(f, plain), cat(gz(f, plain[:100]), gz(f, plain[100:])), gz(f, zst(f, plain)),
		packed(f, plain, "xz"), packed(f, plain, "bzip2"), packed(f, plain, "lz4"), packed(f, plain, "lz4", "-l")} {
		f.Add(packed)
		f.Add(packed[:len(packed)-9])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 4<<10 {
			return // what it unpacks to would take too long
		}
		examine(t, file)
	})
}
