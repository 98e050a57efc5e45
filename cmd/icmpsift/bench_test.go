package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkAnalyze runs all of analyze, everything on, over a day of ordinary monitoring and over a flood. It tells packets a second and
// how many nanoseconds of one processor a packet takes.
func BenchmarkAnalyze(b *testing.B) {
	for name, write := range map[string]func(*traffic){"monitoring": monitoring, "flood": flood} {
		b.Run(name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), name+".pcap")
			n := generate(b, file, write)
			d, ctx := door{stdout: io.Discard, stderr: io.Discard}, context.Background()
			b.ResetTimer()
			for range b.N {
				if code := d.enter(ctx, []string{"analyze", file, "--quiet", "--force", "-o", filepath.Join(b.TempDir(), "report")}); code != 0 {
					b.Fatalf("exit code %d", code)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "packets/s")
		})
	}
}

// monitoring is one host that pings 500 others once a minute for a day, as a monitor does; all but a few answer.
func monitoring(t *traffic) {
	rnd := rand.New(rand.NewSource(1))
	for minute := range 24 * 60 {
		for host := range 500 {
			at := time.Duration(minute)*time.Minute + time.Duration(host)*110*time.Millisecond
			t.echo(8, 1, 1000+host, host, minute, at)
			if rnd.Intn(1000) > 0 {
				t.echo(0, 1000+host, 1, host, minute, at+time.Duration(1+rnd.Intn(20))*time.Millisecond)
			}
		}
	}
}

// flood is 400,000 requests between hosts by chance, half of them answered.
func flood(t *traffic) {
	rnd := rand.New(rand.NewSource(2))
	for i := range 400_000 {
		at, from, to := time.Duration(i)*250*time.Microsecond, rnd.Intn(5000), 10_000+rnd.Intn(2000)
		t.echo(8, from, to, rnd.Intn(1<<16), rnd.Intn(1<<16), at)
		if i%2 == 0 {
			t.echo(0, to, from, 1, 1, at+100*time.Microsecond)
		}
	}
}

// traffic writes a capture.
type traffic struct {
	w *bufio.Writer
	n int
}

func generate(b testing.TB, file string, write func(*traffic)) int {
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	t := &traffic{w: bufio.NewWriter(f)}
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	t.w.Write(head)
	write(t)
	if err := t.w.Flush(); err != nil {
		b.Fatal(err)
	}
	return t.n
}

// echo writes an echo message between two hosts, with the payload of Linux' ping.
func (t *traffic) echo(kind, from, to, id, seq int, at time.Duration) {
	since := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(at)
	ip := []byte{0x45, 0, 0, 84, byte(t.n >> 8), byte(t.n), 0x40, 0, 64, 1, 0, 0, 10, 0, byte(from >> 8), byte(from), 10, 0, byte(to >> 8), byte(to)}
	binary.BigEndian.PutUint16(ip[10:], sum(ip))
	icmp := []byte{byte(kind), 0, 0, 0, byte(id >> 8), byte(id), byte(seq >> 8), byte(seq)}
	icmp = binary.LittleEndian.AppendUint64(icmp, uint64(since.Unix()))
	icmp = binary.LittleEndian.AppendUint64(icmp, uint64(since.Nanosecond()/1000))
	for c := byte(0x10); c < 0x38; c++ {
		icmp = append(icmp, c)
	}
	binary.BigEndian.PutUint16(icmp[2:], sum(icmp))
	frame := append([]byte{2, 0, 0, 0, byte(to >> 8), byte(to), 2, 0, 0, 0, byte(from >> 8), byte(from), 8, 0}, append(ip, icmp...)...)
	head := binary.LittleEndian.AppendUint32(nil, uint32(since.Unix()))
	for _, n := range []int{since.Nanosecond() / 1000, len(frame), len(frame)} {
		head = binary.LittleEndian.AppendUint32(head, uint32(n))
	}
	t.w.Write(append(head, frame...))
	t.n++
}

// sum is the Internet check sum (RFC 1071).
func sum(b []byte) uint16 {
	var s uint32
	for i := 0; i+1 < len(b); i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}
