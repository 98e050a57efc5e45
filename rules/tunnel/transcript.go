package tunnel

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"icmpsift/ingest/inert"
	"icmpsift/ingest/payload"
)

// Bounds of a transcript.
const (
	maxTranscript = 4 << 20         // bytes of it
	readable      = 0.85            // least share of bytes that are text
	stretch       = 2 * time.Second // packets no farther apart are one stretch of output
	maxCommands   = 12              // named in a note
	maxCommand    = 80              // characters of one
)

// utterance is something a host said, in one message or several that follow each other.
type utterance struct {
	from        int
	first, last int64
	packets     int
	text        []byte // empty: a poll
	missing     int    // bytes that the snaplen cut off
}

// openTranscript writes down what a shell and its user said to each other, and joins the output.
func openTranscript(t *talk) (c Content) {
	pieces := [2][]piece{t.payloads(0), t.payloads(1)}
	if len(pieces[0])+len(pieces[1]) < 2 {
		return c
	}
	var codings [2]string
	for from := range pieces {
		codings[from] = plainly(pieces[from])
	}
	if key := veil(pieces); t.silent(pieces) || key < 0 || volume(pieces[0])+volume(pieces[1]) == 0 {
		return c
	} else if key > 0 {
		for from, list := range pieces {
			codings[from] = fmt.Sprintf("xor %02x", key)
			for i := range list {
				list[i].data = masked(list[i].data, byte(key))
			}
		}
	}
	said := t.utterances(pieces)
	output := t.output(pieces)
	c.Finds = append(c.Finds, t.transcript(said, pieces, codings))
	if s := t.following(output, pieces[output]); len(s.bytes) > 0 {
		f := t.whole(s, "sift.payload", "time")
		if raw := t.following(output, t.payloads(output)); !bytes.Equal(raw.bytes, s.bytes) {
			f.Raw = raw.bytes
		}
		if codings[output] != "" {
			f.Encodings = []string{codings[output]}
		}
		c.Finds = append(c.Finds, f)
	}
	c.Said = commands(t.hosts[1-output], said, 1-output)
	return c
}

// transcript is the artefact of all that was said.
func (t *talk) transcript(said []utterance, pieces [2][]piece, codings [2]string) Find {
	f := t.find(0, "sift.payload")
	f.Bytes, f.MediaType, f.Extension = t.write(said), "text/plain", ".txt"
	f.Order, f.Complete, f.Confidence = "time", true, "medium"
	if len(pieces[0]) > 0 && len(pieces[1]) > 0 {
		f.Confidence = "high"
	}
	for from, list := range pieces {
		for _, p := range list {
			f.Messages = append(f.Messages, p.message)
			f.Complete = f.Complete && len(p.data) >= p.wire
		}
		if codings[from] != "" && len(f.Encodings) == 0 {
			f.Encodings = []string{codings[from]}
		}
	}
	f.Messages = sorted(f.Messages)
	f.Packets = int64(len(f.Messages))
	return f
}

// output is the host that runs the shell: the implant, or else who said more.
func (t *talk) output(pieces [2][]piece) int {
	for i, h := range t.hosts {
		if (h.Role == "implant" || t.hosts[1-i].Role == "controller") && len(pieces[i]) > 0 {
			return i
		}
	}
	if volume(pieces[0]) >= volume(pieces[1]) {
		return 0
	}
	return 1
}

// silent tells whether one of the hosts said nothing although its messages were captured: a file is sent so, no shell.
func (t *talk) silent(pieces [2][]piece) bool {
	return slices.ContainsFunc(t.messages, func(m Message) bool { return len(pieces[m.From]) == 0 })
}

func volume(list []piece) (n int) {
	for _, p := range list {
		n += p.wire
	}
	return n
}

