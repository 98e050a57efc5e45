package recover

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"icmpsift/ingest/payload"
)

// letters are the shares of small letters in English text, in thousandths; other languages of Latin script are near enough.
var letters = [26]float64{82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1}

// weight is how much likelier a byte is in text (prose, tables, configuration, code) than by chance, in bits.
var weight = func() (w [256]float64) {
	share := func(c int, p float64) { w[c] = math.Log2(p * 256) }
	for c := range 256 {
		share(c, 1e-5)
	}
	for c := 0x21; c < 0x7f; c++ {
		share(c, 0.006)
	}
	for c := '0'; c <= '9'; c++ {
		share(int(c), 0.016)
	}
	for i, p := range letters {
		share('a'+i, 0.004+0.5*p/1000)
		share('A'+i, 0.002+0.12*p/1000)
	}
	share(' ', 0.1)
	share('\n', 0.02)
	share('\r', 0.006)
	share('\t', 0.006)
	return w
}()

// prose is how many bits speak for b being text and not chance; each byte's share is bounded by its weight. Characters beyond
// ASCII count where they are whole UTF-8.
func prose(b []byte) (bits float64) {
	for i := 0; i < len(b); i++ {
		if b[i] < utf8.RuneSelf {
			bits += weight[b[i]]
			continue
		}
		if r, n := utf8.DecodeRune(b[i:]); r != utf8.RuneError && n > 1 && r >= 0xa0 {
			bits += float64(n) // the form alone leaves chance one way in two a byte
			i += n - 1
			continue
		}
		bits += weight[b[i]]
	}
	return bits
}

// census counts kinds of bytes.
type census struct {
	lower, upper, figures, blanks, signs, control, high, distinct int
}

func count(b []byte) (c census) {
	var seen [256]bool
	for _, x := range b {
		if !seen[x] {
			seen[x] = true
			c.distinct++
		}
		switch {
		case x >= 'a' && x <= 'z':
			c.lower++
		case x >= 'A' && x <= 'Z':
			c.upper++
		case x >= '0' && x <= '9':
			c.figures++
		case x == ' ' || x == '\n' || x == '\t' || x == '\r':
			c.blanks++
		case x < 0x20 || x == 0x7f:
			c.control++
		case x >= 0x80:
			c.high++
		default:
			c.signs++
		}
	}
	return c
}

// clear tells whether bytes are readable as they stand, in any language and of any content: enough of them, all of them printable ASCII,
// line ends or whole characters of UTF-8, and not one of them over and over. Chance makes ten such bytes once in ten thousand times.
func clear(b []byte) bool {
	b = trimmed(b)
	return len(b) >= leastText && payload.Text(b) && bytes.Count(b, b[:1]) < len(b)
}

// overrides tells whether what a key or an offset makes of clear text may stand in its place: a whole file may. Text that has blanks or
// line ends of its own was meant as it stands; without any, it gives way to prose in words, as a key that turns blanks into signs leaves it.
func (v Verdict) overrides(b []byte, by []byte) bool {
	return !clear(b) || v.grade == entire || count(b).blanks == 0 && fluent(by, 12, 2) && worded(by)
}

// Least evidence for text.
const (
	leastText     = 10  // bytes
	leastDistinct = 6   // different ones
	leastProse    = 24  // bits in all
	leastPerByte  = 0.8 // bits
)

// legible tells whether b is text beyond doubt, where chance could have made it: enough of it, of several kinds of
// characters, letters among them, and no counter.
func legible(b []byte) bool {
	c := count(b)
	bits := prose(b)
	switch {
	case len(b) < leastText || c.distinct < leastDistinct || c.control > 0 || bits < leastProse || bits < leastPerByte*float64(len(b)):
		return false
	case 8*(c.lower+c.upper+c.high) < len(b): // figures and signs alone are what numbers look like by chance
		return false
	}
	return !utf8Broken(b) && !counts(b)
}

