package recover

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

func b64(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) }

// senders write files into payloads as public tools do (the catalogue of exfiltration tools, 2.3).
var senders = map[string]func(file []byte) [][]byte{
	"DET, python": func(file []byte) (out [][]byte) {
		say := func(s string) { out = append(out, b64([]byte(s))) }
		say(fmt.Sprintf("Qx7fA2b|!|loot.dat|!|REGISTER|!|%x", md5.Sum(file)))
		n := 0
		for c := range slices.Chunk(file, 150) {
			say(fmt.Sprintf("Qx7fA2b|!|%d|!|%s", n, hex.EncodeToString(c)))
			n++
		}
		say(fmt.Sprintf("Qx7fA2b|!|%d|!|DONE", n))
		return out
	},
	"DET, PowerShell": func(file []byte) (out [][]byte) {
		say := func(s string) { out = append(out, b64([]byte(s))) }
		say("abcdefg|!|loot.dat|!|REGISTER|!|0123456789abcdef0123456789abcdef")
		data, n := hex.EncodeToString(file), 0
		for len(data) > 0 {
			k := min(400, len(data))
			say(fmt.Sprintf("abcdefg|!|%d|!|%s", n, data[:k]))
			data, n = data[k:], n+1
		}
		say(fmt.Sprintf("abcdefg|!|%d|!|DONE", n))
		return out
	},
	"PyExfil": func(file []byte) (out [][]byte) {
		text := b64(file)
		out = append(out, append(b64([]byte("loot.dat::3735928559::9")), "\x12\x11\x13\x12\x12\x12"...))
		for c := range slices.Chunk(text, 256) {
			out = append(out, append(slices.Clone(c), "\x12\x13\x14\x15"...))
		}
		return append(out, []byte("\x15\x14\x13\x12"))
	},
	"Egress-Assess": func(file []byte) (out [][]byte) {
		for c := range slices.Chunk(b64(file), 525) {
			out = append(out, c)
		}
		return out
	},
	"Egress-Assess, packet by packet": func(file []byte) (out [][]byte) {
		for c := range slices.Chunk(file, 100) {
			out = append(out, b64(c))
		}
		return out
	},
	"Invoke-ICMPExfil": func(file []byte) (out [][]byte) {
		out = append(out, []byte("---begin---"))
		for c := range slices.Chunk(file, 400) {
			out = append(out, c)
		}
		return append(out, []byte("---end---"))
	},
	"icmp_exfil of Metasploit": func(file []byte) (out [][]byte) {
		out = append(out, []byte("^BOFloot.dat"))
		for c := range slices.Chunk(file, 128) {
			out = append(out, c)
		}
		return append(out, []byte("^EOF"))
	},
	"CS-EXTC2-ICMP": func(file []byte) (out [][]byte) {
		out = append(out, append([]byte("RQ47"), binary.BigEndian.AppendUint32(nil, uint32(len(file)))...))
		for c := range slices.Chunk(file, 200) {
			out = append(out, append([]byte("RQ47"), c...))
		}
		return out
	},
	"icmp-exfil": func(file []byte) (out [][]byte) {
		for c := range slices.Chunk(file, 300) {
			head := []byte{0}
			if len(out) == 0 {
				head = append([]byte{1, 8}, "loot.dat"...)
			}
			out = append(out, append(binary.BigEndian.AppendUint16(head, uint16(len(c))), c...))
		}
		return out
	},
	"a greeting, pieces, a farewell": func(file []byte) (out [][]byte) {
		out = append(out, []byte("HELLO"))
		for c := range slices.Chunk(file[:len(file)/60*60], 60) {
			out = append(out, c)
		}
		return append(out, file[len(file)/60*60:], []byte("BYE"))
	},
	"stamp of Python": func(file []byte) (out [][]byte) {
		for i, c := range slices.Collect(slices.Chunk(file, 90)) {
			out = append(out, append(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1_795_000_000.23+1.0371*float64(i))), c...))
		}
		return out
	},
	"a header with name, then pieces": func(file []byte) (out [][]byte) {
		out = append(out, fmt.Appendf(nil, "FILENAME=loot.dat;SIZE=%d", len(file)))
		for c := range slices.Chunk(file, 250) {
			out = append(out, c)
		}
		return out
	},
	"stamp, index, data": func(file []byte) (out [][]byte) {
		n := uint32(0)
		for c := range slices.Chunk(file, 64) {
			b := binary.LittleEndian.AppendUint64(nil, uint64(1_795_000_000+n))
			b = binary.LittleEndian.AppendUint64(b, uint64(n*7919%1_000_000))
			out = append(out, append(binary.BigEndian.AppendUint32(b, n), c...))
			n++
		}
		return out
	},
	"key for each packet": func(file []byte) (out [][]byte) {
		for c := range slices.Chunk(file, 61) {
			out = append(out, xored(c, []byte("s3cr")))
		}
		return out
	},
	"behind a ping": func(file []byte) (out [][]byte) {
		for c := range slices.Chunk(file, 48) {
			out = append(out, append([]byte("abcdefghijklmnopqrstuvwabcdefghi"), c...))
		}
		return out
	},
	"one byte in a ping": func(file []byte) (out [][]byte) {
		for _, c := range file {
			b := []byte("abcdefghijklmnopqrstuvwabcdefghi")
			b[8] = c
			out = append(out, b)
		}
		return out
	},
	"four bytes in a ping": func(file []byte) (out [][]byte) {
		for c := range slices.Chunk(append(slices.Clone(file), make([]byte, (4-len(file)%4)%4)...), 4) {
			b := []byte("abcdefghijklmnopqrstuvwabcdefghi")
			copy(b[8:], c)
			out = append(out, b)
		}
		return out
	},
	"lines": func(file []byte) (out [][]byte) {
		for _, l := range strings.SplitAfter(string(file), "\n") {
			if l != "" {
				out = append(out, []byte(l))
			}
		}
		return out
	},
}

