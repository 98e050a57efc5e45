package field_test

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
)

func home(t testing.TB) *field.Context {
	t.Helper()
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	return &field.Context{Stock: stock, Home: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/8")}}
}

func get(t testing.TB, name string) *field.Field {
	t.Helper()
	f, ok := field.Lookup(name)
	if !ok {
		t.Fatalf("no field %q", name)
	}
	return f
}

// expect checks fields of a packet against their texts; "" is absent.
func expect(t *testing.T, c *field.Context, p *ingest.Packet, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got := answer(get(t, name), c, p); got != text {
			t.Errorf("%s is %q, want %q", name, got, text)
		}
	}
}

func TestEcho(t *testing.T) {
	p := decoded(t, eth4(ip4(1, icmp4(8, 0, u16(0x1234), u16(1), []byte("abcdefghijklmnopqrstuvwabcdefghi")))))
	expect(t, home(t), p, map[string]string{
		"icmp.type": "8", "icmp.ident": "4660", "icmp.ident_le": "13330", "icmp.seq": "1", "icmp.seq_le": "256", "icmp.checksum.status": "1",
		"ip.id": "0x0007", "ip.flags": "0x02", "ip.flags.df": "True", "ip.flags.mf": "False", "ip.src": alice, "ip.addr": alice + "," + bob,
		"frame.protocols": "eth:ethertype:ip:icmp:data", "data.len": "32", "frame.time_epoch": "1700000000.000000000",
		"frame.time": "Nov 14, 2023 22:13:20.000000000 UTC", "eth.src": "02:00:00:00:00:01", "icmp": "icmp", "icmpv6.type": "", "icmp.mtu": "",
		"sift.src": alice, "sift.dst": bob, "sift.version": "4", "sift.type": "8", "sift.code": "0", "sift.id": "4660", "sift.seq": "1",
		"sift.ttl": "64", "sift.length": "40", "sift.payload.length": "32", "sift.payload.class": "stock", "sift.payload.entropy": "",
		"sift.type.assigned": "True", "sift.echo.request": "True", "sift.echo.reply": "False", "sift.error": "False", "sift.checksum": "good",
		"sift.zone.src": "home", "sift.zone.dst": "outside", "sift.multicast": "False", "sift.fragmented": "False", "sift.cut": "False",
		"sift.number": "", "sift.unanswered": "", "sift.quoted.src": "", "sift.type.name": "Echo (ping) request",
	})
}

func TestNoTable(t *testing.T) {
	p := decoded(t, eth4(ip4(1, icmp4(8, 0, u32(1), []byte("abcdefgh")))))
	for _, c := range []*field.Context{{}, nil} {
		expect(t, c, p, map[string]string{"sift.payload.class": "", "sift.payload.stock": "", "sift.payload": "6162636465666768"})
	}
}

// TestWholePayload: Wireshark's data loses what looks like a timestamp, ours does not.
func TestWholePayload(t *testing.T) {
	stamp := []byte{0x00, 0xf1, 0x53, 0x65, 0, 0, 0, 0, 0x40, 0xe2, 1, 0, 0, 0, 0, 0}
	p := decoded(t, eth4(ip4(1, icmp4(8, 0, u32(1), stamp, []byte("hidden")))))
	expect(t, &field.Context{}, p, map[string]string{
		"data.data": "68696464656e", "icmp.data_time": "Nov 14, 2023 22:13:20.123456000 UTC", "icmp.data_time_relative": "-0.123456000",
		"sift.payload": "00f153650000000040e201000000000068696464656e",
	})
	expect(t, &field.Context{Wireshark: "4.0"}, p, map[string]string{
		"data.data": "40e201000000000068696464656e", "icmp.data_time": "Nov 14, 2023 22:13:20.000000000 UTC", "ip.flags.df": "1",
	})
}

