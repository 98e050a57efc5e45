package builtin_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the captures of testdata anew")

// captures are what no tool sends on request: packets that stand just this side of a rule's threshold, time span or
// filter, and just that side. In a "-hit" capture the rule has as many findings as its test says, and every way to make it
// stricter loses one; in a "-miss" capture it has none, and every way to loosen it gains one.
var captures = map[string]func() []sent{
	"boundary-hit":     boundaryHit,
	"boundary-miss":    boundaryMiss,
	"few-hit":          fewHit,
	"few-miss":         fewMiss,
	"few-order":        fewOrder,
	"few-two":          fewTwo,
	"file-hit":         fileHit,
	"file-miss":        fileMiss,
	"file-answered":    fileAnswered,
	"file-order":       fileOrder,
	"payload-hit":      payloadHit,
	"payload-miss":     payloadMiss,
	"payload-scope":    payloadScope,
	"sweep-hit":        sweepHit,
	"sweep-miss":       sweepMiss,
	"outbound-blank":   outboundBlank,
	"outbound-hit":     outboundHit,
	"outbound-miss":    outboundMiss,
	"tunnel-hit":       tunnelHit,
	"tunnel-blank":     tunnelBlank,
	"tunnel-recovered": tunnelRecovered,
	"tunnel-miss":      tunnelMiss,
	"traceroute-hit":   tracerouteHit,
	"traceroute-miss":  tracerouteMiss,
	"type-hit":         typeHit,
	"type-order":       typeOrder,
	"type-miss":        typeMiss,
}

// The captures are what this file says they are.
func TestCaptures(t *testing.T) {
	for name, make := range channelCaptures(captures) {
		path := filepath.Join("testdata", name+".pcap")
		want := pcap(make())
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what captures_test.go makes: run go test -run TestCaptures -update ./rules/builtin", path)
		}
	}
}

const (
	inside, inside2, inside3    = "10.20.0.11", "10.20.0.12", "10.20.0.13"
	outside, outside2, outside3 = "203.0.113.66", "203.0.113.67", "198.51.100.9"
	inside6, outside6           = "fd20::11", "2001:db8::66"
)

// noise is bytes that look random and stay the same.
func noise(n, seed int) []byte {
	r, b := rand.New(rand.NewPCG(uint64(seed), 1)), make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

// line is text that does not count.
func line(i int) []byte {
	words := []string{"quarterly figures", "salaries of the board", "the vault stands open", "password: hunter2", "draft of the merger", "keys lie under the mat", "list of customers", "blueprints, sheet one"}
	return []byte(words[i%len(words)])
}

// spread sends messages at even times from 0 to the end.
func spread(end time.Duration, src, dst string, messages ...[]byte) (out []sent) {
	for i, m := range messages {
		at := time.Duration(0)
		if len(messages) > 1 {
			at = end * time.Duration(i) / time.Duration(len(messages)-1)
		}
		out = append(out, sent{at, src, dst, m})
	}
	return out
}

// pings are echo requests with the payloads.
func pings(v6 bool, payloads ...[]byte) (out [][]byte) {
	typ := byte(8)
	if v6 {
		typ = 128
	}
	for i, p := range payloads {
		out = append(out, echo(typ, 7, uint16(i), p))
	}
	return out
}

func several(n int, payload func(i int) []byte) (out [][]byte) {
	for i := range n {
		out = append(out, payload(i))
	}
	return out
}

// answered is an echo request and the reply to it, a hundredth of a second later.
func answered(at time.Duration, client, server string, seq uint16, question, answer []byte) []sent {
	return []sent{{at, client, server, echo(8, 7, seq, question)}, {at + 10*time.Millisecond, server, client, echo(0, 7, seq, answer)}}
}

func boundaryHit() []sent {
	ping := echo(8, 7, 1, line(0))
	return []sent{
		{0, inside, outside, ping}, {18 * time.Hour, inside, outside, ping}, // one finding, or two within 12 hours
		{54 * time.Hour, inside, outside, ping}, // a second finding, or one within 48 hours
		{time.Hour, outside, inside, ping},
		{2 * time.Hour, inside6, outside6, echo(128, 7, 1, line(0))},
	}
}

func boundaryMiss() []sent {
	ping := echo(8, 7, 1, line(0))
	return []sent{
		{0, inside, inside2, ping}, {1 * time.Second, outside, outside2, ping}, {2 * time.Second, inside, "224.0.0.1", ping}, {3 * time.Second, outside, "224.0.0.1", ping},
	}
}

// classes are payloads of each class that the rule names.
var classes = []func(i int) []byte{
	line,
	func(i int) []byte { return []byte(base64.StdEncoding.EncodeToString(noise(18, i))) },
	func(i int) []byte { return []byte(hex.EncodeToString(noise(16, i))) },
	func(i int) []byte { return append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}, noise(40, i)...) },
	func(i int) []byte { return append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), noise(40, i)...) },
	func(i int) []byte { return noise(64, i) },
	innerIP,
	unknown,
	func(i int) []byte { return append([]byte("RQ47"), noise(40, i)...) }, // of a known tool
}

