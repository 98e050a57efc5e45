package engine

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/rules/recover"
)

// maxSpread bounds the hosts among which a file is looked for: as many as the last byte of an address tells apart.
const maxSpread = 256

// maxSpreaders bounds the hosts of a rule whose packets to or from all others are put together, which takes time.
const maxSpreaders = 50

func (d *draft) spread() bool { return d.x.spreads() }

// spreads tells whether the rule looks for what one host sent to several, or several to one: it groups by one side alone, and stands by what
// comes back.
func (x *compiled) spreads() bool {
	by, r := x.correlation.GroupBy, x.rule.Recover
	return r != nil && r.Required && r.Field != "" && len(by) == 1 && (by[0] == "sift.src" || by[0] == "sift.dst")
}

// pairs are who sent to whom, as far as recovery goes by that: one pair, or for a rule that looks for what was spread several, with one host on
// one side.
func (d *draft) pairs() (out []pair) {
	if !d.spread() {
		if at := d.pair(); at != (pair{}) {
			out = append(out, at)
		}
		return out
	}
	from, to := d.from.sorted(), d.to.sorted()
	if min(len(from), len(to)) != 1 || max(len(from), len(to)) < 2 || len(from)*len(to) > maxSpread || d.from.more || d.to.more {
		return nil
	}
	for _, src := range from {
		for _, dst := range to {
			out = append(out, pair{src, dst})
		}
	}
	return out
}

// sorted are the side's addresses in order.
func (s *side) sorted() (out []netip.Addr) {
	for a := range s.addrs {
		out = append(out, a)
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out
}

// peer numbers the hosts on the side that has several, from 1; 0 where both sides are one host.
func (g *dig) peer(p *ingest.Packet) int {
	if g.peers == nil {
		return 0
	}
	at := pair{p.Src(), p.Dst()}
	if g.peers[at] == 0 {
		g.peers[at] = len(g.peers) + 1
	}
	return g.peers[at]
}

// maxNamed bounds the hosts that are named.
const maxNamed = 16

// among says between which hosts the pieces of a file were spread.
func (g *dig) among(f recover.Found) string {
	hosts := map[netip.Addr]bool{}
	for _, piece := range f.Pieces {
		at, _ := g.find(piece.Number)
		for p, n := range g.peers {
			if n == g.all[at].Host && len(g.d.from.addrs) == 1 {
				hosts[p.dst] = true
			} else if n == g.all[at].Host {
				hosts[p.src] = true
			}
		}
	}
	names := (&side{addrs: hosts}).sorted()
	words := make([]string, 0, maxNamed)
	for _, a := range names[:min(len(names), maxNamed)] {
		words = append(words, a.String())
	}
	more := ""
	if len(names) > maxNamed {
		more = " and others"
	}
	direction := "to"
	if len(g.d.from.addrs) > 1 {
		direction = "from"
	}
	return fmt.Sprintf("Put together from packets %s %d hosts: %s%s.", direction, len(names), strings.Join(words, ", "), more)
}

// onlyCarriers leaves the sides the hosts that carried something.
func (g *dig) onlyCarriers(found []recover.Found) {
	used := map[int]bool{}
	for _, f := range found {
		for _, piece := range f.Pieces {
			at, _ := g.find(piece.Number)
			used[g.all[at].Host] = true
		}
	}
	hosts := map[netip.Addr]bool{}
	for at, n := range g.peers {
		if used[n] {
			hosts[at.src], hosts[at.dst] = true, true
		}
	}
	for _, s := range []*side{&g.d.from, &g.d.to, &g.d.src, &g.d.dst} {
		maps.DeleteFunc(s.addrs, func(a netip.Addr, _ bool) bool { return !hosts[a] })
	}
}

// embraces tells whether the other draft is between some of the hosts among which this one found what was spread.
func (d *draft) embraces(o *draft) bool {
	return d.spread() && len(d.carved) > 0 && d.src.holds(&o.src) && d.dst.holds(&o.dst)
}

// holds tells whether all addresses of the other side, which are known, are among this side's.
func (s *side) holds(o *side) bool {
	for a := range o.addrs {
		if !s.addrs[a] {
			return false
		}
	}
	return !o.more && len(o.addrs) > 0
}

// spreaders are the drafts that found what was spread.
func spreaders(drafts []*draft) []*draft {
	return slices.DeleteFunc(slices.Clone(drafts), func(d *draft) bool { return !d.spread() || len(d.carved) == 0 || len(d.x.general) == 0 })
}
