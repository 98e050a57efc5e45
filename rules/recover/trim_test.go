package recover

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand"
	"strings"
	"testing"
)

// tagged is a file in pieces of a size behind a tag; the last piece is filled up to the size by fill.
func tagged(file []byte, size int, tag string, fill func(before []byte, n int) []byte) Stream {
	list := send(file, size)
	for i := range list {
		v := append([]byte(tag), list[i].Value...)
		if i == len(list)-1 && fill != nil && i > 0 {
			v = append(v, fill(list[i-1].Value[len(v):], len(list[i-1].Value)-len(v))...)
		}
		list[i].Value, list[i].Wire = v, len(v)
	}
	return Carve(list, Options{Order: Auto})[0]
}

func zeros(_ []byte, n int) []byte { return make([]byte, n) }

func stale(before []byte, n int) []byte {
	b := bytes.Clone(before[:n])
	if n > 0 {
		b[0] = 0
	}
	return b
}

func leftover(before []byte, n int) []byte { return before[:n] }

func samples(t testing.TB) map[string][]byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 40, 40))
	rnd := rand.New(rand.NewSource(1))
	for i := range 1600 {
		picture.SetGray(i%40, i/40, color.Gray{uint8(rnd.Intn(256))})
	}
	var p, j, z bytes.Buffer
	if err := png.Encode(&p, picture); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, picture, nil); err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&z)
	f, err := w.Create("notes.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(some(700, 4)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range 40 {
		fmt.Fprintf(&text, "user%d:x:%d:%d::/home/u%d\n", i*7, i*13, i, i)
	}
	return map[string][]byte{"png": p.Bytes(), "jpg": j.Bytes(), "zip": z.Bytes(), "text": []byte(text.String()), "pdf": pdfFile(20)}
}

// pdfFile is a document of so many objects, with the table that says where they begin.
func pdfFile(objects int) []byte {
	b, table := []byte("%PDF-1.4\n"), "0000000000 65535 f \n"
	for i := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", len(b))
		b = fmt.Appendf(b, "%d 0 obj\n<< /Type /Catalog %s>>\nendobj\n", i+1, strings.Repeat("/F ", i*7%11))
	}
	return fmt.Appendf(b, "xref\n0 %d\n%strailer\n<< /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", objects+1, table, len(b))
}

// What tools put around files goes, whatever the piece size; where nothing was put, nothing goes.
func TestStrip(t *testing.T) {
	fills := map[string]func([]byte, int) []byte{"none": nil, "zeros": zeros, "stale": stale}
	for kind, file := range samples(t) {
		for fill, f := range fills {
			for _, tag := range []string{"", "sign"} {
				for _, size := range []int{32, 57, 100, 256} {
					if tag != "" && (kind == "text" || len(file) < 4*size) {
						continue // no signature that would tell where it starts, or too few packets to tell a tag
					}
					s := tagged(file, size, tag, f)
					got, changed := Strip(s)
					if !bytes.Equal(got.Bytes, file) {
						t.Errorf("%s, %s, tag %q, pieces of %d: %d bytes, want %d", kind, fill, tag, size, len(got.Bytes), len(file))
					}
					if changed != (len(s.Bytes) != len(file)) {
						t.Errorf("%s, %s, tag %q, pieces of %d: changed is %v", kind, fill, tag, size, changed)
					}
				}
			}
		}
	}
}

// Formats that say where they end need no zero byte before what is left over.
func TestStripLeftovers(t *testing.T) {
	for kind, file := range samples(t) {
		if kind == "text" || len(file)%100 == 0 {
			continue
		}
		if got, _ := Strip(tagged(file, 100, "", leftover)); !bytes.Equal(got.Bytes, file) {
			t.Errorf("%s: %d bytes, want %d", kind, len(got.Bytes), len(file))
		}
	}
}

func TestNothingIsStrippedFromWhatMerelyLooksSo(t *testing.T) {
	pages := func(n int) string { return strings.Repeat("a line of text\n", n) }
	for name, file := range map[string][]byte{
		"random":                        some(1000, 9),
		"few random":                    {'A', 0, 3, 4, 5, 6},
		"zeros":                         make([]byte, 500),
		"text, zero bytes inside":       []byte(pages(20) + "name\x00value\x00" + pages(20) + "name\x00value\x00end"),
		"text, zero bytes near the end": []byte(pages(20) + "name\x00value\x00end"),
		"records that share a start":    []byte(strings.Repeat("HDR:\x01\x02\x03\x04\x05\x06", 60)),
		"text that shares a start":      []byte(strings.Repeat("INSERT INTO t VALUES (1);\n", 40)),
		"pdf with a tail":               append(samples(t)["pdf"], some(300, 2)...),
		"zip with a tail":               append(samples(t)["zip"], some(300, 2)...),
	} {
		for _, size := range []int{1, 10, 26, 64, 2000} {
			if got, changed := Strip(tagged(file, size, "", nil)); changed || !bytes.Equal(got.Bytes, file) {
				t.Errorf("%s, pieces of %d: %d bytes, want %d", name, size, len(got.Bytes), len(file))
			}
		}
	}
}

// Gaps move with the tags that go, and so does the size of what is missing.
func TestStripMovesGaps(t *testing.T) {
	file := samples(t)["png"]
	list := send(file, 100)
	for i := range list {
		list[i].Value = append([]byte("sign"), list[i].Value...)
		list[i].Wire = len(list[i].Value)
	}
	s := Carve(drop(list, 3, 5), Options{Order: Auto})[0]
	got, _ := Strip(s)
	want := append(bytes.Clone(file[:300]), file[500:]...)
	if !bytes.Equal(got.Bytes, want) || fmt.Sprint(got.Gaps) != "[{300 200}]" || fmt.Sprint(s.Gaps) != "[{312 208}]" {
		t.Errorf("%d bytes, want %d; gaps %v, before %v", len(got.Bytes), len(want), got.Gaps, s.Gaps)
	}
}

// A transfer that has lost all its pieces to framing shares nothing; looking for the end of what it shares once never ended.
func TestNothingIsShared(t *testing.T) {
	if n := sharedFrom(nil, 0); n != 0 {
		t.Errorf("no pieces share %d bytes", n)
	}
}
