package station

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/spool"
)

// seen is a packet of a test, and what is told of it.
type seen struct {
	at       time.Duration
	src, dst string
	mac      byte // of the sender
	message  []byte
	hops     byte // 0 is 255
	vlan     uint16
	evidence int
	want     ingest.Past
}

func (s seen) packet(t testing.TB, number int64) *ingest.Packet {
	t.Helper()
	src, dst := netip.MustParseAddr(s.src), netip.MustParseAddr(s.dst)
	ip, kind := slices.Concat([]byte{0x60, 0, 0, 0, 0, byte(len(s.message)), 58, s.hops - 1}, src.AsSlice(), dst.AsSlice()), uint16(0x86dd)
	if ip[7]++; s.hops == 0 {
		ip[7] = 255
	}
	if src.Is4() {
		ip, kind = slices.Concat([]byte{0x45, 0, 0, byte(20 + len(s.message)), 0, 1, 0, 0, 64, 1, 0, 0}, src.AsSlice(), dst.AsSlice()), 0x0800
		if s.hops > 0 {
			ip[8] = s.hops
		}
	}
	b := []byte{2, 0, 0, 0, 0, 99, 2, 0, 0, 0, 0, s.mac}
	if s.vlan > 0 {
		b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, 0x8100), s.vlan)
	}
	b = slices.Concat(binary.BigEndian.AppendUint16(b, kind), ip, s.message)
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(&ingest.Frame{Number: number, Link: ingest.LinkEthernet, Wire: len(b), Data: b}, &p)
	if p.Message() == nil {
		t.Fatalf("no message in %x", b)
	}
	p.Case = ingest.Case{Number: number, Time: int64(s.at), Evidence: s.evidence}
	return &p
}

func address(a string) []byte { return netip.MustParseAddr(a).AsSlice() }

func ping(typ byte) []byte { return []byte{typ, 0, 0, 0, 0, 1, 0, 1} }

func link(kind, mac byte) []byte { return []byte{kind, 1, 2, 0, 0, 0, 0, mac} }

func solicitation(target string, options ...byte) []byte {
	return slices.Concat([]byte{135, 0, 0, 0, 0, 0, 0, 0}, address(target), options)
}

func advertisement(target string, options ...byte) []byte {
	return slices.Concat([]byte{136, 0, 0, 0, 0x20, 0, 0, 0}, address(target), options)
}

func routerAdvertises(target string, options ...byte) []byte {
	b := advertisement(target, options...)
	b[4] |= 0x80
	return b
}

func router(lifetime byte, prefixes ...string) []byte {
	b := []byte{134, 0, 0, 0, 64, 0, 0, lifetime, 0, 0, 0, 0, 0, 0, 0, 0}
	for _, p := range prefixes {
		b = slices.Concat(b, []byte{3, 4, 64, 0xc0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0}, address(p))
	}
	return b
}

// preferred is an advertisement of a router of high preference (RFC 4191).
func preferred(lifetime byte) []byte {
	b := router(lifetime)
	b[5] = 0x08
	return b
}

// servers is an advertisement of servers of names.
func servers(lifetime byte, list ...string) []byte {
	b := append(router(lifetime), 25, byte(1+2*len(list)), 0, 0, 0, 0, 0, 9)
	for _, a := range list {
		b = append(b, address(a)...)
	}
	return b
}

const (
	all      = "ff02::1"
	one, two = "fe80::1", "fe80::2"
	three    = "2001:db8::3"
)

var (
	moved     = ingest.Past{Moved: true}
	disputed  = ingest.Past{Denied: true}
	rival     = ingest.Past{Rival: true}
	routed    = ingest.Past{Routed: true}
	foreign   = ingest.Past{Foreign: true}
	withdrawn = ingest.Past{Withdrawn: true}
)

// asked is a request of one that so many in a hundred never answered.
func asked(age time.Duration, silent int) ingest.Past {
	return ingest.Past{Acquainted: true, Contact: int64(age), Silent: silent}
}

// unheard is such a request to one that never replied to anybody.
func unheard(silent int) ingest.Past {
	past := asked(0, silent)
	past.Mute = true
	return past
}

func known(age time.Duration) ingest.Past { return ingest.Past{Acquainted: true, Contact: int64(age)} }