func innerIP(i int) []byte {
	return sent{0, "10.0.1.1", "10.0.1.2", echo(8, uint16(i), 1, noise(24, i))}.packet()
}

// unknown is neither text nor even.
func unknown(i int) []byte { return append(bytes.Repeat([]byte{0x81, 0, 0x81}, 8), noise(4, i)...) }

// clock is a payload that begins with the time of sending, as Wireshark takes it, and is n bytes long.
func clock(n, i int) []byte {
	b := be.AppendUint32(be.AppendUint32(nil, uint32(start.Unix())), uint32(1000*i))
	return append(b, noise(n, i)...)[:n]
}

func payloadHit() (out []sent) {
	for i, class := range classes { // five payloads each, and no four within 12 hours
		out = append(out, spread(18*time.Hour, inside, fmt.Sprintf("203.0.113.%d", i+1), pings(false, several(5, class)...)...)...)
	}
	out = append(out, spread(18*time.Hour, inside2, outside2, pings(false, several(5, func(i int) []byte { return clock(17, i) })...)...)...)
	return append(out, spread(18*time.Hour, inside3, outside2, pings(false, several(5, func(i int) []byte { return line(i)[:8] })...)...)...)
}

func payloadMiss() (out []sent) {
	four := pings(false, several(4, line)...)
	out = append(out, spread(time.Hour, inside, outside, slices.Concat(four, four, four)...)...) // many, but four different ones
	out = append(out, spread(36*time.Hour, inside2, outside, pings(false, several(5, line)...)...)...)
	out = append(out, spread(time.Hour, "10.20.0.21", outside2, pings(false, several(4, line)...)...)...)
	out = append(out, spread(time.Hour, "10.20.0.22", outside2, pings(false, several(4, classes[1])...)...)...)
	out = append(out, spread(time.Hour, "10.20.0.21", outside3, pings(false, several(4, classes[2])...)...)...)
	for _, n := range []int{8, 13, 16} { // the sender's clock, and next to nothing else
		at := fmt.Sprintf("203.0.113.%d", 100+n)
		out = append(out, spread(time.Minute, inside3, at, pings(false, several(6, func(i int) []byte { return clock(n, i) })...)...)...)
		at6 := fmt.Sprintf("2001:db8::%d", n)
		out = append(out, spread(time.Minute, inside6, at6, pings(true, several(6, func(i int) []byte { return clock(n, i) })...)...)...)
	}
	windows := bytes.Repeat([]byte("abcdefghijklmnopqrstuvw"), 4) // a known ping, in many sizes
	out = append(out, spread(time.Minute, "10.20.0.23", outside, pings(false, several(6, func(i int) []byte { return windows[:40+8*i] })...)...)...)
	for i := range 6 { // answers that return what was asked for
		out = append(out, answered(time.Duration(i)*time.Second, outside3, inside, uint16(i), line(i%4), classes[0](i%4+4))...)
	}
	return out
}

