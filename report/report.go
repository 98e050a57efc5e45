// Package report is what people read. [Report] is the one model: report/build makes it from evidence and findings, and
// the other rooms (markdown, workbook, ...) render it and compute nothing. Its JSON form is the contract report.json,
// schema "icmpsift.report/v1": fields are added, never renamed.
//
// Texts that come from evidence (paths, names, comments, payload) are kept as they are here and escaped by each renderer.
package report

import "time"

// Schema names the contract of report.json.
const Schema = "icmpsift.report/v1"

// Report is everything one run of icmpsift says.
type Report struct {
	Schema       string        `json:"schema"`
	Tool         Tool          `json:"tool"`
	Case         Case          `json:"case"`
	Bottom       []string      `json:"bottom_line"` // at most five sentences, worst first
	Verdict      string        `json:"verdict"`     // level of the worst finding, or "none"
	Evidence     []Evidence    `json:"evidence"`
	Incidents    []Incident    `json:"incidents"`
	Findings     []Finding     `json:"findings"` // worst first, then by time; last those that are suppressed, which nothing else counts
	Artefacts    []Artefact    `json:"artefacts"`
	Indicators   []Indicator   `json:"indicators"` // by type and value
	Actions      []Action      `json:"actions"`
	Timeline     []Event       `json:"timeline"` // what happened, in order, bursts collapsed
	Hosts        []Host        `json:"hosts"`
	Exchanges    []Exchange    `json:"exchanges"`
	Types        []TypeCount   `json:"types"`
	Activity     []Activity    `json:"activity"`
	Contacts     Contacts      `json:"contacts"`
	Figures      []Figure      `json:"figures"` // those that were made, and those that had nothing to show
	Techniques   []Technique   `json:"techniques"`
	Rules        []Rule        `json:"rules"`
	Suppressions []Suppression `json:"suppressions"` // agreed on in advance: which findings are out of sight
	Totals       Totals        `json:"totals"`
	Notes        []string      `json:"notes"`  // limits of this run, in words
	Faults       []Fault       `json:"faults"` // what bugs of icmpsift cost; empty if there were none. If there were, the exit code is 4

	Redaction *Redaction `json:"redaction"` // null if nothing was taken out

	Crosscheck      []Crosscheck `json:"crosscheck"`       // by capture; empty if Wireshark's decoder was not asked
	CrosscheckTotal *CheckTotal  `json:"crosscheck_total"` // null if it was not asked

	Packets *Packets `json:"-"` // one by one; nil if they are not listed
}

// Fault is what one bug of icmpsift cost: the run went on without it.
type Fault struct {
	Step  string      `json:"step"`  // what was being done: "recovery from icmp.seq"
	Rule  string      `json:"rule"`  // name of the rule that it was done for, "" if it was for none
	Cause string      `json:"cause"` // what went wrong, for who mends it
	Where string      `json:"where"` // function, file and line of icmpsift
	Times int64       `json:"times"` // how often it went wrong there
	Lost  []LostPlace `json:"lost"`  // what is lost: the first 20 places, where they are known
}

// LostPlace is what was being worked on when a bug showed.
type LostPlace struct {
	Src      string `json:"src"` // "" if not known
	Dst      string `json:"dst"`
	Evidence string `json:"evidence"` // "" if not known
	Frame    int64  `json:"frame"`    // of the packet, or the first of a finding; 0 if not known
}

// Redaction counts what was taken out of a report before it was handed over.
type Redaction struct {
	Previews int64 `json:"previews"` // first bytes of findings and recovered files
	Files    int64 `json:"files"`    // recovered files that are not handed over
	Bytes    int64 `json:"bytes"`    // of these
	Names    int64 `json:"names"`    // that packets gave to files
	Remarks  int64 `json:"remarks"`  // on what payload says, and how files were told
	Values   int64 `json:"values"`   // of the cross-check
	Series   int64 `json:"series"`   // findings without the sizes and times of their single packets
	Cut      int64 `json:"cut"`      // files of packets whose frames end behind their headers
	Withheld int64 `json:"withheld"` // packets in no such file, because their headers carry recovered data
	Kinds    int64 `json:"kinds"`    // rows of tables of ICMP types and codes, because these carry recovered data
}

// Tool says what made the report.
type Tool struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	RulesSHA256 string `json:"rules_sha256"` // over the loaded rule files in order
	Wireshark   string `json:"wireshark"`    // whose field values and filter meaning

	PayloadTables []PayloadTable `json:"payload_tables"` // of the analyst's own monitors, beside the builtin one
}

