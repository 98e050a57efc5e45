package recover

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/klauspost/compress/flate"

	"icmpsift/ingest/oracle"
)

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 9)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// eachPiece are ways in which senders write each piece by itself; n is its number.
var eachPiece = map[string]func(n int, p []byte) []byte{
	"gzip":         func(_ int, p []byte) []byte { return gzipped(p) },
	"zlib":         func(_ int, p []byte) []byte { return zlibbed(p) },
	"deflate":      func(_ int, p []byte) []byte { return deflated(p) },
	"zlib, base64": func(_ int, p []byte) []byte { return b64(zlibbed(p)) },
	"index, zlib": func(n int, p []byte) []byte {
		return append(binary.BigEndian.AppendUint16(nil, uint16(n)), zlibbed(p)...)
	},
	"base64":          func(_ int, p []byte) []byte { return b64(p) },
	"base32":          func(_ int, p []byte) []byte { return []byte(base32.StdEncoding.EncodeToString(p)) },
	"index, base64":   func(n int, p []byte) []byte { return fmt.Appendf(nil, "%d|%s", n, b64(p)) },
	"part of, base64": func(n int, p []byte) []byte { return fmt.Appendf(nil, "[%d/99]%s", n+1, b64(p)) },
	"element, base64": func(n int, p []byte) []byte { return fmt.Appendf(nil, "<c n=\"%d\">%s</c>", n, b64(p)) },
	"base64, closed":  func(_ int, p []byte) []byte { return append(b64(p), "^_^"...) },
	"CRC-32 behind": func(_ int, p []byte) []byte {
		return binary.BigEndian.AppendUint32(slices.Clone(p), crc32.ChecksumIEEE(p))
	},
	"MD5 in front":      func(_ int, p []byte) []byte { return fmt.Appendf(nil, "%x%s", md5.Sum(p), p) },
	"MD5 behind":        func(_ int, p []byte) []byte { return fmt.Appendf(slices.Clone(p), "%x", md5.Sum(p)) },
	"each byte twice":   func(_ int, p []byte) []byte { return times(p, 2) },
	"each byte 3 times": func(_ int, p []byte) []byte { return times(p, 3) },
	"length, filled up": func(_ int, p []byte) []byte {
		return slices.Concat([]byte{byte(len(p))}, p, make([]byte, 100-len(p)))
	},
	"length and piece in hexadecimal": func(_ int, p []byte) []byte { return []byte(hex.EncodeToString(append([]byte{byte(len(p))}, p...))) },
	"JSON": func(n int, p []byte) []byte {
		b, _ := json.Marshal(map[string]any{"data": p, "file": "loot.bin", "seq": n})
		return b
	},
	"JSON of text": func(n int, p []byte) []byte {
		b, _ := json.Marshal(map[string]any{"n": n, "chunk": hex.EncodeToString(p)})
		return b
	},
}

func times(p []byte, n int) (out []byte) {
	for _, c := range p {
		out = append(out, bytes.Repeat([]byte{c}, n)...)
	}
	return out
}

// What senders do to each piece by itself is undone, in order and out of it.
func TestEachPiece(t *testing.T) {
	c := payloadCarrier(t)
	for name, write := range eachPiece {
		for _, kind := range oracle.Sample(t, []string{"png", "zip", "text"}, 3) {
			file := samples(t)[kind]
			list := each(send(file, 64), func(i int, c *Candidate) {
				c.Value = write(i, c.Value)
				c.Wire = len(c.Value)
			})
			if found := Recover(today(list), c, Options{}); !brought(found, file) || len(found) > maxOfStream {
				t.Errorf("%s, %s: got %v", kind, name, tell(found))
			}
		}
	}
}

// Packets that say where the file ends, and which digest it has, are no part of it; a last piece that merely is as long as a digest is.
func TestDigests(t *testing.T) {
	c := payloadCarrier(t)
	for kind, file := range samples(t) {
		for name, last := range map[string][]byte{
			"MD5":          fmt.Appendf(nil, "%x", md5.Sum(file)),
			"SHA-256":      fmt.Appendf(nil, "SHA256: %x\n", sha256.Sum256(file)),
			"of another":   fmt.Appendf(nil, "md5=%x", md5.Sum(file[1:])),
			"of the bytes": func() []byte { s := sha256.Sum256(file); return s[:] }(),
			"END":          fmt.Appendf(nil, "END:loot.bin:%x", md5.Sum(file)),
			"EOF":          []byte("##END_OF_FILE##"),
			"dollars":      []byte("$EOF$"),
		} {
			list := send(file, 64)
			list = append(list, Candidate{Value: last, Wire: len(last), Anchor: true, Ident: 7, Seq: uint16(len(list)), Shape: list[0].Shape})
			if found := Recover(today(retime(list)), c, Options{}); !brought(found, file) {
				t.Errorf("%s, %s: got %v", kind, name, tell(found))
			}
		}
	}
	file := samples(t)["text"]
	file = file[:len(file)/64*64+32]
	if found := Recover(today(send(file, 64)), c, Options{}); !brought(found, file) {
		t.Errorf("a last piece of 32 bytes: got %v", tell(found))
	}
}

