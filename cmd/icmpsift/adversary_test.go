package main

import (
	"encoding/binary"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// adversaries are captures made to use memory up: what a run remembers of each packet is of no further use. ICMPSIFT_ADVERSARIES in the
// environment says of how many packets ("5000000"), ICMPSIFT_KEEP in which folder the captures are left.
var adversaries = map[string]func(t *traffic, n int){
	"sources":   manySources,
	"requests":  openRequests,
	"fragments": endlessFragments,
	"pieces":    endlessDatagram,
	"errors":    quotedByNobody,
	"giant":     giantFlow,
}

const (
	adversariesAsked  = "ICMPSIFT_ADVERSARIES"
	adversariesKept   = "ICMPSIFT_KEEP"
	adversariesByWont = 20_000
	tightest          = 256 << 20 // bytes: the least that --memory holds
)

// Whatever is sent, analyze comes to its end inside the memory that it may use.
func TestAdversariesStayInside(t *testing.T) {
	if testing.Short() {
		t.Skip("runs of minutes")
	}
	n := adversariesByWont
	if asked := os.Getenv(adversariesAsked); asked != "" {
		var err error
		if n, err = strconv.Atoi(asked); err != nil {
			t.Fatalf("%s=%q: expected a number", adversariesAsked, asked)
		}
	}
	program := built(t)
	for name, write := range adversaries {
		t.Run(name, func(t *testing.T) {
			dir := os.Getenv(adversariesKept)
			if dir == "" {
				dir = t.TempDir()
			}
			file := filepath.Join(dir, name+".pcap")
			generate(t, file, func(to *traffic) { write(to, n) })
			peak := run(t, program, file)
			t.Logf("%d packets: peak %d MiB", n, peak>>20)
			if peak > tightest {
				t.Errorf("peak %d MiB, more than %d", peak>>20, tightest>>20)
			}
		})
	}
}

// built is the program as users run it: the race detector and the tests' own memory are no part of it.
func built(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "icmpsift.exe")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// run analyzes a capture and gives the most memory that was resident, in bytes.
func run(t *testing.T, program, file string) int64 {
	c := exec.Command(program, "analyze", file, "--memory", strconv.Itoa(tightest), "--quiet", "-o", filepath.Join(t.TempDir(), "report"))
	c.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return resident(c.ProcessState)
}

// packet writes an IPv4 packet.
func (t *traffic) packet(from, to uint32, protocol byte, id, fragment uint16, body []byte, at time.Duration) {
	since := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(at)
	ip := []byte{0x45, 0, 0, 0, byte(id >> 8), byte(id), byte(fragment >> 8), byte(fragment), 64, protocol, 0, 0}
	ip = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(ip, from), to)
	binary.BigEndian.PutUint16(ip[2:], uint16(20+len(body)))
	binary.BigEndian.PutUint16(ip[10:], sum(ip))
	head := binary.LittleEndian.AppendUint32(nil, uint32(since.Unix()))
	for _, n := range []int{since.Nanosecond() / 1000, 34 + len(body), 34 + len(body)} {
		head = binary.LittleEndian.AppendUint32(head, uint32(n))
	}
	t.w.Write(append(head, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0))
	t.w.Write(ip)
	t.w.Write(body)
	t.n++
}

// message is an ICMP message with its check sum.
func message(kind, code byte, rest uint32, body []byte) []byte {
	m := append(binary.BigEndian.AppendUint32([]byte{kind, code, 0, 0}, rest), body...)
	binary.BigEndian.PutUint16(m[2:], sum(m))
	return m
}

// spread makes a number look like another by chance, each a different one.
func spread(i int) uint32 { return uint32(i) * 2654435761 }

// manySources is requests to one host, each from another.
func manySources(t *traffic, n int) {
	for i := range n {
		t.packet(spread(i), 0x0a000001, 1, uint16(i), 0, message(8, 0, spread(i), make([]byte, 32)), time.Duration(i)*10*time.Microsecond)
	}
}

// openRequests are between hosts by chance, all within the time in which they can be answered, and nobody does.
func openRequests(t *traffic, n int) {
	for i := range n {
		t.packet(0x0a000000|spread(i)>>16, 0x0b000000|spread(i)>>12, 1, uint16(i), 0, message(8, 0, uint32(i), make([]byte, 32)), time.Duration(i)*10*time.Microsecond)
	}
}

// endlessFragments are first fragments of datagrams that never become whole.
func endlessFragments(t *traffic, n int) {
	for i := range n {
		t.packet(0x0a000000|spread(i)>>12, 0x0b000001, 1, uint16(i), 0x2000, message(8, 0, uint32(i), make([]byte, 192)), time.Duration(i)*20*time.Microsecond)
	}
}

// endlessDatagram is the same few datagrams in ever more pieces, which overlap and never reach the end.
func endlessDatagram(t *traffic, n int) {
	rnd, body := rand.New(rand.NewSource(3)), make([]byte, 64)
	for i := range n {
		rnd.Read(body)
		t.packet(0x0a000001, 0x0b000001, 1, uint16(i%8), 0x2000|uint16(1+rnd.Intn(8000)), body, time.Duration(i)*20*time.Microsecond)
	}
}

// quotedByNobody is errors that quote packets which were never seen, each another.
func quotedByNobody(t *traffic, n int) {
	for i := range n {
		quoted := []byte{0x45, 0, 0, 84, byte(i >> 8), byte(i), 0, 0, 64, 1, 0, 0}
		quoted = binary.BigEndian.AppendUint32(append(quoted, 10, 0, 0, 1), spread(i))
		quoted = append(quoted, message(8, 0, spread(i+1), nil)...)
		t.packet(spread(i), 0x0a000001, 1, uint16(i), 0, message(3, byte(i%3), 0, quoted), time.Duration(i)*10*time.Microsecond)
	}
}

// giantFlow is one transfer that does not end: bytes that look encrypted.
func giantFlow(t *traffic, n int) {
	rnd, body := rand.New(rand.NewSource(4)), make([]byte, 1000)
	for i := range n {
		rnd.Read(body)
		t.packet(0x0a000001, 0xcb007101, 1, uint16(i), 0, message(8, 0, 0x12340000|uint32(uint16(i)), body), time.Duration(i)*time.Millisecond)
	}
}
