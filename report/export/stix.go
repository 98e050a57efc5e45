package export

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

// STIX writes stix.json, a STIX 2.1 bundle: the report, what was observed, the indicators with their patterns, the
// techniques of ATT&CK, and how these belong together. Ids are version 5 UUIDs made of content, and "created" is the last
// moment of the evidence, so that the same report gives the same bundle.
func STIX(w io.Writer, r *report.Report) error {
	b := &bundle{r: r, tables: newTables(r), seen: map[string]bool{}, observed: map[string]string{}, now: published(r)}
	b.marking()
	b.identity()
	for i := range r.Findings {
		if f := &r.Findings[i]; f.SuppressedBy == "" {
			b.finding(f)
		}
	}
	for i := range r.Indicators {
		b.indicator(&r.Indicators[i])
	}
	b.report()
	return document(w, object{"type": "bundle", "id": "bundle--" + domainID("bundle", b.ids()...), "objects": b.objects})
}

// bundle is a STIX bundle in the making.
type bundle struct {
	tables
	r        *report.Report
	objects  []object
	seen     map[string]bool
	observed map[string]string // observed-data by finding
	marks    []string
	author   string
	now      string
}

func (b *bundle) ids() (out []string) {
	for _, o := range b.objects {
		out = append(out, o["id"].(string))
	}
	return out
}

// published is when the report was made, as far as the evidence knows: its last moment.
func published(r *report.Report) string {
	if r.Case.Last == nil {
		return milliseconds(time.Unix(0, 0))
	}
	return milliseconds(*r.Case.Last)
}

func milliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func microseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// add takes an object that is not in the bundle yet, and gives its id.
func (b *bundle) add(o object) string {
	id := o["id"].(string)
	if !b.seen[id] {
		b.seen[id] = true
		o["spec_version"] = "2.1"
		b.objects = append(b.objects, o)
	}
	return id
}

// domain adds an object of the kinds that have an author, and gives its id. Author, case and time are part of what the id
// is made of: an object of another report with the same id would be taken for another version of this one.
func (b *bundle) domain(kind string, key []string, o object) string {
	id := domainID(kind, append([]string{b.author, b.r.Case.ID, b.now}, key...)...)
	o["type"], o["id"], o["created"], o["modified"] = kind, kind+"--"+id, b.now, b.now
	if b.author != "" {
		o["created_by_ref"] = b.author
	}
	b.mark(o)
	return b.add(o)
}

func (b *bundle) mark(o object) {
	if len(b.marks) > 0 {
		o["object_marking_refs"] = b.marks
	}
}

// tlp are the marking definitions of TLP 2.0, with the ids and the time that OASIS published
// (oasis-open/cti-stix-common-objects, extension-definition-specifications/tlp-2.0).
var tlp = map[string]string{
	"TLP:CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"TLP:AMBER+STRICT": "939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:RED": "e828b379-4e03-4974-9ac4-e53a884c97c1",
}

const (
	tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	tlpCreated   = "2022-10-01T00:00:00.000Z"
)

func (b *bundle) marking() {
	label := b.r.Case.TLP
	id, ok := tlp[label]
	if !ok {
		return
	}
	level := strings.ToLower(strings.TrimPrefix(label, "TLP:"))
	b.marks = []string{b.add(object{"type": "marking-definition", "id": "marking-definition--" + id, "created": tlpCreated, "name": label,
		"extensions": object{tlpExtension: object{"extension_type": "property-extension", "tlp_2_0": level}}})}
}

// identity is who says it: the organization, or else the program.
func (b *bundle) identity() {
	name, class := text(b.r.Case.Organization), "organization"
	if name == "" {
		name, class = text(cmp.Or(b.r.Tool.Name, "icmpsift")), "system"
	}
	b.author = b.domain("identity", []string{class, name}, object{"name": name, "identity_class": class})
}

// finding adds what was observed, and a note that says what it means.
func (b *bundle) finding(f *report.Finding) {
	refs := b.traffic(f)
	for _, id := range f.Artefacts {
		if a := b.artefacts[id]; a != nil {
			refs = append(refs, b.file(a)...)
		}
	}
	if len(refs) == 0 {
		return
	}
	from := []object{{"source_name": "icmpsift", "external_id": text(cmp.Or(f.ID, "finding")), "description": text("Finding of rule " + f.Rule.Name)}}
	first, last := window(f.First, f.Last)
	id := b.domain("observed-data", []string{f.ID, first, last}, object{"first_observed": first, "last_observed": last, "number_observed": min(max(f.Packets, 1), 999_999_999),
		"object_refs": refs, "external_references": from, "labels": []string{text(cmp.Or(f.Level, "no level"))}})
	b.observed[f.ID] = id
	b.domain("note", []string{id}, object{"abstract": text(f.Rule.Title), "content": cmp.Or(text(strings.TrimSpace(f.Summary+" "+f.Meaning)), "No text"), "object_refs": []string{id}})
	for _, technique := range f.Attack {
		b.technique(technique)
	}
}

// window are two times, the later one last whatever the evidence says.
func window(first, last time.Time) (string, string) {
	if last.Before(first) {
		first, last = last, first
	}
	return microseconds(first), microseconds(last)
}