// PayloadTable is a table of known payloads that was added to the builtin one: what it lists counts as ordinary.
type PayloadTable struct {
	Name   string `json:"name"` // of the file
	SHA256 string `json:"sha256"`
}

// Case identifies the work.
type Case struct {
	ID           string     `json:"id"`
	Analyst      string     `json:"analyst"`
	Organization string     `json:"organization"`
	TLP          string     `json:"tlp"`      // "TLP:AMBER+STRICT"
	Timezone     string     `json:"timezone"` // display zone beside UTC
	HomeNet      []string   `json:"home_net"`
	From         *time.Time `json:"from"`  // packets before it were not looked at; null: no limit
	To           *time.Time `json:"to"`    // nor those at this moment and after it
	Scope        string     `json:"scope"` // nor those that this display filter does not let through
	First        *time.Time `json:"first"` // first packet of all readable evidence
	Last         *time.Time `json:"last"`
}

// Evidence is one row of the ledger.
type Evidence struct {
	ID                string     `json:"id"` // "E1"
	Path              string     `json:"path"`
	Container         string     `json:"container"`
	Member            string     `json:"member"`
	Archive           bool       `json:"archive"` // it holds other files of the ledger
	SHA256            string     `json:"sha256"`
	Size              int64      `json:"size"`
	Format            string     `json:"format"`
	Compression       string     `json:"compression"`
	LinkTypes         []string   `json:"link_types"`
	Frames            int64      `json:"frames"`
	FramesAfterDamage int64      `json:"frames_after_damage"`
	ICMPFrames        int64      `json:"icmp_frames"`
	First             *time.Time `json:"first"`
	Last              *time.Time `json:"last"`
	Status            string     `json:"status"`
	DuplicateOf       string     `json:"duplicate_of"` // id of the original, "" if none
	Problem           string     `json:"problem"`
	Offset            *int64     `json:"offset"`
	Drops             uint64     `json:"drops"`
	ClockOffset       string     `json:"clock_offset"` // estimated against the reference sensor, "" if none
	Notes             []string   `json:"notes"`        // link types not decoded, records skipped, comments
}