// TestTimestampOnly: where nothing is left behind the timestamp there is no data.
func TestTimestampOnly(t *testing.T) {
	p := decoded(t, eth4(ip4(1, icmp4(8, 0, u32(1), []byte{0x65, 0x53, 0xf1, 0, 0, 0, 0, 1}))))
	expect(t, &field.Context{}, p, map[string]string{
		"data": "", "data.len": "", "frame.protocols": "eth:ethertype:ip:icmp", "icmp.data_time": "Nov 14, 2023 22:13:20.000001000 UTC",
	})
}

// What errors quote is not judged: a router that says a tunnel's packet did not get through is no tunnel.
func TestQuotedPayload(t *testing.T) {
	echo := ip4(1, cat(icmp4(8, 0, u32(1)), []byte("TUNL\x03 and some more")))
	none := map[string]string{"sift.payload": "", "sift.payload.length": "", "sift.payload.class": "", "sift.payload.tool": "", "sift.payload.stock": "", "sift.payload.entropy": ""}
	for _, typ := range []byte{3, 11, 12} {
		expect(t, home(t), decoded(t, eth4(ip4(1, icmp4(typ, 0, u32(0), echo)))), none)
	}
	p := decoded(t, eth4(echo))
	expect(t, home(t), p, map[string]string{"sift.payload.class": "known-tool", "sift.payload.tool": "icmptunnel (jamesbarlow)", "sift.payload.stock": ""})
}

func TestQuoted(t *testing.T) {
	probe := ip4(17, cat(u16(40000), u16(53), u16(12), u16(0), []byte("abcd")))
	p := decoded(t, eth4(ip4(1, icmp4(3, 4, u16(0), u16(1400), probe))))
	expect(t, home(t), p, map[string]string{
		"ip.src": alice + "," + alice, "ip.proto": "1,17", "udp.dstport": "53", "icmp.mtu": "1400", "icmp.unused": "0000", "sift.error": "True",
		"sift.quoted.src": alice, "sift.quoted.dst": bob, "sift.quoted.proto": "17", "sift.quoted.sport": "40000", "sift.quoted.dport": "53",
		"sift.src": alice, "sift.id": "", "sift.payload": "", "sift.payload.class": "", "sift.payload.tool": "", "sift.payload.stock": "",
	})
	values := get(t, "ip.proto").Values(nil, p, nil)
	if len(values) != 2 || values[0].Layer != 1 || values[1].Layer != 2 {
		t.Errorf("layers of ip.proto: %+v", values)
	}
}

func TestV6(t *testing.T) {
	p := decoded(t, eth6(ip6(58, icmp6(128, 0, u16(0x1234), u16(9), []byte("hello")))))
	expect(t, home(t), p, map[string]string{
		"icmpv6.type": "128", "icmpv6.echo.identifier": "0x1234", "icmpv6.echo.sequence_number": "9", "ipv6.src": alice6, "ip.version": "6",
		"ipv6.flow": "0x000000", "ipv6.tclass": "0x00000000", "sift.version": "6", "sift.id": "4660", "sift.seq": "9", "sift.ttl": "64",
		"sift.zone.src": "home", "sift.zone.dst": "outside", "icmp.type": "",
	})
}

func TestZones(t *testing.T) {
	c := home(t)
	for address, want := range map[string]string{
		"10.0.0.7": "home", "10.0.1.7": "outside", "224.0.0.5": "multicast", "255.255.255.255": "broadcast", "10.0.0.255": "broadcast",
		"169.254.1.1": "link-local", "127.0.0.1": "home", "0.0.0.0": "home", "192.0.2.1": "outside",
	} {
		b := icmp4(8, 0, u32(1))
		header := cat([]byte{0x45, 0}, u16(28), u32(0), []byte{64, 1, 0, 0}, a4(alice), a4(address))
		expect(t, c, decoded(t, eth4(cat(header, b))), map[string]string{"sift.zone.dst": want})
	}
}

