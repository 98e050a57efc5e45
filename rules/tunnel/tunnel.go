// Package tunnel brings back what two programs told each other through ICMP: the packets inside a tunnel as a capture, the
// byte streams inside it, the talk of a remote shell. [Open] takes the messages of two hosts, both directions, and gives
// what they carried as artefacts; it never invents bytes, and says what is missing.
package tunnel

import (
	"slices"

	"icmpsift/ingest/payload"
	"icmpsift/rules"
)

// Message is an ICMP message between the two hosts. Messages come in order of time.
type Message struct {
	Number, Time int64  // timeline number and case time, nanoseconds
	Evidence     int    // the file that shows it
	Frame        int64  // and where
	From         int    // 0: the first host sent it, 1: the second
	Reply        bool   // it is an echo reply; else it counts as a request
	Mirror       bool   // a reply that returns what its request carried, as a kernel writes it without any program
	Ordinary     bool   // its payload is a known ping's
	Ident, Seq   uint16 // bytes 4 to 7 of the ICMP header
	Payload      []byte // behind the eight bytes of ICMP header, as captured
	Wire         int    // how long that was on the wire
}

// Host is one end of a tunnel.
type Host struct{ Address, Role string }

// Find is one thing that a tunnel carried: an artefact without hash and frames, and the messages it came in.
type Find struct {
	rules.Artefact
	Messages []int // rising places among the messages
}

// Content is all that came back of a tunnel.
type Content struct {
	Finds []Find
	Notes []string // what else is known of the inside, in words that are safe to show
	Said  []string // what its content says, in such words
}

// kind is a way to look into a tunnel. It gives nothing where the messages are not of its kind.
type kind struct {
	name string
	open func(t *talk) Content
}

var kinds = []kind{
	{"ip", openIP},
	{"ptunnel", openPtunnel},
	{"pingtunnel", openPingtunnel},
	{"tagged", openTagged},
	{"transcript", openTranscript},
	{"payload", openPayload},
}

// Kinds lists what [Open] knows.
func Kinds() (out []string) {
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// Open looks into the messages in the ways named, in that order; the first that fits them is taken.
func Open(ways []string, hosts [2]Host, messages []Message) Content {
	spare := purse(maxSpare)
	t := &talk{hosts: hosts, messages: messages, spare: &spare}
	for _, name := range ways {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			continue // rules/file refuses unknown ways
		}
		if c := kinds[i].open(t); len(c.Finds) > 0 {
			return c
		}
	}
	return Content{}
}

// maxSpare bounds the memory for what is not in the messages themselves: room for holes, and what decompression makes.
const maxSpare = 64 << 20

// purse is memory that is left to spend.
type purse int64

// pay takes memory from the purse; ok is false, and nothing taken, where there is not so much.
func (p *purse) pay(n int64) (ok bool) {
	if n > int64(*p) {
		return false
	}
	*p -= purse(n)
	return true
}

// talk is what two hosts sent each other.
type talk struct {
	hosts    [2]Host
	messages []Message
	spare    *purse
}

// said are the places of messages that a program wrote: without replies that kernels give, and without known pings.
func (t *talk) said() (out []int) {
	for i := range t.messages {
		if m := &t.messages[i]; !m.Mirror && !m.Ordinary {
			out = append(out, i)
		}
	}
	return out
}

// client is who sends the tunnel's requests; where none was captured, who gets its server's replies. wrote says who wrote a
// message: kernels send back what clients write.
func (t *talk) client(wrote func(*Message) (server, ok bool)) int {
	client := 0
	for i := range t.messages {
		m := &t.messages[i]
		switch server, ok := wrote(m); {
		case ok && !server && !m.Reply:
			return m.From
		case ok:
			client = 1 - m.From
		}
	}
	return client
}

// find starts an artefact that a host sent to the other.
func (t *talk) find(from int, carrier string) Find {
	return Find{Artefact: rules.Artefact{Carrier: carrier, Src: t.hosts[from].Address, Dst: t.hosts[1-from].Address}}
}

// typed says what the bytes are.
func typed(f *Find) {
	var certain bool
	f.MediaType, f.Extension, certain = payload.Magic(f.Bytes)
	f.Confidence = sure(certain || payload.Text(f.Bytes), f.Complete)
}

// sure is how far bytes are to be trusted that were read by the rules of a known form.
func sure(known, complete bool) string {
	if known || complete {
		return "high"
	}
	return "medium"
}
