package build

import (
	"errors"
	"hash/maphash"
	"net/netip"

	"icmpsift/ingest"
	"icmpsift/ingest/spool"
)

// members tell hosts, conversations and what belongs to them apart, in bounded memory: the numbers are known at the end.
type members struct {
	seed   maphash.Seed
	pairs  *spool.Distinct // the lower and the higher address
	hosts  *spool.Distinct // address
	ends   *spool.Distinct // type, code and direction; address
	ids    *spool.Distinct // conversation; identifier
	bodies *spool.Distinct // conversation; echo payload
}

func newMembers(b *spool.Budget) members {
	return members{maphash.MakeSeed(), spool.NewDistinct(b), spool.NewDistinct(b), spool.NewDistinct(b), spool.NewDistinct(b), spool.NewDistinct(b)}
}

// address stands for a host: equal for others never but by a chance of 2^-64, which nobody can help along.
func (m *members) address(a netip.Addr) uint64 { return maphash.Comparable(m.seed, a) }

// conversation stands for two hosts, whichever way round.
func conversation(a, b uint64) spool.Key { return spool.Key{min(a, b), max(a, b)} }

// rowKey is where the row of a conversation is found.
func rowKey(k spool.Key) uint64 { return k[0]*0x9e3779b97f4a7c15 ^ k[1] }

// add takes a packet between two hosts.
func (m *members) add(p *ingest.Packet, from, to uint64) {
	both := conversation(from, to)
	m.pairs.Add(both)
	m.hosts.Add(spool.Key{from})
	m.hosts.Add(spool.Key{to})
	if typ, code, ok := p.Type(); ok {
		k := kind{p.V6(), typ, code}
		m.ends.Add(spool.Key{k.number(), from})
		m.ends.Add(spool.Key{k.number() | destinations, to})
	}
	if id, ok := echoID(p); ok {
		m.ids.Add(spool.Key{rowKey(both), uint64(id)})
	}
}

// payload takes what an echo message of a conversation carries.
func (m *members) payload(row uint64, b []byte) {
	m.bodies.Add(spool.Key{row, maphash.Bytes(m.seed, b)})
}

// destinations marks a type's destinations among its ends.
const destinations = 1 << 32

func (k kind) number() uint64 {
	n := uint64(k.typ)<<8 | uint64(k.code)
	if k.v6 {
		n |= 1 << 16
	}
	return n
}

func (m *members) close() error {
	return errors.Join(m.pairs.Close(), m.hosts.Close(), m.ends.Close(), m.ids.Close(), m.bodies.Close())
}

// Settle works out the numbers that are known only when all packets were seen. Errors are those of temporary files. Nothing
// may be added afterwards.
func (t *Tally) Settle() error {
	if t.settled {
		return nil
	}
	t.settled = true
	types := map[uint64]*typeCount{}
	for k, c := range t.types {
		types[k.number()] = c
	}
	return errors.Join(
		t.members.hosts.Each(func(spool.Key) { t.totals.HostsTotal++ }),
		t.members.pairs.Each(t.acquaint),
		t.members.ids.Each(func(k spool.Key) {
			if x := t.exchanges[k[0]]; x != nil {
				x.ids++
			}
		}),
		t.members.bodies.Each(func(k spool.Key) {
			if x := t.exchanges[k[0]]; x != nil {
				x.carried.different++
			}
		}),
		t.members.ends.Each(func(k spool.Key) {
			if c := types[k[0]&^destinations]; k[0]&destinations != 0 {
				c.destinations++
			} else {
				c.sources++
			}
		}),
		t.members.close())
}

// acquaint counts a conversation, and each of its hosts as a peer of the other.
func (t *Tally) acquaint(k spool.Key) {
	t.totals.ExchangesTotal++
	for i, a := range k {
		if h := t.hosts[a]; h != nil && (i == 0 || k[0] != k[1]) {
			h.peers++
		}
	}
}