func TestPast(t *testing.T) {
	for name, list := range map[string][]seen{
		"contacts": { // one of the two hosts that the first one asks answers
			{src: "10.0.0.1", dst: "10.0.0.2", message: ping(8), want: asked(0, 50)},
			{at: time.Second, src: "10.0.0.2", dst: "10.0.0.1", message: ping(0)}, // a reply
			{at: 2 * time.Second, src: "10.0.0.1", dst: "10.0.0.3", message: ping(8), want: unheard(50)},
			{at: 3 * time.Second, src: "10.0.0.1", dst: "10.0.0.2", message: ping(13), want: asked(3*time.Second, 50)}, // another exchange
			{at: 4 * time.Second, src: "10.0.0.2", dst: "10.0.0.1", message: ping(8), want: unheard(100)},              // the other way
			{at: time.Second, src: "10.0.0.1", dst: "10.0.0.3", message: ping(8), want: unheard(50)},                   // before the first: late
			{at: 5 * time.Second, src: "10.0.0.1", dst: "224.0.0.1", message: ping(8), want: asked(0, 50)},             // no host
			{at: 6 * time.Second, src: "10.0.0.9", dst: "10.0.0.1", message: ping(0)},                                  // nobody asked it
		},
		"an address moves": {
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 1)...)},
			{src: one, dst: all, mac: 9, message: advertisement(three, link(2, 1)...)}, // sent by another station: the option counts
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 2)...), want: moved},
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 2)...)},
			{src: three, dst: all, mac: 1, message: solicitation(one, link(1, 2)...), want: known(0)}, // its sender agrees
			{src: three, dst: all, mac: 1, message: solicitation(one, link(1, 1)...), want: ingest.Past{Acquainted: true, Moved: true}},
			{src: one, dst: all, mac: 5, message: advertisement(three), want: moved}, // no option: the frame's sender
		},
		"of another link, or from afar": {
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 1)...)},
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 2)...), vlan: 7},
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 3)...), evidence: 1},
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 4)...), hops: 254},
			{src: one, dst: all, mac: 1, message: advertisement(three, link(2, 1)...)},
		},
		"neighbours sought": {
			{src: one, dst: all, mac: 1, message: solicitation(three), want: ingest.Past{Acquainted: true, Answered: true}},
			{at: time.Second, src: one, dst: all, mac: 1, message: solicitation(three), want: ingest.Past{Acquainted: true, Contact: 1e9, Answered: true}},
			{at: 2 * time.Second, src: three, dst: one, mac: 3, message: advertisement(three)},
			{at: 3 * time.Second, src: one, dst: all, mac: 1, message: solicitation(three), want: known(3 * time.Second)},
			{at: 9 * time.Second, src: three, dst: one, mac: 3, message: advertisement(three)}, // too late
			{at: 10 * time.Second, src: one, dst: all, mac: 1, message: solicitation(two), want: known(0)},
			{at: 16 * time.Second, src: one, dst: all, mac: 1, message: solicitation(two), want: ingest.Past{Acquainted: true, Contact: 6e9, Answered: true}}, // asked anew
			{at: 17 * time.Second, src: two, dst: one, mac: 2, message: advertisement(two)},
			{at: 18 * time.Second, src: one, dst: two, mac: 1, message: ping(128), want: asked(0, 100)}, // another matter
		},
		"a new address is taken": {
			{src: "::", dst: all, mac: 1, message: solicitation(three)},
			{at: 5 * time.Second, src: three, dst: all, mac: 2, message: advertisement(three), want: disputed},
			{at: 5 * time.Second, src: three, dst: all, mac: 2, message: advertisement(three)}, // that was the answer
			{at: 6 * time.Second, src: "::", dst: all, mac: 1, message: solicitation(three)},
			{at: 12 * time.Second, src: three, dst: all, mac: 2, message: advertisement(three)}, // too late
		},
		"a new address is told": {
			{src: "::", dst: all, mac: 1, message: solicitation(three)},
			{at: time.Second, src: three, dst: all, mac: 1, message: advertisement(three)},
			{at: 2 * time.Second, src: three, dst: all, mac: 2, message: advertisement(three), want: ingest.Past{Denied: true, Moved: true}},
		},
		"routers": {
			{src: one, dst: all, mac: 1, message: router(9, "2001:db8:1::")},
			{src: two, dst: all, mac: 2, message: router(9, "2001:db8:7::")}, // both are new
			{src: one, dst: all, mac: 1, message: router(9, "2001:db8:1::")},
			{src: two, dst: all, mac: 2, message: router(9, "2001:db8:1::", "2001:db8:7::")},
			{src: two, dst: all, mac: 2, message: router(9, "2001:db8:1::", "2001:db8:2::"), want: rival},
			{src: one, dst: all, mac: 1, message: router(9, "2001:db8:3::")},
			{src: one, dst: all, mac: 1, message: router(0, "2001:db8:1::"), want: withdrawn},
			{src: one, dst: all, mac: 1, message: router(0), want: withdrawn},
			{src: three, dst: all, mac: 3, message: router(0)}, // never was one
			{src: three, dst: all, mac: 3, message: router(0, "2001:db8:2::")},
			{src: three, dst: all, mac: 3, message: router(0, "2001:db8:5::"), want: rival},
			{src: one, dst: all, mac: 1, message: servers(9, one)},
			{src: two, dst: all, mac: 2, message: servers(9, one)},
			{src: three, dst: all, mac: 3, message: servers(0, three)}, // a server, and no router
			{src: two, dst: all, mac: 2, message: servers(9, two), want: rival},
			{src: two, dst: all, mac: 2, message: servers(9, two)[:39]},
		},
		"a router that asks to be preferred": {
			{src: one, dst: all, mac: 1, message: preferred(9)},
			{src: two, dst: all, mac: 2, message: preferred(9)}, // both are new
			{src: one, dst: all, mac: 1, message: preferred(9)},
			{src: two, dst: all, mac: 2, message: preferred(9)},
			{src: three, dst: all, mac: 3, message: router(9)},
			{src: three, dst: all, mac: 3, message: preferred(0), want: withdrawn},
			{src: three, dst: all, mac: 3, message: preferred(9), want: rival},
			{src: one, dst: all, mac: 1, message: preferred(9)},
		},
		"a router's address is taken over": {
			{src: one, dst: all, mac: 1, message: router(9)},
			{src: one, dst: all, mac: 2, message: advertisement(one, link(2, 2)...), want: ingest.Past{Moved: true, Usurped: true}},
			{src: one, dst: all, mac: 1, message: router(9), want: ingest.Past{Moved: true, Usurped: true}},
			{src: two, dst: all, mac: 3, message: router(0)},
			{src: two, dst: all, mac: 4, message: advertisement(two, link(2, 4)...), want: moved}, // never was one
			{src: three, dst: all, mac: 5, message: routerAdvertises(three, link(2, 5)...)},       // says so here
			{src: three, dst: all, mac: 6, message: advertisement(three, link(2, 6)...), want: ingest.Past{Moved: true, Usurped: true}},
			{src: one, dst: all, mac: 7, vlan: 7, message: advertisement(one, link(2, 7)...)},
		},
		"redirects": {
			{src: "10.0.0.2", dst: "10.0.0.9", mac: 2, message: ping(5), want: routed}, // by what is seen later
			{src: "10.0.0.1", dst: "10.0.0.9", mac: 1, message: ping(0)},
			{src: "10.0.0.1", dst: "10.0.0.9", mac: 1, message: ping(5)}, // brings nothing of others
			{src: "192.0.2.1", dst: "10.0.0.9", mac: 2, message: ping(0), hops: 52},
			{src: "10.0.0.1", dst: "10.0.0.9", mac: 2, message: ping(5), want: foreign},
			{src: "10.0.0.3", dst: "192.0.2.1", mac: 3, message: ping(0)},
			{src: "10.0.0.3", dst: "192.0.2.1", mac: 4, message: ping(0), hops: 63}, // somebody in the middle
			{src: "10.0.0.7", dst: "10.0.0.3", mac: 4, message: ping(5)},
			{src: "192.0.2.5", dst: "10.0.0.9", mac: 5, message: ping(0), hops: 30}, // a traceroute
			{src: "10.0.0.5", dst: "10.0.0.9", mac: 5, message: ping(5)},
			{src: "192.0.2.6", dst: "10.0.0.9", mac: 6, message: ping(0), hops: 128}, // a host with another address
			{src: "10.0.0.6", dst: "10.0.0.9", mac: 6, message: ping(5)},
			{src: one, dst: all, mac: 11, message: router(9)},
			{src: one, dst: all, mac: 11, message: ping(137), want: routed},
			{src: one, dst: all, mac: 8, message: ping(137), want: foreign},
			{src: three, dst: all, mac: 9, message: ping(128), want: known(0)}, // a host
			{src: three, dst: all, mac: 9, message: ping(137)},
			{src: one, dst: all, mac: 11, message: ping(137), vlan: 9}, // no router there
		},
		"cut": {
			{src: one, dst: all, mac: 1, message: []byte{136, 0, 0, 0, 0, 0, 0, 0}},
			{src: one, dst: all, mac: 1, message: []byte{134, 0, 0, 0, 0, 0, 0, 0}},
			{src: "::", dst: all, mac: 1, message: []byte{135, 0, 0, 0, 0, 0, 0, 0}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := New(spool.NewBudget(1<<20, t.TempDir()), func(evidence int) int { return evidence })
			for i, s := range list {
				b.Add(s.packet(t, int64(i+1)))
			}
			for i, s := range list {
				if got := b.Of(s.packet(t, int64(i+1))); got != s.want {
					t.Errorf("packet %d: %+v, want %+v", i+1, got, s.want)
				}
			}
		})
	}
}