// payloadScope is a file in requests, whose numbers are random, from a host that is also pinged, and answers.
func payloadScope() (out []sent) {
	for i := range 8 {
		seq := uint16(40503 * (i + 1))
		out = append(out, sent{time.Duration(2*i) * time.Second, inside, outside, echo(8, 7, seq, line(i))})
		out = append(out, answered(time.Duration(2*i+1)*time.Second, outside, inside, uint16(i), line(1), line(1))...)
	}
	return out
}

// many sends one message to n addresses, at even times from 0 to the end.
func many(end time.Duration, n int, src, format string, m []byte) (out []sent) {
	for i := range n {
		out = append(out, sent{end * time.Duration(i) / time.Duration(n-1), src, fmt.Sprintf(format, i+1), m})
	}
	return out
}

func sweepHit() []sent { return many(50*time.Second, 20, inside, "10.20.1.%d", echo(8, 7, 1, line(0))) }

func sweepMiss() []sent {
	ping := echo(8, 7, 1, line(0))
	return slices.Concat(
		many(50*time.Second, 19, inside, "10.20.1.%d", ping), many(50*time.Second, 19, inside, "10.20.1.%d", ping), // one short, and each twice
		many(50*time.Second, 30, inside2, "224.0.0.%d", ping),
		many(50*time.Second, 30, inside3, "10.20.1.%d", echo(0, 7, 1, line(0))),
		many(110*time.Second, 30, "10.20.0.14", "10.20.1.%d", ping))
}

// outboundHit brings out eight lines in order of time; their numbers would put them in another.
func outboundHit() (out []sent) {
	for i, seq := range []uint16{3, 1, 2, 4, 6, 5, 8, 7} {
		out = append(out, answered(time.Duration(i)*time.Second, outside, inside, seq, []byte("what is new?"), line(i))...)
	}
	for i := range 2 {
		out = append(out, answered(time.Duration(i)*45*time.Minute, outside2, inside2, 1, []byte("what is new?"), line(i))...)
	}
	return out
}

// replyMiss is what is no message in replies, whichever way it goes.
func replyMiss(client, client2, server, server2 string) (out []sent) {
	windows := []byte("abcdefghijklmnopqrstuvwabcdefghi")
	resized := append(slices.Clone(windows), "jklmnopq"...)
	pattern := bytes.Repeat([]byte{0xca, 0xfe}, 16)
	next := 0
	pair := func() (c, s string) { // pairs of their own
		next++
		return fmt.Sprintf("%s%d", client[:len(client)-2], 100+next), server
	}
	three := func(question, answer func(i int) []byte) {
		c, s := pair()
		for i := range 3 {
			out = append(out, answered(time.Duration(i)*time.Second, c, s, uint16(i), question(i), answer(i))...)
		}
	}
	always := func(b []byte) func(int) []byte { return func(int) []byte { return b } }
	three(line, line)
	three(line, func(i int) []byte { return line(i)[:9] }) // cut short
	three(line, always(windows))
	three(line, always(resized))
	three(line, always(pattern))
	c, s := pair()
	for i := range 2 { // too far apart
		out = append(out, answered(time.Duration(i)*90*time.Minute, c, s, 1, line(0), line(1))...)
	}
	for i, p := range [][2]string{{client, server}, {client2, server}, {client, server2}} { // once for each pair
		out = append(out, answered(time.Duration(i)*time.Minute, p[0], p[1], 9, line(0), line(1))...)
	}
	c, s = pair()
	for i := range 3 { // a timestamp reply with another originate time
		at, stamp := time.Duration(i)*time.Second, be.AppendUint32(nil, 1000)
		out = append(out, sent{at, c, s, message(13, 0, uint32(i), append(stamp, make([]byte, 8)...))},
			sent{at + 10*time.Millisecond, s, c, message(14, 0, uint32(i), bytes.Repeat(be.AppendUint32(nil, 77), 3))})
	}
	c, s = pair()
	for i := range 3 { // nobody asked
		out = append(out, sent{time.Duration(i) * time.Second, s, c, echo(0, 9, uint16(i), line(i))})
	}
	return out
}

