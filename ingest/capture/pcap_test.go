package capture

import (
	"bytes"
	"strings"
	"testing"

	"icmpsift/ingest"
)

func (e expect) check(t *testing.T, r result) {
	t.Helper()
	s := r.state
	if e.status == "" {
		e.status = ingest.Complete
	}
	if s.Status != e.status || s.Frames != e.frames || s.FramesAfter != e.after {
		t.Errorf("%s, %d frames and %d after, want %s, %d and %d (problem %q)", s.Status, s.Frames, s.FramesAfter, e.status, e.frames, e.after, s.Problem)
	}
	if e.given == 0 {
		e.given = int(e.frames + e.after)
	}
	if len(r.frames) != e.given {
		t.Errorf("Next gave %d frames, want %d", len(r.frames), e.given)
	}
	if broken := e.status == ingest.Cut || e.status == ingest.Damaged; broken && s.Offset != e.offset || !broken && s.Offset != -1 {
		t.Errorf("offset %d, want %d (problem %q)", s.Offset, e.offset, s.Problem)
	}
	if !strings.Contains(s.Problem, e.problem) {
		t.Errorf("problem %q, want %q in it", s.Problem, e.problem)
	}
	counted(t, s.Skipped, e.skipped)
	counted(t, s.Odd, e.odd)
	e.numbered(t, r.frames)
	if len(r.frames) > 0 {
		e.last(t, r.frames[len(r.frames)-1])
	}
}

func counted(t *testing.T, kinds map[string]int64, kind string) {
	t.Helper()
	if kind == "" && len(kinds) != 0 || kind != "" && kinds[kind] == 0 {
		t.Errorf("counted %v, want %q", kinds, kind)
	}
}

func (e expect) numbered(t *testing.T, frames []ingest.Frame) {
	t.Helper()
	for i, f := range frames {
		if e.given == int(e.frames+e.after) && f.Number != int64(i+1) {
			t.Errorf("frame %d has number %d", i+1, f.Number)
		}
		if f.Salvaged != (f.Number > e.frames) {
			t.Errorf("frame %d of %d: salvaged is %v", f.Number, e.frames, f.Salvaged)
		}
	}
}

// last compares the last frame with what the test says of it.
func (e expect) last(t *testing.T, f ingest.Frame) {
	t.Helper()
	for _, c := range []struct {
		what      string
		want, got int64
	}{
		{"link type", int64(e.link), int64(f.Link)}, {"FCS", int64(e.fcs), int64(f.FCS)}, {"wire length", int64(e.wire), int64(f.Wire)},
		{"captured length", int64(e.cap), int64(len(f.Data))}, {"time", e.time, f.Time},
	} {
		if c.want != 0 && c.want != c.got {
			t.Errorf("last frame: %s %d, want %d", c.what, c.got, c.want)
		}
	}
}

