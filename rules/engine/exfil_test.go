package engine_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest/oracle"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

const (
	inside  = "192.168.7.20"
	outside = "45.33.12.9"
	insideB = "10.8.0.3"
	home6   = "fd12::7"
	far6    = "2a00:1450:4001::8"
)

// files are contents of the kinds that make trouble.
func files() map[string][]byte {
	text := []byte(strings.Repeat("jdoe:x:1002:1002:John Doe,,,:/home/jdoe:/bin/bash\nanna:x:1003:1003::/home/anna:/bin/sh\n", 6))
	runs := slices.Concat(random(100, 1), make([]byte, 200), random(60, 2), make([]byte, 90))
	ramp := make([]byte, 600)
	for i := range ramp {
		ramp[i] = byte(i)
	}
	return map[string][]byte{"text": text, "random": random(777, 3), "zero runs": runs, "ramp": ramp, "base64": []byte(base64.StdEncoding.EncodeToString(random(500, 4))),
		"small": []byte("root:toor:99"), "leading zeros": append(make([]byte, 9), random(80, 5)...)}
}

func brought(r *engine.Result, rule string, b []byte) bool {
	return slices.ContainsFunc(r.Artefacts, func(a *rules.Artefact) bool { return a.Finding.Rule.Name == rule && bytes.Equal(a.Bytes, b) })
}

func list(r *engine.Result) (out []string) {
	for _, f := range r.Findings {
		if f.Level >= rules.Medium {
			out = append(out, fmt.Sprintf("%s %s>%s %d packets", f.Rule.Name, f.Src, f.Dst, f.Packets))
		}
	}
	for _, a := range r.Artefacts {
		out = append(out, fmt.Sprintf("%d bytes %s by %s", len(a.Bytes), a.MediaType, a.Order))
	}
	return out
}

// tools writes the type field in ways that programs do.
var tools = map[string]func(i int, b byte) []byte{
	"four bytes":  func(i int, b byte) []byte { return []byte{b, 0, 0, 0} },
	"header only": func(i int, b byte) []byte { return echo(b, 0, 0, nil) },
	"counted":     func(i int, b byte) []byte { return echo(b, 777, uint16(i), nil) },
	"random ids":  func(i int, b byte) []byte { return echo(b, uint16(i*40503+77), uint16(i*30011), nil) },
	"random body": func(i int, b byte) []byte { return echo(b, uint16(i*40503+77), 0, random(20, int64(i))) },
	"like a ping": func(i int, b byte) []byte {
		return echo(b, uint16(i*40503+77), 0, []byte("abcdefghijklmnopqrstuvwabcdefghi"))
	},
	"fills stamps": func(i int, b byte) []byte {
		return echo(b, 5, 0, make([]byte, 12*btoi(b == 13 || b == 14)+4*btoi(b == 17 || b == 18)))
	},
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestTypeField(t *testing.T) {
	c := facts(t)
	list6 := pack(t, c)
	for _, tool := range oracle.Sample(t, slices.Sorted(maps.Keys(tools)), len(tools)) {
		for kind, file := range files() {
			for _, ends := range [][2]string{{inside, outside}, {inside, insideB}, {outside, "8.8.4.4"}, {home6, far6}} {
				var messages [][]byte
				for i, b := range file {
					messages = append(messages, tools[tool](i, b))
				}
				s := every(300*time.Millisecond, ends[0], ends[1], messages)
				if tool == "counted" {
					s = shuffled(s)
				}
				r := judge(t, list6, c, capture(t, "Ethernet", binary.LittleEndian, 0, s))
				if !brought(r.Result, "icmp-exfil-type", file) {
					t.Errorf("%s, %s, %s to %s: %d bytes not brought back: %v", tool, kind, ends[0], ends[1], len(file), list(r.Result))
				}
			}
		}
	}
}

func TestTypeFieldAmongPings(t *testing.T) {
	c := facts(t)
	for kind, file := range files() {
		var messages [][]byte
		for _, b := range file {
			messages = append(messages, echo(b, 0, 0, nil))
		}
		s := every(300*time.Millisecond, inside, outside, messages)
		for i := range 60 {
			at := time.Duration(i)*time.Second + 50*time.Millisecond
			body := stockPing(uint32(i))
			s = append(s, sent{at: at, src: inside, dst: outside, message: echo(8, 9, uint16(i), body)}, sent{at: at + 1e7, src: outside, dst: inside, ttl: 55, message: echo(0, 9, uint16(i), body)},
				sent{at: at + 2e7, src: outside, dst: inside, ttl: 55, message: echo(8, 11, uint16(i), body)}, sent{at: at + 3e7, src: inside, dst: outside, message: echo(0, 11, uint16(i), body)})
		}
		slices.SortStableFunc(s, func(a, b sent) int { return int(a.at - b.at) })
		r := judge(t, pack(t, c), c, write(t, s))
		if !brought(r.Result, "icmp-exfil-type", file) {
			t.Errorf("%s: %d bytes not brought back: %v", kind, len(file), list(r.Result))
		}
	}
}

// stockPing is what iputils' ping carries.
func stockPing(usec uint32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, 1795338000)
	b = binary.LittleEndian.AppendUint64(b, uint64(usec))
	for i := byte(0x10); i < 0x38; i++ {
		b = append(b, i)
	}
	return b
}