func outboundMiss() []sent {
	out := replyMiss(outside, outside2, inside, inside2)
	for i := range 3 {
		at := time.Duration(i) * time.Second
		out = append(out, answered(at, inside2, inside3, uint16(i), line(0), line(1))...)
		out = append(out, answered(at, outside2, outside3, uint16(i), line(0), line(1))...)
		out = append(out, answered(at, inside3, outside3, uint16(i), line(0), line(1))...)
	}
	return out
}

func tunnelHit() (out []sent) {
	for i := range 2 {
		at := time.Duration(i) * 45 * time.Minute
		out = append(out, answered(at, inside, outside, 1, line(0), line(i+1))...)
		out = append(out, answered(at+time.Second, inside2, inside3, 1, line(0), line(i+1))...)
		out = append(out, answered(at+2*time.Second, outside2, outside3, 1, line(0), line(i+1))...)
		out = append(out, answered(at+3*time.Second, "10.20.8.1", outside, 1, line(0), make([]byte, 40))...)
		out = append(out, answered(at+4*time.Second, "10.20.8.2", outside, 1, line(0), ramp(i))...)
		out = append(out, answered(at+5*time.Second, "10.20.8.3", outside, 1, nil, line(i))...)
	}
	return out
}

// tunnelRecovered brings in eight lines in order of time; their numbers would put them in another.
func tunnelRecovered() (out []sent) {
	for i, seq := range []uint16{3, 1, 2, 4, 6, 5, 8, 7} {
		out = append(out, answered(time.Duration(i)*time.Second, inside, outside, seq, []byte("what is new?"), line(i))...)
	}
	return out
}

func tunnelMiss() []sent {
	out := replyMiss(inside, inside2, outside, outside2)
	for i := range 3 {
		out = append(out, answered(time.Duration(i)*time.Second, outside3, inside3, uint16(i), line(0), line(1))...)
		out = append(out, answered(time.Duration(i)*time.Second, "10.20.8.1", outside3, uint16(i), nil, make([]byte, 18))...)
		out = append(out, answered(time.Duration(i)*time.Second, "10.20.8.2", outside3, uint16(i), nil, ramp(i))...)
	}
	return out
}

// quote is an error's body: the datagram it is about.
func quote(src, dst string, m []byte) []byte { return sent{0, src, dst, m}.packet() }

// path is an error of each of n routers about one datagram, at even times from 0 to the end.
func path(end time.Duration, n int, host string, m []byte) (out []sent) {
	format := "192.0.2.%d"
	if bytes.ContainsRune([]byte(host), ':') {
		format = "2001:db8:2::%d"
	}
	for i := range n {
		out = append(out, sent{end * time.Duration(i) / time.Duration(max(n-1, 1)), fmt.Sprintf(format, i+1), host, m})
	}
	return out
}

func tracerouteHit() []sent {
	probe, probe6 := quote(inside, outside, echo(8, 7, 1, nil)), quote(inside6, outside6, echo(128, 7, 1, nil))
	return slices.Concat(path(170*time.Second, 3, inside, message(11, 0, 0, probe)), path(170*time.Second, 3, inside6, message(3, 0, 0, probe6)))
}

