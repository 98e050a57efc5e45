package sample

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest/oracle"
	"icmpsift/report"
)

// Hostile is [Incident] with s in every text field there is: words of closed lists, ids, hex and map keys included.
func Hostile(t testing.TB, s string) *report.Report {
	return with(t, s, func(string) bool { return true })
}

// Free is [Incident] with s in every text that comes from evidence, from rules or from whoever runs the program, and all else
// as it should be: so the code that looks at levels, addresses and ids takes its usual way.
func Free(t testing.TB, s string) *report.Report {
	return with(t, s, func(field string) bool { return !ours[field] })
}

// Everywhere has a renderer's output checked for each of [Texts] in every field and in all free text, and for all of them
// at once in a sixteenth of the fields. harmless is the same report with a harmless text in the same places.
func Everywhere(t *testing.T, check func(t *testing.T, r, harmless *report.Report)) {
	const words = "two words"
	for _, name := range oracle.Sample(t, slices.Sorted(maps.Keys(Texts)), 4) {
		t.Run(name, func(t *testing.T) { check(t, Hostile(t, Texts[name]), Hostile(t, words)) })
		t.Run("free "+name, func(t *testing.T) { check(t, Free(t, Texts[name]), Free(t, words)) })
	}
	fields := Fields()
	for _, group := range oracle.Sample(t, groups, 4) {
		only := func(f string) bool { return slices.Index(fields, f)%len(groups) == group }
		t.Run(fmt.Sprintf("group %d", group), func(t *testing.T) { check(t, with(t, together(), only), with(t, words, only)) })
	}
}

// groups are so many that the fields of one type are in different ones.
var groups = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// together are all texts but the very long one, in one.
func together() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(Texts)) {
		if name != "long" {
			all = append(all, Texts[name])
		}
	}
	return strings.Join(all, " ")
}

// Fields are the text fields of a report, as "Type.Field".
func Fields() (out []string) {
	with(nil, "", func(field string) bool {
		if !slices.Contains(out, field) {
			out = append(out, field)
		}
		return false
	})
	return out
}

// ours are the fields whose texts the program makes or has checked itself.
var ours = set(`Report.Schema Report.Verdict Case.TLP Case.HomeNet Evidence.ID Evidence.SHA256 Evidence.Status Evidence.DuplicateOf
	Incident.ID Incident.Level Incident.Findings Incident.Hosts Incident.Inside Incident.Outside HostRef.Address HostRef.MAC HostRef.Role HostRef.Zone
	FrameSet.Evidence FrameSet.Ranges Observed.Op Finding.ID Finding.Level Finding.Confidence Finding.Attack Finding.Src Finding.Dst Finding.Filter Finding.Artefacts
	Finding.Pcap Finding.Incident Finding.Preview Artefact.ID Artefact.Finding Artefact.Path Artefact.RawPath Artefact.SHA256 Artefact.Confidence Artefact.Src Artefact.Dst
	Artefact.Preview Indicator.Type Indicator.Level Indicator.Confidence Indicator.Findings Action.Finding Action.Incident Event.Finding Event.Level
	Event.Src Event.Dst Event.Evidence Host.Address Host.Zone Host.Role Host.Level Host.Findings Host.MACs Exchange.Src Exchange.Dst Exchange.Findings
	Rule.Level Suppression.ID Suppression.State Crosscheck.Evidence Crosscheck.Verdict CheckTotal.Verdict Tool.RulesSHA256 PayloadTable.SHA256`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// with is [Incident] with s in some fields.
func with(t testing.TB, s string, in func(field string) bool) *report.Report {
	r := Incident(t)
	fill(reflect.ValueOf(r).Elem(), s, "", in)
	return r
}

func fill(v reflect.Value, s, field string, in func(string) bool) {
	switch v.Kind() {
	case reflect.String:
		if in(field) {
			v.SetString(s)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), s, v.Type().Name()+"."+v.Type().Field(i).Name, in)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), s, field, in)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), s, field, in)
		}
	case reflect.Map:
		if v.Len() > 0 && in(field) {
			v.Set(reflect.ValueOf(map[string]int64{s: 3}))
		}
	}
}
