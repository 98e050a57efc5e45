package recover

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/oracle"
)

// kinds are files to send.
func kinds(t *testing.T, rnd *rand.Rand) map[string][]byte {
	t.Helper()
	out := samples(t)
	words := strings.Fields("the quick report on our new furnace line shows that losses fell by half since march while orders from the north rose and two clients left for good")
	var prose, csv bytes.Buffer
	for prose.Len() < 900+rnd.Intn(2000) {
		fmt.Fprintf(&prose, "%s ", words[rnd.Intn(len(words))])
		if rnd.Intn(12) == 0 {
			prose.WriteString("\n")
		}
	}
	csv.WriteString("id;name;iban;amount\n")
	for i := range 40 + rnd.Intn(60) {
		fmt.Fprintf(&csv, "%d;%s %s;DE%020d;%d.%02d\n", i+1, words[rnd.Intn(len(words))], words[rnd.Intn(len(words))], rnd.Int63(), rnd.Intn(9000), rnd.Intn(100))
	}
	var tgz bytes.Buffer
	z := gzip.NewWriter(&tgz)
	w := tar.NewWriter(z)
	body := some(700, rnd.Int63())
	if err := w.WriteHeader(&tar.Header{Name: "keys/id_rsa", Mode: 0o600, Size: int64(len(body))}); err != nil {
		t.Fatal(err)
	}
	w.Write(body)
	w.Close()
	z.Close()
	out["prose"], out["csv"], out["tar.gz"], out["random"] = prose.Bytes(), csv.Bytes(), tgz.Bytes(), some(800+rnd.Intn(3000), rnd.Int63())
	return out
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func zlibbed(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// encodings that senders use.
var encoded = map[string]func(b []byte) []byte{
	"as it is":     func(b []byte) []byte { return b },
	"base64":       func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) },
	"base64url":    func(b []byte) []byte { return []byte(base64.RawURLEncoding.EncodeToString(b)) },
	"base64 lines": func(b []byte) []byte { return lines(base64.StdEncoding.EncodeToString(b), 76) },
	"hex":          func(b []byte) []byte { return []byte(hex.EncodeToString(b)) },
	"HEX":          func(b []byte) []byte { return []byte(strings.ToUpper(hex.EncodeToString(b))) },
	"gzip":         gzipped,
	"zlib":         zlibbed,
	"gzip, base64": func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(gzipped(b))) },
	"zlib, hex":    func(b []byte) []byte { return []byte(hex.EncodeToString(zlibbed(b))) },
	"xor 1":        func(b []byte) []byte { return xored(b, []byte{0xa7}) },
	"xor 3":        func(b []byte) []byte { return xored(b, []byte("k3y")) },
	"xor 4, base64": func(b []byte) []byte {
		return []byte(base64.StdEncoding.EncodeToString(xored(b, []byte{1, 0x99, 0x42, 0xe0})))
	},
}

func lines(s string, n int) (out []byte) {
	for len(s) > n {
		out, s = append(append(out, s[:n]...), '\n'), s[n:]
	}
	return append(append(out, s...), '\n')
}

// framed are ways to put a piece into a packet; n is the number of pieces, and all the length of the whole.
var framed = map[string]func(i, n, all, off int, piece []byte) []byte{
	"bare": func(i, n, all, off int, p []byte) []byte { return p },
	"u32 index": func(i, n, all, off int, p []byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(i)), p...)
	},
	"u32le index from 1": func(i, n, all, off int, p []byte) []byte {
		return append(binary.LittleEndian.AppendUint32(nil, uint32(i+1)), p...)
	},
	"u16 index, total": func(i, n, all, off int, p []byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(i<<16|n)), p...)
	},
	"magic, u16, length": func(i, n, all, off int, p []byte) []byte {
		return slices.Concat([]byte{0xbe, 0xef}, binary.BigEndian.AppendUint16(nil, uint16(i)), binary.BigEndian.AppendUint16(nil, uint16(len(p))), p)
	},
	"u8 type, u32 session, u16": func(i, n, all, off int, p []byte) []byte {
		return slices.Concat([]byte{2, 0x5e, 0x55, 0x10, 0x4e}, binary.BigEndian.AppendUint16(nil, uint16(i)), p)
	},
	"offset": func(i, n, all, off int, p []byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(off)), p...)
	},
	"text fields": func(i, n, all, off int, p []byte) []byte {
		return slices.Concat(fmt.Appendf(nil, "loot.dat|%d|%d|", i, n), p)
	},
	"unit fields": func(i, n, all, off int, p []byte) []byte {
		return slices.Concat(fmt.Appendf(nil, "s1\x1f%06d\x1f%d\x1f", i+1, all), p)
	},
	"chunk, padded": func(i, n, all, off int, p []byte) []byte { return slices.Concat(fmt.Appendf(nil, "%05d:", i), p) },
	"tag":           func(i, n, all, off int, p []byte) []byte { return append([]byte{0xc0, 0xde, 0x00, 0x17}, p...) },
}

// marksAround are packets before and after the file.
var marksAround = map[string][2]string{
	"none":     {},
	"BOF":      {"BOFloot.dat", "EOF"},
	"^BOF":     {"^BOFloot.dat", "^EOF"},
	"dashes":   {"---begin---", "---end---"},
	"START":    {"START:loot.dat", "END"},
	"named":    {"FILE loot.dat 2210", ""},
	"brackets": {"[start]", "[end]"},
}

