package recover

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"regexp"
	"strconv"

	"github.com/klauspost/compress/zlib"

	"icmpsift/ingest/payload"
)

// structure is the shape of a file, as far as its own structure tells.
type structure struct {
	whole bool    // it is all there, from its first byte to its end, and in order
	good  float64 // the share of its bytes that the structure vouches for, 0 to 1
	end   int     // where it ends, 0 if it does not say
}

// format is a kind of file that can be told from its structure.
type format struct {
	name  string
	magic string
	check func(b []byte) structure
}

var formats = []format{
	{"PNG", "\x89PNG\r\n\x1a\n", pngOf},
	{"ZIP", "PK\x03\x04", zipOf},
	{"gzip", "\x1f\x8b\x08", gzipOf},
	{"bzip2", "BZh", bzip2Of},
	{"xz", "\xfd7zXZ\x00", xzOf},
	{"zstd", "\x28\xb5\x2f\xfd", zstdOf},
	{"lz4", "\x04\x22\x4d\x18", lz4Of},
	{"PDF", "%PDF-", pdfOf},
	{"JPEG", "\xff\xd8\xff", jpegOf},
	{"GIF", "GIF8", gifOf},
	{"7-Zip", "7z\xbc\xaf\x27\x1c", sevenOf},
	{"SQLite", "SQLite format 3\x00", sqliteOf},
	{"ELF", "\x7fELF", elfOf},
	{"RIFF", "RIFF", riffOf},
	{"OLE", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", nil},
	{"RAR", "Rar!\x1a\x07", nil},
	{"KeePass", "\x03\xd9\xa2\x9a", nil},
	{"PE", "MZ", peOf},
	{"Ogg", "OggS\x00", nil},
	{"FLAC", "fLaC\x00", nil},
	{"Mach-O", "\xcf\xfa\xed\xfe", nil},
	{"Java class", "\xca\xfe\xba\xbe\x00\x00\x00", nil},
	{"CAB", "MSCF\x00\x00\x00\x00", nil},
	{"ar", "!<arch>\n", nil},
	{"RPM", "\xed\xab\xee\xdb", nil},
	{"RTF", "{\\rtf1", nil},
	{"PEM", "-----BEGIN ", pemOf},
	{"OpenSSL", "Salted__", nil},
	{"age", "age-encryption.org/v1\n", nil},
	{"pcap", "\xd4\xc3\xb2\xa1\x02\x00\x04\x00", nil},
	{"pcapng", "\x0a\x0d\x0d\x0a", nil},
	{"registry hive", "regf", hiveOf},
}

// structureOf gives the format of bytes and what its structure says; "" for none that is known. Formats of two or three signature
// bytes are only named where their structure holds.
func structureOf(b []byte) (name string, s structure) {
	for _, f := range formats {
		if len(b) < len(f.magic) || string(b[:len(f.magic)]) != f.magic {
			continue
		}
		if f.check == nil {
			return f.name, structure{}
		}
		if s = f.check(b); len(f.magic) < 4 && s.good == 0 {
			continue
		}
		return f.name, s
	}
	switch {
	case len(b) >= 512 && string(b[257:262]) == "ustar":
		return "tar", tarOf(b)
	case len(b) >= 2 && b[0]&15 == 8 && b[0]>>4 <= 7 && binary.BigEndian.Uint16(b)%31 == 0 && b[1]&0x20 == 0:
		if s = inflated(func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) })(b); s.whole {
			return "zlib", s
		}
	case len(b) >= 16 && string(b[4:8]) == "ftyp":
		return "MP4", boxesOf(b)
	}
	return "", structure{}
}

func share(n, of int) float64 { return min(1, max(0, float64(n)/float64(max(1, of)))) }

// pngOf walks the chunks, whose CRCs must be right.
func pngOf(b []byte) structure {
	at := 8
	for at+12 <= len(b) {
		n := int(binary.BigEndian.Uint32(b[at:]))
		if n > len(b)-at-12 || crc32.ChecksumIEEE(b[at+4:at+8+n]) != binary.BigEndian.Uint32(b[at+8+n:]) {
			break
		}
		last := string(b[at+4:at+8]) == "IEND"
		if at += 12 + n; last {
			return structure{true, 1, at}
		}
	}
	return structure{false, share(at, len(b)), 0}
}

// zipOf reads every entry, whose CRCs must be right.
func zipOf(b []byte) structure {
	end := zipEnd(b)
	r, err := zip.NewReader(bytes.NewReader(b[:end]), int64(end))
	if err != nil || len(r.File) == 0 {
		return structure{false, 0.1 * btof(len(b) >= 30 && b[5] == 0 && b[4] < 64), 0}
	}
	left := int64(maxInflated)
	for _, f := range r.File {
		if f.Flags&1 != 0 { // encrypted: its bytes cannot be checked
			continue
		}
		rc, err := f.Open()
		if errors.Is(err, zip.ErrAlgorithm) {
			continue
		}
		if err != nil {
			return structure{false, 0.5, end}
		}
		n, err := io.Copy(io.Discard, io.LimitReader(rc, left))
		rc.Close()
		if left -= n; err != nil {
			return structure{false, 0.5, end}
		}
		if left <= 0 {
			break
		}
	}
	return structure{true, 1, end}
}

