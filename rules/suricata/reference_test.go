package suricata

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"icmpsift/ingest"
)

// reference is how Snort matches, written anew after its manual: options are tried in order, a content
// moves a cursor, and when what follows fails the next place of the content is tried. It shares nothing with the importer.
type reference struct {
	options [][2]string
	p       *ingest.Packet
	message []byte
	v6      bool
	payload []byte
}

func referenceMatch(options string, p *ingest.Packet) bool {
	m := p.Message()
	if m == nil || m.Quoted > 0 || len(m.Bytes) < 8 {
		return false
	}
	r := &reference{options: cut(options), p: p, message: m.Bytes, v6: m.Proto == ingest.ProtoICMPv6}
	typ, base := int(m.Bytes[0]), 8
	if r.v6 && typ != 128 && typ != 129 || !r.v6 && typ != 0 && typ != 8 {
		base = 4
	}
	r.payload = m.Bytes[base:]
	return r.run(0, 0)
}

// cut separates options at semicolons outside of quotes.
func cut(text string) (out [][2]string) {
	quoted, from := false, 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == ';' && !quoted {
			if o := strings.TrimSpace(text[from:i]); o != "" {
				name, value, _ := strings.Cut(o, ":")
				out = append(out, [2]string{name, strings.TrimSpace(value)})
			}
			from = i + 1
			continue
		}
		if text[i] == '\\' {
			i++
		} else if text[i] == '"' {
			quoted = !quoted
		}
	}
	return out
}

func (r *reference) run(i, cursor int) bool {
	if i == len(r.options) {
		return true
	}
	name, value := r.options[i][0], r.options[i][1]
	switch name {
	case "content":
		return r.content(i, cursor, value)
	case "pcre":
		return r.pcre(i, cursor, value)
	case "byte_test":
		return r.byteTest(cursor, value) && r.run(i+1, cursor)
	case "isdataat":
		return r.isdataat(cursor, value) && r.run(i+1, cursor)
	case "dsize":
		return r.number(value, len(r.payload), true) && r.run(i+1, cursor)
	case "offset", "depth", "distance", "within", "nocase", "rawbytes", "fast_pattern":
		return r.run(i+1, cursor)
	}
	return r.header(name, value) && r.run(i+1, cursor)
}

