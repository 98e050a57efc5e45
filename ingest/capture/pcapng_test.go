package capture

import (
	"strings"
	"testing"

	"icmpsift/ingest"
)

func TestPcapng(t *testing.T) {
	const us = epoch * 1_000_000
	head := cat(le.section(), le.net(1, 0))
	one := le.enhanced(0, us, "one packet of 20 byt")
	size := len(one)
	at := int64(len(head))
	tests := []struct {
		name string
		file []byte
		want expect
	}{
		{"microseconds unless told", cat(head, one, le.enhanced(0, us+7, "abc")), expect{frames: 2, link: 1, cap: 3, wire: 3, time: epoch*second + 7000}},
		{"big endian", cat(be.section(), be.net(113, 0), be.enhanced(0, us, "abc")), expect{frames: 1, link: 113, time: epoch * second}},
		{"both byte orders in one file", cat(head, one, be.section(), be.net(101, 0), be.enhanced(0, us, "x")), expect{frames: 2, link: 101}},
		{"no interface", le.section(), expect{status: ingest.Empty}},
		{"several empty sections", cat(le.section(), be.section(), head, one), expect{frames: 1}},
		{"minor version 2", cat(le.version(1, 2), le.net(1, 0), one), expect{frames: 1}},
		{"minor version 9", cat(le.version(1, 9), le.net(1, 0), one), expect{frames: 1}},
		{"mixed link types", cat(head, le.net(276, 0), one, le.enhanced(1, us, "abcd")), expect{frames: 2, link: 276}},
		{"interface described late", cat(head, one, le.net(101, 0), le.enhanced(1, us, "abcd")), expect{frames: 2, link: 101}},
		{"captured exceeds wire", cat(head, le.epb(0, us, 4, 2, "abcd")), expect{frames: 1, wire: 2, cap: 4, odd: oddLength}},
		{"simple packet block", cat(le.section(), le.net(1, 8), le.block(blockSimple, le.u32(20), []byte("12345678"))), expect{frames: 1, wire: 20, cap: 8}},
		{"simple packet block without snaplen", cat(head, le.block(blockSimple, le.u32(5), []byte("12345"))), expect{frames: 1, wire: 5, cap: 5}},
		{"obsolete packet block", cat(head, le.block(blockOldPacket, le.u16(0), le.u16(9), le.u32(0), le.u32(5), le.u32(4), le.u32(6), []byte("abcd"))), expect{frames: 1, wire: 6, cap: 4, time: 5000}},
		{"block length without its padding", cat(head, unpadded(), one), expect{frames: 2}},
		{"unknown block", cat(head, le.block(0x1234, []byte("abcd")), one), expect{frames: 1, skipped: "block of type 0x1234"}},
		{"name resolution", cat(head, le.block(blockNames, le.option(1, []byte("\x0a\x00\x00\x01gate\x00")), le.option(0, nil)), one), expect{frames: 1, skipped: "name resolution block"}},
		{"decryption secrets", cat(head, le.block(blockSecrets, le.u32(1), le.u32(4), []byte("keys")), one), expect{frames: 1, skipped: "decryption secrets block"}},
		{"custom blocks have frame numbers", cat(head, one, le.block(blockCustom, le.u32(32473), []byte("abcd")), le.block(blockCustomOwn, le.u32(32473)), one), expect{frames: 4, given: 2, skipped: "custom block"}},
		{"systemd journal blocks have, too", cat(head, le.block(blockJournal, []byte("__REALTIME_TIMESTAMP=1\nMESSAGE=x\n")), one), expect{frames: 2, given: 1, skipped: "systemd journal block"}},
		{"20 MiB of names", cat(head, one, le.block(blockNames, make([]byte, 20<<20)), one), expect{frames: 2, skipped: "name resolution block"}},
		{"20 MiB of names, cut", cat(head, one, le.block(blockNames, make([]byte, 20<<20))[:18<<20]), expect{status: ingest.Cut, frames: 1, offset: at + int64(size)}},
		{"20 MiB of something unknown", cat(head, one, le.block(0x1234, make([]byte, 20<<20)), one), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size)}},
		{"FCS length of the interface", cat(le.section(), le.net(1, 0, le.option(ifFCS, []byte{4})), one), expect{frames: 1, fcs: 4}},
		{"FCS length of the packet", cat(head, le.enhanced(0, us, "abcd", le.option(epbFlags, le.u32(2<<5)))), expect{frames: 1, fcs: 2}},
		{"FCS length of the packet, big endian", cat(be.section(), be.net(1, 0), be.enhanced(0, us, "abcd", be.option(epbFlags, be.u32(2<<5)))), expect{frames: 1, fcs: 2}},
		{"time beyond 64 bits of nanoseconds", cat(le.section(), le.net(1, 0, le.option(ifResolution, []byte{0})), le.enhanced(0, 1<<40, "abcd")), expect{frames: 1, odd: oddTime}},
		{"offset of an hour", cat(le.section(), le.net(1, 0, le.option(ifOffset, le.u64(3600))), one), expect{frames: 1, time: (epoch + 3600) * second}},
		{"offset of an hour back", cat(be.section(), be.net(1, 0, be.option(ifOffset, be.u64(-3600))), be.enhanced(0, us, "x")), expect{frames: 1, time: (epoch - 3600) * second}},
		{"offset before resolution", cat(le.section(), le.net(1, 0, le.option(ifOffset, le.u64(1)), le.option(ifResolution, []byte{9})), le.enhanced(0, 5, "x")), expect{frames: 1, time: second + 5}},

		{"cut in the section header", le.section()[:20], expect{status: ingest.Cut}},
		{"cut in a block header", cat(head, one, one[:5]), expect{status: ingest.Cut, frames: 1, offset: at + int64(size), problem: "a block header"}},
		{"cut in a block", cat(head, one, one[:30]), expect{status: ingest.Cut, frames: 1, offset: at + int64(size), problem: "30 of"}},
		{"cut in the second length", cat(head, one, one[:size-1]), expect{status: ingest.Cut, frames: 1, offset: at + int64(size)}},
		{"100 bytes of junk at the end", cat(head, one, []byte(strings.Repeat("\xfe", 100))), expect{status: ingest.Damaged, frames: 1, offset: at + int64(size)}},
		{"block length 8", cat(head, one, le.u32(6), le.u32(8), one, one), expect{status: ingest.Damaged, frames: 1, after: 2, offset: at + int64(size), problem: "claims 8 bytes"}},
		{"block length 2 GiB", cat(head, one, le.u32(6), le.u32(-1<<31), one, one), expect{status: ingest.Damaged, frames: 1, after: 2, offset: at + int64(size)}},
		{"lengths that differ", cat(head, one, one[:size-4], le.u32(9999), one, one), expect{status: ingest.Damaged, frames: 1, after: 3, offset: at + int64(size), problem: "9999"}},
		{"captured length beyond the block", cat(head, one, le.epb(0, us, 500, 500, "abcd"), one), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size), skipped: "packet larger than its block"}},
		{"captured length of 4 GiB", cat(head, one, le.epb(0, us, -1, -1, "abcd"), one), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size), skipped: "packet larger than its block"}},
		{"unknown interface", cat(head, one, le.enhanced(3, us, "abcd"), one), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size), skipped: "packet of an unknown interface"}},
		{"interfaces are those of the section", cat(head, one, le.section(), one), expect{status: ingest.Damaged, frames: 1, offset: at + int64(size) + 28, skipped: "packet of an unknown interface"}},
		{"simple packet block before any interface", cat(le.section(), le.block(blockSimple, le.u32(4), []byte("abcd")), le.net(1, 0), one), expect{status: ingest.Damaged, after: 1, offset: 28, skipped: "packet of an unknown interface"}},
		{"option beyond the block", cat(head, one, le.enhanced(0, us, "abcd", le.u16(1), le.u16(500)), one), expect{status: ingest.Damaged, frames: 1, after: 2, offset: at + int64(size)}},
		{"300,000 bytes in a packet", cat(head, one, le.enhanced(0, us, strings.Repeat("x", 300_000)), one), expect{status: ingest.Damaged, frames: 1, after: 2, offset: at + int64(size)}},
		{"section of version 2", cat(head, one, le.version(2, 0), le.net(1, 0), one, head, one), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size), skipped: "block of a section of an unknown version"}},
		{"section header without magic", cat(head, one, le.block(blockSection, make([]byte, 16)), one, one), expect{status: ingest.Damaged, frames: 1, after: 2, offset: at + int64(size)}},
		{"a block's type damaged to a section's", cat(head, one, le.block(blockSection, le.u32(1)), one), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size)}},
		{"length that swallows what follows", cat(head, one, le.u32(6), le.u32(100_000), one, one), expect{status: ingest.Damaged, frames: 1, after: 2, offset: at + int64(size)}},
		{"bytes inserted at an odd place", cat(head, one, []byte("inserted!"), be.section(), be.net(1, 0), be.enhanced(0, us, "abcd")), expect{status: ingest.Damaged, frames: 1, after: 1, offset: at + int64(size)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := readBytes(t, tt.file)
			tt.want.check(t, r)
			if r.reader.Format() != "pcapng" {
				t.Errorf("format %q", r.reader.Format())
			}
		})
	}
}

