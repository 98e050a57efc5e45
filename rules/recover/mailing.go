package recover

import (
	"bytes"
	"encoding/hex"
	"io"
	"mime/quotedprintable"
)

// Encodings of mail and of the web, which write what is printable as it is, or lines that say how long they are.

// leastEscapes is how many escapes it takes for text to be an encoding's, and not to quote some.
const leastEscapes = 8

// unpercent reads percent-encoding (RFC 3986), where at least one byte in thirty is written so and what would have to be is.
func unpercent(b []byte) (out []byte, ok bool) {
	b = trimmed(b)
	escapes := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '%':
			if i+2 >= len(b) && escapes >= leastEscapes {
				return out, true // cut within an escape
			}
			var v [1]byte
			if i+2 >= len(b) {
				return nil, false
			} else if _, err := hex.Decode(v[:], b[i+1:i+3]); err != nil {
				return nil, false
			}
			out, escapes, i = append(out, v[0]), escapes+1, i+2
		case c == '+':
			out = append(out, ' ')
		case c <= ' ' || c >= 0x7f || bytes.IndexByte([]byte(`"<>\^{}|`), c) >= 0:
			return nil, false
		default:
			out = append(out, c)
		}
	}
	return out, escapes >= leastEscapes && 30*escapes >= len(b)
}

// unquoted reads quoted-printable (RFC 2045), where there are enough escapes or ends of lines that are none.
func unquoted(b []byte) ([]byte, bool) {
	b = trimmed(b)
	escapes := bytes.Count(b, []byte("=\n")) + bytes.Count(b, []byte("=\r\n"))
	for i := range b {
		if b[i] == '=' && i+2 < len(b) {
			if _, err := hex.DecodeString(string(b[i+1 : i+3])); err == nil {
				escapes++
			}
		}
	}
	if escapes < leastEscapes || bytes.Count(b, []byte("=")) != escapes {
		return nil, false
	}
	out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b)))
	return out, err == nil
}

// unuu reads lines of uuencode: each tells in its first character how many bytes it holds, and is as long as that takes. The lines before and
// behind them, which name the file, may be there or not.
func unuu(b []byte) (out []byte, ok bool) {
	lines := bytes.Split(bytes.ReplaceAll(trimmed(b), []byte("\r"), nil), []byte("\n"))
	if len(lines) > 0 && bytes.HasPrefix(lines[0], []byte("begin ")) {
		lines = lines[1:]
	}
	full := 0
	for i, line := range lines {
		if len(line) == 0 || string(line) == "end" || string(line) == "`" {
			continue
		}
		n := int(line[0]-' ') & 63
		if line[0] < ' ' || line[0] > '`' || len(line) > 1+(n+2)/3*4 || len(line) < 1+(n*4+2)/3 && i+1 < len(lines) {
			return nil, false
		}
		full += int(btof(n == 45))
		for at := 1; at < len(line); at += 4 {
			var group [4]byte
			for k, c := range line[at:min(at+4, len(line))] {
				if c < ' ' || c > '`' {
					return nil, false
				}
				group[k] = (c - ' ') & 63
			}
			three := []byte{group[0]<<2 | group[1]>>4, group[1]<<4 | group[2]>>2, group[2]<<6 | group[3]}
			out = append(out, three[:max(0, min(3, n))]...)
			n -= 3
		}
	}
	return out, full >= 1 && len(out) > 45
}

// rot47 moves printable characters by half of their number, which undoes itself.
func rot47(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range b {
		if c > ' ' && c < 0x7f {
			out[i] = '!' + (c-'!'+47)%94
		}
	}
	return out
}

// clearer: text whose letters were moved reads far better once they are moved back; text of any language is no better for it.
func clearer(moved func([]byte) []byte) func(inside layer) bool {
	return func(inside layer) bool {
		b := trimmed(inside.bytes)
		least := 0.4 // bits a character
		if worded(moved(b)) {
			least = 0.8
		}
		return fluent(b, 12, 2) && worded(b) && reads(b)-reads(moved(b)) > least*float64(len(b))
	}
}
