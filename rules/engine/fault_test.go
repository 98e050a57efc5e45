package engine

import (
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/fault"
	"icmpsift/rules"
)

// A filter and a correlation that fail on every packet, and the index of all filters with them: the other rules see what they would
// have seen, and what was lost is counted by rule.
func TestGuardPackets(t *testing.T) {
	c := home(t)
	set := &rules.Set{}
	for _, name := range []string{"sound", "filter", "count"} {
		set.Rules = append(set.Rules, &rules.Rule{ID: name, Name: name, Match: "sift.echo.request"})
	}
	run := func(spoil func(*matcher)) (m *matcher, n int64) {
		m, err := newMatcher(set, c)
		if err != nil {
			t.Fatal(err)
		}
		spoil(m)
		packets(t, m.add, "../../testdata/lab/exf-payload-raw.pcapng")
		return m, m.rules[0].matched
	}
	sound, n := run(func(*matcher) {})
	if n < 2 || len(sound.faults.Faults()) != 0 {
		t.Fatalf("%d packets, faults %v", n, sound.faults.Faults())
	}
	m, _ := run(func(m *matcher) { m.index, m.rules[1].match, m.rules[2].correlator = nil, nil, nil })
	for i, want := range []int64{n, 0, n} {
		if got := m.rules[i].matched; got != want {
			t.Errorf("rule %s matched %d packets, want %d", m.rules[i].rule.Name, got, want)
		}
	}
	if got, want := len(m.rules[0].correlator.Finish()), len(sound.rules[0].correlator.Finish()); got != want || want == 0 {
		t.Errorf("the sound rule has %d incidents, want %d", got, want)
	}
	all := m.faults.Faults()
	if len(all) != 2 {
		t.Fatalf("%d faults, want one of the filter and one of the count: %+v", len(all), all)
	}
	for i, want := range []struct{ step, rule string }{{asking, "filter"}, {correlating, "count"}} {
		f := all[i]
		if f.Step != want.step || f.Rule != want.rule || f.Times < n || f.Lost[0].Frame == 0 || f.Lost[0].Src == "" {
			t.Errorf("got %+v, want %v on %d packets or more", f, want, n)
		}
	}
	alone, _ := run(func(m *matcher) { m.index = nil })
	if all := alone.faults.Faults(); len(all) != 1 || all[0].Rule != "" || alone.rules[1].matched != n {
		t.Errorf("the index alone failed: %+v, %d packets", all, alone.rules[1].matched)
	}
}

// Who watches beside the rules may fail without harm to them.
func TestGuardWatcher(t *testing.T) {
	m := &matcher{faults: &fault.Log{}}
	packets(t, func(p *ingest.Packet) { m.sees(func(*ingest.Packet) { panic("no table") }, p) }, "../../testdata/lab/exf-payload-raw.pcapng")
	if all := m.faults.Faults(); len(all) != 1 || all[0].Step != tabling || all[0].Times < 2 {
		t.Errorf("got %+v", all)
	}
}
