package export

import (
	"bytes"
	"cmp"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules/attack"
)

// ecsVersion is the edition of the Elastic Common Schema that findings.ndjson is written in.
const ecsVersion = "8.11.0"

// alert is a finding in the Elastic Common Schema. What the schema has no field for stands under icmpsift.
type alert struct {
	Time     string      `json:"@timestamp"`
	ECS      ecsEdition  `json:"ecs"`
	Message  string      `json:"message"`
	Tags     []string    `json:"tags,omitempty"`
	Event    ecsEvent    `json:"event"`
	Rule     ecsRule     `json:"rule"`
	Threat   ecsThreat   `json:"threat,omitempty"`
	Source   ecsHost     `json:"source,omitempty"`
	Dest     ecsHost     `json:"destination,omitempty"`
	Network  ecsNetwork  `json:"network"`
	Observer ecsObserver `json:"observer"`
	Related  ecsRelated  `json:"related,omitempty"`
	Own      ownFields   `json:"icmpsift"`
}

type ecsEdition struct {
	Version string `json:"version"`
}

type ecsEvent struct {
	Kind     string   `json:"kind"`
	Category []string `json:"category"`
	Type     []string `json:"type"`
	ID       string   `json:"id,omitempty"`
	Module   string   `json:"module"`
	Dataset  string   `json:"dataset"`
	Severity int      `json:"severity"`
	Start    string   `json:"start"`
	End      string   `json:"end"`
	Duration int64    `json:"duration"` // nanoseconds
}

type ecsRule struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Ruleset     string `json:"ruleset"`
	Reference   string `json:"reference,omitempty"`
}

type ecsThreat struct {
	Framework string       `json:"framework,omitempty"`
	Tactic    ecsTactic    `json:"tactic,omitempty"`
	Technique ecsTechnique `json:"technique,omitempty"`
}

type ecsTactic struct {
	ID        []string `json:"id,omitempty"`
	Name      []string `json:"name,omitempty"`
	Reference []string `json:"reference,omitempty"`
}

type ecsTechnique struct {
	ID        []string        `json:"id,omitempty"`
	Name      []string        `json:"name,omitempty"`
	Reference []string        `json:"reference,omitempty"`
	Sub       ecsSubtechnique `json:"subtechnique,omitempty"`
}

type ecsSubtechnique struct {
	ID        []string `json:"id,omitempty"`
	Name      []string `json:"name,omitempty"`
	Reference []string `json:"reference,omitempty"`
}

type ecsHost struct {
	Address string `json:"address,omitempty"`
	IP      string `json:"ip,omitempty"`
	MAC     string `json:"mac,omitempty"` // the first it was seen with
}

type ecsNetwork struct {
	Transport string `json:"transport,omitempty"`
	Number    string `json:"iana_number,omitempty"`
	Type      string `json:"type,omitempty"`
	Direction string `json:"direction"`
	Packets   int64  `json:"packets"`
	Bytes     int64  `json:"bytes"`
}

type ecsObserver struct {
	Type    string `json:"type"`
	Vendor  string `json:"vendor"`
	Product string `json:"product"`
	Version string `json:"version,omitempty"`
}

type ecsRelated struct {
	IP   []string `json:"ip,omitempty"`
	Hash []string `json:"hash,omitempty"`
}

// ownFields is what the schema has no place for.
type ownFields struct {
	Case         string        `json:"case,omitempty"`
	TLP          string        `json:"tlp,omitempty"`
	Incident     string        `json:"incident,omitempty"`
	Rule         string        `json:"rule,omitempty"` // its short name
	Level        string        `json:"level,omitempty"`
	Confidence   string        `json:"confidence,omitempty"`
	Filter       string        `json:"filter,omitempty"`
	Pcap         string        `json:"pcap,omitempty"`
	Ongoing      bool          `json:"ongoing"`
	Suppressed   string        `json:"suppressed_by,omitempty"`
	Roles        []string      `json:"roles,omitempty"` // "10.0.0.1 sender"
	Observed     []ownObserved `json:"observed,omitempty"`
	Evidence     []string      `json:"evidence,omitempty"` // paths
	Artefacts    []string      `json:"artefacts,omitempty"`
	Response     []string      `json:"response,omitempty"`
	Explanations []string      `json:"explanations,omitempty"` // innocent causes that could not be ruled out
	Notes        []string      `json:"notes,omitempty"`
}

