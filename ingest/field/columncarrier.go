package field

import (
	"cmp"
	"fmt"
	"net/netip"

	"icmpsift/ingest"
)

// spokesmen are protocols that carry others' packets and keep the list's columns to themselves.
var spokesmen = map[ingest.Proto]struct {
	name string
	info func(c *Context, l *ingest.Layer) string
}{
	ingest.ProtoSFlow: {"sFlow", sflowInfo},
	ingest.ProtoNHRP:  {"NHRP", nhrpInfo},
	ingest.ProtoPIM:   {"PIMv2", func(*Context, *ingest.Layer) string { return "Register" }},
}

// spokesman is the outermost such layer of a frame with ICMP, nil if it has none.
func spokesman(p *ingest.Packet) (*ingest.Layer, func(c *Context, l *ingest.Layer) string) {
	for i := range p.Layers[:max(0, p.ICMP)] {
		if s, ok := spokesmen[p.Layers[i].Proto]; ok {
			return &p.Layers[i], s.info
		}
	}
	return nil, nil
}

// sflowInfo: version, agent, sub-agent, sequence number, uptime and number of samples stand at the front.
func sflowInfo(_ *Context, l *ingest.Layer) string {
	b, agent := l.Bytes[min(4, len(l.Bytes)):], netip.Addr{}
	switch n := be(span(l.Bytes, 4, 4)); {
	case n == 2 && len(b) >= 4+16+16:
		agent, b = netip.AddrFrom16([16]byte(b[4:20])), b[20:]
	case n == 1 && len(b) >= 4+4+16:
		agent, b = netip.AddrFrom4([4]byte(b[4:8])), b[8:]
	default:
		return fmt.Sprintf("V%d", be(span(l.Bytes, 0, 4)))
	}
	return fmt.Sprintf("V%d, agent %s, sub-agent ID %d, seq %d, %d samples", be(span(l.Bytes, 0, 4)), agent, be(b[:4]), be(b[4:8]), be(b[12:16]))
}

// nhrpInfo is of traffic indications, the only messages that carry ICMP; their code says why they were sent.
func nhrpInfo(c *Context, l *ingest.Layer) string {
	const says = "NHRP Traffic Indication"
	if !c.since("4.4") {
		return says
	}
	code := be(span(l.Bytes, 24, 2)) // behind the fixed header, two lengths and a reserved word
	return says + ", " + cmp.Or(map[int64]string{0: "NHRP traffic redirect/indirection"}[code], "Unknown")
}