// traffic adds addresses and what passed between them.
func (b *bundle) traffic(f *report.Finding) (refs []string) {
	o := object{"type": "network-traffic"}
	for i, address := range []string{f.Src, f.Dst} {
		id, ok := b.address(address)
		if !ok {
			continue
		}
		o[[]string{"src_ref", "dst_ref"}[i]] = id
		if !slices.Contains(refs, id) {
			refs = append(refs, id)
		}
	}
	if len(refs) > 0 {
		o["protocols"] = []string{"ipv4", "icmp"}
		if v6, _ := family(f); v6 {
			o["protocols"] = []string{"ipv6", "ipv6-icmp"}
		}
		o["start"], o["end"] = window(f.First, f.Last)
		refs = append(refs, b.observable(o, "start", "end", "src_ref", "dst_ref", "protocols"))
	}
	for _, h := range f.Hosts {
		if h.Role == "spoofer" {
			for _, mac := range macs(h.MAC) {
				refs = append(refs, b.observable(object{"type": "mac-addr", "value": mac}, "value"))
			}
		}
	}
	return refs
}

// address adds an address or a network.
func (b *bundle) address(s string) (id string, ok bool) {
	p, ok := prefix(s)
	if !ok {
		return "", false
	}
	kind, value := "ipv4-addr", p.String()
	if p.Addr().Is6() {
		kind = "ipv6-addr"
	}
	if p.IsSingleIP() {
		value = p.Addr().String()
	}
	return b.observable(object{"type": kind, "value": value}, "value"), true
}

// macs are the hardware addresses in a list of them.
func macs(list string) (out []string) {
	for _, s := range strings.Fields(list) {
		if m, err := net.ParseMAC(s); err == nil && len(m) == 6 {
			out = append(out, m.String())
		}
	}
	return out
}

// file adds a recovered file. A name that cannot be written as it is stays out.
func (b *bundle) file(a *report.Artefact) []string {
	o := object{"type": "file", "size": a.Size}
	if digest(a.SHA256) {
		o["hashes"] = object{"SHA-256": a.SHA256}
	}
	if plain(a.Name) {
		o["name"] = a.Name
	}
	if len(o) == 2 {
		return nil
	}
	if plain(a.MediaType) {
		o["mime_type"] = a.MediaType
	}
	return []string{b.observable(o, "hashes", "name")}
}

func digest(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 64
}

// plain tells whether a text can be written as it is.
func plain(s string) bool { return s != "" && inert.Text(s) == s && text(s) == s }

// observable adds an object whose id is made of some of its properties, as the standard says for its kind.
func (b *bundle) observable(o object, from ...string) string {
	kind := o["type"].(string)
	o["id"] = kind + "--" + observableID(o, from)
	b.mark(o)
	return b.add(o)
}

// technique adds a technique of ATT&CK.
func (b *bundle) technique(id string) (ref string, ok bool) {
	url, ok := phrase.TechniqueURL(id)
	if !ok {
		return "", false
	}
	return b.domain("attack-pattern", []string{id}, object{"name": called(id), "external_references": []object{{"source_name": "mitre-attack", "external_id": id, "url": url}}}), true
}

// sureness is the standard's number for our words (STIX 2.1, appendix A).
var sureness = map[string]int{"low": 15, "medium": 50, "high": 85}

// indicator adds something to look for, what it rests on and what it speaks for.
func (b *bundle) indicator(x *report.Indicator) {
	pattern, ok := pattern(x)
	if !ok {
		return
	}
	o := object{"name": text(x.Value), "description": text(x.Context), "indicator_types": []string{speaks(x.Type)}, "pattern": pattern, "pattern_type": "stix", "pattern_version": "2.1",
		"valid_from": microseconds(x.First), "labels": []string{text(cmp.Or(x.Level, "no level"))}}
	if n, ok := sureness[x.Confidence]; ok {
		o["confidence"] = n
	}
	id := b.domain("indicator", []string{pattern}, o)
	for _, finding := range x.Findings {
		if seen, ok := b.observed[finding]; ok {
			b.relate(id, "based-on", seen)
		}
	}
	for _, technique := range b.techniques(x) {
		if ref, ok := b.technique(technique); ok {
			b.relate(id, "indicates", ref)
		}
	}
}

// speaks says in the standard's words what a sighting would mean: a recovered file may be the victim's own.
func speaks(kind string) string {
	if kind == "sha256" || kind == "file-name" {
		return "anomalous-activity"
	}
	return "malicious-activity"
}

// techniques are those of an indicator's findings.
func (b *bundle) techniques(x *report.Indicator) (out []string) {
	for _, id := range x.Findings {
		if f := b.findings[id]; f != nil && f.SuppressedBy == "" {
			out = append(out, f.Attack...)
		}
	}
	return out
}

func (b *bundle) relate(from, how, to string) {
	b.domain("relationship", []string{from, how, to}, object{"relationship_type": how, "source_ref": from, "target_ref": to})
}

// pattern is how the standard's pattern language asks for an indicator; ok is false for a value that is not of its type.
func pattern(x *report.Indicator) (s string, ok bool) {
	switch x.Type {
	case "ipv4-addr", "ipv6-addr":
		a, single := single(x.Value)
		if single && a.Is6() == (x.Type == "ipv6-addr") {
			return comparison(x.Type+":value", a.String()), true
		}
	case "mac-addr":
		if m := macs(x.Value); len(m) == 1 {
			return comparison("mac-addr:value", m[0]), true
		}
	case "sha256":
		if digest(x.Value) {
			return comparison("file:hashes.'SHA-256'", x.Value), true
		}
	case "file-name":
		if plain(x.Value) {
			return comparison("file:name", x.Value), true
		}
	}
	return "", false
}

func comparison(path, value string) string {
	return fmt.Sprintf("[%s = '%s']", path, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
}

// report adds the report itself, which names all the rest.
func (b *bundle) report() {
	name := "ICMP incident report"
	if b.r.Case.ID != "" {
		name += ": " + b.r.Case.ID
	}
	b.domain("report", append([]string{name}, b.ids()...), object{"name": text(name), "description": text(strings.Join(b.r.Bottom, " ")), "report_types": []string{"observed-data"},
		"published": b.now, "object_refs": b.ids()})
}