func TestPcap(t *testing.T) {
	data := bytes.Repeat([]byte{1}, 60)
	const at = epoch * second
	tests := []struct {
		name string
		file []byte
		want expect
	}{
		{"little endian, microseconds", le.pcap(le.packets(3)), expect{frames: 3, time: at + 2*second + 7000, link: 1, cap: 60}},
		{"big endian, microseconds", be.pcap(be.packets(3)), expect{frames: 3, time: at + 2*second + 7000}},
		{"little endian, nanoseconds", cat(le.file(0xa1b23c4d, 2, 4, 9999, 1), le.packets(3)), expect{frames: 3, time: at + 2*second + 7}},
		{"big endian, nanoseconds", cat(be.file(0xa1b23c4d, 2, 4, 9999, 1), be.packets(3)), expect{frames: 3, time: at + 2*second + 7}},
		{"header only", le.pcap(), expect{status: ingest.Empty}},
		{"snaplen 0", cat(le.file(0xa1b2c3d4, 2, 4, 0, 1), le.packets(5)), expect{frames: 5}},
		{"records longer than snaplen", cat(le.file(0xa1b2c3d4, 2, 4, 10, 1), le.packets(5)), expect{frames: 5, cap: 60}},
		{"snaplen 2^31", cat(le.file(0xa1b2c3d4, 2, 4, 1<<31, 1), le.packets(5)), expect{frames: 5}},
		{"captured exceeds wire", le.pcap(le.packets(1), le.record(epoch, 1, 60, 5, nil, data)), expect{frames: 2, wire: 5, cap: 60, odd: oddLength}},
		{"captured exceeds wire in the first record", le.pcap(le.record(epoch, 1, 60, 5, nil, data), le.packets(4)), expect{frames: 5, odd: oddLength}},
		{"microseconds past 2^32 nanoseconds", le.pcap(le.record(epoch, 4_294_968, 60, 60, nil, data)), expect{frames: 1, time: at + 4_294_968_000, odd: oddFraction}},
		{"microseconds 2^32-1", le.pcap(le.packets(3), le.record(epoch, -1, 60, 60, nil, data)), expect{frames: 4, time: at + 4_294_967_295_000, odd: oddFraction}},
		{"time beyond 2038", le.pcap(le.record(-1, 1, 60, 60, nil, data)), expect{frames: 1, time: 0xffffffff*second + 1000}},
		{"no bytes captured", le.pcap(le.record(epoch, 1, 0, 60, nil, nil), le.packets(2)), expect{frames: 3}},
		{"SLL2 needs 16 bits", cat(le.file(0xa1b2c3d4, 2, 4, 9999, 276), le.packets(1)), expect{frames: 1, link: ingest.LinkSLL2}},
		{"FCS of 4 bytes", cat(le.file(0xa1b2c3d4, 2, 4, 9999, 0x24000001), le.packets(1)), expect{frames: 1, link: 1, fcs: 4}},
		{"FCS length that does not count", cat(le.file(0xa1b2c3d4, 2, 4, 9999, 0x20000001), le.packets(1)), expect{frames: 1, link: 1}},
		{"reserved bits in link type", cat(le.file(0xa1b2c3d4, 2, 4, 9999, 0x00300001), le.packets(1)), expect{frames: 1, link: 1, odd: oddLink}},
		{"Kuznetzov's modified pcap", cat(le.file(0xa1b2cd34, 2, 4, 9999, 1), extended(le, 8)), expect{frames: 5, cap: 60}},
		{"the same, swapped", cat(be.file(0xa1b2cd34, 2, 4, 9999, 1), extended(be, 8)), expect{frames: 5, cap: 60}},
		{"SuSE 6.3", cat(le.file(0xa1b2cd34, 2, 4, 9999, 1), extended(le, 12)), expect{frames: 5, cap: 60}},
		{"Red Hat 6.1", cat(le.file(0xa1b2c3d4, 2, 4, 9999, 1), extended(le, 8)), expect{frames: 5, cap: 60}},
		{"Nokia", cat(be.file(0xa1b2c3d4, 2, 4, 9999, 1), extended(be, 4)), expect{frames: 5, cap: 60}},
		{"Ixia hardware", cat(le.file(0x1c0001ac, 2, 4, 9999, 1), le.u32(1), le.packets(2)), expect{frames: 2, time: at + second + 7}},
		{"Ixia software", cat(be.file(0x1c0001ab, 2, 4, 9999, 1), be.u32(1), be.packets(2)), expect{frames: 2, time: at + second + 7000}},
		{"version 2.2 has the lengths swapped", cat(le.file(0xa1b2c3d4, 2, 2, 9999, 1), le.record(epoch, 1, 99, 60, nil, data)), expect{frames: 1, wire: 99, cap: 60}},
		{"version 2.3 may", cat(le.file(0xa1b2c3d4, 2, 3, 9999, 1), le.record(epoch, 1, 99, 60, nil, data), le.packet(0, 60)), expect{frames: 2, cap: 60}},
		{"DG/UX has", cat(le.file(0xa1b2c3d4, 543, 0, 9999, 1), le.record(epoch, 1, 99, 60, nil, data)), expect{frames: 1, wire: 99, cap: 60}},
		{"AIX", cat(be.file(0xa1b2c3d4, 2, 2, 9999, 6), be.record(epoch, 7, 60, 60, nil, data)), expect{frames: 1, link: 1, time: at + 7}},
		{"3 MB on D-Bus", cat(le.file(0xa1b2c3d4, 2, 4, 9999, 231), le.packets(2), le.packet(2, 3<<20), le.packets(1)), expect{frames: 4}},

		{"cut in the magic number's header", le.pcap()[:9], expect{status: ingest.Cut, problem: "the file header"}},
		{"cut in a record header", le.pcap(le.packets(2))[:24+76+8], expect{status: ingest.Cut, frames: 1, offset: 100, problem: "a record header"}},
		{"cut in data", le.pcap(le.packets(2))[:24+76+20], expect{status: ingest.Cut, frames: 1, offset: 100, problem: "4 of 60 bytes"}},
		{"1 GiB record", le.pcap(le.packets(1), le.record(epoch, 1, 1<<30, 1<<30, nil, data)), expect{status: ingest.Damaged, frames: 1, offset: 100, problem: "1073741824"}},
		{"junk at the end", le.pcap(le.packets(2), bytes.Repeat([]byte{0xff}, 100)), expect{status: ingest.Damaged, frames: 2, offset: 176}},
		{"one damaged length", le.pcap(le.packets(2), le.record(epoch, 1, -16, 60, nil, data), le.packets(6)), expect{status: ingest.Damaged, frames: 2, after: 6, offset: 176, problem: "from offset 252"}},
		{"two damaged places", le.pcap(le.packets(1), le.u32(-1), le.u32(-1), le.u32(-1), le.u32(-1), le.packets(4), le.u32(-1), le.u32(-1), le.u32(-1), le.u32(-1), le.packets(4)),
			expect{status: ingest.Damaged, frames: 1, after: 8, offset: 100, problem: "in 2 places"}},
		{"bytes inserted", le.pcap(le.packets(2), []byte("\xffinserted\xff\xff\xff\xff\xff"), le.packets(4)), expect{status: ingest.Damaged, frames: 2, after: 4, offset: 176}},
		{"300,000 bytes, but sound", le.pcap(le.packets(2), le.packet(2, 300_000), le.packets(5)), expect{status: ingest.Damaged, frames: 2, after: 6, offset: 176, cap: 60}},
		{"a length that swallows what follows", le.pcap(le.packets(2), le.record(epoch, 1, 200_000, 200_000, nil, data), le.packets(6)), expect{status: ingest.Damaged, frames: 2, after: 6, offset: 176}},
		{"zeros are empty packets to Wireshark", le.pcap(le.packets(2), make([]byte, 160), le.packets(2)), expect{frames: 14}},
		{"two files joined", le.pcap(le.packets(2), be.file(0xa1b23c4d, 2, 4, 99, 101), be.packets(3)), expect{status: ingest.Damaged, frames: 3, after: 3, offset: 176, odd: oddHeader, link: 101, time: at + 2*second + 7}},
		{"a sound run of another year is rubbish", le.pcap(le.packets(1), le.u32(-1), le.u32(-1), le.u32(-1), le.u32(-1), foreignRun()), expect{status: ingest.Damaged, frames: 1, offset: 100}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := readBytes(t, tt.file)
			tt.want.check(t, r)
			if r.reader.Format() != "pcap" {
				t.Errorf("format %q", r.reader.Format())
			}
		})
	}
}

// extended are five records whose headers have n bytes more than usual.
func extended(w writer, n int) []byte {
	var out []byte
	for i := range 5 {
		out = append(out, w.record(epoch+i, 7, 60, 60, bytes.Repeat([]byte{0x11}, n), bytes.Repeat([]byte{1}, 60))...)
	}
	return out
}

// foreignRun is a run of records ten years older than the rest, such as the payload of a file transfer holds.
func foreignRun() []byte {
	var out []byte
	for range 6 {
		out = append(out, le.packet(-10*yearish, 60)...)
	}
	return out
}

func TestPcapInterface(t *testing.T) {
	r := readBytes(t, cat(be.file(0xa1b23c4d, 2, 4, 1234, 276), be.packets(1)))
	want := ingest.Interface{Link: 276, SnapLen: 1234, Resolution: 1_000_000_000}
	if got := r.reader.Interfaces(); len(got) != 1 || got[0] != want {
		t.Errorf("interfaces %+v, want %+v", got, want)
	}
	if f := r.frames[0]; !f.BigEndian || f.Offset != 24 || f.Wire != 60 || string(f.Data) != strings.Repeat("\xee", 60) {
		t.Errorf("frame %+v", f)
	}
}
