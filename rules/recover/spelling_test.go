package recover

import (
	"archive/zip"
	"bytes"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ulikunitz/xz/lzma"
)

const note = "Meet me at the old bridge at nine. Bring the papers of the second account, and do not call me before Friday.\n"

// zipped is a file whose end its own structure tells.
func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("letter.txt")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inBits(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		fmt.Fprintf(&out, "%08b", c)
	}
	return out.String()
}

func base85(b []byte) string {
	out := make([]byte, ascii85.MaxEncodedLen(len(b)))
	return string(out[:ascii85.Encode(out, b)])
}

// rfc1924 spells without Adobe's abbreviation of zeros.
func rfc1924(b []byte) string {
	return strings.Map(func(r rune) rune { return rune(base85Letters[r-'!']) }, strings.ReplaceAll(base85(b), "z", "!!!!!"))
}

const cyrillic = "Встретимся у старого моста в девять. Принеси бумаги второго счёта, и не звони до пятницы.\n"

const address = "https://example.org/find?q=caf%C3%A9%20noir&lang=fr&page=2&sort=price"

// escaped writes every byte that is no letter or figure as an escape.
func escaped(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		if figure(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02x", c)
		}
	}
	return out.String()
}

func packedLZMA(t *testing.T, s string) string {
	t.Helper()
	var out bytes.Buffer
	w, err := lzma.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, s)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func quoted(s string) string {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	io.WriteString(w, s)
	w.Close()
	return out.String()
}

func uuencoded(b []byte) string {
	var out strings.Builder
	letter := func(v byte) {
		out.WriteByte("`!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"[v&63])
	}
	for line := range slices.Chunk(b, 45) {
		letter(byte(len(line)))
		line = append(slices.Clone(line), 0, 0)
		for at := 0; at+2 < len(line); at += 3 {
			letter(line[at] >> 2)
			letter(line[at]<<4 | line[at+1]>>4)
			letter(line[at+1]<<2 | line[at+2]>>6)
			letter(line[at+2])
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func TestSpellings(t *testing.T) {
	file := zipped(t, note)
	for _, test := range []struct {
		name, sent string
		want       []byte
		encodings  string
	}{
		{"bits", inBits([]byte(note)), []byte(note), "bits"},
		{"bits of a file", inBits(file), file, "bits"},
		{"bits in groups", strings.ReplaceAll(inBits(file), "1111", "11 11\n"), file, "bits"},
		{"decimal", strings.Trim(fmt.Sprint([]byte(note)), "[]"), []byte(note), "decimal"},
		{"decimal with commas", strings.ReplaceAll(strings.Trim(fmt.Sprint(file), "[]"), " ", ", "), file, "decimal"},
		{"rot13", string(rot13([]byte(base64.StdEncoding.EncodeToString(file)))), file, "rot13,base64"},
		{"rot13 of text", string(rot13([]byte(base64.StdEncoding.EncodeToString([]byte(note))))), []byte(note), "rot13,base64"},
		{"rot13 of plain text", string(rot13([]byte(note))), []byte(note), "rot13"},
		{"rot47", string(rot47([]byte(note))), []byte(note), "rot47"},
		{"base32 in small letters", strings.ToLower(base32.StdEncoding.EncodeToString(file)), file, "base32"},
		{"lzma", packedLZMA(t, strings.Repeat(note, 4)), []byte(strings.Repeat(note, 4)), "lzma"},
		{"percent", url.QueryEscape(cyrillic), []byte(cyrillic), "percent"},
		{"percent, of a file", escaped(file), file, "percent"},
		{"quoted-printable", quoted(strings.TrimSpace(cyrillic)), []byte(strings.TrimSpace(cyrillic)), "quoted-printable"},
		{"uuencode", "begin 644 letter.zip\n" + uuencoded(file) + "`\nend\n", file, "uuencode"},
		{"uuencode, lines alone", uuencoded(file), file, "uuencode"},
		{"an address with a few escapes", address, []byte(address), ""},
		{"ascii85", base85([]byte(note)), []byte(note), "base85"},
		{"ascii85 in Adobe's marks", "<~" + base85(file) + "~>", file, "base85"},
		{"base85", rfc1924(file), file, "base85"},
		{"base85 of text", rfc1924([]byte(note)), []byte(note), "base85"},
		{"reversed", string(reversed(file)), file, "reversed"},
		{"base64", base64.StdEncoding.EncodeToString(file), file, "base64"},
	} {
		layers, _ := unwrap([]byte(test.sent), nil, nil)
		last := layers[len(layers)-1]
		if !bytes.Equal(last.bytes, test.want) || strings.Join(last.encodings, ",") != test.encodings {
			t.Errorf("%s: %q by %v", test.name, last.bytes[:min(40, len(last.bytes))], last.encodings)
		}
	}
}

// TestSpellingsOfNothing: text, numbers and noise are left as they are.
func TestSpellingsOfNothing(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	noise := func(n int, from, to byte) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = from + byte(rng.Intn(int(to-from)+1))
		}
		return string(b)
	}
	sent := []string{note, strings.Repeat(note, 9), "12 15 18 22 31 40 44 47 51 60 62 66 70", "0 0 0 0 0 0 0 0", strings.Repeat("0", 64), strings.Repeat("01", 64)}
	for range 300 {
		sent = append(sent, noise(20+rng.Intn(400), 0, 255), noise(20+rng.Intn(400), '!', 'u'), noise(20+rng.Intn(400), '0', '9'), noise(20+rng.Intn(400), '0', '1'), noise(20+rng.Intn(400), 'A', 'z'))
	}
	for _, s := range sent {
		l := layer{bytes: []byte(s), verdict: Judge([]byte(s))}
		if next, ok := spelled(l); ok {
			t.Errorf("%.40q became %.40q by %v", s, next.bytes, next.encodings)
		}
	}
}

func TestUTF16(t *testing.T) {
	units := utf16.Encode([]rune(note))
	var le, be []byte
	for _, u := range units {
		le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
	}
	for name, b := range map[string][]byte{"little": le, "big": be, "marked": append([]byte{0xff, 0xfe}, le...), "trimmed": le[:len(le)-1]} {
		layers, _ := unwrap(b, nil, nil)
		if last := layers[len(layers)-1]; string(last.bytes) != note || len(last.encodings) != 1 || last.encodings[0] != "utf-16" {
			t.Errorf("%s: %q by %v", name, last.bytes, last.encodings)
		}
		list := pieced(b, 12)
		if found := Recover(list, carrierNamed(t, "sift.payload"), Options{}); len(found) != 1 || !bytes.Equal(found[0].Bytes, b) || !strings.Contains(found[0].Verdict.Media, "utf-16") {
			t.Errorf("%s: got %v, expected the bytes as they were sent", name, tell(found))
		}
	}
}
