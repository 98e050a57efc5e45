package recover

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/oracle"
)

// part writes one field of a header; i is the piece's number of n, all the length of the whole, off where it lies.
type part struct {
	name  string
	write func(p packetOf) []byte
}

// packetOf is what the fields of a header are made from.
type packetOf struct {
	i, n, all, off int
	at             int64 // seconds
	piece, before  []byte
	rnd            *rand.Rand
}

// numbersAs are ways to write a number.
var numbersAs = map[string]func(v uint64) []byte{
	"u8":    func(v uint64) []byte { return []byte{byte(v)} },
	"be16":  func(v uint64) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) },
	"le16":  func(v uint64) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) },
	"be32":  func(v uint64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) },
	"le32":  func(v uint64) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) },
	"dec:":  func(v uint64) []byte { return fmt.Appendf(nil, "%d:", v) },
	"dec|":  func(v uint64) []byte { return fmt.Appendf(nil, "%d|", v) },
	"dec06": func(v uint64) []byte { return fmt.Appendf(nil, "%06d", v) },
	"hex04": func(v uint64) []byte { return fmt.Appendf(nil, "%04x", v) },
	"hex08": func(v uint64) []byte { return fmt.Appendf(nil, "%08X", v) },
}

// grammar draws a framing: a few fields before the piece, and perhaps some behind it.
func grammar(rnd *rand.Rand) (name string, write func(p packetOf) []byte, counted bool) {
	number := func(wide bool) (string, func(v uint64) []byte) {
		for {
			k := pick(rnd, numbersAs)
			if wide && (k == "u8") {
				continue
			}
			return k, numbersAs[k]
		}
	}
	var front, back []part
	add := func(p part) { front = append(front, p) }
	kinds := rnd.Perm(6)[:1+rnd.Intn(4)]
	if !slices.Contains(kinds, 1) && !slices.Contains(kinds, 2) {
		kinds = append(kinds, 1+rnd.Intn(2))
	}
	tail := 0
	if rnd.Intn(3) == 0 {
		tag := some(2+rnd.Intn(3), rnd.Int63())
		back, tail = append(back, part{"trailer", func(packetOf) []byte { return tag }}), len(tag)
	}
	for _, k := range kinds {
		switch k {
		case 0:
			tag := some(1+rnd.Intn(5), rnd.Int63())
			if rnd.Intn(2) == 0 {
				tag = []byte([]string{"job7:", "DATA|", "x=", "<<", "chunk "}[rnd.Intn(5)])
			}
			add(part{fmt.Sprintf("tag %q", tag), func(packetOf) []byte { return tag }})
		case 1:
			s, w := number(false)
			first := uint64(rnd.Intn(2))
			add(part{"index " + s, func(p packetOf) []byte { return w(uint64(p.i) + first) }})
			counted = true
			if rnd.Intn(3) == 0 {
				s, w := number(true)
				add(part{"total " + s, func(p packetOf) []byte { return w(uint64(p.n)) }})
			}
		case 2:
			s, w := number(true)
			add(part{"length " + s, func(p packetOf) []byte { return w(uint64(len(p.piece))) }})
		case 3:
			file := []string{"a.txt", "q3-report.pdf", "IMG_2041.png", "/etc/shadow"}[rnd.Intn(4)]
			add(part{"name", func(packetOf) []byte { return append([]byte{byte(len(file))}, file...) }})
		case 4:
			add(part{"clock", func(p packetOf) []byte { return binary.BigEndian.AppendUint32(nil, uint32(p.at)) }})
		case 5:
			add(part{"CRC-32", func(p packetOf) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(p.piece)) }})
		}
	}
	if tail == 0 && rnd.Intn(4) == 0 {
		back = append(back, part{"closing CRC-32", func(p packetOf) []byte {
			return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(append(slices.Clone(p.before), p.piece...)))
		}})
	}
	var names []string
	for _, p := range append(slices.Clone(front), back...) {
		names = append(names, p.name)
	}
	return strings.Join(names, ", "), func(p packetOf) []byte {
		for _, f := range front {
			p.before = append(p.before, f.write(p)...)
		}
		out := append(slices.Clone(p.before), p.piece...)
		for _, f := range back {
			out = append(out, f.write(p)...)
		}
		return out
	}, counted
}