func btof(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// pdfOf: the end mark is there, and the offset before it leads to the cross-reference.
func pdfOf(b []byte) structure {
	if len(b) < 8 || b[5] < '1' || b[5] > '2' || b[6] != '.' {
		return structure{}
	}
	end := after(b, "%%EOF", "\r\n")
	at := bytes.LastIndex(b[:end], []byte("startxref"))
	if !bytes.Contains(b, []byte("%%EOF")) || at < 0 {
		return structure{false, 0.3, 0}
	}
	digits := bytes.TrimSpace(b[at+9 : end])
	if i := bytes.IndexAny(digits, "\r\n% "); i >= 0 {
		digits = digits[:i]
	}
	to, err := strconv.Atoi(string(digits))
	if err != nil || to < 0 || to+4 > len(b) {
		return structure{false, 0.6, end}
	}
	if ref := bytes.TrimLeft(b[to:], "\r\n "); pdfObject.Match(ref[:min(len(ref), 24)]) || bytes.HasPrefix(ref, []byte("xref")) && objectsAt(b, ref) {
		return structure{true, 1, end}
	}
	return structure{false, 0.6, end}
}

// pdfObject begins an object; pdfEntry is an entry of a cross-reference table that is in use: where its object begins.
var (
	pdfObject = regexp.MustCompile(`^\s{0,2}\d{1,8} \d{1,5} obj`)
	pdfEntry  = regexp.MustCompile(`(?m)^(\d{10}) \d{5} n`)
)

// pdfSection begins a part of a cross-reference table: its first object, and how many entries follow; pdfEntries is any of these.
var (
	pdfSection = regexp.MustCompile(`(?m)^(\d{1,9}) (\d{1,9})\s*$`)
	pdfEntries = regexp.MustCompile(`(?m)^\d{10} \d{5} [nf]`)
)

// objectsAt tells whether a cross-reference table has the entries that it says, and they lead to objects.
func objectsAt(b, table []byte) bool {
	if i := bytes.Index(table, []byte("trailer")); i >= 0 {
		table = table[:i]
	}
	stated := 0
	for _, m := range pdfSection.FindAllSubmatch(table, -1) {
		n, _ := strconv.Atoi(string(m[2])) // of nine digits at most
		stated += n
	}
	if stated != len(pdfEntries.FindAll(table, -1)) {
		return false
	}
	for _, m := range pdfEntry.FindAllSubmatch(table, -1) {
		at, err := strconv.Atoi(string(m[1]))
		if err != nil || at >= len(b) || !pdfObject.Match(b[at:min(len(b), at+24)]) {
			return false
		}
	}
	return true
}

// jpegOf walks the segments, and the entropy-coded data to the end mark.
func jpegOf(b []byte) structure {
	at := 2
	for at+4 <= len(b) && b[at] == 0xff {
		marker := b[at+1]
		switch {
		case marker == 0xff:
			at++
			continue
		case marker == 0xd9:
			return structure{true, 1, at + 2}
		case marker == 0 || marker == 0xd8:
			return structure{false, share(at, len(b)), 0}
		}
		n := int(binary.BigEndian.Uint16(b[at+2:]))
		if n < 2 || at+2+n > len(b) {
			return structure{false, share(at-1, len(b)) * btof(at > 2 || plausibleJPEG(marker)), 0}
		}
		if at += 2 + n; marker == 0xda {
			at = entropyEnd(b, at)
		}
	}
	if at+2 <= len(b) && b[at] == 0xff && b[at+1] == 0xd9 {
		return structure{true, 1, at + 2}
	}
	return structure{false, share(at, len(b)) * btof(at > 2), 0}
}

func plausibleJPEG(marker byte) bool {
	return marker >= 0xe0 && marker <= 0xef || marker == 0xdb || marker == 0xfe
}

// entropyEnd finds the next marker that is not within entropy-coded data.
func entropyEnd(b []byte, at int) int {
	for ; at+1 < len(b); at++ {
		if b[at] == 0xff && b[at+1] != 0 && (b[at+1] < 0xd0 || b[at+1] > 0xd7) {
			return at
		}
	}
	return len(b)
}

// pemLabel is the first line of a key or certificate, and of PGP's messages (RFC 7468, RFC 9580).
var pemLabel = regexp.MustCompile(`^-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n`)

// pemOf: the last line closes what the first opens.
func pemOf(b []byte) structure {
	m := pemLabel.FindSubmatch(b[:min(len(b), 64)])
	if m == nil {
		return structure{false, 0.2 * btof(len(b) < 64 || printable(b[:16])), 0}
	}
	end := after(b, "-----END "+string(m[1])+"-----", "\r\n")
	if !bytes.Contains(b, []byte("-----END "+string(m[1])+"-----")) || !payload.Text(b[:end]) {
		return structure{false, 0.4, 0}
	}
	return structure{true, 1, end}
}

// gifOf walks the blocks.
func gifOf(b []byte) structure {
	if len(b) < 13 || b[4] != '7' && b[4] != '9' || b[5] != 'a' {
		return structure{}
	}
	at := 13
	if b[10]&0x80 != 0 {
		at += 3 << (b[10]&7 + 1)
	}
	for at < len(b) {
		switch b[at] {
		case 0x3b:
			return structure{true, 1, at + 1}
		case 0x21:
			at += 2
		case 0x2c:
			if at+10 > len(b) {
				return structure{false, share(at, len(b)), 0}
			}
			local := b[at+9]
			if at += 11; local&0x80 != 0 {
				at += 3 << (local&7 + 1)
			}
		default:
			return structure{false, share(at, len(b)), 0}
		}
		for at < len(b) && b[at] != 0 {
			at += 1 + int(b[at])
		}
		at++
	}
	return structure{false, 0.5, 0}
}

// sevenOf: the start header has a CRC and says where the file ends (7zFormat.txt).
func sevenOf(b []byte) structure {
	if len(b) < 32 || crc32.ChecksumIEEE(b[12:32]) != binary.LittleEndian.Uint32(b[8:]) {
		return structure{}
	}
	end := 32 + binary.LittleEndian.Uint64(b[12:]) + binary.LittleEndian.Uint64(b[20:])
	if end > uint64(len(b)) {
		return structure{false, 0.5, 0}
	}
	return structure{true, 1, int(end)}
}

func sqliteOf(b []byte) structure {
	if len(b) < 100 {
		return structure{false, 0.5, 0}
	}
	page := int(binary.BigEndian.Uint16(b[16:]))
	if page == 1 {
		page = 65536
	}
	end := page * int(binary.BigEndian.Uint32(b[28:]))
	if end <= 0 || end > len(b) {
		return structure{false, 0.5, 0}
	}
	return structure{true, 1, end}
}

// elfOf: a 64- or 32-bit program whose section headers are mostly its end.
func elfOf(b []byte) structure {
	if len(b) < 64 || b[4] < 1 || b[4] > 2 || b[5] != 1 || b[6] != 1 {
		return structure{false, 0.1 * btof(len(b) < 64), 0}
	}
	end := int64(binary.LittleEndian.Uint32(b[32:])) + int64(binary.LittleEndian.Uint16(b[46:]))*int64(binary.LittleEndian.Uint16(b[48:]))
	if b[4] == 2 {
		end = int64(binary.LittleEndian.Uint64(b[40:])&0x7fffffff) + int64(binary.LittleEndian.Uint16(b[58:]))*int64(binary.LittleEndian.Uint16(b[60:]))
	}
	return structure{end > 0 && end == int64(len(b)), 0.5, 0}
}

func riffOf(b []byte) structure {
	if len(b) < 12 {
		return structure{}
	}
	end := 8 + int64(binary.LittleEndian.Uint32(b[4:]))
	if end > int64(len(b)) {
		return structure{false, 0.3, 0}
	}
	return structure{true, 1, int(end)}
}

// peOf: the DOS header leads to a PE header.
func peOf(b []byte) structure {
	if len(b) < 64 {
		return structure{}
	}
	at := int64(binary.LittleEndian.Uint32(b[60:]))
	if at < 64 || at+4 > int64(len(b)) || at > 4096 || string(b[at:at+4]) != "PE\x00\x00" {
		return structure{}
	}
	return structure{false, 0.5, 0}
}

func hiveOf(b []byte) structure {
	if len(b) < 512 {
		return structure{}
	}
	var sum uint32
	for i := 0; i < 508; i += 4 {
		sum ^= binary.LittleEndian.Uint32(b[i:])
	}
	if sum != binary.LittleEndian.Uint32(b[508:]) {
		return structure{}
	}
	return structure{false, 0.5, 0}
}

// tarOf walks the headers, whose sums must be right.
func tarOf(b []byte) structure {
	r := tar.NewReader(bytes.NewReader(b))
	entries := 0
	for {
		_, err := r.Next()
		if err == io.EOF {
			return structure{true, 1, 0}
		}
		if err != nil {
			return structure{false, 0.3 * btof(entries > 0), 0}
		}
		entries++
	}
}

// boxesOf walks the boxes of ISO base media.
func boxesOf(b []byte) structure {
	at := 0
	for at+8 <= len(b) {
		n := int(binary.BigEndian.Uint32(b[at:]))
		if n < 8 || n > len(b)-at {
			break
		}
		at += n
	}
	return structure{at == len(b), share(at, len(b)), 0}
}

func figure(c byte) bool { return '0' <= c && c <= '9' }
