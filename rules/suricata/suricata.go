// Package suricata turns ICMP rules of Snort and Suricata into rules of ours. Start with [Importer.File].
//
// A rule's conditions become one display filter over the outermost ICMP message of the frame, "icmp#1" or "icmpv6#1", so
// that Wireshark can replay it. "icmp" in a rule's header means both protocols, as it does to both engines; conditions on
// bytes are therefore said once for each.
//
// Content at a fixed place becomes a comparison of a slice, content anywhere "contains"; both are exact. A window (depth,
// within) becomes "matches" with a byte expression, since a slice that reaches past the end of a message has no value and
// would miss messages shorter than the window. Contents relative to one another become one expression: the engines try
// every place of the first until the others fit, and so does an expression. (?s-i) makes it see bytes: the dot is any,
// case matters. What is relative to a content at a fixed place is itself at a fixed place or in a fixed window.
//
// The dialect settles where the payload starts, counted from the start of the ICMP message:
//
//	suricata  8; timestamps (ICMP types 13, 14) 20, unless they are shorter; router advertisements (9) behind their
//	          entries, which no filter can say. ICMPv6 other than echoes and errors of known codes: 4, and it ends 8
//	          bytes before the message does
//	snort2    8 for echo requests and replies, 4 for all other types (Snort 3 too)
//
// It also settles ranges: "a<>b" leaves both ends out, but for Snort's dsize; Snort's "a-b" (ttl) has them in. And
// "isdataat:n,relative" wants n more bytes of Suricata, n+1 of Snort. To Suricata an empty payload fulfils nothing, not
// even that something is missing; and all addresses but some IPv4 ones are IPv4 addresses.
//
// What Suricata 7.0.10 makes of 1,675 rules is on record in testdata, and conversion is compared with it. Where the two
// differ and the rule's author cannot have meant it, a [Note] says so. Beyond notes, Suricata does not look into packets
// that were cut, nor into those it calls invalid (errors that quote less than an IP header); the filters do. Rules of
// addresses alone it tries once a flow and direction, filters match each packet. The destination of a packet with a source
// route is the last stop here, as in Wireshark, and the next one there.
package suricata

import (
	"fmt"
	"slices"

	"icmpsift/rules"
)

// Dialect is whose meaning a rule has.
type Dialect string

// Dialects; Unknown is told from the rules, where that is possible.
const (
	Unknown  Dialect = ""
	Snort2   Dialect = "snort2"
	Suricata Dialect = "suricata"
)

// Outcome is what became of a line.
type Outcome string

// Outcomes of lines. Disabled is a rule in a comment.
const (
	Converted Outcome = "converted"
	Partial   Outcome = "partial"
	Refused   Outcome = "refused"
	Disabled  Outcome = "disabled"
	Comment   Outcome = "comment"
)

// Outcomes lists them in the order of their worth.
var Outcomes = []Outcome{Converted, Partial, Refused, Disabled, Comment}

// Reason is one thing that was dropped or cannot be said.
type Reason struct {
	At      rules.Position
	Text    string // the offending text
	Message string
}

// Note is a difference from the engine that the rule's author had not in mind; it goes among the blind spots.
type Note struct {
	Kind NoteKind
	Text string
}

// NoteKind is which difference.
type NoteKind string

// Differences from Suricata.
const (
	Fragments NoteKind = "fragments" // each is a packet to Suricata; here the whole datagram is, in its last fragment
	Entries   NoteKind = "entries"   // the payload behind the entries of a router advertisement
	OtherSize NoteKind = "size"      // "dsize:!n" bounds contents
	Extension NoteKind = "extension" // fragoffset of IPv6's fragment headers
	AnyOption NoteKind = "any"       // Suricata's "ipopts:any" wants all options at once, and never matches
)

// Line is one rule or comment of a file and what became of it. A rule may go over several lines of the file.
type Line struct {
	At      rules.Position
	Outcome Outcome
	ID      string // gid:sid, as far as known
	Title   string
	Reasons []Reason
	Notes   []Note
	Name    string // of the rule that came of it
	Filter  string
	YAML    []byte // its document; nil unless converted or partial
}

// Importer converts files of rules; names and ids are unique over all of them.
type Importer struct {
	Dialect Dialect           // Unknown: told from the rules
	Vars    map[string]string // values of address variables, without "$": "10.0.0.0/8", "[10.0.0.0/8,!10.1.1.1]", "any"
	// Disabled takes rules in comments as well. Published sets have most of theirs there.
	Disabled bool
	seen     map[string]rules.Position
}

// File converts the text of a file; name is for positions.
func (im *Importer) File(name string, data []byte) (out []Line) {
	statements := split(name, data)
	for i, s := range statements {
		if im.Disabled && s.outcome == Disabled {
			statements[i] = s.enabled()
		}
	}
	dialect := im.dialect(statements)
	for _, s := range statements {
		out = append(out, im.line(s, dialect))
	}
	return out
}

func (im *Importer) line(s *statement, dialect Dialect) Line {
	line := Line{At: s.at(0), Outcome: s.outcome}
	if s.outcome != "" {
		return line
	}
	c := &conversion{statement: s, vars: im.Vars, dialect: dialect}
	if own := s.hint(); c.dialect == Unknown {
		c.dialect = own
	}
	err := s.problem
	if err == nil {
		err = c.convert()
	}
	if err == nil {
		err = im.claim(s)
	}
	if err == nil {
		line.YAML, err = c.document()
	}
	line.ID, line.Title, line.Name, line.Filter, line.Reasons = s.id(), s.value("msg"), c.name(), c.filter, c.dropped
	line.Notes = c.notes
	line.Outcome = Converted
	if len(c.dropped) > 0 {
		line.Outcome = Partial
	}
	if err != nil {
		line.Outcome, line.YAML, line.Name, line.Filter, line.Reasons = Refused, nil, "", "", []Reason{*err}
	}
	return line
}

// claim refuses a second rule of the same id.
func (im *Importer) claim(s *statement) *Reason {
	if im.seen == nil {
		im.seen = map[string]rules.Position{}
	}
	id := s.id()
	if other, taken := im.seen[id]; taken {
		return s.wrong(s.option("sid").from, id, fmt.Sprintf("this sid is taken by the rule at %s:%d; give it one of its own", other.File, other.Line))
	}
	im.seen[id] = s.at(0)
	return nil
}

// dialect is the one asked for, or the one that all rules of the file speak that give a sign of it.
func (im *Importer) dialect(all []*statement) Dialect {
	found := im.Dialect
	for _, s := range all {
		h := s.hint()
		switch {
		case im.Dialect != Unknown || h == Unknown || s.outcome != "":
		case found == Unknown:
			found = h
		case found != h:
			return Unknown
		}
	}
	return found
}

// Words and numbers that only one of the engines has. Emerging Threats numbers its rules from 2000000, Snort below 1000000.
var suricataOnly = []string{"startswith", "endswith", "icmpv6.mtu", "icmpv4-csum", "icmpv6-csum", "icmpv4.hdr", "icmpv6.hdr", "pkt_data", "target", "bsize", "xbits"}

func (s *statement) hint() Dialect {
	for _, o := range s.options {
		if slices.Contains(suricataOnly, o.name) {
			return Suricata
		}
	}
	sid := number(s.value("sid"))
	switch {
	case s.proto == "icmpv4" || s.proto == "icmpv6" || sid >= 2_000_000 && sid < 3_000_000:
		return Suricata
	case sid >= 100 && sid < 1_000_000:
		return Snort2
	}
	return Unknown
}