func tracerouteMiss() (out []sent) {
	next := 20
	host := func() (h, h6 string) { // a host of its own for each near miss
		next++
		return fmt.Sprintf("10.20.0.%d", next), fmt.Sprintf("fd20::%d", next)
	}
	about := func(end time.Duration, n int, typ, code, typ6, code6 byte, quoted, quoted6 []byte) {
		h, h6 := host()
		out = append(out, path(end, n, h, message(typ, code, 0, quote(h, outside, quoted)))...)
		out = append(out, path(end, n, h6, message(typ6, code6, 0, quote(h6, outside6, quoted6)))...)
	}
	ping, ping6 := echo(8, 7, 1, nil), echo(128, 7, 1, nil)
	about(5*time.Minute, 3, 11, 0, 3, 0, ping, ping6) // slow
	for range 3 {
		about(time.Minute, 2, 11, 0, 3, 0, ping, ping6) // two routers
	}
	about(time.Minute, 3, 11, 1, 3, 1, ping, ping6) // fragments that did not come together
	about(time.Minute, 3, 3, 0, 1, 0, ping, ping6)  // no route
	about(time.Minute, 3, 5, 0, 2, 0, ping, ping6)  // redirects, packet too big
	about(time.Minute, 3, 12, 0, 4, 0, ping, ping6) // bad headers
	about(time.Minute, 3, 10, 0, 137, 0, ping, ping6)
	expired, expired6 := message(11, 0, 0, quote(outside, outside2, ping)), message(3, 0, 0, quote(outside6, inside6, ping6))
	about(time.Minute, 3, 3, 0, 1, 0, expired, expired6) // no route for a message that itself says "expired"
	again, h6 := host()
	for i := range 8 { // two routers that say it again and again
		at := time.Duration(i) * time.Second
		out = append(out, sent{at, fmt.Sprintf("192.0.2.%d", i%2+1), again, message(11, 0, 0, quote(again, outside, ping))},
			sent{at, fmt.Sprintf("2001:db8:2::%d", i%2+1), h6, message(3, 0, 0, quote(h6, outside6, ping6))})
	}
	busy, _ := host()
	for i := range 3 { // a router for each destination, and for each sender
		at, router := time.Duration(i)*time.Second, fmt.Sprintf("192.0.2.%d", i+1)
		out = append(out, sent{at, router, busy, message(11, 0, 0, quote(busy, fmt.Sprintf("203.0.113.%d", i+1), ping))})
		other, _ := host()
		out = append(out, sent{at, router, other, message(11, 0, 0, quote(other, outside3, ping))})
	}
	bare, bare6 := host()
	out = append(out, path(time.Minute, 3, bare, message(11, 0, 0, nil))...) // nothing quoted
	return append(out, path(time.Minute, 3, bare6, message(3, 0, 0, nil))...)
}

// types are messages of the types, with nothing in them.
func types(list ...byte) (out [][]byte) {
	for _, t := range list {
		out = append(out, message(t, 0, 0, nil))
	}
	return out
}

func typeHit() []sent { return spread(18*time.Hour, inside, outside, types(200, 97, 114, 221, 101)...) }

// typeOrder is a file in the type field, which came in another order than it was numbered in.
func typeOrder() (out []sent) {
	file := []byte("\x89the quick brown fox jumps over the lazy dog \xdb and again \xe1\xe2 \xf3 \xc8")
	for i, b := range file {
		late := i ^ 1 // pairs change places
		if late >= len(file) {
			late = i
		}
		out = append(out, sent{time.Duration(late) * time.Second, inside, outside, message(b, 0, uint32(7)<<16|uint32(i), nil)})
	}
	return out
}

func typeMiss() []sent {
	return slices.Concat(
		spread(time.Hour, inside, outside, types(200, 97, 114, 221, 200, 97, 114, 221, 200)...), // four types
		spread(36*time.Hour, inside2, outside, types(200, 97, 114, 221, 101)...),
		spread(time.Hour, "10.20.0.21", outside2, types(200, 97, 114)...), spread(time.Hour, "10.20.0.22", outside2, types(221, 101, 99)...),
		spread(time.Hour, "10.20.0.21", outside3, types(221, 101, 99)...),
		spread(time.Hour, inside3, outside, types(0, 3, 8, 11, 13, 14, 5)...)) // ordinary ones
}
