// Package rules says what is suspicious. A [Rule] is a YAML document that analysts write: Sigma's metadata and
// correlation vocabulary around a Wireshark display filter. rules/file loads and lints rules, rules/filter compiles the
// filters, rules/engine runs rules over a case and gives back every [Finding] with its [Artefact]s.
//
// This root holds the types its rooms share.
package rules

import (
	"strings"
	"time"
)

// Level is Sigma's severity word.
type Level int

// Levels, rising.
const (
	Informational Level = iota
	Low
	Medium
	High
	Critical
)

var levelNames = []string{"informational", "low", "medium", "high", "critical"}

// String gives Sigma's word.
func (l Level) String() string { return levelNames[l] }

// ParseLevel reads Sigma's word; ok is false for anything else.
func ParseLevel(s string) (l Level, ok bool) {
	for i, n := range levelNames {
		if n == s {
			return Level(i), true
		}
	}
	return 0, false
}

// LevelNames lists the words, rising.
func LevelNames() []string { return levelNames }

// Position is a place in a rule file, both from 1.
type Position struct {
	File         string
	Line, Column int
}

// Set is what rule files hold.
type Set struct {
	Rules        []*Rule // in the order of sources, paths and documents
	Suppressions []*Suppression
	Lists        Lists
}

// Lists are the named sets that filters look values up in ("ip.src in $monitors"), by name.
type Lists map[string]*List

// List is a named set of values.
type List struct {
	Name   string
	Values []string // as a filter writes them: addresses, networks, numbers, text, and ranges "low..high"
	At     Position // of the document; the zero position where the list was given on the command line
}

// Suppression takes findings out of sight that their owner answers for: those of its rules all of whose packets match.
// They are counted and listed all the same.
type Suppression struct {
	Title         string
	Rules         []string // names or ids
	Match         string   // display filter; "" matches every packet
	Reason, Owner string
	Expires       string // the first day (UTC, of packet time) on which it no longer holds; "" is never
	At            Position
}

// Rule is one rule as its file states it, checked: keys known, types right, filters compile.
type Rule struct {
	Title, ID, Name, Status string
	Level                   Level // where it is not stated, as parts of others need not, Informational
	Description             string
	Author, Date, Modified  string
	License                 string
	References              []string
	Tags                    []string // "attack.t1048.003"
	FalsePositives          []string
	Response                []string // what to do, in the report
	BlindSpots              []string // what the rule cannot see, in the report
	Explanations            []Cause  // innocent causes to weigh
	Requires                Requires
	Supersedes              []Reference // more general rules: what they say of the same packets or time goes without saying
	Match                   string      // Wireshark display filter
	MatchAt                 Position
	Correlation             *Correlation // nil: each matching packet counts, grouped by endpoints
	Endpoints               Endpoints
	Roles                   Roles
	Recover                 *Recover // nil: nothing to bring back
	Tests                   []Test
	Builtin                 bool
	At                      Position // of the document
}

// Refers tells whether the rule has no filter of its own but correlates other rules.
func (r *Rule) Refers() bool { return r.Correlation != nil && len(r.Correlation.Rules) > 0 }

// Requires names what must hold for the rule to be able to fire.
type Requires struct {
	Icmpsift   string // lowest version
	Wireshark  string // whose filter meaning to use
	Directions string // "both": the capture must hold both directions
	Bytes      bool   // the capture must hold payload bytes
}

// CorrelationType is Sigma 2.1's correlation type.
type CorrelationType string

// Correlation types the engine runs: Sigma's, and two of our own.
const (
	EventCount      CorrelationType = "event_count"
	ValueCount      CorrelationType = "value_count"
	Temporal        CorrelationType = "temporal"
	TemporalOrdered CorrelationType = "temporal_ordered"
	ValueSum        CorrelationType = "value_sum"
	ValueAvg        CorrelationType = "value_avg"
	ValuePercentile CorrelationType = "value_percentile"
	XInterval       CorrelationType = "x_interval" // beacons: events at even intervals
	XRatio          CorrelationType = "x_ratio"    // the share of some events in others
)

// CorrelationTypes lists them all.
var CorrelationTypes = []CorrelationType{EventCount, ValueCount, Temporal, TemporalOrdered, ValueSum, ValueAvg, ValuePercentile, XInterval, XRatio}

