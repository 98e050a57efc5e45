package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/filter"
	"icmpsift/rules/tunnel"
)

// Bounds of looking into tunnels.
const (
	nearby     = int64(time.Minute) // so far from a finding's packets its messages may lie, and farther where these are rare
	faraway    = int64(time.Hour)
	mirrored   = 64 // a reply cut short is a kernel's if it returns at least so much
	keptIdents = 16 // so many echo identifiers a tunnel may keep; more of them say nothing
)

// bore is one finding's collection of what its two hosts sent each other, both ways.
type bore struct {
	d           *draft
	from        netip.Addr     // the first host
	scope       *filter.Filter // nil: every echo message
	first, last int64          // when its messages were sent
	messages    []tunnel.Message
	sightings   []sighting
	further     map[int64][]sighting
	idents      map[uint16]bool // of the finding's packets
	members     int             // how many of them there are
}

// tunnels looks into the tunnels of the drafts whose rule says so. Of those where nothing came back bytes are carved, if the
// rule names a field too.
func tunnels(ctx context.Context, t *timeline.Timeline, talks *talks, drafts []*draft) error {
	bores, err := bored(drafts)
	if err != nil || len(bores) == 0 {
		return err
	}
	held, most := 0, int(t.Budget().Work()/2) // bytes at once, over all findings
	var pairs []pair
	for at := range bores {
		pairs = append(pairs, at, at.turned())
	}
	err = t.Some(ctx, talks.among(pairs...), func(p *ingest.Packet) {
		if p.Message() == nil {
			return
		}
		for _, b := range bores[either(p.Src(), p.Dst())] {
			b.d.takes(tunnelling, p, func(p *ingest.Packet) { held += b.add(p, most-held) })
		}
	})
	for _, d := range drafts {
		for _, b := range bores[d.talkers()] {
			if b.d == d {
				b.d.guarded(tunnelling, b.finish)
			}
		}
	}
	return err
}

// either is the same pair for both directions.
func either(a, b netip.Addr) pair {
	if b.Less(a) {
		a, b = b, a
	}
	return pair{a, b}
}

// either is the part of a display filter that shows what the two hosts sent each other.
func (p pair) either() string {
	name := "ip.addr"
	if p.src.Is6() {
		name = "ipv6.addr"
	}
	return fmt.Sprintf("%s == %s && %s == %s", name, p.src, name, p.dst)
}

// talkers are the two hosts of a finding, whichever way its packets went; none if there are more.
func (d *draft) talkers() pair {
	hosts := map[netip.Addr]bool{}
	maps.Copy(hosts, d.from.addrs)
	maps.Copy(hosts, d.to.addrs)
	if len(hosts) != 2 {
		return pair{}
	}
	two := slices.Collect(maps.Keys(hosts))
	return either(two[0], two[1])
}

func bored(drafts []*draft) (map[pair][]*bore, error) {
	bores := map[pair][]*bore{}
	for _, d := range drafts {
		r, at := d.x.rule.Recover, d.talkers()
		if r == nil || len(r.Tunnel) == 0 || at == (pair{}) || d.monitor() {
			continue
		}
		b := &bore{d: d, from: at.src, further: map[int64][]sighting{}, idents: map[uint16]bool{}}
		for _, s := range []side{d.from, d.src} {
			if one, ok := s.single(); ok && (one == at.src || one == at.dst) {
				b.from = one
			}
		}
		if r.Scope != "" {
			var err error
			if b.scope, err = filter.Compile(r.Scope, pinned(d.context, d.x.rule), d.lists); err != nil {
				return nil, err
			}
		}
		bores[at] = append(bores[at], b)
	}
	for _, list := range bores {
		for _, b := range list {
			b.among(list)
		}
	}
	return bores, nil
}

// among parts the time between the findings of one rule on the same hosts: each message is one's.
func (b *bore) among(list []*bore) {
	around := min(max(nearby, 10*(b.d.last-b.d.incident.First)/max(1, b.d.incident.Members.Total()-1)), faraway)
	b.first, b.last = b.d.incident.First-around, b.d.last+around
	for _, other := range list {
		if other.d.x != b.d.x {
			continue
		}
		if o := other.d; o.last < b.d.incident.First {
			b.first = max(b.first, o.last+(b.d.incident.First-o.last)/2+1)
		} else if o.incident.First > b.d.last {
			b.last = min(b.last, b.d.last+(o.incident.First-b.d.last)/2)
		}
	}
}

// add takes a message between the two hosts; it gives the memory that holding it costs.
func (b *bore) add(p *ingest.Packet, room int) int {
	if p.Case.Copy {
		b.again(p)
		return 0
	}
	if p.Case.Time < b.first || p.Case.Time > b.last || !b.belongs(p) {
		return 0
	}
	m := b.message(p)
	if room < perCandidate+len(m.Payload) {
		b.d.truncated = true
		return 0
	}
	if b.d.incident.Members.Has(m.Number) {
		b.idents[m.Ident] = true
		b.members++
	}
	m.Payload = slices.Clone(m.Payload)
	b.messages = append(b.messages, m)
	b.sightings = append(b.sightings, sightingOf(p))
	return perCandidate + len(m.Payload)
}