func packed(kind string) bool { return kind == "tar.gz" }

// lossy loses one or two packets from the midst, and what they carried.
func lossy(list []Candidate, file []byte, size int, rnd *rand.Rand) ([]Candidate, []byte) {
	pieces := slices.Collect(slices.Chunk(file, size))
	for range 1 + rnd.Intn(2) {
		if len(list) < 8 {
			break
		}
		i := 2 + rnd.Intn(len(list)-5)
		list, pieces = slices.Delete(slices.Clone(list), i, i+1), slices.Delete(slices.Clone(pieces), i, i+1)
	}
	return today(retime(list)), slices.Concat(pieces...)
}

// drawn are the packets of a file under a framing that is drawn.
func drawn(file []byte, rnd *rand.Rand) (list []Candidate, how string, size int, counted bool) {
	name, write, counted := grammar(rnd)
	size = 8 + rnd.Intn(max(1, min(1400, len(file)/6)))
	n := (len(file) + size - 1) / size
	for i, piece := range slices.Collect(slices.Chunk(file, size)) {
		v := write(packetOf{i: i, n: n, all: len(file), off: i * size, at: 1_795_000_000 + int64(i), piece: piece, rnd: rnd})
		list = append(list, Candidate{Value: v, Wire: len(v), Anchor: true, Ident: 77, Seq: uint16(i + 1), Shape: Shape{TTL: 64, Length: 8 + len(v), Tail: len(v)}})
	}
	return today(retime(list)), fmt.Sprintf("%s, pieces of %d", name, size), size, counted
}

// Framings that were never seen before are found by what their fields say.
func TestFramings(t *testing.T) {
	c, rnd := payloadCarrier(t), rand.New(rand.NewSource(11))
	files := kinds(t, rnd)
	missed, tried := map[string]int{}, 0
	for range oracle.Trials(t, trials, 6) {
		kind := pick(rnd, files)
		file := files[kind]
		list, how, size, counted := drawn(file, rnd)
		way := "in order"
		switch rnd.Intn(3) {
		case 0:
			list, way = disorder(list, rnd), "in disorder"
		case 1:
			if counted && !packed(kind) { // of packed bytes, what stands behind a hole cannot be unpacked
				list, file = lossy(list, file, size, rnd)
				way = "with loss"
			}
		}
		if tried++; !brought(Recover(list, c, Options{}), file) {
			missed[kind]++
			t.Logf("missed: %s of %d bytes, %s, %s, counted %v: %.400v", kind, len(file), how, way, counted, tell(Recover(list, c, Options{})))
		}
	}
	sum := 0
	for _, n := range missed {
		sum += n
	}
	t.Logf("%d of %d brought back; missed by kind: %v", tried-sum, tried, missed)
	if 100*sum > 5*tried {
		t.Errorf("%d of %d framings were not seen through", sum, tried)
	}
}

const trials = 24

// Nothing is found where there is nothing: pieces of files without a framing keep all their bytes.
func TestNoFraming(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	for kind, file := range kinds(t, rnd) {
		for _, size := range []int{16, 33, 64, 200} {
			list := carried(file, size, framed["bare"], [2]string{}, func(i int) uint16 { return uint16(i) })
			if len(list) < 4 {
				continue
			}
			if found := Recover(list, payloadCarrier(t), Options{}); len(found) == 0 || !bytes.Equal(found[0].Raw, file) && !slices.ContainsFunc(found, func(f Found) bool { return bytes.Equal(f.Bytes, file) || bytes.Equal(f.Raw, file) }) {
				t.Errorf("%s in pieces of %d: got %v", kind, size, tell(found))
			}
		}
	}
}
