package station

import (
	"encoding/binary"
	"net/netip"

	"icmpsift/ingest"
)

// routers knows who advertised itself on a link, and who announced each prefix first.
type routers struct {
	serving  map[place]bool    // routers that said they are default routers
	earliest map[segment]place // the first of each link
	prefixes map[prefixAt]netip.Addr
}

type prefixAt struct {
	segment
	prefix netip.Prefix
}

func newRouters() routers {
	return routers{serving: map[place]bool{}, earliest: map[segment]place{}, prefixes: map[prefixAt]netip.Addr{}}
}

// advertise takes a router advertisement. A rival is a router that came second, with a prefix nobody had announced before:
// routers that share the work announce the same prefixes.
func (r *routers) advertise(p *ingest.Packet, on segment, past *ingest.Past) {
	m, src := p.Message(), p.Src()
	if len(m.Bytes) < 16 {
		return
	}
	at := place{on, src}
	first, known := r.earliest[on]
	for o := range m.Options() {
		if n, ok := announced(o); ok {
			key := prefixAt{on, n}
			if _, claimed := r.prefixes[key]; !claimed {
				put(r.prefixes, key, src)
			}
			past.Rival = past.Rival || known && first != at && r.prefixes[key] == src
		}
	}
	if lifetime := binary.BigEndian.Uint16(m.Bytes[6:]); lifetime == 0 {
		past.Withdrawn = r.serving[at]
		return
	}
	put(r.serving, at, true)
	if !known {
		put(r.earliest, on, at)
	}
}

// announced reads a prefix information option (RFC 4861, 4.6.2).
func announced(o []byte) (n netip.Prefix, ok bool) {
	if o[0] != 3 || o[1] != 4 || len(o) < 32 || o[2] > 128 {
		return n, false
	}
	n, err := netip.AddrFrom16([16]byte(o[16:32])).Prefix(int(o[2]))
	return n, err == nil
}