// Correlation judges events in a sliding window of packet time (Sigma correlation specification 2.1). An event is a packet
// that a filter matches, or an incident of another correlation.
type Correlation struct {
	Type      CorrelationType
	Rules     []Reference                  // whose packets or incidents count; empty: the packets of the rule's own match
	Aliases   map[string]map[string]string // names for group-by: alias, rule as Rules names it, its field
	Generate  bool                         // the referenced rules report findings of their own as well; one that says no is obeyed
	GroupBy   []string                     // field names, single-valued, and aliases
	Timespan  time.Duration
	Condition []Condition // all must hold; of the count, the number of rules seen (temporal), the sum, average, percentile or share

	Field      string  // what value_* counts or computes with; what has to vary in the ticks of x_interval
	Percentile float64 // of value_percentile, 0 to 100: the smallest value that so many in a hundred do not exceed (nearest rank)
	Interval   Interval
	Share      string // x_ratio: a filter; its share in the packets of match. With two Rules: the second's count over the first's
	Minimum    int    // x_ratio, value_avg, value_percentile: least number of events to take a share or average of
}

// Interval is what x_interval asks of the time between events, beside the number of them (Condition). Events in a burst
// are one tick; an interval of up to eight times the median counts as so many ticks of which some were lost.
type Interval struct {
	Jitter  []Condition   // of the spread of intervals over their median or mean: 0 is a clock
	Measure string        // "mad": median absolute deviation over the median, robust; "cv": standard deviation over the mean
	Median  []Condition   // of the median interval, in seconds
	Burst   time.Duration // events no farther apart are one tick
}

// Reference is another rule that a rule names, by name or id.
type Reference struct {
	Name string
	At   Position
}

// Condition is one comparison of a number with a threshold.
type Condition struct {
	Op    string // gt, gte, lt, lte, eq, neq
	Value float64
}

// Endpoints names the fields that hold a finding's src and dst; default sift.src and sift.dst.
type Endpoints struct{ Src, Dst string }

// Roles says who is who in a finding; see the design's closed list.
type Roles struct{ Src, Dst string }

// RoleNames is the closed list of roles.
var RoleNames = []string{"scanner", "target", "sender", "receiver", "spoofer", "spoofed", "victim", "reflector", "client", "server",
	"controller", "implant", "router", "monitor"}

// Recover says which bytes to bring back.
type Recover struct {
	Field     string   // carrier; "" with Search
	Otherwise []string // carriers that are read in turn where Field brings nothing back
	Search    bool     // every carrier is tried, and the believable ones kept
	Scope     string   // filter: which packets of the pair belong; "" is the rule's match
	Order     string   // time, seq or auto
	Decode    []string // encodings to undo, the outermost first; empty: whatever is found
	Plain     bool     // decode: none; bytes come back as they were sent
	Required  bool     // a finding stands only if something believable came back

	// Tunnel lists ways to look into what the two hosts sent each other, both directions (see rules/tunnel); the first that
	// fits is taken. Then Scope says which messages may belong, "" all echo messages; Field or Search are for what no way fits.
	Tunnel []string
}

// Test is one capture the rule is tested on, and what must come of it.
type Test struct {
	Capture string // relative to the rule file
	Expect  Expect
}

// Expect is what a test expects; nil members are not checked.
type Expect struct {
	Findings   *int
	Suppressed *int // findings out of sight: suppressions hold in tests that ask for them only
	Src, Dst   string
	Frames     string   // "1-5,9", of the (first) finding
	Recovered  []string // SHA-256 of artefacts
}

// Source is one evidence's share of a finding's frames, as inclusive ranges in rising order.
type Source struct {
	Evidence int
	Ranges   Ranges
}

// Observed is a number the rule measured, against its threshold.
type Observed struct {
	Name      string
	Value     float64
	Unit      string
	Threshold float64
	Op        string
}

// Cause is an innocent cause of what a rule sees, and what speaks against it.
type Cause struct {
	Text      string
	Unless    string  // display filter: packets of the finding that match it rule the cause out; "" if no packet can
	Share     float64 // so large a share of them must match; 0: one is enough
	Recovered bool    // something believable that came back rules it out
	Because   string  // why that rules it out
}

// Explanation is an innocent cause that was weighed.
type Explanation struct {
	Text   string
	Kept   bool   // it could not be ruled out
	Reason string // why it was; "" if it was not
}

// Host is one address of a finding and its role.
type Host struct {
	Address string // address, or the enclosing network where one side is many
	Role    string
	MACs    []string
}

