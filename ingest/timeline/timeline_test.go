package timeline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
)

const lab = "../../testdata/lab/"

// build reads the paths as one case.
func build(t *testing.T, memory int64, paths ...string) *timeline.Timeline {
	t.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	budget := spool.NewBudget(memory, t.TempDir())
	c, err := read.Files(context.Background(), files, read.Options{Jobs: 2, Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	line, err := timeline.Build(context.Background(), c.Extracts, budget)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close(); c.Close() })
	return line
}

// types joins the type bytes that src sent, each packet once.
func types(t *testing.T, line *timeline.Timeline, src string) (out []byte) {
	t.Helper()
	err := line.Each(context.Background(), func(p *ingest.Packet) {
		if typ, _, ok := p.Type(); ok && !p.Case.Copy && p.Src().String() == src {
			out = append(out, typ)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sent(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(lab + "files/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// record is one packet of a pcap file made for a test.
type record struct {
	at   time.Duration // since some day
	data []byte
}

// frames reads a classic little-endian or big-endian pcap.
func frames(t *testing.T, name string) (out []record) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	order, unit := binary.ByteOrder(binary.LittleEndian), time.Microsecond
	if b[0] == 0xa1 {
		order = binary.BigEndian
	}
	if order.Uint32(b) == 0xa1b23c4d {
		unit = time.Nanosecond
	}
	for b = b[24:]; len(b) >= 16; {
		n := order.Uint32(b[8:])
		out = append(out, record{time.Duration(order.Uint32(b))*time.Second + time.Duration(order.Uint32(b[4:]))*unit, b[16 : 16+n]})
		b = b[16+n:]
	}
	return out
}

func write(t *testing.T, name string, list []record) string {
	t.Helper()
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	for _, r := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(r.at/time.Second))
		b = binary.LittleEndian.AppendUint32(b, uint32(r.at%time.Second))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(r.data)))
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(r.data))), r.data...)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// forwarded is the packets as a router's other side sees them: other MACs, one hop less, later by a jittering delay.
func forwarded(list []record, delay, clock time.Duration) (out []record) {
	for i, r := range list {
		d := bytes.Clone(r.data)
		if d[12] != 8 || d[13] != 0 {
			out = append(out, record{r.at + delay + clock, d})
			continue
		}
		copy(d, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02")
		d[22]-- // TTL
		sum := uint32(binary.BigEndian.Uint16(d[24:])) + 0x100
		binary.BigEndian.PutUint16(d[24:], uint16(sum+sum>>16))
		out = append(out, record{r.at + delay + clock + time.Duration(i%7)*time.Millisecond, d})
	}
	return out
}

// The same byte sent twice is the same packet twice: one file from one interface loses none.
func TestRepeatsInOneFileAreKept(t *testing.T) {
	for _, memory := range []int64{64 << 20, 0} {
		line := build(t, memory, lab+"exf-type-bigendian.pcap")
		if got := types(t, line, "10.20.0.13"); !bytes.Equal(got, sent(t, "passwd.txt")) {
			t.Errorf("memory %d: %d type bytes, want the file's %d", memory, len(got), len(sent(t, "passwd.txt")))
		}
		if s := line.Stats(); s.Copies != 0 {
			t.Errorf("memory %d: %d copies, want none", memory, s.Copies)
		}
	}
}

func TestForwardedCopiesOnOneRouterAreOne(t *testing.T) {
	line := build(t, 64<<20, lab+"exf-type-any.pcap") // Linux "any": each packet in and out
	if got := types(t, line, "10.20.0.11"); !bytes.Equal(got, sent(t, "passwd.txt")) {
		t.Errorf("%d type bytes, want the file's %d", len(got), len(sent(t, "passwd.txt")))
	}
}

func TestVariedTTLIsNotForwarding(t *testing.T) {
	line := build(t, 64<<20, lab+"exf-ttl.pcap") // the TTL carries data; all else repeats
	packets := types(t, line, "10.20.0.12")
	if len(packets) != 329 {
		t.Errorf("%d packets, want the 329 that were sent", len(packets))
	}
}

func TestTwoSensorsTellOnePacket(t *testing.T) {
	const day2 = "../../testdata/case/day2/"
	line := build(t, 64<<20, day2+"span-type.pcap", day2+"wan/edge.pcap")
	if got := types(t, line, "10.20.0.12"); !bytes.Equal(got, sent(t, "finance.zip")) {
		t.Errorf("%d type bytes, want the file's %d", len(got), len(sent(t, "finance.zip")))
	}
}

func TestSensorClocks(t *testing.T) {
	all := frames(t, lab+"exf-type-bigendian.pcap")
	for name, clock := range map[string]time.Duration{"right": 0, "ahead": 3 * time.Second, "behind": -4 * time.Second} {
		t.Run(name, func(t *testing.T) {
			line := build(t, 64<<20, write(t, "a.pcap", all), write(t, "b.pcap", forwarded(all, 15*time.Millisecond, clock)))
			if got := types(t, line, "10.20.0.13"); !bytes.Equal(got, sent(t, "passwd.txt")) {
				t.Errorf("%d type bytes, want the file's %d", len(got), len(sent(t, "passwd.txt")))
			}
			if s := line.Stats(); s.Copies != int64(len(all)) {
				t.Errorf("%d copies, want %d", s.Copies, len(all))
			}
		})
	}
}

// A clock that is hours off is believed only when IP ids prove that it is the same traffic: a script that ran twice is not.
func TestDistantClocks(t *testing.T) {
	repeating := frames(t, lab+"exf-type-bigendian.pcap") // every packet has IP id 1
	line := build(t, 64<<20, write(t, "a.pcap", repeating), write(t, "b.pcap", forwarded(repeating, 0, 2*time.Hour)))
	if s := line.Stats(); s.Copies != 0 {
		t.Errorf("second run of a script: %d copies, want none", s.Copies)
	}
	genuine := frames(t, lab+"ben-ping4-sizes.pcap")
	line = build(t, 64<<20, write(t, "a.pcap", genuine), write(t, "b.pcap", forwarded(genuine, 0, 2*time.Hour)))
	if s := line.Stats(); s.Copies != s.Packets {
		t.Errorf("sensor two hours ahead: %d copies of %d packets, want all", s.Copies, s.Packets)
	}
}

func TestOverlappingRotation(t *testing.T) {
	all := frames(t, lab+"exf-type-bigendian.pcap")
	first, second := write(t, "a.pcap", all[:400]), write(t, "b.pcap", all[250:])
	line := build(t, 64<<20, first, second)
	if got := types(t, line, "10.20.0.13"); !bytes.Equal(got, sent(t, "passwd.txt")) {
		t.Errorf("%d type bytes, want the file's %d", len(got), len(sent(t, "passwd.txt")))
	}
	if s := line.Stats(); s.Copies != 150 {
		t.Errorf("%d copies, want the 150 of the overlap", s.Copies)
	}
}

func TestLossAtOneSensorLosesNothing(t *testing.T) {
	all := frames(t, lab+"exf-type-bigendian.pcap")
	var half, other []record
	for i, r := range all {
		if i%3 != 0 {
			half = append(half, r)
		}
		if i%3 != 1 {
			other = append(other, r)
		}
	}
	line := build(t, 64<<20, write(t, "a.pcap", half), write(t, "b.pcap", forwarded(other, time.Millisecond, 0)))
	if got := types(t, line, "10.20.0.13"); !bytes.Equal(got, sent(t, "passwd.txt")) {
		t.Errorf("%d type bytes, want the file's %d", len(got), len(sent(t, "passwd.txt")))
	}
}

// Packets out of order inside a capture come in order of time; those too far behind are counted.
func TestDisorder(t *testing.T) {
	all := frames(t, lab+"exf-type-bigendian.pcap")
	shuffled := append([]record(nil), all...)
	for i := 3; i+3 < len(shuffled); i += 4 {
		shuffled[i], shuffled[i+2] = shuffled[i+2], shuffled[i]
	}
	line := build(t, 64<<20, write(t, "a.pcap", shuffled))
	if got := types(t, line, "10.20.0.13"); !bytes.Equal(got, sent(t, "passwd.txt")) {
		t.Error("the bytes are out of order")
	}
	if s := line.Stats(); s.Late != 0 {
		t.Errorf("%d late, want none", s.Late)
	}
	shuffled = append(append([]record(nil), all[100:]...), all[0])
	if s := build(t, 64<<20, write(t, "b.pcap", shuffled)).Stats(); s.Late != 1 || s.Packets != int64(len(shuffled)) {
		t.Errorf("%d late of %d, want 1 of %d", s.Late, s.Packets, len(shuffled))
	}
}

// Reading some packets gives them as reading all does, from several files, some of which are out of order.
func TestSome(t *testing.T) {
	line := build(t, 1<<20, "../../testdata/case")
	wants := func(number int64) bool { return number%3 == 1 }
	told := func(p *ingest.Packet) string {
		return fmt.Sprint(p.Case, p.Number, p.Time, p.Link, p.Problems, p.ICMP, p.IP, p.Layers, p.Whole != nil)
	}
	var want, got []string
	copies := 0
	err := line.Each(context.Background(), func(p *ingest.Packet) {
		if wants(p.Case.Number) {
			want = append(want, told(p))
		}
	})
	if err == nil {
		err = line.Some(context.Background(), wants, func(p *ingest.Packet) {
			if got = append(got, told(p)); p.Case.Copy {
				copies++
			}
		})
	}
	if err != nil || copies == 0 || !slices.Equal(got, want) {
		t.Errorf("%d packets, %d of them copies, want %d; error %v", len(got), copies, len(want), err)
	}
}
