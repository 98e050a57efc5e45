package field_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
)

var planVersions = []string{"4.0", "4.2", "4.4"}

// planners are one for each version; they see all packets of a test, so that plans of some are put to the test by others.
func planners() (all []*field.Planner, contexts []*field.Context) {
	for _, v := range planVersions {
		c := &field.Context{Wireshark: v}
		all, contexts = append(all, field.NewPlanner(c)), append(contexts, c)
	}
	return all, contexts
}

// asPlanned compares what the planner says of a packet with its tree, and tells whether there is a plan.
func asPlanned(t *testing.T, n *field.Planner, c *field.Context, p *ingest.Packet) bool {
	t.Helper()
	plan := n.Plan(p)
	if plan == nil {
		return false
	}
	want := field.Tree(c, p, nil)
	if len(want) != len(plan.Nodes) {
		t.Fatalf("Wireshark %s: %d items, the plan has %d: %x", c.Wireshark, len(want), len(plan.Nodes), p.Data)
	}
	for i := range want {
		got, s := plan.Nodes[i], &plan.Sources[i]
		var value field.Value
		n.Get(s, p, &value)
		if got.Value.Bytes = value.Bytes; s.Steady() && !reflect.DeepEqual(got.Value, value) {
			t.Fatalf("Wireshark %s: item %d (%s) is not steady: %x", c.Wireshark, i, want[i].Field.Name, p.Data)
		}
		got.Value = value
		if got.Field != want[i].Field || got.Label != want[i].Label || got.Depth != want[i].Depth || !reflect.DeepEqual(got.Value, want[i].Value) {
			t.Fatalf("Wireshark %s: item %d (%s) is %+v, want %+v: %x", c.Wireshark, i, want[i].Field.Name, got, want[i], p.Data)
		}
	}
	return true
}

// What is planned of packets of a kind is what their trees are.
func TestPlansAreTrees(t *testing.T) {
	all, contexts := planners()
	packets, planned := 0, 0
	check := func(p *ingest.Packet) {
		for i, n := range all {
			packets++
			if asPlanned(t, n, contexts[i], p) {
				planned++
			}
		}
	}
	for _, path := range corpus(t) {
		for _, p := range load(t, path) {
			check(p)
		}
	}
	for _, frame := range structures() {
		check(decoded(t, frame))
	}
	t.Logf("%d of %d trees were planned", planned, packets)
	if planned < packets/10 {
		t.Error("too few to tell")
	}
}

// The same of echo messages in which some bytes are anything.
func TestPlansOfMutants(t *testing.T) {
	all, contexts := planners()
	random := rand.New(rand.NewPCG(1, 2))
	seeds := echoes()
	planned := 0
	for range 5000 {
		frame := slices.Clone(seeds[random.IntN(len(seeds))])
		for range random.IntN(4) {
			frame[random.IntN(len(frame))] = byte(random.Uint32())
		}
		p := asFound(t, frame, random)
		for i, n := range all {
			if asPlanned(t, n, contexts[i], p) {
				planned++
			}
		}
	}
	t.Logf("%d were planned", planned)
	if planned < 5000 {
		t.Error("too few to tell")
	}
}

// echoes are frames of many kinds.
func echoes() (list [][]byte) {
	stamp := cat(u32(uint32(epoch/1e9)), u32(7), make([]byte, 16))
	stamp64 := cat([]byte{0, 0, 0, 0}, u32(uint32(epoch/1e9)), make([]byte, 16))
	for _, payload := range [][]byte{nil, []byte("abcdefgh"), stamp, stamp64, make([]byte, 60)} {
		for _, typ := range []byte{0, 8} {
			d := ip4(1, icmp4(typ, 0, u32(0x00010002), payload))
			list = append(list, eth4(d), pad(eth4(d), 60), cat(eth4(d), []byte("trail")), cat(macs, u16(0x8100), u16(0x7064), u16(0x0800), d))
			d6 := ip6(58, icmp6(typ/8^129, 0, u32(0x00010002), payload))
			list = append(list, eth6(d6), cat(macs, u16(0x8100), u16(0x7064), u16(0x86dd), d6))
		}
	}
	for _, a := range []string{"ff02::1", "fe80::211:22ff:fe33:4455", "2002:c000:201::1", "2001:0:c000:201::1", "64:ff9b::c000:201", "2001:db8::200:5efe:c000:201", "::1"} {
		d6 := ip6(58, icmp6(128, 0, u32(0x00010002), []byte("abcdefgh")))
		copy(d6[8:], a6(a))
		list = append(list, eth6(d6))
		copy(d6[24:], a6(a))
		list = append(list, eth6(slices.Clone(d6)))
	}
	return list
}

// asFound decodes a frame, and tells of it what a file might.
func asFound(t *testing.T, frame []byte, random *rand.Rand) *ingest.Packet {
	t.Helper()
	f := ingest.Frame{Number: 1 + random.Int64N(100), Time: epoch + random.Int64N(1e12), Link: ingest.LinkEthernet, Wire: len(frame), Data: frame}
	switch random.IntN(8) {
	case 0:
		f.Wire += random.IntN(20)
	case 1:
		f.On = &ingest.Interface{Name: "eth0"}
	case 2:
		f.On = &ingest.Interface{About: "uplink", Name: "eth1"}
	case 3:
		f.Link, f.Data, f.Wire = ingest.LinkRaw, frame[14:], len(frame)-14
	}
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(&f, &p)
	if request, reply := p.Echo(); (request || reply) && random.IntN(2) == 0 {
		p.Link = ingest.Link{RespTime: random.Int64N(1e9)}
		switch {
		case reply:
			p.Link.RespTo = 1 + random.Int64N(100)
		case random.IntN(2) == 0:
			p.Link.NoResp = true
		default:
			p.Link.RespIn = 1 + random.Int64N(100)
		}
	}
	return &p
}
