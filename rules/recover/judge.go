package recover

import (
	"fmt"

	"icmpsift/ingest/payload"
)

// grade is how sure bytes are to be what somebody sent.
type grade uint8

const (
	nothing grade = iota // they could be chance, or encrypted
	text                 // they read as text
	opened               // they open as a file of a known format does
	entire               // they are a file of a known format, from its first byte to its end
)

// Verdict is what bytes look like.
type Verdict struct {
	Media, Extension string
	Format           string // of a known format, its name
	Why              string // as a sentence
	grade            grade
	printable        bool    // characters, if too few to be sure that they are text
	clear            bool    // readable as they stand, enough of them
	broken           bool    // of a known format, whose structure tells that pieces are missing, doubled or out of order
	wide             bool    // text in UTF-16
	certain          bool    // a format's signature was seen
	good             float64 // share that the format's structure vouches for
	end              int     // where the format says it ends, 0 if it does not
}

// Judge says what bytes look like.
func Judge(b []byte) (v Verdict) {
	v.Media, v.Extension, v.certain = payload.Magic(b)
	v.printable, v.clear = payload.Text(b), clear(b)
	name, s := structureOf(b)
	v.Format, v.good, v.end = name, s.good, s.end
	v.broken = s.good > 0 && !s.whole && provable[name] || name == "" && gzipHeader(b)
	switch {
	case s.whole:
		v.grade, v.Why = entire, fmt.Sprintf("The bytes are a whole %s file by its own structure.", name)
	case name != "":
		v.grade, v.Why = opened, fmt.Sprintf("The bytes begin as a file of the format %s does.", name)
	case legible(trimmed(b)):
		v.grade, v.Why = text, "The bytes read as text."
	case v.printable && len(trimmed(b)) >= 4:
		v.Why = "The bytes are printable characters."
	case v.certain:
		v.Why = fmt.Sprintf("The bytes may be %s.", v.Media)
	default:
		v.Why = "The bytes are of no known format: they are written as they were sent, and may be encrypted."
	}
	return v
}

// inUTF16 is the verdict on text of two bytes a character.
func (v Verdict) inUTF16() Verdict {
	v.wide, v.clear, v.end = true, false, 0
	v.Media, v.Extension, v.Why = "text/plain; charset=utf-16", ".txt", "The bytes read as text in UTF-16."
	return v
}

// provable are the formats whose files are whole by their structure, or damaged: others may go on, or have been written otherwise.
var provable = map[string]bool{"PNG": true, "ZIP": true, "gzip": true, "bzip2": true, "xz": true, "zstd": true, "lz4": true, "PDF": true, "JPEG": true, "GIF": true,
	"7-Zip": true, "RIFF": true, "tar": true, "MP4": true}

// score ranks verdicts.
func (v Verdict) score() float64 {
	if v.grade == nothing && v.clear {
		return 8 // text of figures and signs, nearly as good as prose
	}
	return 10*float64(v.grade) + 9*v.good*btof(v.grade >= opened)
}

// Believable tells whether chance would not have made such bytes.
func (v Verdict) Believable() bool {
	return v.grade == entire || v.grade == text || v.grade == opened && (len(v.Format) > 0 && v.good > 0 || longMagic(v.Format))
}

// Known tells whether the bytes are text or of a known format; less is asked than of what chance could have made.
func (v Verdict) Known() bool { return v.grade > nothing || v.printable || v.certain }

// longMagic tells whether a format's signature alone is beyond chance.
func longMagic(name string) bool {
	for _, f := range formats {
		if f.name == name {
			return f.check == nil && len(f.magic) >= 5
		}
	}
	return false
}

// packed tells whether the format is compression, which may be an encoding or the file itself.
func (v Verdict) packed() bool {
	switch v.Format {
	case "gzip", "zlib", "bzip2", "xz", "zstd", "lz4":
		return true
	}
	return false
}

// trimmed is b without zero bytes at its end.
func trimmed(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