// Indicator is something to look for elsewhere: an address outside, the station behind forged packets, a recovered file.
type Indicator struct {
	Type       string    `json:"type"` // "ipv4-addr", "ipv6-addr", "mac-addr", "sha256", "file-name"
	Value      string    `json:"value"`
	Context    string    `json:"context"` // what it is, and what that means for a search
	Level      string    `json:"level"`   // of the worst of its findings
	Confidence string    `json:"confidence"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	Findings   []string  `json:"findings"` // worst first
}

// Action is something to do now, tied to a finding.
type Action struct {
	Text     string `json:"text"`
	Finding  string `json:"finding"`
	Others   int    `json:"other_findings"` // of the incident and the same rule that it follows from, too
	Incident string `json:"incident"`
}

// Event is one row of the timeline.
type Event struct {
	Time     time.Time `json:"time"`
	Kind     string    `json:"kind"` // "finding start", "finding end", "capture start", ...
	Finding  string    `json:"finding"`
	Level    string    `json:"level"`
	Src      string    `json:"src"`
	Dst      string    `json:"dst"`
	Summary  string    `json:"summary"`
	Evidence string    `json:"evidence"`
	Frame    int64     `json:"frame"`
}

// Host is one address seen in ICMP.
type Host struct {
	Address      string    `json:"address"`
	Name         string    `json:"name"`  // from the analyst's list of assets, "" if it is not there
	Asset        string    `json:"asset"` // what it is there for, as that list says: "mail server"
	Zone         string    `json:"zone"`
	Role         string    `json:"role"`
	Level        string    `json:"level"` // of its worst finding, "" if none
	Findings     []string  `json:"findings"`
	Peers        int64     `json:"peers"`
	First        time.Time `json:"first"`
	Last         time.Time `json:"last"`
	EchoSent     int64     `json:"echo_sent"`
	EchoReceived int64     `json:"echo_received"`
	RepliesSent  int64     `json:"replies_sent"`
	ErrorsSent   int64     `json:"errors_sent"`
	OtherSent    int64     `json:"other_sent"`
	BytesOut     int64     `json:"bytes_out"` // ICMP payload bytes sent
	BytesIn      int64     `json:"bytes_in"`
	MACs         []string  `json:"macs"`
	TTLs         []int     `json:"ttls"`
	Payloads     []string  `json:"payloads"` // kinds of echo payload it sent
	System       string    `json:"system"`   // "likely Linux", by its pings and their TTL; "" if these tell nothing or do not agree
}

// Exchange is one conversation: an address pair, asking side first.
type Exchange struct {
	Src          string    `json:"src"`
	Dst          string    `json:"dst"`
	Version      int       `json:"ip_version"`
	IDs          int64     `json:"ids"` // distinct echo identifiers
	Requests     int64     `json:"requests"`
	Replies      int64     `json:"replies"`
	Paired       int64     `json:"paired"`
	Unanswered   int64     `json:"unanswered"` // neither by a reply nor by an error
	Failed       int64     `json:"failed"`     // requests that an ICMP error answered, and no reply
	Unsolicited  int64     `json:"unsolicited"`
	Mismatched   int64     `json:"mismatched"`   // replies that differ from their request
	Other        int64     `json:"other"`        // messages that are not echo
	Queries      []Query   `json:"queries"`      // of these the requests and replies, by kind
	Loss         *float64  `json:"loss_percent"` // echo requests without a reply, of those sent; null if there are none
	RTTMin       *float64  `json:"rtt_min_ms"`
	RTTMean      *float64  `json:"rtt_mean_ms"`
	RTTMax       *float64  `json:"rtt_max_ms"`
	RTTMedian    *float64  `json:"rtt_median_ms"` // of fewer than 64 replies all, of more 32 to 63, evenly spread
	RTT95        *float64  `json:"rtt_95_ms"`     // of the same: 95 in 100 took no longer
	Payloads     int64     `json:"payloads"`      // different ones of echo messages, without the senders' clocks
	EntropyMean  *float64  `json:"entropy_mean"`  // bits per byte, of payloads that no known program writes; null if there are none
	EntropyMax   *float64  `json:"entropy_max"`
	SizeMin      int64     `json:"size_min"` // ICMP message bytes
	SizeMax      int64     `json:"size_max"`
	IntervalMean *float64  `json:"interval_mean_ms"`      // from one packet of src to its next; null if there are fewer than two
	IntervalDev  *float64  `json:"interval_deviation_ms"` // standard deviation of that: small for a clock
	Forward      int64     `json:"packets_forward"`       // from src to dst
	Back         int64     `json:"packets_back"`
	BytesForward int64     `json:"bytes_forward"`
	BytesBack    int64     `json:"bytes_back"`
	First        time.Time `json:"first"`
	Last         time.Time `json:"last"`
	Findings     []string  `json:"findings"`
}

// Query counts the requests and replies of one kind other than echo in a conversation, as [Exchange] does for echo.
type Query struct {
	Kind        string `json:"kind"` // "timestamp", "information", "mask", "extended echo"
	Requests    int64  `json:"requests"`
	Replies     int64  `json:"replies"`
	Paired      int64  `json:"paired"`
	Unanswered  int64  `json:"unanswered"`
	Failed      int64  `json:"failed"`
	Unsolicited int64  `json:"unsolicited"`
	Mismatched  int64  `json:"mismatched"`
}

// TypeCount is one ICMP type and code.
type TypeCount struct {
	Version      int       `json:"ip_version"`
	Type         int       `json:"type"`
	Code         int       `json:"code"`
	Name         string    `json:"name"`
	Packets      int64     `json:"packets"`
	Bytes        int64     `json:"bytes"`
	Sources      int64     `json:"sources"`
	Destinations int64     `json:"destinations"`
	First        time.Time `json:"first"`
	Last         time.Time `json:"last"`
}

// Activity is ICMP packets in one step of time, for charts; at most a few hundred steps.
type Activity struct {
	Start   time.Time `json:"start"`
	Seconds int64     `json:"seconds"`
	Packets int64     `json:"packets"`
	Finding int64     `json:"finding"` // of them: packets of findings at medium or above

	// Packets by class: requests and replies of any kind, ICMP errors, and the rest.
	Requests int64 `json:"requests"`
	Replies  int64 `json:"replies"`
	Errors   int64 `json:"errors"`
	Other    int64 `json:"other"`
}

// Contacts says who sent how many ICMP packets to whom: the hosts with the worst findings and the most bytes one by one, all others of a
// zone as one.
type Contacts struct {
	Hosts []Contact    `json:"hosts"`
	Links []ContactSum `json:"links"` // by Src, then Dst
}

// Contact is a host, or the other hosts of a zone.
type Contact struct {
	Address string `json:"address"` // "" for the others of the zone
	Name    string `json:"name"`
	Zone    string `json:"zone"`
	Level   string `json:"level"` // of its worst finding, "" if none
	Hosts   int64  `json:"hosts"` // how many it stands for
}

// ContactSum is the packets from one of [Contacts.Hosts] to another.
type ContactSum struct {
	Src     int    `json:"src"` // position in Hosts
	Dst     int    `json:"dst"`
	Packets int64  `json:"packets"`
	Level   string `json:"level"` // of the worst finding between the two, "" if none
}

// Rows of a figure at most: conversations with a round-trip time, and types.
const (
	MaxTrips = 20
	MaxTypes = 15
)

// Figure is a picture of numbers that the report holds, or why there is none.
type Figure struct {
	ID      string `json:"id"`   // "activity", "payload-F-1a2b3c4d"
	Kind    string `json:"kind"` // activity, contacts, round-trips, types, payload, intervals
	Title   string `json:"title"`
	Caption string `json:"caption"` // what it shows, for those who cannot see it as well
	Finding string `json:"finding"` // it shows one finding, "" if all
	Path    string `json:"path"`    // in the report folder; "" where it is not written
	Missing string `json:"missing"` // why it has nothing to show, "" if it has
}

// Technique is a technique of ATT&CK that findings speak of, those out of sight apart.
type Technique struct {
	ID       string    `json:"id"` // "T1048.003"
	Name     string    `json:"name"`
	Tactics  []string  `json:"tactics"`  // names of the tactics it serves; empty if it is not of those that traffic shows
	Findings []string  `json:"findings"` // worst first
	Level    string    `json:"level"`    // of the worst
	Hosts    []string  `json:"hosts"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
}

