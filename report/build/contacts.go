package build

import (
	"cmp"
	"net/netip"
	"slices"

	"icmpsift/report"
)

// maxContacts is how many hosts stand alone among the contacts.
const maxContacts = 14

// zones in the order of the contacts; see sift.zone.*.
var zones = []string{homeZone, "link-local", outsideZone, "multicast", "broadcast"}

// contacts sums up who talked to whom: the first rows of the table of hosts one by one, the inside ones in front, and the others
// together, zone by zone.
func (b *builder) contacts(r *report.Report) report.Contacts {
	alone := slices.Clone(r.Hosts[:min(len(r.Hosts), maxContacts)])
	slices.SortStableFunc(alone, func(x, y report.Host) int {
		return cmp.Compare(slices.Index(zones, x.Zone), slices.Index(zones, y.Zone))
	})
	m := &matrix{at: map[string]int{}, sums: map[[2]int]*report.ContactSum{}}
	for _, h := range alone {
		m.at[h.Address] = len(m.hosts)
		m.hosts = append(m.hosts, report.Contact{Address: h.Address, Name: h.Name, Zone: h.Zone, Level: h.Level, Hosts: 1})
	}
	for _, zone := range zones {
		if n := b.others(zone, alone); n > 0 {
			m.at[zone] = len(m.hosts)
			m.hosts = append(m.hosts, report.Contact{Zone: zone, Hosts: n})
		}
	}
	level := levels(r.Findings)
	for _, x := range b.in.Tally.exchanges {
		b.link(m, x, level)
	}
	return m.contacts()
}

// others counts the hosts of a zone that do not stand alone.
func (b *builder) others(zone string, alone []report.Host) (n int64) {
	for _, h := range b.in.Tally.hosts {
		if b.in.Context.Zone(h.address) == zone {
			n++
		}
	}
	for _, h := range alone {
		if h.Zone == zone {
			n--
		}
	}
	return n
}

type matrix struct {
	hosts []report.Contact
	at    map[string]int // by address, or zone
	sums  map[[2]int]*report.ContactSum
}

func (b *builder) link(m *matrix, x *exchange, level map[pair]string) {
	src, dst := b.place(m, x.src), b.place(m, x.dst)
	worst := level[x.hosts()]
	m.add(src, dst, x.sent, worst)
	m.add(dst, src, x.returned, worst)
}

// place is where a host stands; -1 for one that tables have no room for.
func (b *builder) place(m *matrix, a netip.Addr) int {
	if i, ok := m.at[a.String()]; ok {
		return i
	}
	if i, ok := m.at[b.in.Context.Zone(a)]; ok {
		return i
	}
	return -1
}

func (m *matrix) add(src, dst int, packets int64, level string) {
	if packets == 0 || src < 0 || dst < 0 {
		return
	}
	k := [2]int{src, dst}
	if m.sums[k] == nil {
		m.sums[k] = &report.ContactSum{Src: src, Dst: dst}
	}
	s := m.sums[k]
	s.Packets += packets
	if rank(level) > rank(s.Level) {
		s.Level = level
	}
}

func (m *matrix) contacts() report.Contacts {
	out := report.Contacts{Hosts: m.hosts, Links: make([]report.ContactSum, 0, len(m.sums))}
	if out.Hosts == nil {
		out.Hosts = []report.Contact{}
	}
	for _, s := range m.sums {
		out.Links = append(out.Links, *s)
	}
	slices.SortFunc(out.Links, func(a, b report.ContactSum) int { return cmp.Or(cmp.Compare(a.Src, b.Src), cmp.Compare(a.Dst, b.Dst)) })
	return out
}

// levels gives the worst level of the findings between two hosts.
func levels(findings []report.Finding) map[pair]string {
	out := map[pair]string{}
	for _, f := range findings { // worst first
		src, e1 := netip.ParseAddr(f.Src)
		dst, e2 := netip.ParseAddr(f.Dst)
		if e1 != nil || e2 != nil {
			continue
		}
		if k := (&exchange{src: src, dst: dst}).hosts(); out[k] == "" {
			out[k] = f.Level
		}
	}
	return out
}