// What public tools send comes back, under the conditions that they send it: the identifier random, or the sequence number always 1.
func TestTools(t *testing.T) {
	c, rnd := payloadCarrier(t), rand.New(rand.NewSource(8))
	files := kinds(t, rnd)
	for _, tool := range slices.Sorted(maps.Keys(senders)) {
		send := senders[tool]
		for range 3 {
			kind := pick(rnd, files)
			file := files[kind]
			if tool == "lines" && kind != "csv" && kind != "prose" || tool == "key for each packet" && (kind == "random" || kind == "text") {
				continue
			}
			if strings.HasPrefix(tool, "four") && (kind == "random" || kind == "text") || strings.Contains(tool, "in a ping") && kind == "random" {
				continue // where the last packet ends is not told
			}
			var list []Candidate
			for _, v := range send(file) {
				list = append(list, Candidate{Value: v, Wire: len(v), Anchor: true, Ident: uint16(rnd.Intn(1 << 16)), Seq: 1, Shape: Shape{TTL: 64, Length: 8 + len(v), Tail: len(v)}})
			}
			found := Recover(today(retime(list)), c, Options{})
			if !brought(found, file) {
				t.Errorf("%s, %s of %d bytes: got %v", tool, kind, len(file), tell(found))
			}
		}
	}
}

// Pieces under identifiers that count, from wherever they begin, come back in that order.
func TestCountingIdentifiers(t *testing.T) {
	c, rnd := payloadCarrier(t), rand.New(rand.NewSource(9))
	file := kinds(t, rnd)["zip"]
	var list []Candidate
	for i, v := range slices.Collect(slices.Chunk(file, len(file)/9+1)) {
		list = append(list, Candidate{Value: v, Wire: len(v), Anchor: true, Ident: uint16(1000 + i), Seq: 1, Shape: Shape{TTL: 64, Length: 8 + len(v), Tail: len(v)}})
	}
	for i := 2; i+1 < len(list); i += 3 {
		list[i], list[i+1] = list[i+1], list[i]
	}
	if found := Recover(retime(list), c, Options{}); !brought(found, file) {
		t.Errorf("got %v", tell(found))
	}
}

// A piece that looks like a known ping, as zeros behind a session's number may, belongs if it has the size of the others.
func TestPieceWithTheSizeOfOthers(t *testing.T) {
	c, rnd := payloadCarrier(t), rand.New(rand.NewSource(10))
	file := slices.Concat([]byte("SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20\x00\x00\x00\x01\x00\x00\x00\x01"), make([]byte, 4096-32))
	rnd.Read(file[1000:])
	clear(file[1500:2600])
	var list []Candidate
	for i, v := range slices.Collect(slices.Chunk(file, 256)) {
		b := append([]byte{0x6a, 0x21, 0xf0, 0x3e, 0, byte(i), 0, 16}, v...)
		plain := len(strings.Trim(string(v), "\x00")) == 0
		list = append(list, Candidate{Value: b, Wire: len(b), Anchor: !plain, Ordinary: plain, Ident: uint16(rnd.Intn(1 << 16)), Seq: uint16(rnd.Intn(1 << 16)),
			Shape: Shape{TTL: 64, Length: 8 + len(b), Tail: len(b)}})
	}
	if found := Recover(retime(list), c, Options{}); !brought(found, file) {
		t.Errorf("got %v", tell(found))
	}
}

// A mark whose first letter may be a length is none, where the rest of it follows: pieces keep all of their bytes.
func TestMarkThatLooksLikeALength(t *testing.T) {
	file := []byte(strings.Repeat(note, 12))
	for _, mark := range []string{"SIG!", "dPING", "@@x"} {
		var list []Candidate
		for piece := range slices.Chunk(file, 116) {
			b := append([]byte(mark), piece...)
			b = append(b, make([]byte, len(mark)+116-len(b))...)
			list = append(list, Candidate{Value: b, Wire: len(b), Anchor: true, Ident: 7, Seq: uint16(len(list)), Shape: Shape{TTL: 64, Length: 8 + len(b), Tail: len(b)}})
		}
		if found := Recover(today(retime(list)), carrierNamed(t, "sift.payload"), Options{}); !brought(found, file) {
			t.Errorf("%s: got %v", mark, tell(found))
		}
	}
}
