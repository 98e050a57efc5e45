package payload

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Magic names the media type of recovered bytes and the file extension, with its dot, that goes with it. Certain is true
// where a signature of the format was seen; without one the type is a guess from the text ("text/csv"), from two or
// three bytes that chance can make, or "application/octet-stream" with extension ".bin".
func Magic(b []byte) (mediaType, extension string, certain bool) {
	m := mimetype.Detect(b)
	mediaType, _, _ = strings.Cut(m.String(), ";")
	extension = m.Extension()
	if extension == "" {
		extension = ".bin"
	}
	return mediaType, extension, len(b) > 0 && !guess(mediaType, b)
}

// guess tells whether mimetype has little to go by for this type.
func guess(mediaType string, b []byte) bool {
	switch mediaType {
	case "application/octet-stream", "text/plain", "text/csv", "text/tab-separated-values", "application/json",
		"application/x-ndjson", "text/javascript", "application/marc", "application/cbor", "application/x-dbf",
		"audio/mpeg", "audio/aac", "image/x-icon", "application/x-bytecode.python", "application/vnd.shx",
		"application/x-os2-inf", "video/mpeg", "application/vnd.lotus-1-2-3", "message/rfc822", "application/x-subrip":
		return true
	case "application/zlib":
		return !zlibHeader(b) || len(b) < 8
	case "application/gzip":
		return len(b) < 10 || b[2] != 8
	case "application/vnd.microsoft.portable-executable":
		return !portableExecutable(b)
	case "image/bmp":
		return len(b) < 18 || binary.LittleEndian.Uint32(b[6:]) != 0 || b[14] < 12 || b[15] != 0
	}
	return false
}

// portableExecutable tells whether the DOS header leads to a PE header (or, cut short, to where one could be).
func portableExecutable(b []byte) bool {
	if len(b) < 64 {
		return false
	}
	at := binary.LittleEndian.Uint32(b[60:])
	if at < 4 || at > 4096 {
		return false
	}
	return int(at)+4 > len(b) || bytes.Equal(b[at:at+4], []byte("PE\x00\x00"))
}

// zlibHeader checks RFC 1950's header: deflate, a window of 32 KiB, no dictionary, check bits.
func zlibHeader(b []byte) bool {
	return len(b) >= 2 && b[0] == 0x78 && b[1]&0x20 == 0 && binary.BigEndian.Uint16(b)%31 == 0
}

// mark is a signature at the front of a payload.
type mark struct {
	bytes string
	class string
}

// marks are signatures of three bytes and more, looked for in every payload no sender explains: a packet's worth of
// Magic, without its cost.
var marks = []mark{
	{"\x1f\x8b\x08", Compressed},                    // gzip
	{"\xfd7zXZ\x00", Compressed},                    // xz
	{"\x28\xb5\x2f\xfd", Compressed},                // zstd
	{"BZh", Compressed},                             // bzip2
	{"\x04\x22\x4d\x18", Compressed},                // lz4 frame
	{"LZIP\x01", Compressed},                        // lzip
	{"PK\x03\x04", FileMagic},                       // zip, docx, jar
	{"PK\x05\x06", FileMagic},                       // zip, empty
	{"7z\xbc\xaf\x27\x1c", FileMagic},               // 7-zip
	{"Rar!\x1a\x07", FileMagic},                     // rar
	{"%PDF-", FileMagic},                            // pdf
	{"\xff\xd8\xff", FileMagic},                     // jpeg
	{"\x89PNG\r\n\x1a\n", FileMagic},                // png
	{"GIF87a", FileMagic},                           // gif
	{"GIF89a", FileMagic},                           // gif
	{"\x7fELF", FileMagic},                          // elf
	{"MZ\x90\x00\x03\x00", FileMagic},               // exe
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileMagic}, // ole: doc, xls, msi
	{"SQLite format 3\x00", FileMagic},              // sqlite
	{"\x03\xd9\xa2\x9a", FileMagic},                 // keepass
	{"\xca\xfe\xba\xbe", FileMagic},                 // java class, fat Mach-O
	{"\xcf\xfa\xed\xfe", FileMagic},                 // Mach-O
	{"MSCF\x00\x00\x00\x00", FileMagic},             // cab
	{"!<arch>\n", FileMagic},                        // ar, deb
	{"\xed\xab\xee\xdb", FileMagic},                 // rpm
	{"OggS\x00", FileMagic},                         // ogg
	{"fLaC\x00", FileMagic},                         // flac
	{"ID3\x03\x00", FileMagic},                      // mp3
	{"{\\rtf1", FileMagic},                          // rtf
	{"\xd4\xc3\xb2\xa1", FileMagic},                 // pcap
	{"\x0a\x0d\x0d\x0a", FileMagic},                 // pcapng
	{"-----BEGIN ", FileMagic},                      // pem
	{"SIMPLE  =", FileMagic},                        // fits
}

// signature says whether a payload starts as compressed data or a file of some kind does, "" if not.
func signature(b []byte) string {
	for i := range marks {
		m := &marks[i]
		if b[0] == m.bytes[0] && len(b) >= len(m.bytes) && string(b[:len(m.bytes)]) == m.bytes && sound(m, b) {
			return m.class
		}
	}
	switch {
	case len(b) >= 32 && zlibHeader(b) && !Text(b):
		return Compressed
	case len(b) >= 12 && string(b[:4]) == "RIFF" && riff(string(b[8:12])), len(b) >= 12 && string(b[4:8]) == "ftyp":
		return FileMagic
	case len(b) >= 262 && string(b[257:262]) == "ustar":
		return FileMagic
	}
	return ""
}

// sound checks what follows the shortest signatures, which text can start with too.
func sound(m *mark, b []byte) bool {
	if m.bytes != "BZh" {
		return true
	}
	return len(b) >= 10 && string(b[4:10]) == "\x31\x41\x59\x26\x53\x59"
}

func riff(form string) bool { return form == "WAVE" || form == "AVI " || form == "WEBP" }