func (r *reference) number(text string, n int, ends bool) bool {
	text = strings.ReplaceAll(text, " ", "")
	num := func(s string) int { v, err := strconv.ParseInt(s, 0, 64); must(err); return int(v) }
	if low, high, ok := strings.Cut(text, "<>"); ok {
		return n > num(low) && n < num(high) || ends && (n == num(low) || n == num(high))
	}
	if low, high, ok := strings.Cut(text, "-"); ok {
		return n > num(low) && n < num(high) || n == num(low) || n == num(high)
	}
	switch {
	case strings.HasPrefix(text, "<="):
		return n <= num(text[2:])
	case strings.HasPrefix(text, ">="):
		return n >= num(text[2:])
	case text[0] == '<':
		return n < num(text[1:])
	case text[0] == '>':
		return n > num(text[1:])
	case text[0] == '!':
		return n != num(text[1:])
	}
	return n == num(text)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (r *reference) header(name, value string) bool {
	ip := r.p.Layers[r.p.IP].Bytes
	typ := int(r.message[0])
	switch name {
	case "itype":
		return r.number(value, typ, false)
	case "icode":
		return r.number(value, int(r.message[1]), false)
	case "icmp_id", "icmp_seq":
		has := r.v6 && (typ == 128 || typ == 129) || !r.v6 && (typ == 0 || typ == 8)
		at := map[string]int{"icmp_id": 4, "icmp_seq": 6}[name]
		return has && r.number(value, int(binary.BigEndian.Uint16(r.message[at:])), false)
	case "ttl":
		return r.number(value, int(ip[map[bool]int{false: 8, true: 7}[r.v6]]), false)
	case "sameip":
		return r.p.Src() == r.p.Dst()
	case "ip_proto":
		return value == "icmp" && !r.v6 || value == "1" && !r.v6
	}
	return !r.v6 && r.header4(name, value, ip)
}

func (r *reference) header4(name, value string, ip []byte) bool {
	word := binary.BigEndian.Uint16(ip[6:])
	switch name {
	case "id":
		return r.number(value, int(binary.BigEndian.Uint16(ip[4:])), false)
	case "tos":
		return r.number(value, int(ip[1]), false)
	case "fragoffset":
		return r.number(value, int(word&0x1fff), false)
	case "fragbits":
		var want uint16
		for bit, b := range map[string]uint16{"R": 0x8000, "D": 0x4000, "M": 0x2000} {
			if strings.Contains(value, bit) {
				want |= b
			}
		}
		have := word & 0xe000
		switch {
		case strings.Contains(value, "+"):
			return have&want == want
		case strings.Contains(value, "*"):
			return have&want != 0
		case strings.Contains(value, "!"):
			return have&want == 0
		}
		return have == want
	case "ipopts":
		want := map[string]byte{"rr": 7, "lsrr": 131}[value]
		for o := ip[20:max(20, min(len(ip), int(ip[0]&15)*4))]; len(o) > 0; {
			if value == "any" || o[0] == want {
				return true
			}
			if n := 1; o[0] > 1 && len(o) > 1 && o[1] > 1 {
				n = int(o[1])
				o = o[min(n, len(o)):]
			} else {
				o = o[n:]
			}
		}
		return false
	}
	panic(name)
}

func (r *reference) modifiers(i int) map[string]string {
	m := map[string]string{}
	for _, o := range r.options[i+1:] {
		if o[0] == "content" || o[0] == "pcre" || o[0] == "byte_test" || o[0] == "isdataat" {
			break
		}
		m[o[0]] = o[1]
	}
	return m
}

func (r *reference) content(i, cursor int, value string) bool {
	m := r.modifiers(i)
	negated := strings.HasPrefix(value, "!")
	value = strings.TrimPrefix(value, "!")
	needle := unhex(value[1 : len(value)-1])
	get := func(name string) (int, bool) {
		s, ok := m[name]
		n, _ := strconv.Atoi(s)
		return n, ok
	}
	from, end := 0, len(r.payload)
	offset, _ := get("offset")
	distance, d := get("distance")
	within, w := get("within")
	from = offset
	if d || w {
		from = cursor + distance
	}
	if w {
		end = min(end, cursor+distance+within)
	}
	if depth, ok := get("depth"); ok {
		end = min(end, offset+depth)
	}
	_, nocase := m["nocase"]
	for at := max(0, from); at+len(needle) <= end; at++ {
		have := r.payload[at : at+len(needle)]
		same := bytes.Equal(have, needle) || nocase && bytes.Equal(bytes.ToLower(have), bytes.ToLower(needle))
		if !same {
			continue
		}
		if negated {
			return false
		}
		if r.run(i+1, at+len(needle)) {
			return true
		}
	}
	return negated && r.run(i+1, cursor)
}

func unhex(text string) (out []byte) {
	for k, part := range strings.Split(text, "|") {
		if k%2 == 0 {
			out = append(out, strings.ReplaceAll(part, `\`, "")...)
			continue
		}
		digits := strings.ReplaceAll(part, " ", "")
		for i := 0; i < len(digits); i += 2 {
			b, err := strconv.ParseUint(digits[i:i+2], 16, 8)
			must(err)
			out = append(out, byte(b))
		}
	}
	return out
}

// pcre tries every end of a match, as the engines do when a relative content follows.
func (r *reference) pcre(i, cursor int, value string) bool {
	negated := strings.HasPrefix(value, "!")
	value = strings.Trim(strings.TrimPrefix(value, "!"), `"`)
	last := strings.LastIndexByte(value, '/')
	text, flags := value[1:last], value[last+1:]
	if strings.Contains(flags, "x") {
		text = strings.ReplaceAll(text, " ", "")
	}
	mode := "(?"
	for _, f := range "ims" {
		if strings.ContainsRune(flags, f) {
			mode += string(f)
		}
	}
	subject := r.payload
	if strings.Contains(flags, "R") {
		subject = subject[cursor:]
	} else {
		cursor = 0
	}
	var runes []rune
	for _, b := range subject {
		runes = append(runes, rune(b))
	}
	found := false
	for from := 0; from <= len(runes); from++ {
		for to := from; to <= len(runes); to++ {
			if (strings.HasPrefix(text, "^") || strings.Contains(flags, "A")) && from > 0 {
				break
			}
			if !cached(mode + ")^(?:" + strings.TrimPrefix(text, "^") + `)\z`).MatchString(string(runes[from:to])) {
				continue
			}
			if found = true; !negated && r.run(i+1, cursor+to) {
				return true
			}
		}
	}
	return negated && !found && r.run(i+1, cursor)
}

var compiled = map[string]*regexp.Regexp{}

func cached(text string) *regexp.Regexp {
	if compiled[text] == nil {
		compiled[text] = regexp.MustCompile(strings.Replace(text, "(?)", "", 1))
	}
	return compiled[text]
}

func (r *reference) byteTest(cursor int, value string) bool {
	parts := strings.Split(value, ",")
	size, _ := strconv.Atoi(parts[0])
	want, _ := strconv.ParseUint(parts[2], 0, 64)
	at, _ := strconv.Atoi(parts[3])
	rest := strings.Join(parts[4:], ",")
	if strings.Contains(rest, "relative") {
		at += cursor
	}
	if at < 0 || at+size > len(r.payload) {
		return false
	}
	var n uint64
	for i := range size {
		b := r.payload[at+i]
		if strings.Contains(rest, "little") {
			b = r.payload[at+size-1-i]
		}
		n = n<<8 | uint64(b)
	}
	if _, mask, ok := strings.Cut(rest, "bitmask "); ok {
		m, err := strconv.ParseUint(mask, 0, 64)
		must(err)
		for n &= m; m&1 == 0; m >>= 1 {
			n >>= 1
		}
	}
	switch parts[1] {
	case ">":
		return n > want
	case "<", "!>=":
		return n < want
	case ">=":
		return n >= want
	case "<=", "!>":
		return n <= want
	case "=":
		return n == want
	case "!", "!=":
		return n != want
	case "&":
		return n&want != 0
	case "!&":
		return n&want == 0
	}
	panic(fmt.Sprint("operator ", parts[1]))
}

func (r *reference) isdataat(cursor int, value string) bool {
	text, negated := strings.CutPrefix(value, "!")
	count, rest, _ := strings.Cut(text, ",")
	n, _ := strconv.Atoi(count)
	has := n < len(r.payload)
	if rest == "relative" {
		has = cursor+n < len(r.payload)
	}
	return has != negated
}
