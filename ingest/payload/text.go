package payload

import (
	"bytes"
	"unicode/utf8"
)

// Text tells whether b is plausible text: ASCII or UTF-8 without control characters but tab, line feed, form feed,
// carriage return and escape. Zero bytes at the end are padding. Characters cut in two at either end are allowed,
// because b may be a piece of a longer text; of b's characters most must be ASCII or letters of other scripts.
func Text(b []byte) bool {
	b = bytes.TrimRight(b, "\x00")
	b = trimCut(b)
	for len(b) > 0 {
		if c := b[0]; c < utf8.RuneSelf {
			if !textByte(c) {
				return false
			}
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError || r < 0xa0 || r >= 0xe000 && r < 0xf900 || r&0xfffe == 0xfffe {
			return false
		}
		b = b[n:]
	}
	return b != nil
}

func textByte(c byte) bool {
	return c >= ' ' && c != 0x7f || c >= '\t' && c <= '\r' && c != '\v' || c == 0x1b
}

// trimCut takes off continuation bytes at the front, and a character without its last bytes at the end.
func trimCut(b []byte) []byte {
	for i := 0; i < utf8.UTFMax-1 && len(b) > 0 && !utf8.RuneStart(b[0]); i++ {
		b = b[1:]
	}
	for i := 1; i < utf8.UTFMax && i < len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