// unpadded is a packet block of 21 bytes whose length leaves out the padding, which is there.
func unpadded() []byte {
	return cat(le.u32(blockPacket), le.u32(53), le.u32(0), le.u32(0), le.u32(1), le.u32(21), le.u32(21), make([]byte, 24), le.u32(53))
}

func TestNoTime(t *testing.T) {
	r := readBytes(t, cat(le.section(), le.net(1, 0), le.block(blockSimple, le.u32(4), []byte("abcd")), le.enhanced(0, 1, "x")))
	if !r.frames[0].NoTime || r.frames[1].NoTime {
		t.Errorf("NoTime is %v and %v, want true and false", r.frames[0].NoTime, r.frames[1].NoTime)
	}
}

func TestComments(t *testing.T) {
	file := cat(le.section(le.option(optComment, []byte("first")), le.option(optComment, []byte("bad \xff utf-8")), le.option(optEnd, nil)), le.net(1, 0),
		le.enhanced(0, 1, "abc", le.option(optComment, []byte("one")), le.option(epbQueue, le.u32(1)), le.option(optComment, []byte("two\x00"))),
		le.enhanced(0, 1, "abc"), be.section(be.option(optComment, []byte("second"))))
	r := readBytes(t, file)
	if got := strings.Join(r.frames[0].Comments, "|"); got != "one|two" {
		t.Errorf("packet comments %q", got)
	}
	if len(r.frames[1].Comments) != 0 {
		t.Errorf("the second packet inherited comments: %q", r.frames[1].Comments)
	}
	if got := strings.Join(r.reader.Comments(), "|"); got != "first|bad \uFFFD utf-8|second" {
		t.Errorf("section comments %q", got)
	}
}

