package crosscheck

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/field"
)

func TestLoad(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"empty":       {"", ""},
		"good":        {"accepted:\n  - {fields: [data.*], versions: ['4.0'], when: foreign dissector, reason: because}", ""},
		"unknown key": {"accepted:\n  - {fields: [data], reason: because, capture: x.pcap}", "capture"},
		"no reason":   {"accepted:\n  - {fields: [data]}", "entry 1: expected fields and a reason"},
		"no fields":   {"accepted:\n  - {reason: because}", "expected fields and a reason"},
		"version":     {"accepted:\n  - {fields: [data], versions: ['4.1'], reason: because}", `version "4.1": expected one of`},
		"condition":   {"accepted:\n  - {fields: [data], when: the moon is full, reason: because}", `when "the moon is full": expected one of`},
		"pattern":     {"accepted:\n  - {fields: ['[data'], reason: because}", `field "[data"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(strings.NewReader(tt.text))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// The committed list hides no fault of the decoder: no entry is for all of ICMP, none without a condition, none for a
// capture.
func TestListIsNarrow(t *testing.T) {
	for _, e := range accepted(t).Entries() {
		if e.When == "" {
			t.Errorf("%q: an entry without a condition", e.Fields)
		}
		for _, glob := range e.Fields {
			if strings.Contains(glob, "pcap") {
				t.Errorf("%q names a capture", glob)
			}
			if n := covered(glob); strings.Contains(glob, "*") && slices.ContainsFunc(n, isICMP) || len(n) > 60 {
				t.Errorf("%q covers %d fields, ICMP among them", glob, len(n))
			}
		}
	}
}

func isICMP(name string) bool { return strings.HasPrefix(name, "icmp") }

// covered lists the fields of the table that a pattern takes in.
func covered(glob string) (out []string) {
	for _, f := range field.All() {
		if ok, _ := filepath.Match(glob, f.Name); ok {
			out = append(out, f.Name)
		}
	}
	return out
}

func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		name, when   string
		ours, theirs []string
		want         bool
	}{
		{"carried over", "impossible fraction", []string{"21.000000000"}, []string{"20.1000000000"}, true},
		{"negative", "impossible fraction", []string{"13:19.999999000"}, []string{"13:20.-00001000"}, true},
		{"another second", "impossible fraction", []string{"21.000000000"}, []string{"20.000000000"}, false},
		{"missing", "impossible fraction", nil, []string{"20.1000000000"}, false},
		{"east", "other time zone", []string{"Nov 22, 2026 11:42:42.974522000 UTC"}, []string{"Nov 22, 2026 17:12:42.974522000 IST"}, true},
		{"long name", "other time zone", []string{"Jan  2, 2026 11:42:42.000000000 UTC"}, []string{"Jan  1, 2026 23:42:42.000000000 Samoa Standard Time"}, true},
		{"seconds", "other time zone", []string{"Nov 22, 2026 11:42:42.974522000 UTC"}, []string{"Nov 22, 2026 12:42:43.974522000 CET"}, false},
		{"days", "other time zone", []string{"Nov 22, 2026 11:42:42.974522000 UTC"}, []string{"Nov 20, 2026 11:42:42.974522000 CET"}, false},
		{"turned round", "other order", []string{"100", "104"}, []string{"104", "100"}, true},
		{"another value", "other order", []string{"100", "104"}, []string{"104", "101"}, false},
		{"one value", "other order", []string{"100"}, []string{"100"}, false},
		{"no packet", "gave up", []string{"data"}, nil, false},
		{"no packet", "empty item", nil, []string{"present"}, false},
		{"the request was ICMP", "unasked", []string{"7"}, nil, false},
		{"no time", "other time zone", []string{"Nov 22, 2026 11:42:42.974522000 UTC"}, []string{"yesterday"}, false},
	} {
		if got := conditions[tt.when](&clash{field: "frame.time", ours: tt.ours, theirs: tt.theirs, export: true}); got != tt.want {
			t.Errorf("%s, %s: %t", tt.when, tt.name, got)
		}
	}
}