// A flood from addresses made up does not make the book forget who swept, nor grow.
func TestContactsAreBounded(t *testing.T) {
	c := newContacts()
	sweeper, victim := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.9.9.9")
	for i := range 20 {
		c.since(sweeper, netip.AddrFrom4([4]byte{10, 1, 1, byte(i)}), 1)
	}
	for i := range 2 * maxPairs {
		if _, ok := c.since(netip.AddrFrom4([4]byte{byte(100 + i>>24), byte(i >> 16), byte(i >> 8), byte(i)}), victim, 2); !ok {
			t.Fatalf("no room for source %d", i)
		}
	}
	if age, ok := c.since(sweeper, netip.AddrFrom4([4]byte{10, 1, 1, 3}), 5); !ok || age != 4 {
		t.Errorf("the sweeper's contact is %d old, known %v", age, ok)
	}
	if len(c.pairs) > maxPairs {
		t.Errorf("%d pairs", len(c.pairs))
	}
}

// Where every source turned to several destinations nothing can be forgotten, and what is new is not told.
func TestContactsMayBeFull(t *testing.T) {
	c := newContacts()
	for i := range maxPairs / 2 {
		from := netip.AddrFrom4([4]byte{byte(100 + i>>24), byte(i >> 16), byte(i >> 8), byte(i)})
		for k := range 2 {
			c.since(from, netip.AddrFrom4([4]byte{10, 0, 0, byte(k)}), 1)
		}
	}
	if _, ok := c.since(netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr("10.0.0.1"), 2); ok {
		t.Error("a contact is told that there is no room for")
	}
	if age, ok := c.since(netip.MustParseAddr("100.0.0.0"), netip.MustParseAddr("10.0.0.1"), 3); !ok || age != 2 {
		t.Errorf("an old contact is %d old, known %v", age, ok)
	}
}

