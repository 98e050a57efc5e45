// Package diff compares two reports, as their report.json tells them: which findings are new, gone or changed, and the same of evidence
// and recovered files. [Load] reads a report folder, [Compare] compares, and [Write] tells people.
package diff

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// Schema names the contract of the result in JSON: fields are added, never renamed.
const Schema = "icmpsift.diff/v1"

// State is what became of something from the old report to the new.
type State string

// The states; what is the same is only counted.
const (
	New     State = "new"
	Gone    State = "gone"
	Changed State = "changed"
)

// Result is what differs.
type Result struct {
	Schema    string   `json:"schema"`
	Same      bool     `json:"same"`  // no finding, evidence or recovered file differs
	Basis     []Change `json:"basis"` // what the reports were made with and limited to, as far as it differs: why the rest may
	Findings  List     `json:"findings"`
	Evidence  List     `json:"evidence"`
	Artefacts List     `json:"artefacts"`
}

// List is the differences of one kind.
type List struct {
	Old   int64  `json:"old"` // how many there are
	New   int64  `json:"new"`
	Same  int64  `json:"same"`
	Items []Item `json:"items"`
}

// Item is one thing that differs.
type Item struct {
	State   State    `json:"state"`
	ID      string   `json:"id"`     // in the new report; of what is gone, in the old one
	OldID   string   `json:"old_id"` // where that differs, else ""
	Level   string   `json:"level"`  // of findings
	Title   string   `json:"title"`
	Changes []Change `json:"changes"`
}

// Change is a value that differs.
type Change struct {
	What string `json:"what"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Compare compares two reports. Findings are the same by id, or else by rule and hosts; evidence by path, or else by its bytes; recovered
// files by their bytes, or else by where they were carried.
func Compare(before, after *report.Report) *Result {
	r := &Result{Schema: Schema, Basis: changes(basis(before), basis(after))}
	r.Findings = compare(before.Findings, after.Findings, findings(before), findings(after))
	r.Evidence = compare(before.Evidence, after.Evidence, evidence(before), evidence(after))
	r.Artefacts = compare(before.Artefacts, after.Artefacts, artefacts(before), artefacts(after))
	r.Same = len(r.Findings.Items)+len(r.Evidence.Items)+len(r.Artefacts.Items) == 0
	return r
}

// fact is a value that is compared.
type fact struct{ what, value string }

// thing is what a comparison needs to know of something.
type thing struct {
	id, level, title string
	keys             []string // what tells that two are the same, the surest first
	facts            []fact
}

func basis(r *report.Report) []fact {
	return []fact{{"version of icmpsift", r.Tool.Version}, {"rules (SHA-256)", r.Tool.RulesSHA256}, {"fields as in Wireshark", r.Tool.Wireshark},
		{"home networks", strings.Join(r.Case.HomeNet, ", ")}, {"from", moment(r.Case.From)}, {"to", moment(r.Case.To)}, {"scope", r.Case.Scope},
		{"payload taken out", yes(r.Redaction != nil)}}
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func findings(r *report.Report) (out []thing) {
	for _, f := range r.Findings {
		out = append(out, thing{id: f.ID, level: f.Level, title: f.Rule.Title + ": " + phrase.Place(f.Src) + " to " + phrase.Place(f.Dst),
			keys: []string{f.ID, strings.Join([]string{f.Rule.Name, f.Src, f.Dst}, "\x00")},
			facts: []fact{{"level", f.Level}, {"confidence", f.Confidence}, {"packets", number(f.Packets)}, {"payload bytes", number(f.Bytes)},
				{"first", moment(&f.First)}, {"last", moment(&f.Last)}, {"going on at the end", yes(f.Ongoing)}, {"suppressed by", f.SuppressedBy}}})
	}
	return out
}

func evidence(r *report.Report) (out []thing) {
	for _, e := range r.Evidence {
		name := strings.Join(slices.DeleteFunc([]string{e.Container, e.Path, e.Member}, func(s string) bool { return s == "" }), " / ")
		out = append(out, thing{id: e.ID, title: name, keys: []string{name, e.SHA256},
			facts: []fact{{"path", name}, {"SHA-256", e.SHA256}, {"size", number(e.Size)}, {"state", e.Status}, {"frames", number(e.Frames + e.FramesAfterDamage)},
				{"ICMP frames", number(e.ICMPFrames)}, {"clock off by", e.ClockOffset}}})
	}
	return out
}

func artefacts(r *report.Report) (out []thing) {
	for _, a := range r.Artefacts {
		out = append(out, thing{id: a.ID, title: a.MediaType + ": " + a.Src + " to " + a.Dst, keys: []string{a.SHA256, strings.Join([]string{a.Src, a.Dst, a.Carrier}, "\x00")},
			facts: []fact{{"SHA-256", a.SHA256}, {"size", number(a.Size)}, {"complete", yes(a.Complete)}, {"gaps", number(int64(len(a.Gaps)))}}})
	}
	return out
}

// compare pairs what is the same, by one key after another, and tells the rest. The lists of the reports are only counted.
func compare[T any](before, after []T, old, now []thing) List {
	l := List{Old: int64(len(before)), New: int64(len(after)), Items: []Item{}}
	partner := pair(old, now)
	left := make([]bool, len(old))
	for i := range left {
		left[i] = true
	}
	for i, n := range now {
		if partner[i] < 0 {
			l.Items = append(l.Items, Item{State: New, ID: n.id, Level: n.level, Title: n.title, Changes: []Change{}})
			continue
		}
		o := old[partner[i]]
		left[partner[i]] = false
		if c := changes(o.facts, n.facts); len(c) > 0 {
			item := Item{State: Changed, ID: n.id, Level: n.level, Title: n.title, Changes: c}
			if o.id != n.id {
				item.OldID = o.id
			}
			l.Items = append(l.Items, item)
			continue
		}
		l.Same++
	}
	for i, o := range old {
		if left[i] {
			l.Items = append(l.Items, Item{State: Gone, ID: o.id, Level: o.level, Title: o.title, Changes: []Change{}})
		}
	}
	return l
}

// pair gives for each of now its partner in old, -1 for none. Each has one partner at most; of several that would do, the first.
func pair(old, now []thing) []int {
	partner, taken := make([]int, len(now)), make([]bool, len(old))
	for i := range partner {
		partner[i] = -1
	}
	for k := range 2 {
		by := map[string][]int{}
		for i, o := range old {
			if !taken[i] && o.keys[k] != "" {
				by[o.keys[k]] = append(by[o.keys[k]], i)
			}
		}
		for i, n := range now {
			if list := by[n.keys[k]]; partner[i] < 0 && len(list) > 0 {
				partner[i], taken[list[0]], by[n.keys[k]] = list[0], true, list[1:]
			}
		}
	}
	return partner
}

// changes lists the facts that differ; both have the same facts in the same order.
func changes(old, now []fact) []Change {
	out := []Change{}
	for i := range now {
		if old[i].value != now[i].value {
			out = append(out, Change{now[i].what, old[i].value, now[i].value})
		}
	}
	return out
}