type ownObserved struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit,omitempty"`
	Op        string  `json:"op,omitempty"`
	Threshold float64 `json:"threshold"`
}

// ECS writes findings.ndjson: an alert for each finding, an event for each suppressed one.
func ECS(w io.Writer, r *report.Report) error {
	var b bytes.Buffer
	t := newTables(r)
	for i := range r.Findings {
		if err := line(&b, t.alert(r, &r.Findings[i])); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// tables are what findings refer to by id.
type tables struct {
	evidence  map[string]*report.Evidence
	artefacts map[string]*report.Artefact
	findings  map[string]*report.Finding
}

func newTables(r *report.Report) tables {
	t := tables{map[string]*report.Evidence{}, map[string]*report.Artefact{}, map[string]*report.Finding{}}
	for i := range r.Evidence {
		t.evidence[r.Evidence[i].ID] = &r.Evidence[i]
	}
	for i := range r.Artefacts {
		t.artefacts[r.Artefacts[i].ID] = &r.Artefacts[i]
	}
	for i := range r.Findings {
		t.findings[r.Findings[i].ID] = &r.Findings[i]
	}
	return t
}

func (t tables) alert(r *report.Report, f *report.Finding) *alert {
	return &alert{Time: instant(f.First), ECS: ecsEdition{ecsVersion}, Message: text(f.Rule.Title + ": " + f.Summary), Tags: tags(f), Event: event(f), Rule: ruleOf(f, r),
		Threat: threat(f), Source: host(f, f.Src), Dest: host(f, f.Dst), Network: network(f), Observer: ecsObserver{"ids", "icmpsift", text(cmp.Or(r.Tool.Name, "icmpsift")), text(r.Tool.Version)},
		Related: t.related(f), Own: t.own(r, f)}
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func tags(f *report.Finding) []string {
	if f.SuppressedBy != "" {
		return []string{"suppressed"}
	}
	return nil
}

// severities are the numbers that Elastic's own rules have for levels, rising; the first is for no level.
var severities = []int{0, 1, 21, 47, 73, 99}

func event(f *report.Finding) ecsEvent {
	kind := "alert"
	if f.SuppressedBy != "" {
		kind = "event"
	}
	return ecsEvent{Kind: kind, Category: []string{"intrusion_detection", "network"}, Type: []string{"info"}, ID: text(f.ID), Module: "icmpsift", Dataset: "icmpsift.findings",
		Severity: severities[score(f.Level)], Start: instant(f.First), End: instant(f.Last), Duration: max(0, f.Last.Sub(f.First).Nanoseconds())}
}

func ruleOf(f *report.Finding, r *report.Report) ecsRule {
	out := ecsRule{ID: text(f.Rule.ID), Name: text(f.Rule.Title), Description: text(f.Meaning), Ruleset: text("sha256:" + r.Tool.RulesSHA256)}
	if len(f.References) > 0 {
		out.Reference = text(f.References[0])
	}
	return out
}

// threat names tactics and techniques; of a sub-technique also the technique it is part of.
func threat(f *report.Finding) (out ecsThreat) {
	t, why := &out.Technique, &out.Tactic
	for _, name := range f.Tactics {
		if e, ok := attack.Tactic(name); ok {
			why.ID, why.Name, why.Reference = append(why.ID, e.ID), append(why.Name, name), append(why.Reference, "https://attack.mitre.org/tactics/"+e.ID+"/")
			out.Framework = "MITRE ATT&CK"
		}
	}
	for _, id := range f.Attack {
		url, ok := phrase.TechniqueURL(id)
		if !ok {
			continue
		}
		parent, _, sub := strings.Cut(id, ".")
		above, _ := phrase.TechniqueURL(parent)
		if !slices.Contains(t.ID, parent) {
			t.ID, t.Name, t.Reference = append(t.ID, parent), append(t.Name, called(parent)), append(t.Reference, above)
		}
		if sub && !slices.Contains(t.Sub.ID, id) {
			t.Sub.ID, t.Sub.Name, t.Sub.Reference = append(t.Sub.ID, id), append(t.Sub.Name, called(id)), append(t.Sub.Reference, url)
		}
		out.Framework = "MITRE ATT&CK"
	}
	return out
}

// called is a technique's name, its id where ATT&CK has none of it.
func called(id string) string {
	e, _ := attack.Technique(id)
	return cmp.Or(e.Name, id)
}

// host is one side: the address as it stands in the finding, which may be a network, and as an IP address if it is one.
func host(f *report.Finding, address string) ecsHost {
	out := ecsHost{Address: text(address)}
	if a, ok := single(address); ok {
		out.IP = a.String()
	}
	for _, h := range f.Hosts {
		if h.Address == address {
			if all := macs(h.MAC); len(all) > 0 {
				out.MAC = strings.ToUpper(strings.ReplaceAll(all[0], ":", "-")) // as RFC 7042 writes it
			}
			break
		}
	}
	return out
}

// network counts what the finding is made of. Bytes are those of ICMP payload.
func network(f *report.Finding) ecsNetwork {
	out := ecsNetwork{Direction: direction(f), Packets: f.Packets, Bytes: f.Bytes}
	switch v6, ok := family(f); {
	case ok && v6:
		out.Transport, out.Number, out.Type = "ipv6-icmp", "58", "ipv6"
	case ok:
		out.Transport, out.Number, out.Type = "icmp", "1", "ipv4"
	}
	return out
}

// direction is seen from the home networks.
func direction(f *report.Finding) string {
	zones := [2]string{}
	for _, h := range f.Hosts {
		for i, address := range []string{f.Src, f.Dst} {
			if h.Address == address {
				zones[i] = h.Zone
			}
		}
	}
	switch zones {
	case [2]string{"home", "outside"}:
		return "outbound"
	case [2]string{"outside", "home"}:
		return "inbound"
	case [2]string{"home", "home"}, [2]string{"home", "multicast"}:
		return "internal"
	case [2]string{"outside", "outside"}:
		return "external"
	}
	return "unknown"
}

func (t tables) related(f *report.Finding) (out ecsRelated) {
	for _, address := range append([]string{f.Src, f.Dst}, addresses(f)...) {
		if a, ok := single(address); ok && !slices.Contains(out.IP, a.String()) {
			out.IP = append(out.IP, a.String())
		}
	}
	for _, id := range first(f.Artefacts) {
		if a := t.artefacts[id]; a != nil && digest(a.SHA256) && !slices.Contains(out.Hash, a.SHA256) {
			out.Hash = append(out.Hash, a.SHA256)
		}
	}
	return out
}

func addresses(f *report.Finding) (out []string) {
	for _, h := range first(f.Hosts) {
		out = append(out, h.Address)
	}
	return out
}

func (t tables) own(r *report.Report, f *report.Finding) ownFields {
	out := ownFields{Case: text(r.Case.ID), TLP: text(r.Case.TLP), Incident: text(f.Incident), Rule: text(f.Rule.Name), Level: text(f.Level), Confidence: text(f.Confidence), Filter: text(f.Filter),
		Pcap: text(f.Pcap), Ongoing: f.Ongoing, Suppressed: text(f.SuppressedBy), Artefacts: texts(first(f.Artefacts)), Response: texts(f.Response), Notes: texts(f.Notes)}
	for _, h := range first(f.Hosts) {
		out.Roles = append(out.Roles, text(h.Address+" "+h.Role))
	}
	for _, o := range f.Observed {
		out.Observed = append(out.Observed, ownObserved{text(o.Name), o.Value, text(o.Unit), text(o.Op), o.Threshold})
	}
	for _, s := range f.Frames {
		if e := t.evidence[s.Evidence]; e != nil {
			out.Evidence = append(out.Evidence, text(e.Path))
		}
	}
	for _, x := range f.Explanations {
		if x.Kept {
			out.Explanations = append(out.Explanations, text(x.Text))
		}
	}
	return out
}

// family tells whether a finding is of IPv6; ok is false if no address says so.
func family(f *report.Finding) (v6, ok bool) {
	for _, address := range append([]string{f.Src, f.Dst}, addresses(f)...) {
		if p, ok := prefix(address); ok {
			return p.Addr().Is6(), true
		}
	}
	return false, false
}

// single is an address, not a network.
func single(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a, err == nil && a.Zone() == ""
}

// prefix is an address or a network.
func prefix(s string) (netip.Prefix, bool) {
	if a, ok := single(s); ok {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p, err == nil
}