func TestPayload(t *testing.T) {
	c := facts(t)
	pack := pack(t, c)
	text := []byte(strings.Repeat("IBAN;name;amount\nDE02120300000000202051;Smith;1200.50\nDE02500105170137075030;Miller;87.10\n", 30))
	for i := range text {
		if text[i] == '0' {
			text[i] = byte('0' + i%10)
		}
	}
	for link := range links {
		for _, size := range []int{8, 16, 33, 56, 400, 1400} {
			for _, ends := range [][2]string{{inside, outside}, {inside, insideB}, {outside, "8.8.4.4"}, {home6, far6}} {
				file := bytes.Repeat(text, 4)[:max(6*size, 500)]
				typ := byte(8)
				if strings.Contains(ends[0], ":") {
					typ = 128
				}
				var messages [][]byte
				for i, b := range chunks(file, size) {
					messages = append(messages, echo(typ, uint16(i*40503+1), 1, b))
				}
				r := judge(t, pack, c, capture(t, link, binary.BigEndian, 0, every(2*time.Second, ends[0], ends[1], messages)))
				if !brought(r.Result, "icmp-exfil-payload", file) {
					t.Errorf("%s, pieces of %d, %s to %s: %d bytes not brought back: %v", link, size, ends[0], ends[1], len(file), list(r.Result))
				}
			}
		}
	}
}

// Two processes send a file each between the same hosts at the same time.
func TestTwoFilesAtOnce(t *testing.T) {
	c := facts(t)
	a, b := random(3000, 6), random(3300, 7)
	var messages [][]byte
	for i, piece := range chunks(a, 100) {
		messages = append(messages, echo(8, 100, uint16(i), piece), echo(8, 200, uint16(i), b[i*110:(i+1)*110]))
	}
	r := judge(t, pack(t, c), c, write(t, every(time.Second, inside, outside, messages)))
	if !brought(r.Result, "icmp-exfil-payload", a) || !brought(r.Result, "icmp-exfil-payload", b) {
		t.Errorf("got %v", list(r.Result))
	}
}

// What the snaplen cut off is a gap, and the artefact is not called complete.
func TestSnaplen(t *testing.T) {
	c := facts(t)
	var messages [][]byte
	for i, b := range chunks(random(2000, 8), 100) {
		messages = append(messages, echo(8, 100, uint16(i), b))
	}
	r := judge(t, pack(t, c), c, capture(t, "Ethernet", binary.LittleEndian, 14+20+8+60, every(time.Second, inside, outside, messages)))
	if len(r.Artefacts) != 1 {
		t.Fatalf("got %v", list(r.Result))
	}
	a := r.Artefacts[0]
	if len(a.Bytes) != 1200 || len(a.Gaps) != 20 || a.Gaps[0] != (rules.Gap{Offset: 60, Length: 40}) || a.Complete || !strings.Contains(strings.Join(a.Finding.Notes, "\n"), "cut by the capture's snaplen") {
		t.Errorf("%d bytes, gaps %v, complete %v, notes %v", len(a.Bytes), a.Gaps, a.Complete, a.Finding.Notes)
	}
}
