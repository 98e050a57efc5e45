package recover

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	// beginMark opens a file: BOF as in icmp_exfil of Metasploit, and what others write. What follows may be its name.
	beginMark = regexp.MustCompile(`^(?:\^?BOF|-{2,} ?(?i:begin|start)(?: of file)? ?-{2,}|<(?i:begin|start|file)>|\[(?i:begin|start)\]|[#$_*=<~!@%-]{1,8} ?(?i:BEGIN|START|BOF|SOT) ?[#$_*=>~!@%-]{1,8}|\^?(?i:BEGIN|START)(?:$|[:| ]))[:| ]?`)
	endMark   = regexp.MustCompile(`^(?:\^?EOF(?:$|[:| \r\n])|-{2,} ?(?i:end)(?: of file)? ?-{2,}|</?(?i:end|eof|file)>|\[(?i:end|eof)\]|\^?(?i:END|FIN|DONE|FINISH|FINISHED|STOP|EOT|COMPLETE|COMPLETED|TRANSFER_COMPLETE)$|` +
		`[#$_*=<~!@%-]{1,8} ?(?i:END|EOF|FIN|DONE|STOP|EOT|END[ _]OF[ _](?:FILE|TRANSMISSION|TRANSFER|DATA)) ?[#$_*=>~!@%-]{1,8}$|(?i:END|EOF|FIN|DONE)[:| ]+(?:\S+[:| ]+){0,2}[0-9A-Fa-f]{8,128}$)`)
	// fileName is a name with an extension, as the last part of a path.
	fileName = regexp.MustCompile(`([\pL\pN_][\pL\pN_\-. ()]{0,120}\.[A-Za-z0-9]{1,8})(?:$|[^\pL\pN])`)
)

// longestMark is the length of packets that can be marks.
const longestMark = 300

// begins tells whether a packet opens a file, and the name it gives.
func begins(b []byte) (name string, ok bool) {
	b = bytes.Trim(b, "\x00\r\n ")
	m := beginMark.Find(b)
	if m == nil || len(b) > longestMark || !printable(b) {
		return "", false
	}
	rest := strings.TrimSpace(string(b[len(m):]))
	if named := fileName.FindStringSubmatch(rest); named != nil {
		rest = named[1]
	}
	return rest, true
}

func ends(b []byte) bool {
	b = bytes.Trim(b, "\x00\r\n ")
	return len(b) <= longestMark && endMark.Match(b) && printable(b)
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// marked parts a stream at the packets that say where files begin and end, and takes those away.
func marked(t transfer) (out []transfer) {
	current, found := transfer{}, false
	flush := func() {
		if len(current.members) > 0 {
			out = append(out, current)
		}
		current = transfer{}
	}
	for i, c := range t.inOrder() {
		name, opens := begins(c.Value)
		switch {
		case opens && (i == 0 || found || nearStart(c, t)):
			flush()
			current.name, found = name, true
		case ends(c.Value) && (found || i == len(t.members)-1 && !endsPDF(current.members)):
			found = true
			flush()
		default:
			current.members = append(current.members, c)
		}
	}
	if !found {
		return t.announced()
	}
	flush()
	return out
}

// endsPDF tells whether the end mark of a PDF was cut in two.
func endsPDF(members []Candidate) bool {
	return len(members) > 0 && bytes.HasSuffix(members[len(members)-1].Value, []byte("%%"))
}

// nearStart tells whether a packet is one of the first: capture order may be a little off.
func nearStart(c Candidate, t transfer) bool {
	for _, m := range t.members[:min(len(t.members), 4)] {
		if m.Number == c.Number {
			return true
		}
	}
	return false
}

// inOrder gives the members as their numbers put them, without repeats.
func (t transfer) inOrder() []Candidate {
	if t.place != nil || len(t.members) < 3 {
		return t.members
	}
	r, counts := numbering(t.members)
	if !counts {
		return t.members
	}
	out, _, _ := r.sorted(t.members)
	return out
}

// announced takes away a first packet that names the file: text with a file name in it, shorter than the pieces that follow, all of
// which but the last have one size; and a short last packet of text behind a piece that is shorter than the others.
func (t transfer) announced() []transfer {
	members := t.inOrder()
	if len(members) < 4 {
		return nil
	}
	size, n := commonLength(members)
	first := bytes.Trim(members[0].Value, "\x00\r\n ")
	if out := t.greeted(members, size, n); out != nil {
		return out
	}
	m := fileName.FindSubmatch(first)
	if m == nil || len(first) >= size || len(first) > longestMark || !printable(first) || n < len(members)-3 || members[0].Wire == size || bytes.ContainsAny(members[0].Value, "\n") {
		return nil
	}
	members = members[1:]
	if last := len(members) - 1; last >= 2 && members[last-1].Wire != size && members[last].Wire <= 32 && printable(members[last].Value) {
		members = members[:last]
	}
	return []transfer{{members: members, name: string(m[1])}}
}

// greeting is a word with which a sender opens or closes a conversation: HELLO, BYE, OPEN, QUIT.
var greeting = regexp.MustCompile(`^[A-Za-z]{2,16}[!.]?$`)

// greeted takes away a first and a last packet of one word each, around pieces of one size: no file begins with a piece that is shorter than
// those that follow.
func (t transfer) greeted(members []Candidate, size, n int) []transfer {
	last := len(members) - 1
	short := func(c Candidate) bool { return c.Wire < size && greeting.Match(bytes.Trim(c.Value, "\x00\r\n ")) }
	if n < 3 || n < last-2 || !short(members[0]) || !short(members[last]) {
		return nil
	}
	return []transfer{{members: members[1:last]}}
}