// The near host is the same one whichever way a packet goes.
func TestSides(t *testing.T) {
	c := home(t)
	for _, tt := range [][4]string{
		{"10.0.0.7", "192.0.2.1", "10.0.0.7", "192.0.2.1"}, {"192.0.2.1", "10.0.0.7", "10.0.0.7", "192.0.2.1"}, {"198.51.100.1", "10.0.0.7", "10.0.0.7", "198.51.100.1"},
		{"10.0.0.7", "10.0.0.9", "10.0.0.7", "10.0.0.9"}, {"10.0.0.9", "10.0.0.7", "10.0.0.7", "10.0.0.9"},
		{"198.51.100.1", "192.0.2.1", "192.0.2.1", "198.51.100.1"}, {"192.0.2.1", "198.51.100.1", "192.0.2.1", "198.51.100.1"},
	} {
		b := icmp4(8, 0, u32(1))
		header := cat([]byte{0x45, 0}, u16(28), u32(0), []byte{64, 1, 0, 0}, a4(tt[0]), a4(tt[1]))
		expect(t, c, decoded(t, eth4(cat(header, b))), map[string]string{"sift.near": tt[2], "sift.far": tt[3]})
	}
}

// A subnet's own broadcast shows by whom the frame went to.
func TestSubnetBroadcast(t *testing.T) {
	ip := ip4(1, icmp4(8, 0, u32(1)))
	for name, tt := range map[string]struct {
		link ingest.LinkType
		head []byte
		want string
	}{
		"cooked, to this host":   {ingest.LinkSLL, cat(u16(0), u16(1), u16(6), make([]byte, 8), u16(0x0800)), "outside"},
		"cooked, to everyone":    {ingest.LinkSLL, cat(u16(1), u16(1), u16(6), make([]byte, 8), u16(0x0800)), "broadcast"},
		"cooked 2, to this host": {ingest.LinkSLL2, cat(u16(0x0800), u16(0), u32(1), u16(1), []byte{0, 6}, make([]byte, 8)), "outside"},
		"cooked 2, to everyone":  {ingest.LinkSLL2, cat(u16(0x0800), u16(0), u32(1), u16(1), []byte{1, 6}, make([]byte, 8)), "broadcast"},
		"Ethernet, to everyone":  {ingest.LinkEthernet, cat(bytes.Repeat([]byte{0xff}, 6), make([]byte, 6), u16(0x0800)), "broadcast"},
	} {
		b := cat(tt.head, ip)
		var p ingest.Packet
		decode.New(decode.Options{}).Decode(&ingest.Frame{Number: 1, Link: tt.link, Wire: len(b), Data: b}, &p)
		if got := answer(get(t, "sift.zone.dst"), home(t), &p); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestAssigned(t *testing.T) {
	for _, tt := range []struct {
		v6   bool
		typ  byte
		want string
	}{{false, 8, "True"}, {false, 4, "False"}, {false, 15, "False"}, {false, 77, "False"}, {false, 253, "True"}, {false, 1, "False"}, {true, 128, "True"},
		{true, 161, "True"}, {true, 162, "False"}, {true, 8, "False"}, {true, 255, "False"}, {true, 200, "True"}} {
		frame := eth4(ip4(1, icmp4(tt.typ, 0, u32(1))))
		if tt.v6 {
			frame = eth6(ip6(58, icmp6(tt.typ, 0, u32(1))))
		}
		if got := answer(get(t, "sift.type.assigned"), nil, decoded(t, frame)); got != tt.want {
			t.Errorf("v6 %v type %d: assigned %s, want %s", tt.v6, tt.typ, got, tt.want)
		}
	}
}

func TestReply(t *testing.T) {
	request, reply := decoded(t, eth4(ip4(1, icmp4(8, 0, u32(1))))), decoded(t, eth4(ip4(1, icmp4(0, 0, u32(1)))))
	request.Case = ingest.Case{Number: 1, Reply: ingest.Reply{In: 2, Time: 5e6, Count: 3, ErrorIn: 9}}
	reply.Case = ingest.Case{Number: 2, Reply: ingest.Reply{To: 1, Time: 5e6, Differs: true, Extra: 2, Unlike: true, Unasked: true}}
	expect(t, nil, request, map[string]string{
		"sift.number": "1", "sift.reply.in": "2", "sift.reply.to": "", "sift.reply.time": "0.005000000", "sift.reply.differs": "",
		"sift.reply.truncated": "", "sift.reply.extra": "", "sift.unanswered": "False", "sift.unsolicited": "", "sift.exchange": "echo",
		"sift.reply.count": "3", "sift.reply.unlike": "", "sift.error.in": "9", "sift.error.to": "", "sift.quoted.unseen": "",
		"sift.reply.unasked": "", "sift.client": alice, "sift.server": bob,
	})
	expect(t, nil, reply, map[string]string{
		"sift.reply.to": "1", "sift.reply.in": "", "sift.reply.extra": "2", "sift.unanswered": "", "sift.unsolicited": "False",
		"sift.reply.differs": "True", "sift.reply.truncated": "False", "sift.reply.unlike": "True", "sift.reply.count": "",
		"sift.reply.unasked": "True", "sift.client": bob, "sift.server": alice,
	})
	reply.Case.Reply = ingest.Reply{To: 1}
	expect(t, nil, reply, map[string]string{"sift.reply.unlike": "", "sift.reply.unasked": "False", "sift.reply.differs": "False", "sift.reply.time": "0.000000000"})
	clock := decoded(t, eth4(ip4(1, icmp4(13, 0, u32(1), u32(1), u32(0), u32(0)))))
	expect(t, nil, clock, map[string]string{"sift.exchange": "timestamp", "sift.unanswered": ""})
	clock.Case = ingest.Case{Number: 1, Reply: ingest.Reply{Unanswered: true}}
	expect(t, nil, clock, map[string]string{"sift.unanswered": "True", "sift.unsolicited": ""})
}

func TestFault(t *testing.T) {
	p := decoded(t, eth4(ip4(1, icmp4(3, 0, u32(0), ip4(1, icmp4(8, 0, u32(1)))))))
	p.Case = ingest.Case{Number: 7, Reply: ingest.Reply{ErrorTo: 3, Time: 2e6}}
	expect(t, nil, p, map[string]string{"sift.error.to": "3", "sift.error.time": "0.002000000", "sift.quoted.unseen": "False", "sift.error.in": "",
		"sift.exchange": "", "sift.unanswered": "", "sift.reply.time": "", "sift.client": "", "sift.server": ""})
	p.Case.Reply = ingest.Reply{Unseen: true}
	expect(t, nil, p, map[string]string{"sift.error.to": "", "sift.error.time": "", "sift.quoted.unseen": "True"})
	p.Case.Reply = ingest.Reply{}
	expect(t, nil, p, map[string]string{"sift.quoted.unseen": ""})
}

func TestLink(t *testing.T) {
	p := decoded(t, eth4(ip4(1, icmp4(0, 0, u32(1)))))
	p.Link = ingest.Link{RespTo: 7, RespTime: 12345678}
	expect(t, nil, p, map[string]string{"icmp.resp_to": "7", "icmp.resptime": "12.345678", "icmp.no_resp": "", "icmpv6.resp_to": ""})
	p = decoded(t, eth4(ip4(1, icmp4(8, 0, u32(1)))))
	p.Link = ingest.Link{NoResp: true}
	expect(t, nil, p, map[string]string{"icmp.no_resp": "1", "icmp.resp_not_found": "1", "_ws.expert.message": "No response seen to ICMP request"})
}

func TestDeprecated(t *testing.T) {
	p := decoded(t, eth4(ip4(1, icmp4(4, 0, u32(0), ip4(1, nil)))))
	expect(t, nil, p, map[string]string{"icmp.type.deprecated": "1"})
	expect(t, &field.Context{Wireshark: "4.2"}, p, map[string]string{"icmp.type.deprecated": ""})
}

func TestFormat(t *testing.T) {
	compatible, mapped := netip.MustParseAddr("::102:304"), netip.MustParseAddr("::ffff:1.2.3.4")
	for _, tt := range []struct {
		name string
		v    field.Value
		want string
	}{
		{"ip.id", field.Value{Int: 1}, "0x0001"}, {"icmp.checksum", field.Value{Int: 0x3b27}, "0x3b27"}, {"ipv6.src", field.Value{Addr: compatible}, "::1.2.3.4"},
		{"ipv6.src", field.Value{Addr: mapped}, "::ffff:1.2.3.4"}, {"ipv6.src", field.Value{Addr: netip.MustParseAddr("::1")}, "::1"},
		{"icmp.resptime", field.Value{Float: 0.54321}, "0.54321"}, {"icmp.resptime", field.Value{Float: -500}, "-500"},
		{"icmp.resptime", field.Value{Float: 99999580}, "99999580"}, {"icmp.no_resp", field.Value{Int: 1}, "1"}, {"data.data", field.Value{Bytes: []byte{0xab, 1}}, "ab01"},
		{"icmp.data_time_relative", field.Value{Int: -1}, "-0.000000001"}, {"frame.time", field.Value{Int: 1700000000e9 - 13*86400e9}, "Nov  1, 2023 22:13:20.000000000 UTC"},
		{"icmpv6.ni.nonce", field.Value{Int: -1}, "0xffffffffffffffff"}, {"ip", field.Value{Bytes: []byte{1}}, "ip"},
		{"icmpv6.opt.captive_portal", field.Value{Text: "a\tb\nc"}, `a\tb\nc`},
	} {
		if got := get(t, tt.name).Format(tt.v); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range field.All() {
		if seen[f.Name] {
			t.Errorf("%s is declared twice", f.Name)
		}
		seen[f.Name] = true
		if f.Meaning == "" || strings.Contains(f.Meaning, "\n") || f.Get == nil {
			t.Errorf("%s: meaning %q, accessor %v", f.Name, f.Meaning, f.Get != nil)
		}
		if f.Ours() != (f.Proto == ingest.ProtoSift) {
			t.Errorf("%s: its name and its layer disagree", f.Name)
		}
	}
	if i := slices.IndexFunc(field.All(), func(f *field.Field) bool { return f.Ours() }); i < 100 {
		t.Errorf("the fields of icmpsift begin at %d, want them behind Wireshark's", i)
	}
}

func TestNearest(t *testing.T) {
	for given, want := range map[string]string{
		"icmp.typ": "icmp.type", "ip.scr": "ip.src", "sift.payload.clas": "sift.payload.class", "icmpv6.typ": "icmpv6.type", "completely.unlike.anything.here": "",
	} {
		if got := field.Nearest(given); got != want {
			t.Errorf("nearest to %q is %q, want %q", given, got, want)
		}
	}
	if got := field.Nearest(strings.Repeat("x", 1<<20)); got != "" {
		t.Errorf("nearest to a megabyte is %q", got)
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		v6         bool
		typ, code  uint8
		name, text string
	}{
		{false, 8, 0, "Echo (ping) request", ""}, {false, 3, 3, "Destination unreachable", "Port unreachable"}, {false, 3, 99, "Destination unreachable", "Unknown code: 99"},
		{false, 77, 1, "Unknown ICMP (obsolete or malformed?)", ""}, {true, 1, 0, "Destination Unreachable", "No route to destination"},
		{true, 1, 9, "Destination Unreachable", "Unknown"}, {true, 3, 9, "Time Exceeded", "Unknown (9)"}, {true, 162, 0, "Unknown (162)", ""},
		{true, 135, 1, "Neighbor Solicitation", ""},
	} {
		if name, text := field.TypeName(tt.v6, tt.typ), field.CodeName(tt.v6, tt.typ, tt.code); name != tt.name || text != tt.text {
			t.Errorf("v6 %v %d/%d: %q, %q", tt.v6, tt.typ, tt.code, name, text)
		}
	}
}

// TestShown: a message of less than six bytes shows no field.
func TestShown(t *testing.T) {
	p := decoded(t, eth4(ip4(1, []byte{8, 0, 1, 2, 3})))
	expect(t, nil, p, map[string]string{"icmp": "", "icmp.type": "", "icmp.checksum": "", "_ws.malformed": "_ws.malformed,_ws.malformed", "sift.malformed": "True", "sift.type": "8"})
}
