package recover

import (
	"bytes"
	"compress/bzip2"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// maxLayers bounds encodings inside encodings.
const maxLayers = 5

// layer is what a stream's bytes are once so many encodings are undone.
type layer struct {
	bytes     []byte
	gaps      []Gap
	encodings []string
	verdict   Verdict
	either    bool // whether the encoding around it was one, or a file of its own kind, cannot be told for sure
	partial   bool // the encoded bytes ended before they should have
	followed  bool // others stand behind their end
	numbers   bool // read from numbers, of which there are many ways to read them
}

// coding is an encoding that can be undone.
type coding struct {
	name string
	// undo gives the bytes inside; of is what stands for one byte of them (base64: 4/3), 0 where there is no telling.
	undo func(l layer) (out []byte, note string, ok bool)
	of   float64
}

var codings = []coding{
	{"base64", func(l layer) ([]byte, string, bool) { b, ok := unbase64(l.bytes, l.gaps); return b, "", ok }, 4.0 / 3},
	{"base32", func(l layer) ([]byte, string, bool) { b, ok := unbase32(l.bytes); return b, "", ok }, 8.0 / 5},
	{"hex", func(l layer) ([]byte, string, bool) { b, ok := unhex(l.bytes); return b, "", ok }, 2},
	{"gzip", unpack("gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }), 0},
	{"zlib", unpack("zlib", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }), 0},
	{"bzip2", unpack("bzip2", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }), 0},
	{"zstd", unpack("zstd", func(r io.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxInflated))
	}), 0},
	{"xz", unpack("xz", xzReader), 0},
	{"lz4", unpack("lz4", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }), 0},
	{"deflate", func(l layer) ([]byte, string, bool) { b, ok := inflate(l.bytes); return b, "", ok }, 0},
	{"xor", func(l layer) ([]byte, string, bool) { return unxor(l.bytes, l.numbers) }, 1},
}

// Encodings lists the names of encodings that can be undone.
func Encodings() (out []string) {
	for _, c := range codings {
		out = append(out, c.name)
	}
	for _, s := range spellings() {
		out = append(out, s.name)
	}
	return out
}

func codingNamed(name string) coding {
	for _, s := range spellings() {
		if s.name == name {
			return s.coding
		}
	}
	return codings[slices.IndexFunc(codings, func(c coding) bool { return c.name == name })]
}

// unwrap undoes encodings one after the other. It gives every layer, from what was carried inwards; with a list of encodings
// it undoes those, and ok tells whether they all could be.
func unwrap(b []byte, gaps []Gap, list []string) (out []layer, ok bool) {
	return layer{bytes: b, gaps: gaps, verdict: Judge(b)}.unwrap(list)
}

// unwrapNumbers does so for what numbers were read as: a key of several bytes makes sense of too many of them.
func unwrapNumbers(b []byte, gaps []Gap, list []string) (out []layer, ok bool) {
	return layer{bytes: b, gaps: gaps, verdict: Judge(b), numbers: true}.unwrap(list)
}

func (l layer) unwrap(list []string) (out []layer, ok bool) {
	out = append(out, l)
	for i := range maxLayers {
		var next layer
		var found bool
		if len(list) == 0 {
			next, found = peel(l)
		} else if i < len(list) {
			if next, found = l.within(codingNamed(list[i])); !found {
				return out, false
			}
		}
		if !found {
			break
		}
		out, l = append(out, next), next
	}
	return out, true
}

// within undoes one encoding.
func (l layer) within(c coding) (layer, bool) {
	b, note, ok := c.undo(l)
	if !ok || len(b) == 0 {
		return layer{}, false
	}
	name := c.name
	if note != "" && c.name == "xor" {
		name += " " + note
	}
	next := layer{numbers: l.numbers, bytes: b, encodings: append(slices.Clone(l.encodings), name), partial: note == "partial", followed: note == "followed"}
	for _, g := range l.gaps {
		if c.of == 0 {
			break
		}
		scaled := Gap{min(int64(float64(g.Offset)/c.of), int64(len(b))), g.Length}
		if g.Length > 0 {
			scaled.Length = int64(float64(g.Length)/c.of + 0.5)
		}
		next.gaps = append(next.gaps, scaled)
	}
	if c.name == "base64" {
		next.gaps = gapsUnder64(len(trimmed(l.bytes)), l.gaps)
	}
	if next.partial || next.followed {
		next.gaps = append(next.gaps, Gap{int64(len(b)), -1})
	}
	next.verdict = Judge(b)
	return next, true
}