// utf8Broken tells whether bytes beyond ASCII are no UTF-8; a character cut at either end is none.
func utf8Broken(b []byte) bool {
	for i := 0; i < 3 && len(b) > 0 && !utf8.RuneStart(b[0]); i++ {
		b = b[1:]
	}
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				b = b[:len(b)-i]
			}
			break
		}
	}
	return !utf8.Valid(b)
}

// counts tells whether most bytes follow the one before by the same step: a counter, a ramp or a constant, that happens to
// run through printable characters.
func counts(b []byte) bool {
	if len(b) < 3 {
		return true
	}
	for lag := 1; lag <= 4; lag++ {
		var steps [256]int
		for i := lag; i < len(b); i++ {
			steps[b[i]-b[i-lag]]++
		}
		for step, n := range steps {
			if 2*n > len(b)-lag && (step != 0 || lag == 1 || 10*n > 9*(len(b)-lag)) {
				return true
			}
		}
	}
	return false
}

// kindOf is the class of a character, as far as text keeps to one for a while.
func kindOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return 0
	case c >= 'A' && c <= 'Z':
		return 1
	case figure(c):
		return 2
	case c == ' ' || c == '\n' || c == '\t' || c == '\r':
		return 3
	case c >= 0x80:
		return 4
	}
	return 5
}

// passing is what speaks for text in two classes that follow each other, in bits: words and numbers go on, capitals begin words.
var passing = [6][6]float64{
	{0.1, -4, -1.5, 0.5, 0, 0.3},
	{0.3, 0.8, -1, 0, -1, 0},
	{-2, -1.5, 1, 0.3, -2, 0.5},
	{0.5, 0.3, 0.3, -1.5, 0.3, -0.5},
	{0, -2, -2, 0.5, 1, 0},
	{0.3, 0.2, 0.5, -0.3, 0, -1},
}

// bigrams are the commonest pairs of letters in English and its neighbours.
const bigrams = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur us ei un ie ge sc la ta em ho"

// following is what speaks for text in two bytes that follow each other, in bits.
var following = func() *[1 << 16]float32 {
	out := &[1 << 16]float32{}
	for i := range out {
		out[i] = float32(passing[kindOf(byte(i>>8))][kindOf(byte(i))])
	}
	for _, p := range strings.Fields(bigrams) {
		for _, w := range []string{p, strings.ToUpper(p), strings.ToUpper(p[:1]) + p[1:]} {
			out[int(w[0])<<8|int(w[1])] += 1.6
		}
	}
	return out
}()

// reads is how well b reads as text: by its characters, and by how they follow each other.
func reads(b []byte) (bits float64) {
	bits = prose(b)
	for i := 1; i < len(b); i++ {
		bits += float64(following[int(b[i-1])<<8|int(b[i])])
	}
	return bits
}

// fluent tells whether text is such as people and programs write: enough of it, at least one blank in so many characters and one
// letter in so many, and pairs of characters that go together. What a key makes of numbers that count or are alike has as much of every
// character.
func fluent(b []byte, blanks, letters int) bool {
	c := count(b)
	return len(b) >= 40 && c.distinct >= 12 && blanks*c.blanks >= len(b) && 3*c.blanks <= len(b) && letters*(c.lower+c.upper) >= len(b) && reads(b) > 1.8*float64(len(b))
}

// worded tells whether the letters of text are as frequent as they are in words, and its characters follow each other as they do in text.
// Numbers that chance drew from some range have as much of every letter.
func worded(b []byte) bool {
	n, bits := 0, 0.0
	least := 3.0
	if bytes.IndexByte(b, ' ') > 0 {
		least = 0
	}
	for _, c := range b {
		if c |= 0x20; c >= 'a' && c <= 'z' {
			n++
			bits += math.Log2(26 * (letters[c-'a'] + 1) / 1026)
		}
	}
	return n >= 6 && bits > least && reads(b) > 1.4*float64(len(b))
}
