package slice

import (
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/rules"
)

// Options of cutting out.
type Options struct {
	NoPayload bool     // frames end behind the headers of their ICMP message, and say how long they were
	Withhold  Withheld // stays out altogether
}

// Withheld is packets whose headers would give away what was carried in them.
type Withheld struct {
	Packets rules.Ranges          // timeline numbers
	Frames  map[int]*rules.Ranges // the same by evidence
}

// Withhold lists the packets of findings that brought back bytes from anything but payload: to cut that off would not hide them.
func Withhold(found ...[]*rules.Finding) Withheld {
	w := Withheld{Frames: map[int]*rules.Ranges{}}
	for _, list := range found {
		for _, f := range list {
			if !carriedInHeaders(f) {
				continue
			}
			w.Packets = w.Packets.Union(f.Members)
			for _, s := range f.Frames {
				if w.Frames[s.Evidence] == nil {
					w.Frames[s.Evidence] = &rules.Ranges{}
				}
				*w.Frames[s.Evidence] = w.Frames[s.Evidence].Union(s.Ranges)
			}
		}
	}
	return w
}

func carriedInHeaders(f *rules.Finding) bool {
	return slices.ContainsFunc(f.Artefacts, func(a *rules.Artefact) bool { return InHeaders(a.Carrier) })
}

// InHeaders tells whether a carrier lies in what stays of a frame that ends behind its headers: there, or in its length or time.
func InHeaders(carrier string) bool {
	payload := strings.HasPrefix(carrier, "sift.payload") && !strings.HasPrefix(carrier, "sift.payload.")
	return !payload && carrier != "sift.reply.extra"
}

// Holds tells whether a finding has packets that may be cut out.
func (o Options) Holds(f *rules.Finding) bool { return len(f.Members.Minus(o.Withhold.Packets)) > 0 }

// allows tells whether a packet, or a fragment, may be cut out.
func (o Options) allows(p *ingest.Packet) bool {
	if r := o.Withhold.Frames[p.Case.Evidence]; r != nil && p.Fragment && r.Has(p.Number) {
		return false
	}
	return p.Fragment || !o.Withhold.Packets.Has(p.Case.Number)
}

// bytes are those of a frame that may be shown.
func (o Options) bytes(p *ingest.Packet) []byte {
	if !o.NoPayload {
		return p.Data
	}
	return p.Data[:headers(p)]
}

// headers is how many bytes of a frame are headers: up to that of the ICMP message and of what it quotes; of a fragment, those
// up to its IP header.
func headers(p *ingest.Packet) (end int) {
	for i := range p.Layers {
		l := &p.Layers[i]
		if at, ok := ingest.Place(l.Bytes, p.Data); ok && l.Proto != ingest.ProtoData {
			end = max(end, at+min(l.Header, len(l.Bytes)))
		}
	}
	return end
}