// veil is the byte that makes text of what was said by exclusive or: 0 if most of it is text as it is, -1 if no byte does.
func veil(pieces [2][]piece) int {
	good, all := 0, 0
	var sample []byte
	for _, list := range pieces {
		for _, p := range list {
			good, all = good+text(p.data), all+len(p.data)
			sample = append(sample, p.data[:min(len(p.data), maxVeiled-len(sample))]...)
		}
	}
	if float64(good) >= readable*float64(all) {
		return 0
	}
	best, most := -1, int(familiar*float64(len(sample)))
	for key := 1; key < 256 && len(sample) >= leastVeiled; key++ {
		plain := masked(sample, byte(key))
		if n := common(plain); n > most && float64(text(plain)) >= unveiled*float64(len(plain)) && payload.Entropy(plain) >= worded {
			best, most = key, n
		}
	}
	return best
}

// Bounds of looking for text behind one byte.
const (
	leastVeiled = 48       // bytes; of fewer, chance makes text
	maxVeiled   = 64 << 10 // bytes looked at
	unveiled    = 0.97     // least share of them that are text
	familiar    = 0.55     // and that are small letters, figures and spaces
	worded      = 3.0      // bits of entropy that words have, and zeros behind a letter have not
)

// common counts the bytes that text is made of most.
func common(b []byte) (n int) {
	for _, c := range b {
		if c == ' ' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// text counts the bytes that terminals show or obey.
func text(b []byte) (n int) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
		case r >= ' ' && r != 0x7f, r >= '\a' && r <= '\r', r == 0x1b:
			n += size
		}
		b = b[size:]
	}
	return n
}

// codings are what programs write text in.
var codings = []struct {
	name   string
	decode func([]byte) ([]byte, error)
}{
	{"base64", func(b []byte) ([]byte, error) { return decoded(base64.StdEncoding, b) }},
	{"base64", func(b []byte) ([]byte, error) { return decoded(base64.RawStdEncoding, b) }},
	{"base64url", func(b []byte) ([]byte, error) { return decoded(base64.URLEncoding, b) }},
	{"base64url", func(b []byte) ([]byte, error) { return decoded(base64.RawURLEncoding, b) }},
	{"hex", func(b []byte) ([]byte, error) { return hex.AppendDecode(nil, b) }},
}

func decoded(e *base64.Encoding, b []byte) ([]byte, error) { return e.Strict().AppendDecode(nil, b) }

// plainly undoes what a host's payloads are wrapped in: a constant front that is not text, zeros that fill them up, and a
// coding. It names the coding, "" for none.
func plainly(list []piece) string {
	front := constant(list)
	for i := range list {
		list[i].data, list[i].wire = list[i].data[front:], list[i].wire-front
		list[i].fit(len(bytes.TrimRight(list[i].data, "\x00")))
	}
	for _, c := range codings {
		if undone, ok := undo(list, c.decode); ok {
			copy(list, undone)
			return c.name
		}
	}
	return ""
}

// fit takes filling off the end of a piece.
func (p *piece) fit(n int) {
	if len(p.data) == p.wire {
		p.data, p.wire = p.data[:n], n
	}
}

// constant is the length of the front that all payloads share, up to its last byte that is not text.
func constant(list []piece) (n int) {
	if len(list) < 2 {
		return 0
	}
	front := list[0].data
	for _, p := range list[1:] {
		n = 0
		for n < len(front) && n < len(p.data) && front[n] == p.data[n] {
			n++
		}
		front = front[:n]
	}
	for n = len(front); n > 0 && text(front[n-1:n]) == 1; n-- {
	}
	return n
}

// undo decodes all payloads; ok is false unless all of them decode, and to text.
func undo(list []piece, decode func([]byte) ([]byte, error)) (out []piece, ok bool) {
	total := 0
	for _, p := range list {
		b, err := decode(bytes.TrimRight(p.data, "\r\n"))
		if err != nil || len(p.data) < p.wire || text(b) < len(b) {
			return nil, false
		}
		p.data, p.wire = b, len(b)
		out = append(out, p)
		total += len(b)
	}
	return out, total >= 8
}

