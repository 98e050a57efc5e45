package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/rules"
)

// searching is a rule that says of pings to a host that something is wrong with them, and leaves it to the search what.
func searching(required bool) *rules.Rule {
	return &rules.Rule{Title: "Search", Name: "search", ID: "0b9f2b5e-55a3-4b5c-9f1e-0e6f6a1c7d11", Level: rules.High, Match: "sift.echo.request == 1",
		Correlation: &rules.Correlation{Type: rules.EventCount, GroupBy: []string{"sift.src", "sift.dst"}, Timespan: 24 * time.Hour, Condition: []rules.Condition{{Op: "gte", Value: 10}}},
		Recover:     &rules.Recover{Search: true, Required: required, Order: "auto"}}
}

// A search over all carriers brings back what is in any of them, and nothing from pings that carry nothing.
func TestSearch(t *testing.T) {
	c := facts(t)
	text := []byte(strings.Repeat("meet me behind the old mill at nine, and bring the keys. ", 3))
	pings := func(of func(i int, b byte) (body []byte, ident, seq uint16, ttl uint8)) (out []sent) {
		for i, b := range text {
			body, ident, seq, ttl := of(i, b)
			out = append(out, sent{at: time.Duration(i) * time.Second, src: inside, dst: outside, ttl: ttl, message: echo(8, ident, seq, body)})
		}
		return out
	}
	for carrier, list := range map[string][]sent{
		"sift.payload": pings(func(i int, b byte) ([]byte, uint16, uint16, uint8) { return []byte{b}, 7, uint16(i), 64 }),
		"sift.seq[1]":  pings(func(i int, b byte) ([]byte, uint16, uint16, uint8) { return stockPing(uint32(i)), 7, uint16(b), 64 }),
		"sift.id[1]": pings(func(i int, b byte) ([]byte, uint16, uint16, uint8) {
			return stockPing(uint32(i)), 512 + uint16(b), 1, 64
		}),
		"sift.ttl":            pings(func(i int, b byte) ([]byte, uint16, uint16, uint8) { return stockPing(uint32(i)), 7, uint16(i), b }),
		"sift.payload.length": pings(func(i int, b byte) ([]byte, uint16, uint16, uint8) { return make([]byte, b), 7, uint16(i), 64 }),
	} {
		r := judge(t, []*rules.Rule{searching(false)}, c, write(t, list))
		if len(r.Artefacts) == 0 || len(r.Artefacts) > 3 || !slices.ContainsFunc(r.Artefacts, func(a *rules.Artefact) bool { return bytes.Equal(a.Bytes, text) && a.Carrier == carrier }) {
			var got []string
			for _, a := range r.Artefacts {
				got = append(got, fmt.Sprintf("%s %.40q", a.Carrier, a.Bytes))
			}
			t.Errorf("%s: got %d artefacts: %v", carrier, len(r.Artefacts), got)
		}
	}
	nothing := pings(func(i int, _ byte) ([]byte, uint16, uint16, uint8) { return stockPing(uint32(i)), 7, uint16(i), 64 })
	if r := judge(t, []*rules.Rule{searching(false)}, c, write(t, nothing)); len(r.Findings) != 1 || len(r.Artefacts) != 0 {
		t.Errorf("ordinary pings: %d findings, %d artefacts; want 1 and none", len(r.Findings), len(r.Artefacts))
	}
	if r := judge(t, []*rules.Rule{searching(true)}, c, write(t, nothing)); len(r.Findings) != 0 {
		t.Errorf("ordinary pings, something believable required: %d findings", len(r.Findings))
	}
}