// carried are packets with the file in them.
func carried(file []byte, size int, frame func(i, n, all, off int, p []byte) []byte, around [2]string, seq func(i int) uint16) (out []Candidate) {
	n := (len(file) + size - 1) / size
	add := func(v []byte) {
		out = append(out, Candidate{Value: v, Wire: len(v), Anchor: true, Ident: 4711, Seq: seq(len(out)), Shape: Shape{TTL: 64, Length: 8 + len(v), Tail: len(v)}})
	}
	if around[0] != "" {
		add([]byte(around[0]))
	}
	for i, p := range slices.Collect(slices.Chunk(file, size)) {
		add(frame(i, n, len(file), i*size, p))
	}
	if around[1] != "" {
		add([]byte(around[1]))
	}
	return today(retime(out))
}

// today moves packets into our time.
func today(list []Candidate) []Candidate {
	for i := range list {
		list[i].Time += 1_795_000_000 * second
	}
	return list
}

func brought(found []Found, file []byte) bool {
	return slices.ContainsFunc(found, func(f Found) bool { return bytes.Equal(f.Bytes, file) })
}

func tell(found []Found) (out []string) {
	for _, f := range found {
		out = append(out, fmt.Sprintf("%d bytes, order %s, %v, gaps %d, %v, %.30q", len(f.Bytes), f.Order, f.Encodings, len(f.Gaps), f.Why, f.Bytes))
	}
	return out
}

func payloadCarrier(t *testing.T) Carrier {
	t.Helper()
	c, err := Lookup("sift.payload")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// disorder sends some packets late and some twice.
func disorder(list []Candidate, rnd *rand.Rand) []Candidate {
	list = slices.Clone(list)
	for range len(list) / 5 {
		i := rnd.Intn(len(list))
		j := min(len(list)-1, i+1+rnd.Intn(4))
		list[i], list[j] = list[j], list[i]
	}
	for range 1 + len(list)/10 {
		i := rnd.Intn(len(list))
		list = slices.Insert(list, min(len(list), i+1+rnd.Intn(3)), list[i])
	}
	return today(retime(list))
}

// Files of many kinds come back, whatever size the pieces have, what is put around them, how they are encoded, and in which order and how
// often they come.
func TestVariations(t *testing.T) {
	c, rnd := payloadCarrier(t), rand.New(rand.NewSource(1))
	files := kinds(t, rnd)
	for range oracle.Trials(t, 100, 5) {
		kind, encoding, framing := pick(rnd, files), pick(rnd, encoded), pick(rnd, framed)
		if strings.HasPrefix(encoding, "xor") && (kind == "random" || kind == "text" && encoding != "xor 1") {
			continue // nobody can tell the key: all bytes are alike, or the few words leave room for several
		}
		around := "none"
		if framing == "bare" {
			around = pick(rnd, marksAround)
		}
		file := encoded[encoding](files[kind])
		size := 16 + rnd.Intn(max(1, min(1400, len(file)/5)))
		list, how := carried(file, size, framed[framing], marksAround[around], func(i int) uint16 { return uint16(i) }), "in order"
		if rnd.Intn(2) == 0 {
			list, how = disorder(list, rnd), "in disorder"
		}
		found := Recover(list, c, Options{})
		if !brought(found, files[kind]) || len(found) > maxOfStream {
			t.Errorf("%s, %s, %s, %s, pieces of %d, %s: got %v", kind, encoding, framing, around, size, how, tell(found))
		}
	}
}

// pick chooses a key of a map.
func pick[V any](rnd *rand.Rand, m map[string]V) string {
	keys := slices.Sorted(maps.Keys(m))
	return keys[rnd.Intn(len(keys))]
}

// Very many packets are read as the first of them are.
func TestBulk(t *testing.T) {
	c := payloadCarrier(t)
	file := some(4*bulk+20_000, 5)
	for _, framing := range oracle.Sample(t, []string{"bare", "u32 index", "tag"}, 3) {
		list := carried(file, 4, framed[framing], [2]string{}, func(i int) uint16 { return uint16(i) })
		if found := Recover(list, c, Options{}); !brought(found, file) {
			t.Errorf("%s: got %v", framing, tell(found))
		}
	}
}

// Of lost packets the rest comes back, joined, with the holes where they are.
func TestLossUnderEncodings(t *testing.T) {
	c := payloadCarrier(t)
	file := []byte(strings.Repeat("user anna, password correct-horse; door code 4417; next change on monday\n", 20))
	for encoding, per := range map[string]int{"as it is": 60, "base64": 60, "hex": 60, "HEX": 60, "xor 1": 60, "base64url": 61} {
		sent := encoded[encoding](file)
		list := carried(sent, per, framed["bare"], [2]string{}, func(i int) uint16 { return uint16(i + 1) })
		list = slices.Delete(list, 7, 8)
		found := Recover(list, c, Options{})
		if len(found) == 0 || len(found[0].Gaps) != 1 {
			t.Fatalf("%s: got %v", encoding, tell(found))
		}
		got, gap := found[0].Bytes, found[0].Gaps[0]
		if gap.Length < 0 || int64(len(got))+gap.Length < int64(len(file))-3 || int64(len(got))+gap.Length > int64(len(file))+3 ||
			!bytes.Equal(got[:gap.Offset], file[:gap.Offset]) || !bytes.HasSuffix(file, got[gap.Offset+3:]) {
			t.Errorf("%s: %d bytes, gap %v, of %d: %q", encoding, len(got), gap, len(file), got[max(0, gap.Offset-20):gap.Offset+20])
		}
	}
}
