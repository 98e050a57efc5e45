package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones where the system has none

	"github.com/spf13/pflag"

	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// mandate is what the flags say of which packets may be looked at.
type mandate struct {
	from, to, scope string
	limits          timeline.Limit
}

func (m *mandate) flags(f *pflag.FlagSet) {
	f.StringVar(&m.from, "from", "", `look only at packets of this time or later: "2026-01-02T03:04:05+01:00", "2026-01-02", or "2026-01-02 03:04" in --timezone`)
	f.StringVar(&m.to, "to", "", "look only at packets before this time; packets of exactly this time, and of the day that a bare date names, are left out")
	f.StringVar(&m.scope, "scope", "", "look only at packets that pass this display filter, as a legal mandate may ask: no rule, table, recovery or cut-out sees others; requests and replies are paired before; evidence is still hashed whole")
}

// check reads the times into the case. crosses tells that captures are to be compared with Wireshark, frame by frame.
func (m *mandate) check(c *report.Case, crosses bool) error {
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "Local" { // which says nothing in a report
		return usagef("analyze: --timezone %q: expected a name of the time zone database such as Europe/Berlin, or UTC", c.Timezone)
	}
	if c.From, err = parseMoment("--from", m.from, zone); err != nil {
		return err
	}
	if c.To, err = parseMoment("--to", m.to, zone); err != nil {
		return err
	}
	if c.From != nil && c.To != nil && !c.From.Before(*c.To) {
		return usagef("analyze: --from %q --to %q: expected --from before --to; --to itself is left out, so for the whole of a day give the next one", m.from, m.to)
	}
	c.Scope = strings.TrimSpace(m.scope)
	m.limits = timeline.Limit{From: c.From, To: c.To}
	if crosses && (m.limits.From != nil || m.limits.To != nil || c.Scope != "") {
		return usagef("analyze: a cross-check compares whole captures, also what lies outside --from, --to and --scope; run it apart, with \"icmpsift crosscheck\"")
	}
	return nil
}

// limit adds the filter to the times; it may look values up in lists that are loaded.
func (m *mandate) limit(c *field.Context, lists rules.Lists) (timeline.Limit, error) {
	out := m.limits
	if strings.TrimSpace(m.scope) == "" {
		return out, nil
	}
	f, err := filter.Compile(m.scope, c, lists)
	if err != nil {
		return out, usageError{fmt.Errorf("analyze: --scope: %w", err)}
	}
	out.Passes = f.Match
	out.Shown, _ = f.Wireshark()
	return out, nil
}

// wallClocks are the ways to write a time without its zone.
var wallClocks = []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"}

// parseMoment reads a time; without a zone of its own it is one of the given zone. "" gives nil.
func parseMoment(flag, word string, zone *time.Location) (*time.Time, error) {
	if word == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, word)
	for _, form := range wallClocks {
		if err == nil {
			break
		}
		if t, err = time.ParseInLocation(form, word, zone); err == nil {
			err = unique(t, form, word, zone)
			if err != nil {
				return nil, usagef("analyze: %s %q: %w", flag, word, err)
			}
		}
	}
	if err != nil {
		return nil, usagef("analyze: %s %q: expected a time such as 2026-01-02T03:04:05+01:00, \"2026-01-02 03:04\" or 2026-01-02", flag, word)
	}
	if y := t.Year(); y < 1700 || y > 2200 { // nanoseconds reach from 1678 to 2262
		return nil, usagef("analyze: %s %q: expected a year from 1700 to 2200", flag, word)
	}
	t = t.UTC()
	return &t, nil
}

// unique refuses times that clocks of the zone never showed, or showed twice.
func unique(t time.Time, form, word string, zone *time.Location) error {
	plain, err := time.Parse(form, word)
	if err != nil {
		return err
	}
	shows := func(t time.Time) bool {
		_, offset := t.In(zone).Zone()
		return t.Add(time.Duration(offset) * time.Second).Equal(plain)
	}
	if !shows(t) {
		return fmt.Errorf("clocks in %s never showed this time: they were put forward; say the offset from UTC, as in 2026-01-02T03:04:05+01:00", zone)
	}
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if shows(t.Add(d)) || shows(t.Add(-d)) {
			return fmt.Errorf("clocks in %s showed this time twice: they were put back; say the offset from UTC, as in 2026-01-02T03:04:05+01:00", zone)
		}
	}
	return nil
}