func TestPutForgets(t *testing.T) {
	m := map[int]int{}
	for i := range maxClaims + 1 {
		put(m, i, i)
	}
	if len(m) != 1 {
		t.Errorf("%d are remembered", len(m))
	}
}

// FuzzBook: whatever the frames hold there is no panic, and what is told belongs to the message.
func FuzzBook(f *testing.F) {
	for _, m := range [][]byte{ping(128), solicitation(three, link(1, 1)...), advertisement(three, link(2, 1)...), router(9, three), router(0, three)} {
		p := seen{src: one, dst: all, mac: 1, message: m}.packet(f, 1)
		f.Add(p.Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b := New(spool.NewBudget(1<<20, ""), func(int) int { return 0 })
		defer b.Close()
		for i := range int64(2) {
			var p ingest.Packet
			decode.New(decode.Options{}).Decode(&ingest.Frame{Number: i + 1, Link: ingest.LinkEthernet, Wire: len(data), Data: data}, &p)
			p.Case = ingest.Case{Number: i + 1, Time: i}
			b.Add(&p)
			past := b.Of(&p)
			if _, request := p.Exchange(); past.Acquainted && !request && p.Message().Bytes[0] != 135 || past.Denied || past.Moved {
				t.Errorf("%+v of the same frame, twice", past)
			}
		}
	})
}

// A host is known to have asked nobody while nothing was forgotten.
func TestNeverAsked(t *testing.T) {
	c := newContacts()
	asker, other := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	c.since(asker, other, 1)
	if c.never(asker) || !c.never(other) {
		t.Errorf("never asked: %v, %v", c.never(asker), c.never(other))
	}
	for i := range maxPairs {
		c.since(netip.AddrFrom4([4]byte{byte(100 + i>>24), byte(i >> 16), byte(i >> 8), byte(i)}), other, 2)
	}
	if c.never(other) {
		t.Error("told of a host though others were forgotten")
	}
}