// peel undoes the encoding that the bytes seem to be in. Where only what comes of it tells, that must be beyond doubt.
func peel(l layer) (next layer, ok bool) {
	v := l.verdict
	switch {
	case v.packed():
		for _, c := range codings {
			if strings.EqualFold(c.name, v.Format) {
				next, ok = l.within(c)
				next.either = true
				return next, ok
			}
		}
		return next, false
	case v.grade >= opened && v.good > 0:
		return next, false
	}
	if next, ok = spelled(l); ok {
		return next, true
	}
	for _, name := range []string{"hex", "base32", "base64"} {
		if next, ok = l.within(codingNamed(name)); ok {
			next.either = next.verdict.grade == nothing
			if next.verdict.grade > nothing || wellMixed(l.bytes) {
				return next, true
			}
		}
	}
	if v.grade == text && count(l.bytes).blanks == 0 { // of text in words a key of one byte may leave printable characters, but none between words
		sample := l
		sample.numbers = true
		if next, ok = sample.within(codingNamed("xor")); ok && next.verdict.grade == text && next.verdict.overrides(l.bytes, next.bytes) {
			next.numbers = l.numbers
			return next, true
		}
	}
	if v.grade >= text || len(l.bytes) < leastText {
		return layer{}, false
	}
	if next, ok = l.within(codingNamed("xor")); ok && next.verdict.overrides(l.bytes, next.bytes) && (next.verdict.grade > text || fluent(next.bytes, 60, 8)) {
		return next, true
	}
	if next, ok = l.within(codingNamed("deflate")); ok && next.verdict.Believable() && len(next.bytes) > len(l.bytes)/2 {
		return next, true
	}
	return layer{}, false
}

// wellMixed tells whether encoded text is so even that it was not written by hand: many different characters, and no words.
func wellMixed(b []byte) bool {
	c := count(b)
	return len(b) >= 16 && c.lower+c.upper+c.figures > 0 && c.distinct >= min(14, len(b)/3) && c.blanks*20 < len(b) &&
		(c.figures > 0 && (c.lower > 0 || c.upper > 0) || c.lower > 0 && c.upper > 0)
}

// unbase64 decodes either alphabet, with padding and line ends or without; zero bytes at the end are none of it. What stands
// between two gaps is decoded by itself, in step with what is missing.
func unbase64(b []byte, gaps []Gap) ([]byte, bool) {
	b = trimmed(b)
	if len(b) < 8 || !ofAlphabet(b) {
		return nil, false
	}
	if len(gaps) > 0 {
		return unbase64Parts(b, gaps)
	}
	return unbase64Whole(b)
}

func ofAlphabet(b []byte) bool {
	pads, standard, url := 0, false, false
	for _, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', figure(c):
		case c == '\r' || c == '\n':
		case c == '+' || c == '/':
			standard = true
		case c == '-' || c == '_':
			url = true
		case c == '=':
			pads++
		default:
			return false
		}
	}
	return !(standard && url) && pads*8 <= len(b)+16
}

// unbase64Whole decodes what may be several encoded texts one after the other, each with its padding.
func unbase64Whole(b []byte) (out []byte, ok bool) {
	compact := make([]byte, 0, len(b))
	for _, c := range b {
		switch c {
		case '\r', '\n':
		case '-':
			compact = append(compact, '+')
		case '_':
			compact = append(compact, '/')
		default:
			compact = append(compact, c)
		}
	}
	for len(compact) > 0 {
		end := bytes.IndexByte(compact, '=')
		body, rest := compact, []byte(nil)
		if end >= 0 {
			n := end
			for n < len(compact) && compact[n] == '=' {
				n++
			}
			if n-end > 2 {
				return nil, false
			}
			body, rest = compact[:end], compact[n:]
		}
		if len(body)%4 == 1 {
			return nil, false
		}
		out, _ = base64.RawStdEncoding.AppendDecode(out, body)
		compact = rest
	}
	return out, len(out) > 0
}

