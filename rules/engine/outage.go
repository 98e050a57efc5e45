package engine

import (
	"fmt"
	"net/netip"

	"icmpsift/rules"
)

// manyScanners is how many hosts at once meet the same closed doors before it is an outage or a new filter, and not a scan
// by each of them.
const manyScanners = 5

// outages leave one finding at its level where many hosts at once are told of the same network that it cannot be reached:
// the others say the same.
func outages(drafts []*draft, findings []*rules.Finding) {
	told := map[*rules.Rule][]*rules.Finding{}
	for i, f := range findings {
		if d := drafts[i]; d.x.src.Name == "sift.quoted.src" && f.Rule.Level <= rules.Low {
			told[f.Rule] = append(told[f.Rule], f)
		}
	}
	for _, list := range told {
		for len(list) > 0 {
			with, without := list[:1:1], []*rules.Finding(nil)
			for _, f := range list[1:] {
				if sameDoors(list[0], f) {
					with = append(with, f)
				} else {
					without = append(without, f)
				}
			}
			outage(with)
			list = without
		}
	}
}

// outage judges findings of one rule about one network at one time.
func outage(list []*rules.Finding) {
	if len(list) < manyScanners {
		return
	}
	list[0].Notes = append(list[0].Notes, fmt.Sprintf("%d other hosts were told the same at that time, which speaks for an outage or a new filter rather than a scan.", len(list)-1))
	for _, f := range list[1:] {
		f.Level = rules.Informational
		f.Notes = append(f.Notes, "Many hosts were told the same at that time: see the finding for "+list[0].Src+".")
	}
}

// sameDoors tells whether the findings are about the same network at the same time.
func sameDoors(a, b *rules.Finding) bool {
	return a.First <= b.Last && b.First <= a.Last && overlap(a.Dst, b.Dst)
}

func overlap(a, b string) bool {
	p, perr := network(a)
	q, qerr := network(b)
	return perr == nil && qerr == nil && p.Overlaps(q)
}

// network reads an address as a network of one.
func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}
