package engine_test

import (
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/fault"
	"icmpsift/rules"
)

// trip makes units of work fail.
func trip(t *testing.T, fails func(fault.Unit) bool) {
	t.Helper()
	fault.Trip = func(u fault.Unit) {
		if fails(u) {
			panic("tripped over " + u.Step)
		}
	}
	t.Cleanup(func() { fault.Trip = nil })
}

// A search that fails costs what it would have brought back, and nothing else.
func TestGuardRecovery(t *testing.T) {
	c := facts(t)
	list, capture := pack(t, c), lab+"/exf-payload-raw.pcapng"
	sound := judge(t, list, c, capture)
	if len(sound.Artefacts) == 0 || len(sound.Faults.Faults()) != 0 {
		t.Fatalf("%d artefacts, faults %v", len(sound.Artefacts), sound.Faults.Faults())
	}
	name, carrier := sound.Artefacts[0].Finding.Rule.Name, sound.Artefacts[0].Carrier
	trip(t, func(u fault.Unit) bool { return u.Rule == name && strings.HasPrefix(u.Step, "recovery from ") })
	j := judge(t, list, c, capture)
	all := j.Faults.Faults()
	if len(all) == 0 || !slices.ContainsFunc(all, func(f fault.Fault) bool {
		return f.Rule == name && f.Step == "recovery from "+carrier && f.Times == 1 && f.Lost[0].Src == sound.Artefacts[0].Src && f.Lost[0].Dst == sound.Artefacts[0].Dst && f.Lost[0].Frame > 0
	}) {
		t.Errorf("what was lost is not named: %+v", all)
	}
	if slices.ContainsFunc(j.Artefacts, func(a *rules.Artefact) bool { return a.Finding.Rule.Name == name }) {
		t.Errorf("artefacts %v", j.Artefacts)
	}
	if !slices.Equal(packetCounts(j), packetCounts(sound)) {
		t.Errorf("packets by rule: %v, want %v", packetCounts(j), packetCounts(sound))
	}
}

// packetCounts are how many packets each rule matched, in the order of rules that matched any.
func packetCounts(j judged) (out []string) {
	for r, n := range j.Matched {
		if n > 0 {
			out = append(out, r.Name+strings.Repeat("+", int(min(n, 1000))))
		}
	}
	slices.Sort(out)
	return out
}

// A tunnel that cannot be looked into leaves its finding.
func TestGuardTunnel(t *testing.T) {
	c := facts(t)
	list, capture := pack(t, c), lab+"/tun-hans.pcap"
	sound := judge(t, list, c, capture)
	trip(t, func(u fault.Unit) bool { return u.Step == "looking into a tunnel" })
	j := judge(t, list, c, capture)
	all := j.Faults.Faults()
	if len(all) == 0 || all[0].Rule == "" || all[0].Lost[0].Src == "" {
		t.Fatalf("what was lost is not named: %+v", all)
	}
	if !slices.ContainsFunc(j.Findings, func(f *rules.Finding) bool { return f.Rule.Name == all[0].Rule }) {
		t.Errorf("the finding of %s is gone, of %d there are %d", all[0].Rule, len(sound.Findings), len(j.Findings))
	}
}