// utterances puts the two sides' payloads in order of time, with the empty messages between them.
func (t *talk) utterances(pieces [2][]piece) (out []utterance) {
	texts := map[int]piece{}
	for _, list := range pieces {
		for _, p := range list {
			texts[p.message] = p
		}
	}
	for i := range t.messages {
		m := &t.messages[i]
		p, spoken := texts[i]
		if !spoken && (m.Wire > 0 || m.Reply) {
			continue // replies without data answer polls and output
		}
		u := utterance{from: m.From, first: m.Time, last: m.Time, packets: 1, text: slices.Clone(p.data), missing: p.wire - len(p.data)}
		if k := len(out) - 1; k >= 0 && out[k].continued(u) {
			out[k].last, out[k].packets, out[k].missing = u.last, out[k].packets+1, out[k].missing+u.missing
			out[k].text = append(out[k].text, u.text...)
			continue
		}
		out = append(out, u)
	}
	return out
}

// continued tells whether what comes next is more of the same: a further poll, or output that follows at once.
func (u utterance) continued(next utterance) bool {
	if u.from != next.from || (len(u.text) == 0) != (len(next.text) == 0) {
		return false
	}
	return len(u.text) == 0 || next.first-u.last <= int64(stretch)
}

// write makes the transcript. Bytes that could do something to whoever reads it stand as escapes.
func (t *talk) write(said []utterance) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "What %s and %s said to each other in ICMP payloads. Times are UTC; bytes that no terminal should see stand as \\x1b.\n", t.hosts[0], t.hosts[1])
	for i, u := range said {
		if b.Len() > maxTranscript {
			fmt.Fprintf(&b, "\n%d more stretches are left out here.\n", len(said)-i)
			break
		}
		arrow := "->"
		if u.from == 1 {
			arrow = "<-"
		}
		fmt.Fprintf(&b, "\n%s  %s %s %s  %s\n", clock(u.first), t.hosts[0].Address, arrow, t.hosts[1].Address, u.measure())
		u.lines(&b)
	}
	return b.Bytes()
}

// String names a host by address and role.
func (h Host) String() string {
	if h.Role == "" {
		return h.Address
	}
	return h.Address + " (" + h.Role + ")"
}

func clock(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000") }

// measure says how much was said, and until when.
func (u utterance) measure() string {
	what := fmt.Sprintf("%d bytes", len(u.text))
	switch {
	case len(u.text) == 0 && u.packets == 1:
		return "an empty poll"
	case len(u.text) == 0:
		what = fmt.Sprintf("%d empty polls", u.packets)
	case u.packets > 1:
		what = fmt.Sprintf("%d bytes in %d packets", len(u.text), u.packets)
	}
	if u.missing > 0 {
		what += fmt.Sprintf(", %d more not captured", u.missing)
	}
	if u.packets > 1 {
		what += ", until " + clock(u.last)
	}
	return what
}

// lines writes the text, indented. Spaces stay as they are, so that tables remain tables.
func (u utterance) lines(b *bytes.Buffer) {
	if len(u.text) == 0 {
		return
	}
	s := strings.ReplaceAll(string(u.text), "\r\n", "\n")
	for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
		line = strings.ReplaceAll(line, "\t", "        ")
		line = strings.TrimRight("    "+line, " ")
		core := strings.TrimLeft(line, " ")
		fmt.Fprintf(b, "%s%s\n", line[:len(line)-len(core)], inert.Text(core))
	}
}

// commands names the first things that the other side asked for.
func commands(h Host, said []utterance, from int) []string {
	var list []string
	more := 0
	for _, u := range said {
		text := strings.TrimSpace(string(u.text))
		switch {
		case u.from != from || text == "":
		case len(list) == maxCommands:
			more++
		default:
			list = append(list, inert.Prose(inert.Cut(text, maxCommand)))
		}
	}
	if len(list) == 0 {
		return nil
	}
	note := fmt.Sprintf("Commands from %s: %s", h.Address, strings.Join(list, "; "))
	if more > 0 {
		note += fmt.Sprintf("; and %d more", more)
	}
	return []string{note + "."}
}