// unbase64Parts decodes between gaps. Where a gap's length is not known, the text behind it is taken to begin a group.
func unbase64Parts(b []byte, gaps []Gap) (out []byte, ok bool) {
	from, phase := 0, 0
	for i := 0; i <= len(gaps); i++ {
		to := len(b)
		if i < len(gaps) {
			to = min(len(b), int(gaps[i].Offset))
		}
		part := b[from:max(from, to)]
		skip := min(len(part), (4-phase)%4)
		whole := (len(part) - skip) / 4 * 4
		if i == len(gaps) {
			whole = len(part) - skip
		}
		decoded, good := unbase64Whole(part[skip : skip+whole])
		if !good && whole > 0 && i < len(gaps) {
			return nil, false
		}
		out = append(out, decoded...)
		if from = max(from, to); i < len(gaps) {
			phase = (phase + len(part)) % 4
			if gaps[i].Length > 0 {
				phase = (phase + int(gaps[i].Length%4)) % 4
			} else {
				phase = 0
			}
		}
	}
	return out, len(out) > 0
}

// gapsUnder64 are the gaps in what unbase64Parts gives: groups of which a part is missing go, too.
func gapsUnder64(length int, gaps []Gap) (out []Gap) {
	from, phase, done := 0, 0, int64(0)
	for _, g := range gaps {
		part := max(0, min(length, int(g.Offset))-from)
		skip := min(part, (4-phase)%4)
		whole := (part - skip) / 4 * 4
		if len(out) > 0 && out[len(out)-1].Length >= 0 {
			out[len(out)-1].Length += int64(skip) // in characters until all are known
		}
		done += int64(whole / 4 * 3)
		hole := Gap{done, -1}
		if phase = (phase + part) % 4; g.Length >= 0 {
			hole.Length = g.Length + int64(part-skip-whole)
			phase = (phase + int(g.Length%4)) % 4
		} else {
			phase = 0
		}
		out, from = append(out, hole), max(from, min(length, int(g.Offset)))
	}
	if n := len(out) - 1; n >= 0 && out[n].Length >= 0 {
		out[n].Length += int64((4 - phase) % 4)
	}
	for i := range out {
		if out[i].Length > 0 {
			out[i].Length = out[i].Length / 4 * 3
		}
	}
	return out
}

func unbase32(b []byte) ([]byte, bool) {
	b = bytes.TrimRight(bytes.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, trimmed(b)), "=")
	if len(b) < 16 {
		return nil, false
	}
	if b[0] >= 'a' || b[len(b)-1] >= 'a' { // small letters, if all are
		if bytes.ContainsFunc(b, unicode.IsUpper) {
			return nil, false
		}
		b = bytes.ToUpper(b)
	}
	figures := 0
	for _, c := range b {
		if !(c >= 'A' && c <= 'Z' || c >= '2' && c <= '7') {
			return nil, false
		}
		figures += int(btof(c <= '7'))
	}
	out := make([]byte, base32.StdEncoding.WithPadding(base32.NoPadding).DecodedLen(len(b)))
	n, err := base32.StdEncoding.WithPadding(base32.NoPadding).Decode(out, b)
	return out[:n], err == nil && figures*16 >= len(b)
}

// unhex decodes hexadecimal digits of either case, with line ends, blanks, colons or "0x" between them, or "\x".
func unhex(b []byte) ([]byte, bool) {
	b = trimmed(b)
	b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\\x"), nil), []byte("0x"), nil)
	digits := make([]byte, 0, len(b))
	for _, c := range b {
		switch {
		case figure(c), c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			digits = append(digits, c)
		case c == '\r', c == '\n', c == ' ', c == ':', c == ',':
		default:
			return nil, false
		}
	}
	if len(digits) < 8 || len(digits)%2 != 0 || 3*len(digits) < 2*len(b)-2 {
		return nil, false
	}
	out := make([]byte, len(digits)/2)
	_, err := hex.Decode(out, digits)
	return out, err == nil
}

// leastRest is how many bytes behind compressed ones are more than a sender's leavings.
const leastRest = 16

// unpack undoes a compression. What comes of bytes that are cut short, is part of it.
func unpack(name string, open func(io.Reader) (io.Reader, error)) func(l layer) ([]byte, string, bool) {
	return func(l layer) ([]byte, string, bool) {
		packed := bytes.NewReader(l.bytes)
		r, err := open(packed)
		if err != nil {
			return nil, "", false
		}
		out, err := io.ReadAll(io.LimitReader(r, maxInflated))
		if c, ok := r.(*zstd.Decoder); ok {
			c.Close()
		}
		switch {
		case err == nil && len(trimmed(l.bytes[len(l.bytes)-packed.Len():])) > leastRest:
			return out, "followed", len(out) > 0
		case err == nil:
			return out, "", true
		case l.verdict.Format == name && l.verdict.grade == entire:
			return out, "", true // something stands behind the compressed bytes
		}
		return out, "partial", len(out) > 0
	}
}