// fromHosts gives the packets hosts, as of says.
func fromHosts(list []Candidate, of func(i int) int, seq func(i int) uint16) []Candidate {
	return today(each(list, func(i int, c *Candidate) { c.Host, c.Seq = of(i)+1, seq(i) }))
}

// A file that went to several hosts comes back where something joins its pieces; what nothing joins does not.
func TestSpread(t *testing.T) {
	c := payloadCarrier(t)
	prose := []byte("The board met on Monday; it wants the plant sold by June, and nobody below the second floor is to hear of it. " +
		"Anna has the figures, Carl the list of buyers; both keep them at home. The lawyers ask for two more weeks, which they will get.\n")
	turn := func(i int) int { return i % 3 }
	third := func(i int) int { return i / 5 }
	odd := func(i int) int { return i * i % 7 % 3 }
	all := func(i int) uint16 { return uint16(i) }
	own := func(i int) uint16 { return uint16(i / 3) }
	none := func(i int) uint16 { return uint16(40503 * i) }
	for _, tt := range []struct {
		name string
		file []byte
		of   func(int) int
		seq  func(int) uint16
		want bool
	}{
		{"whole, in turn", samples(t)["zip"], turn, own, true},
		{"whole, in no order", samples(t)["zip"], odd, none, true},
		{"text, in turn", prose, turn, own, true},
		{"text, one after the other with one count", prose, third, all, true},
		{"text, in no order", prose, odd, none, false},
		{"text, one after the other, each with numbers that say nothing", prose, third, none, false},
		{"to one host", samples(t)["zip"], func(int) int { return 0 }, all, false},
	} {
		list := fromHosts(send(tt.file, max(16, len(tt.file)/14)), tt.of, tt.seq)
		found := Recover(list, c, Options{Spread: true, Required: true})
		if got := brought(found, tt.file); got != tt.want || !tt.want && len(found) > 0 {
			t.Errorf("%s: got %v", tt.name, tell(found))
		}
	}
}

// Messages of one form are a monitor's, also where they go to hosts in turn and are numbered.
func TestSpreadForms(t *testing.T) {
	var list []Candidate
	for i := range 24 {
		b := fmt.Appendf(nil, "check %03d of the site by node seventeen", i)
		list = append(list, Candidate{Value: b, Wire: len(b), Anchor: true, Ident: 7, Host: 1 + i%2, Seq: uint16(i), Shape: Shape{TTL: 64}})
	}
	if found := Recover(today(retime(list)), payloadCarrier(t), Options{Spread: true, Required: true}); len(found) > 0 {
		t.Errorf("got %v", tell(found))
	}
}

// A number in each packet is a byte, where the bytes make sense; figures of a table, one or three a packet, are figures.
func TestFiguresOneByOne(t *testing.T) {
	inFigures := func(form string, b []byte) (out []Candidate) {
		for i, c := range b {
			v := fmt.Appendf(nil, form, c)
			out = append(out, Candidate{Value: v, Wire: len(v), Anchor: true, Ident: 7, Seq: uint16(i), Shape: Shape{TTL: 64, Length: 8 + len(v), Tail: len(v)}})
		}
		return today(retime(out))
	}
	table := []byte("4539 1488 0343 6467 12/27 123, 4485 2754 1106 9940 03/28 977")
	for name, c := range map[string]struct {
		list []Candidate
		want []byte
	}{
		"text":            {inFigures("%d", []byte(note)), []byte(note)},
		"three figures":   {inFigures("%03d", []byte(note)), []byte(note)},
		"a file":          {inFigures("%d\n", zipped(t, note)), zipped(t, note)},
		"a table, by one": {pieced([]byte("4539148803436467122712344852754110699400328977"), 1), []byte("4539148803436467122712344852754110699400328977")},
		"a table":         {pieced(table, 3), table},
	} {
		if found := Recover(c.list, payloadCarrier(t), Options{}); !brought(found, c.want) {
			t.Errorf("%s: got %v", name, tell(found))
		}
	}
}
