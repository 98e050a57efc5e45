package build

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"sort"
	"time"

	"icmpsift/ingest"
	"icmpsift/report"
	"icmpsift/rules"
)

// maxRows caps the tables of hosts and conversations; the rest is counted in the totals.
const maxRows = 10_000

func when(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// findingsBy lists, for each address that stands alone in a finding, the findings it has part in, worst first.
func (b *builder) findingsBy() map[string][]*rules.Finding {
	out := map[string][]*rules.Finding{}
	for _, f := range b.in.Result.Findings {
		for _, h := range f.Hosts {
			out[h.Address] = append(out[h.Address], f)
		}
	}
	return out
}

func (b *builder) hosts() []report.Host {
	by := b.findingsBy()
	var list []ranked[*host]
	for _, h := range b.in.Tally.hosts {
		r := ranked[*host]{of: h, name: h.address.String(), volume: h.in + h.out, level: -1}
		if f := by[r.name]; len(f) > 0 {
			r.level = int(f[0].Level)
		}
		list = append(list, r)
	}
	out := []report.Host{}
	for _, r := range first(list) {
		out = append(out, b.host(r.of, r.name, by[r.name]))
	}
	return out
}

func (b *builder) host(h *host, name string, findings []*rules.Finding) report.Host {
	known, _ := b.in.Assets.Of(h.address)
	row := report.Host{Address: name, Name: known.Name, Asset: known.Role, Zone: b.in.Context.Zone(h.address), System: h.system(), Peers: h.peers, First: when(h.first), Last: when(h.last), EchoSent: h.sent,
		EchoReceived: h.received, RepliesSent: h.replies, ErrorsSent: h.errs, OtherSent: h.other, BytesOut: h.out, BytesIn: h.in,
		MACs: []string{}, Payloads: append([]string{}, h.payloads...), TTLs: []int{}, Findings: []string{}}
	for _, mac := range h.macs {
		row.MACs = append(row.MACs, net.HardwareAddr(mac[:]).String())
	}
	for _, ttl := range h.ttls {
		row.TTLs = append(row.TTLs, int(ttl))
	}
	slices.Sort(row.MACs)
	slices.Sort(row.Payloads)
	slices.Sort(row.TTLs)
	for _, f := range findings {
		if row.Level == "" {
			row.Level, row.Role = f.Level.String(), roleOf(f, name)
		}
		row.Findings = append(row.Findings, f.ID)
	}
	return row
}

// ranked is what a table shows first: what has the worst findings, then what is largest.
type ranked[T any] struct {
	of     T
	name   string
	level  int // -1: no finding
	volume int64
}

// first picks the rows of a table.
func first[T any](list []ranked[T]) []ranked[T] {
	slices.SortFunc(list, func(a, b ranked[T]) int {
		return cmp.Or(cmp.Compare(b.level, a.level), cmp.Compare(b.volume, a.volume), cmp.Compare(a.name, b.name))
	})
	return list[:min(len(list), maxRows)]
}

func roleOf(f *rules.Finding, address string) string {
	for _, h := range f.Hosts {
		if h.Address == address {
			return h.Role
		}
	}
	return ""
}

// rank orders level words; no level is below all.
func rank(level string) int {
	if l, ok := rules.ParseLevel(level); ok {
		return int(l)
	}
	return -1
}

func (b *builder) exchanges() []report.Exchange {
	by, level := map[pair][]string{}, map[string]rules.Level{}
	for _, f := range b.in.Result.Findings {
		src, e1 := netip.ParseAddr(f.Src)
		dst, e2 := netip.ParseAddr(f.Dst)
		if e1 == nil && e2 == nil {
			k := pair{src, dst}
			if dst.Less(src) {
				k = pair{dst, src}
			}
			by[k] = append(by[k], f.ID)
			level[f.ID] = f.Level
		}
	}
	var list []ranked[*exchange]
	for _, x := range b.in.Tally.exchanges {
		list = append(list, ranked[*exchange]{x, x.src.String() + " " + x.dst.String(), worst(by[x.hosts()], level), x.forward + x.back})
	}
	out := []report.Exchange{}
	for _, r := range first(list) {
		out = append(out, r.of.row(by[r.of.hosts()]))
	}
	return out
}

// hosts are the two sides, in the order of their addresses.
func (x *exchange) hosts() pair {
	if x.dst.Less(x.src) {
		return pair{x.dst, x.src}
	}
	return pair{x.src, x.dst}
}

// worst is the level of the first finding, for they come worst first; -1 if there is none.
func worst(findings []string, level map[string]rules.Level) int {
	if len(findings) == 0 {
		return -1
	}
	return int(level[findings[0]])
}

func (x *exchange) row(findings []string) report.Exchange {
	k := &x.echo
	row := report.Exchange{Src: x.src.String(), Dst: x.dst.String(), Version: 4, IDs: x.ids, Requests: k.requests, Replies: k.replies, Paired: k.paired,
		Unanswered: k.unanswered, Failed: k.failed, Unsolicited: k.unsolicited, Mismatched: k.mismatched, Other: x.others, Queries: x.kinds(), SizeMin: x.sizeMin, SizeMax: x.sizeMax,
		Forward: x.sent, Back: x.returned, BytesForward: x.forward, BytesBack: x.back, First: when(x.first), Last: when(x.last), Findings: append([]string{}, findings...)}
	if x.src.Is6() {
		row.Version = 6
	}
	if k.requests > 0 {
		lost := 100 * float64(k.unanswered+k.failed) / float64(k.requests)
		row.Loss = &lost
	}
	row.IntervalMean, row.IntervalDev = x.pace.numbers()
	row.RTTMedian, row.RTT95 = x.trips.rank(50), x.trips.rank(95)
	row.EntropyMean, row.EntropyMax = x.carried.entropy()
	row.Payloads = int64(x.carried.different)
	if r := x.rtt; r.n > 0 {
		least, mean, most := ms(r.min), ms(r.sum)/float64(r.n), ms(r.max)
		row.RTTMin, row.RTTMean, row.RTTMax = &least, &mean, &most
	}
	return row
}

// kinds lists the exchanges other than echo that took place.
func (x *exchange) kinds() []report.Query {
	out := []report.Query{}
	if x.queries == nil {
		return out
	}
	for kind, k := range x.queries {
		if k.requests+k.replies > 0 {
			out = append(out, report.Query{Kind: ingest.Exchange(kind).String(), Requests: k.requests, Replies: k.replies, Paired: k.paired,
				Unanswered: k.unanswered, Failed: k.failed, Unsolicited: k.unsolicited, Mismatched: k.mismatched})
		}
	}
	return out
}

func ms(ns int64) float64 { return float64(ns) / 1e6 }

func (b *builder) types() []report.TypeCount {
	out := make([]report.TypeCount, 0, len(b.in.Tally.types))
	for k, c := range b.in.Tally.types {
		version, name := k.described()
		out = append(out, report.TypeCount{Version: version, Type: int(k.typ), Code: int(k.code), Name: name, Packets: c.packets, Bytes: c.bytes,
			Sources: c.sources, Destinations: c.destinations, First: when(c.first), Last: when(c.last)})
	}
	sort.Slice(out, func(i, j int) bool {
		x, y := &out[i], &out[j]
		if x.Packets != y.Packets {
			return x.Packets > y.Packets
		}
		if x.Version != y.Version {
			return x.Version < y.Version
		}
		return x.Type*256+x.Code < y.Type*256+y.Code
	})
	return out
}

// activity gives packets over time, and how many of them belong to findings at medium or above.
func (b *builder) activity() []report.Activity {
	var hostile rules.Ranges
	for _, f := range b.in.Result.Findings {
		if f.Level >= rules.Medium {
			hostile = hostile.Union(f.Members)
		}
	}
	t := b.in.Tally
	if t.totals.ICMPPackets == 0 {
		return []report.Activity{}
	}
	out := make([]report.Activity, len(t.activity))
	for i, s := range t.activity {
		out[i] = report.Activity{Start: when(t.start + int64(i)*t.width), Seconds: t.width / int64(time.Second), Packets: s.packets, Requests: s.requests, Replies: s.replies,
			Errors: s.errors, Other: s.other}
		if s.packets > 0 {
			out[i].Finding = min(s.packets, hostile.Between(s.first, s.last))
		}
	}
	return out
}