// Finding is one incident a rule saw: not one per window.
type Finding struct {
	ID           string
	Rule         *Rule
	Level        Level
	Confidence   string // low, medium, high
	Src, Dst     string
	Hosts        []Host
	First, Last  int64  // packet times, nanoseconds
	Packets      int64  // unique
	Bytes        int64  // payload bytes of the ICMP messages, or what headers carried where that is more
	Back         int64  // of them, those that went to Src
	From, To     string // who sent the packets to whom: an address or network each; where they went both ways, of both sides
	Returned     int64  // of the packets, those that went to Src
	Frames       []Source
	Members      Ranges // timeline numbers
	Filter       string // Wireshark display filter that shows the packets
	Observed     []Observed
	Explanations []Explanation
	Artefacts    []*Artefact
	Notes        []string     // completeness: what the capture could not show
	Inside       []string     // of Notes, those that tell what a tunnel holds: left out where payload is
	Said         []string     // what the packets' content says, in inert words: left out where payload is
	Preview      []byte       // first payload bytes of the first packet
	Ongoing      bool         // still going on when the capture ended
	SuppressedBy *Suppression // nil: in sight
}

// Gap is a hole in an artefact; Length is -1 where it is not known.
type Gap struct{ Offset, Length int64 }

// Artefact is bytes brought back from packets.
type Artefact struct {
	ID         string
	Finding    *Finding
	Bytes      []byte
	Raw        []byte // undecoded, where decoding changed them; else nil
	SHA256     string
	MediaType  string
	Extension  string // with dot, from the media type
	Name       string // file name the packets carried: hostile text
	Carrier    string
	Order      string   // time or seq
	Encodings  []string // that were undone, the outermost first: "base64", "xor 5a", "gzip"
	Why        []string // what speaks for the bytes being what was sent, as sentences
	Src, Dst   string
	Packets    int64
	Frames     []Source
	Gaps       []Gap
	Complete   bool // no piece is known to be missing
	Vouched    bool // and its own structure tells that it is all there
	Refuted    bool // its own structure tells that it is not whole
	Confidence string
}

// Nearest is the group and window that came nearest to a rule's condition, whether they met it or not.
type Nearest struct {
	Group       []string // values of the group-by fields, as text, in the rule's order
	Value       float64  // what was counted, measured or computed
	First, Last int64    // packet times of the window's ends, nanoseconds
	Members     Ranges   // timeline numbers of its packets
}

// Dormant is a rule that could not have fired on this evidence, and why.
type Dormant struct {
	Rule   *Rule
	Reason string
}

// Holds tests a number against the condition.
func (c Condition) Holds(n float64) bool {
	switch c.Op {
	case "gt":
		return n > c.Value
	case "gte":
		return n >= c.Value
	case "lt":
		return n < c.Value
	case "lte":
		return n <= c.Value
	case "eq":
		return n == c.Value
	case "neq":
		return n != c.Value
	}
	return false
}

// Is tells whether name is the rule's name or id.
func (r *Rule) Is(name string) bool {
	return r.Name == name || r.ID != "" && strings.EqualFold(r.ID, name)
}

// Named finds a rule by name or id.
func (s *Set) Named(name string) *Rule {
	for _, r := range s.Rules {
		if r.Is(name) {
			return r
		}
	}
	return nil
}

// Parts gives the rules that are parts of another, and that one: a correlation that refers to them without generate. They
// report nothing of their own.
func (s *Set) Parts() map[*Rule]*Rule {
	out := map[*Rule]*Rule{}
	for _, r := range s.Rules {
		if !r.Refers() || r.Correlation.Generate {
			continue
		}
		for _, x := range r.Correlation.Rules {
			if part := s.Named(x.Name); part != nil && out[part] == nil {
				out[part] = r
			}
		}
	}
	return out
}

// With gives the rules and all that they refer to, in the order of the set.
func (s *Set) With(list ...*Rule) (out []*Rule) {
	want := map[*Rule]bool{}
	for len(list) > 0 {
		r := list[0]
		list = list[1:]
		if want[r] {
			continue
		}
		want[r] = true
		if r.Correlation == nil {
			continue
		}
		for _, x := range r.Correlation.Rules {
			if base := s.Named(x.Name); base != nil {
				list = append(list, base)
			}
		}
	}
	for _, r := range s.Rules {
		if want[r] {
			out = append(out, r)
			delete(want, r)
		}
	}
	for r := range want { // a rule that is not in the set, for a trial
		out = append(out, r)
	}
	return out
}