func TestPcapngInterfaces(t *testing.T) {
	statistics := func(id int, drops int64) []byte {
		return le.block(blockStatistics, le.u32(id), le.u64(0), le.option(4, le.u64(99)), le.option(isbDrops, le.u64(drops)))
	}
	file := cat(le.section(), le.net(1, 96, le.option(ifName, []byte("eth0")), le.option(ifResolution, []byte{9}), le.option(ifOffset, le.u64(-7))),
		le.net(113, 0), statistics(0, 3), statistics(0, 5), statistics(7, 1), be.section(), be.net(101, 0))
	got := readBytes(t, file).reader.Interfaces()
	want := []ingest.Interface{
		{Link: 1, Name: "eth0", SnapLen: 96, Resolution: second, Offset: -7, Drops: 5},
		{ID: 1, Link: 113, Resolution: 1_000_000},
		{Section: 1, Link: 101, Resolution: 1_000_000},
	}
	if len(got) != len(want) {
		t.Fatalf("interfaces %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("interface %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestFrameOfSection(t *testing.T) {
	r := readBytes(t, cat(le.section(), le.net(1, 0), be.section(), be.net(1, 0), be.net(0, 0), be.enhanced(1, 1, "abc")))
	if f := r.frames[0]; f.Section != 1 || f.Interface != 1 || !f.BigEndian || f.Link != 0 || f.Offset != 28+20+28+20+20 {
		t.Errorf("frame %+v", f)
	}
}

// TestBounds: hostile files must not make the reader remember more than it promises.
func TestBounds(t *testing.T) {
	nets := le.section()
	for range maxRemembered + 10 {
		nets = append(nets, le.net(1, 0)...)
	}
	r := readBytes(t, nets)
	if n := len(r.reader.Interfaces()); n != maxRemembered || r.state.Odd[oddMany] != 10 {
		t.Errorf("%d interfaces, odd %v", n, r.state.Odd)
	}
	kinds := cat(le.section())
	for i := range 1000 {
		kinds = append(kinds, le.block(0x5000+i)...)
	}
	if s := readBytes(t, kinds).state; len(s.Skipped) != maxKinds+1 || s.Skipped["other"] != 1000-maxKinds {
		t.Errorf("%d kinds skipped, %d others", len(s.Skipped), s.Skipped["other"])
	}
}
