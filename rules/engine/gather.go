package engine

import (
	"context"
	"net"
	"net/netip"
	"sort"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/correlate"
)

// maxEndpoints bounds the addresses remembered on each side of a finding; their enclosing network stays exact.
const maxEndpoints = 10_000

// draft is a finding in the making.
type draft struct {
	x         *compiled
	context   *field.Context
	incident  correlate.Incident
	src, dst  side                  // the rule's endpoints
	from, to  side                  // who sent the packets to whom: what recovery goes by
	frames    map[int]*rules.Ranges // by evidence
	bytes     int64
	layer     int // which IP header of its kind carries the message: Wireshark's "#" operator
	v4, v6    bool
	cut       bool
	last      int64
	values    []field.Value
	preview   []byte
	carved    []*rules.Artefact
	truncated bool // more candidates than memory allows
}

// side is one end of a finding.
type side struct {
	addrs map[netip.Addr]bool
	macs  map[string]bool
}

func newDraft(x *compiled, c *field.Context, i correlate.Incident) *draft {
	return &draft{x: x, context: c, incident: i, frames: map[int]*rules.Ranges{}, src: newSide(), dst: newSide(), from: newSide(), to: newSide()}
}

func newSide() side { return side{addrs: map[netip.Addr]bool{}, macs: map[string]bool{}} }

const block = 1 << 9 // timeline numbers looked up together

// gather reads the packets of all drafts, and their further sightings.
func gather(ctx context.Context, t *timeline.Timeline, drafts []*draft) error {
	if len(drafts) == 0 {
		return nil
	}
	index := map[int64][]*draft{}
	for _, d := range drafts {
		for _, r := range d.incident.Members {
			for b := r.First / block; b <= r.Last/block; b++ {
				if k := len(index[b]); k == 0 || index[b][k-1] != d {
					index[b] = append(index[b], d)
				}
			}
		}
	}
	return t.Each(ctx, func(p *ingest.Packet) {
		for _, d := range index[p.Case.Number/block] {
			if d.incident.Members.Has(p.Case.Number) {
				d.add(p)
			}
		}
	})
}

// add takes a packet of the finding, or a further sighting of one.
func (d *draft) add(p *ingest.Packet) {
	d.sight(p.Case.Evidence, p.Number)
	if p.Case.Copy {
		return
	}
	m := p.Message()
	d.bytes += int64(max(0, m.Reported-8))
	d.cut = d.cut || m.Cut()
	d.last = max(d.last, p.Case.Time)
	d.v4, d.v6 = d.v4 || p.Layers[p.IP].Proto == ingest.ProtoIPv4, d.v6 || p.Layers[p.IP].Proto == ingest.ProtoIPv6
	d.layer = layerNumber(p)
	if d.preview == nil && len(m.Bytes) > 8 {
		d.preview = append([]byte(nil), m.Bytes[8:min(len(m.Bytes), 72)]...)
	}
	d.src.take(d.first(d.x.src, p), p)
	d.dst.take(d.first(d.x.dst, p), p)
	d.from.take(p.Src(), p)
	d.to.take(p.Dst(), p)
}

func (d *draft) sight(evidence int, frame int64) {
	r := d.frames[evidence]
	if r == nil {
		r = &rules.Ranges{}
		d.frames[evidence] = r
	}
	r.Add(frame)
}

func (d *draft) first(f *field.Field, p *ingest.Packet) netip.Addr {
	if d.values = f.Values(d.context, p, d.values[:0]); len(d.values) > 0 {
		return d.values[0].Addr
	}
	return netip.Addr{}
}

// layerNumber counts IP headers of the carrying one's kind from the outside.
func layerNumber(p *ingest.Packet) int {
	n := 0
	for _, l := range p.Layers[:p.IP+1] {
		if l.Proto == p.Layers[p.IP].Proto {
			n++
		}
	}
	return n
}

// take notes an address and, from an Ethernet frame, the MAC it stood behind.
func (s *side) take(a netip.Addr, p *ingest.Packet) {
	if !a.IsValid() {
		return
	}
	if len(s.addrs) < maxEndpoints {
		s.addrs[a] = true
	}
	if mac := macOf(a, p); mac != nil && len(s.macs) < 8 {
		s.macs[mac.String()] = true
	}
}

// macOf is the link-layer address on the address's side of the frame; nil if the frame has none, or goes to a group.
func macOf(a netip.Addr, p *ingest.Packet) net.HardwareAddr {
	if p.Layers[0].Proto != ingest.ProtoEthernet || len(p.Layers[0].Bytes) < 12 {
		return nil
	}
	switch b := p.Layers[0].Bytes; {
	case a == p.Src():
		return net.HardwareAddr(b[6:12])
	case a == p.Dst() && b[0]&1 == 0:
		return net.HardwareAddr(b[:6])
	}
	return nil
}

// nearlyAll is the share of a side's addresses that its network must hold: a stray one does not make it the Internet.
const nearlyAll = 0.9

// name is the address, or the smallest network that encloses nearly all of them.
func (s *side) name() string {
	if a, ok := s.single(); ok {
		return a.String()
	}
	if len(s.addrs) == 0 {
		return ""
	}
	for bits := 127; bits > 0; bits-- {
		counts := map[netip.Prefix]int{}
		for a := range s.addrs {
			p, err := a.Prefix(bits - 128 + a.BitLen())
			if err != nil {
				continue
			}
			if counts[p]++; float64(counts[p]) >= nearlyAll*float64(len(s.addrs)) {
				return p.String()
			}
		}
	}
	return s.everywhere()
}

// everywhere is the whole address space of the side's version of IP, "any" for both.
func (s *side) everywhere() string {
	v4, v6 := false, false
	for a := range s.addrs {
		v4, v6 = v4 || a.Is4(), v6 || a.Is6()
	}
	switch {
	case v4 && v6:
		return "any"
	case v6:
		return "::/0"
	}
	return "0.0.0.0/0"
}

// within tells whether all addresses of the side lie in a network, or are the address.
func (s *side) within(network string) bool {
	p, err := netip.ParsePrefix(network)
	if a, aerr := netip.ParseAddr(network); aerr == nil {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	for a := range s.addrs {
		if err != nil || !p.Contains(a) {
			return false
		}
	}
	return err == nil
}

// single is the one address of the side, if it is one.
func (s *side) single() (netip.Addr, bool) {
	for a := range s.addrs {
		return a, len(s.addrs) == 1
	}
	return netip.Addr{}, false
}

func keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
