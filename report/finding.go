package report

import "time"

// Incident is findings that share an actor or a victim within an hour.
type Incident struct {
	ID         string    `json:"id"` // "I1"
	Level      string    `json:"level"`
	Confidence string    `json:"confidence"` // of its worst finding
	Attack     []string  `json:"attack"`     // of all its findings
	Title      string    `json:"title"`
	Findings   []string  `json:"findings"`
	Hosts      []string  `json:"hosts"`
	Inside     []string  `json:"inside"`  // of Hosts: in the home nets
	Outside    []string  `json:"outside"` // of Hosts: not in them
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	BytesOut   int64     `json:"bytes_out"` // recovered or carried payload bytes that left the home nets
	BytesIn    int64     `json:"bytes_in"`
	Files      int       `json:"files"`
}

// RuleRef names a rule.
type RuleRef struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

// HostRef is a host of a finding.
type HostRef struct {
	Address string `json:"address"`
	MAC     string `json:"mac"`
	Role    string `json:"role"`
	Zone    string `json:"zone"` // home, outside, multicast; "" of a network that lies in several

	Name  string `json:"name"`  // from the analyst's list of assets, "" if it is not there
	Asset string `json:"asset"` // what it is there for, as that list says: "mail server"
}

// FrameSet is one evidence's frames.
type FrameSet struct {
	Evidence string   `json:"evidence"`
	Ranges   []string `json:"ranges"` // "12-40", "57"; capped, see Total
	Total    int64    `json:"total"`
}

// TypeShare is how many packets of a finding are of one ICMP type and code.
type TypeShare struct {
	Version int    `json:"ip_version"`
	Type    int    `json:"type"`
	Code    int    `json:"code"`
	Name    string `json:"name"`
	Packets int64  `json:"packets"`
}

// Observed is a measured number against its threshold.
type Observed struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"`
	Threshold float64 `json:"threshold"`
	Op        string  `json:"op"` // gt, gte, lt, lte, eq, neq
}

// Explanation is an innocent cause and whether it is kept.
type Explanation struct {
	Text   string `json:"text"`
	Kept   bool   `json:"kept"`
	Reason string `json:"reason"` // why it was ruled out; "" where it was kept
}

// Finding is one thing a rule saw.
type Finding struct {
	ID           string        `json:"id"` // "F-" and eight hex digits, from content
	Rule         RuleRef       `json:"rule"`
	Level        string        `json:"level"`
	Confidence   string        `json:"confidence"`
	Attack       []string      `json:"attack"` // "T1048.003"
	Tactics      []string      `json:"tactics"`
	Src          string        `json:"src"`
	Dst          string        `json:"dst"`
	SrcZone      string        `json:"src_zone"` // home, outside, multicast; "" of a network that lies in several
	DstZone      string        `json:"dst_zone"`
	Hosts        []HostRef     `json:"hosts"`
	First        time.Time     `json:"first"`
	Last         time.Time     `json:"last"`
	Packets      int64         `json:"packets"`
	Bytes        int64         `json:"bytes"` // of payload, or carried in headers where that is more
	Types        []TypeShare   `json:"types"` // the messages it consists of, the most frequent ten
	Frames       []FrameSet    `json:"frames"`
	Filter       string        `json:"filter"`
	Observed     []Observed    `json:"observed"`
	Summary      string        `json:"summary"` // fact: one or two sentences
	Meaning      string        `json:"meaning"` // interpretation: the rule's description
	Explanations []Explanation `json:"explanations"`
	BlindSpots   []string      `json:"blind_spots"`
	Response     []string      `json:"response"`
	Artefacts    []string      `json:"artefacts"`
	Pcap         string        `json:"pcap"`
	Incident     string        `json:"incident"`
	SuppressedBy string        `json:"suppressed_by"`
	Notes        []string      `json:"notes"`
	Preview      string        `json:"preview"` // first payload bytes, hex; "" when redacted or none
	Ongoing      bool          `json:"ongoing"` // when the last capture, or the time looked at, ended
	References   []string      `json:"references"`

	Telling []string `json:"-"` // of Notes, those that repeat what payload says

	Payloads  []PayloadPoint  `json:"payloads"`  // the course of its payloads; empty but for the worst findings that may carry data
	Intervals []IntervalPoint `json:"intervals"` // the time between its ticks; empty but for the worst findings of beacon rules
}

// PayloadPoint is one packet of a finding, or several that follow one another in the same direction: at most a few hundred points a finding.
type PayloadPoint struct {
	Time    time.Time `json:"time"` // of the first
	Back    bool      `json:"back"` // sent by the finding's dst to its src
	Packets int64     `json:"packets"`
	Size    float64   `json:"size"` // mean of the ICMP payload bytes
	SizeMin int64     `json:"size_min"`
	SizeMax int64     `json:"size_max"`
	Entropy float64   `json:"entropy"` // mean over the captured payloads, bits per byte
}

// IntervalPoint is the time to a tick of a beacon from the one before, or that of several ticks in a row. Packets of a burst are one tick.
type IntervalPoint struct {
	Time    time.Time `json:"time"`    // of the first tick
	Ticks   int64     `json:"ticks"`   // intervals
	Seconds float64   `json:"seconds"` // mean
	Min     float64   `json:"min"`
	Max     float64   `json:"max"`
}

// Gap is a hole in an artefact, at an offset of the artefact; Length is nil where unknown.
type Gap struct {
	Offset int64  `json:"offset"`
	Length *int64 `json:"length"`
}

// Artefact is a recovered file.
type Artefact struct {
	ID         string     `json:"id"` // "A-" and eight hex digits
	Finding    string     `json:"finding"`
	Path       string     `json:"path"` // in the report folder
	RawPath    string     `json:"raw_path"`
	SHA256     string     `json:"sha256"`
	MD5        string     `json:"md5"` // for look-ups in lists that know nothing better; it proves nothing
	Size       int64      `json:"size"`
	MediaType  string     `json:"media_type"`
	Name       string     `json:"name"`
	Carrier    string     `json:"carrier"`
	Order      string     `json:"order"`
	Encodings  []string   `json:"encodings"`
	Src        string     `json:"src"`
	Dst        string     `json:"dst"`
	Packets    int64      `json:"packets"`
	Frames     []FrameSet `json:"frames"`
	Gaps       []Gap      `json:"gaps"`
	Missing    int64      `json:"missing"`  // bytes in those gaps whose length is known
	Complete   bool       `json:"complete"` // no piece is known to be missing
	Vouched    bool       `json:"vouched"`  // and its own structure tells that it is all there
	Refuted    bool       `json:"refuted"`  // its own structure tells that it is not whole
	Confidence string     `json:"confidence"`
	Why        []string   `json:"why"`     // how the bytes were chosen, and what speaks for them, in sentences
	Preview    string     `json:"preview"` // first bytes, hex
}