// Rule is one loaded rule and what came of it.
type Rule struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Level      string   `json:"level"`
	Status     string   `json:"status"`
	Author     string   `json:"author"`
	Modified   string   `json:"modified"` // when its file was last changed, as that says; that of its making if it never was
	Attack     []string `json:"attack"`
	Source     string   `json:"source"` // "builtin" or the file
	Findings   int64    `json:"findings"`
	Packets    int64    `json:"packets"` // matching packets
	Suppressed int64    `json:"suppressed"`
	Dormant    string   `json:"dormant"` // why it could not have fired here, "" if it could
}

// Suppression takes findings out of sight that somebody answers for.
type Suppression struct {
	ID       string   `json:"id"` // "S-" and eight hex digits, from content
	Title    string   `json:"title"`
	Rules    []string `json:"rules"` // names or ids
	Match    string   `json:"match"` // display filter that all packets of a finding must pass; "" for any
	Reason   string   `json:"reason"`
	Owner    string   `json:"owner"`
	Expires  string   `json:"expires"` // the first day on which it no longer holds
	Source   string   `json:"source"`  // file and line
	Findings int64    `json:"findings"`
	State    string   `json:"state"` // "used", "unused", "expired": at the time of the last packet
}

// Totals are the run's counters, each named so that its denominator is clear.
type Totals struct {
	Files           int64            `json:"files"`
	Captures        int64            `json:"captures"` // copies of a capture are not among them
	Archives        int64            `json:"archives"` // whose files are counted, too
	Duplicates      int64            `json:"duplicates"`
	NotCaptures     int64            `json:"not_captures"`
	Incomplete      int64            `json:"incomplete"` // cut, damaged or unsupported
	Bytes           int64            `json:"bytes"`
	Frames          int64            `json:"frames"`
	FramesAfter     int64            `json:"frames_after_damage"`
	ICMPFrames      int64            `json:"icmp_frames"`  // frames that hold ICMP, every sighting
	ICMPPackets     int64            `json:"icmp_packets"` // unique, after de-duplication
	Outside         int64            `json:"outside"`      // unique ICMP packets outside from, to or scope of the case; icmp_packets are those inside
	Copies          int64            `json:"copies"`       // further sightings of the same packet
	NoTime          int64            `json:"no_time"`
	Late            int64            `json:"late"`     // arrived behind the reorder buffer
	SnapCut         int64            `json:"snap_cut"` // ICMP packets cut by the snaplen
	Fragments       int64            `json:"fragments"`
	Unassembled     int64            `json:"unassembled"`
	Malformed       int64            `json:"malformed"`
	BadChecksum     int64            `json:"bad_checksum"`
	Evicted         int64            `json:"evicted"`      // pairing or correlation state given up to stay in memory
	InsideHosts     int64            `json:"inside_hosts"` // hosts in the home nets that have part in an incident
	BytesOut        int64            `json:"bytes_out"`    // that left the home nets, of all incidents
	BytesIn         int64            `json:"bytes_in"`
	HostsTotal      int64            `json:"hosts_total"`
	ExchangesTotal  int64            `json:"exchanges_total"`
	FindingsByLevel map[string]int64 `json:"findings_by_level"`
	UnknownLinks    map[string]int64 `json:"unknown_links"` // frames by link type that was not decoded
}
