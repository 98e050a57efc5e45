package builtin_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/rules"
	"icmpsift/rules/engine"
)

// near are techniques that a judge takes for each other: where a scan comes from, or what an attack is for, is a matter of
// view.
var near = [][]string{
	{"t1018", "t1595", "t1046", "t1590", "t1592", "t1016"},
	{"t1498", "t1499"},
	{"t1557", "t1565", "t1499"},
}

// Each scan and attack of the lab is found: at medium or above, a scan at low, on the right hosts, as the right technique
// or one near it.
func TestLabAttacks(t *testing.T) {
	entries := 0
	eachLab(t, func(t *testing.T, s sidecar, r *engine.Result) {
		least, attack := rules.Medium, s.Category == "attack"
		if s.Category == "recon" {
			least = rules.Low
		}
		for _, e := range s.Expected {
			if !attack && s.Category != "recon" || e.Verdict != "" {
				continue
			}
			entries++
			found := slices.ContainsFunc(r.Findings, func(f *rules.Finding) bool {
				return f.Level >= least && is(f.Src, e.Src) && is(f.Dst, e.Dst) && technique(f.Rule.Tags, e.Attack)
			})
			if !found {
				t.Errorf("%s from %v to %v (%s) not found in %s", e.Technique, e.Src, e.Dst, e.Attack, foundIn(r))
			}
		}
	})
	if entries < 25 {
		t.Errorf("only %d entries were looked for", entries)
	}
}

// is tells whether a finding's address or network is what the ground truth says, as far as that is no mere words.
func is(got string, want any) bool {
	word := fmt.Sprint(want)
	a, err := netip.ParsePrefix(word)
	if one, aerr := netip.ParseAddr(word); aerr == nil {
		a, err = netip.PrefixFrom(one, one.BitLen()), nil
	}
	if err != nil {
		return true
	}
	b, err := netip.ParsePrefix(got)
	if one, aerr := netip.ParseAddr(got); aerr == nil {
		b, err = netip.PrefixFrom(one, one.BitLen()), nil
	}
	return err == nil && a.Overlaps(b) && (!a.IsSingleIP() || b.IsSingleIP())
}

func technique(tags []string, want string) bool {
	base := func(id string) string { return strings.ToLower(strings.Split(id, ".")[0]) }
	return slices.ContainsFunc(tags, func(tag string) bool {
		got := base(strings.TrimPrefix(tag, "attack."))
		return got == base(want) || slices.ContainsFunc(near, func(n []string) bool { return slices.Contains(n, got) && slices.Contains(n, base(want)) })
	})
}

func foundIn(r *engine.Result) (out []string) {
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s %s > %s", f.Level, f.Rule.Name, f.Src, f.Dst))
	}
	return out
}

// Who forges an address is known by the MAC address of his station, which is no longer the forged one's.
func TestSpooferIsKnownByMAC(t *testing.T) {
	c := context_(t)
	for name, want := range map[string]string{"atk-redirect.pcap": "86:11:dd:58:4f:38", "atk-ptb.pcapng": "b6:61:10:55:fe:94", "atk-smurf.pcap": "86:11:dd:58:4f:38"} {
		hosts := 0
		for _, f := range run(t, pack(t, c), c, []string{filepath.Join(lab, name)}).Findings {
			if f.Rule.Roles.Src != "spoofed" {
				continue
			}
			hosts++
			if h := f.Hosts; len(h) != 3 || h[0].MACs != nil || h[2].Role != "spoofer" || h[2].Address != want || !slices.Equal(h[2].MACs, []string{want}) {
				t.Errorf("%s: %s: hosts %+v, want spoofer %s", name, f.Rule.Name, h, want)
			}
		}
		if hosts == 0 {
			t.Errorf("%s: no address is found to be forged", name)
		}
	}
}