func (b *bore) belongs(p *ingest.Packet) bool {
	if len(p.Message().Bytes) < 8 {
		return false
	}
	if b.scope != nil {
		return b.scope.Match(p)
	}
	request, reply := p.Echo()
	return request || reply
}

func (b *bore) message(p *ingest.Packet) tunnel.Message {
	m, r := p.Message(), p.Case.Reply
	_, reply := p.Echo()
	out := tunnel.Message{Number: p.Case.Number, Time: p.Case.Time, Evidence: p.Case.Evidence, Frame: p.Number, Reply: reply, Ordinary: b.d.ordinary(p),
		Ident: binary.BigEndian.Uint16(m.Bytes[4:]), Seq: binary.BigEndian.Uint16(m.Bytes[6:]), Payload: m.Bytes[8:], Wire: max(m.Reported-8, len(m.Bytes)-8)}
	if p.Src() != b.from {
		out.From = 1
	}
	out.Mirror = reply && r.To != 0 && (!r.Differs || r.Truncated && out.Wire >= mirrored)
	return out
}

// again takes a further sighting of a message; the one captured longest speaks for its bytes.
func (b *bore) again(p *ingest.Packet) {
	at, known := slices.BinarySearchFunc(b.messages, p.Case.Number, func(m tunnel.Message, n int64) int { return cmp.Compare(m.Number, n) })
	if !known {
		return
	}
	b.further[p.Case.Number] = append(b.further[p.Case.Number], sightingOf(p))
	if held := &b.messages[at]; len(p.Message().Bytes)-8 > len(held.Payload) {
		held.Payload = slices.Clone(p.Message().Bytes[8:])
	}
}

// narrow leaves out what other programs of the two hosts say, where the finding's packets keep to few identifiers.
func (b *bore) narrow() {
	if len(b.idents) > keptIdents || len(b.idents) > 1 && 4*len(b.idents) > b.members {
		return
	}
	messages, sightings := b.messages[:0:0], b.sightings[:0:0]
	for i, m := range b.messages {
		if b.idents[m.Ident] {
			messages, sightings = append(messages, m), append(sightings, b.sightings[i])
		}
	}
	b.messages, b.sightings = messages, sightings
}

// finish makes artefacts of what the tunnel carried.
func (b *bore) finish() {
	b.narrow()
	r, at := b.d.x.rule, b.d.talkers()
	to := at.src
	if to == b.from {
		to = at.dst
	}
	hosts := [2]tunnel.Host{{Address: b.from.String()}, {Address: to.String()}}
	if b.from.String() == b.d.src.name() {
		hosts[0].Role, hosts[1].Role = r.Roles.Src, r.Roles.Dst
	}
	content := tunnel.Open(r.Recover.Tunnel, hosts, b.messages)
	b.d.inside, b.d.said = content.Notes, content.Said
	for _, f := range content.Finds {
		b.d.carved = append(b.d.carved, b.artefact(f))
	}
	b.d.tunnelled = len(content.Finds) > 0
	b.messages, b.sightings, b.further = nil, nil, nil
}

func (b *bore) artefact(f tunnel.Find) *rules.Artefact {
	sum := sha256.Sum256(f.Bytes)
	a := f.Artefact
	a.SHA256 = hex.EncodeToString(sum[:])
	a.Frames = sources(b.claim(f.Messages))
	if b.d.truncated {
		a.Complete = false
	}
	return &a
}

// sender is the host that sent a message.
func (b *bore) sender(m *tunnel.Message) string {
	hosts := b.d.talkers()
	if (m.From == 0) == (hosts.src == b.from) {
		return hosts.src.String()
	}
	return hosts.dst.String()
}

// claim makes messages members of the finding; it gives their frames. Sets are joined once: there may be many.
func (b *bore) claim(messages []int) places {
	d, frames, numbers := b.d, places{}, rules.Ranges{}
	for _, i := range messages {
		m := &b.messages[i]
		if !d.incident.Members.Has(m.Number) {
			d.carry(int64(m.Wire), b.sender(m))
		}
		numbers.Add(m.Number)
		d.incident.First, d.last = min(d.incident.First, m.Time), max(d.last, m.Time)
		for _, seen := range append([]sighting{b.sightings[i]}, b.further[m.Number]...) {
			frames.mark(seen)
			d.fragmented = d.fragmented || seen.fragments != nil
			d.seen = interval{min(d.seen.first, seen.time), max(d.seen.last, seen.time)}
		}
	}
	known := d.incident.Members.Total()
	d.incident.Members = d.incident.Members.Union(numbers)
	d.incident.More = max(0, d.incident.More-(d.incident.Members.Total()-known)) // they were counted there
	for e, r := range frames {
		all := *r
		if d.frames[e] != nil {
			all = d.frames[e].Union(all)
		}
		d.frames[e] = &all
	}
	return frames
}
