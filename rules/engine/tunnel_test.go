package engine_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	captures "icmpsift/ingest/capture"
	"icmpsift/rules"
)

// tunnelRule looks into whatever is no ping, in all ways.
func tunnelRule(ways ...string) *rules.Rule {
	r := rule(`sift.echo.request == 1 && sift.payload.length > 0 && !(sift.payload.class in {"stock", "stock-resized"})`, nil)
	r.Roles = rules.Roles{Src: "client", Dst: "server"}
	if r.Recover = (&rules.Recover{Tunnel: ways}); len(ways) == 0 {
		r.Recover.Tunnel = []string{"ip", "ptunnel", "pingtunnel", "tagged", "transcript"}
	}
	return r
}

// said is a payload that one side of a tunnel sent.
type said struct {
	client bool
	body   []byte
}

// segment builds a TCP segment in an IP packet between two addresses, checksums and all.
func segment(src, dst netip.AddrPort, flags byte, seq, ack uint32, data []byte) []byte {
	be := binary.BigEndian
	h := be.AppendUint16(be.AppendUint16(nil, src.Port()), dst.Port())
	h = append(be.AppendUint32(be.AppendUint32(h, seq), ack), 5<<4, flags, 0xfa, 0xf0, 0, 0, 0, 0)
	h = append(h, data...)
	a, b := src.Addr().AsSlice(), dst.Addr().AsSlice()
	pseudo := slices.Concat(a, b, be.AppendUint32(nil, uint32(len(h))), []byte{0, 0, 0, 6})
	be.PutUint16(h[16:], sum(append(pseudo, h...)))
	if src.Addr().Is6() {
		return slices.Concat([]byte{0x60, 0, 0, 0, byte(len(h) >> 8), byte(len(h)), 6, 64}, a, b, h)
	}
	n := 20 + len(h)
	ip := slices.Concat([]byte{0x45, 0, byte(n >> 8), byte(n), byte(seq >> 8), byte(seq), 0x40, 0, 64, 6, 0, 0}, a, b)
	be.PutUint16(ip[10:], sum(ip))
	return append(ip, h...)
}

// download is a TCP connection that fetches a file by HTTP, as IP packets.
func download(client, server string, file []byte, mss int) (out []said) {
	c, s := netip.AddrPortFrom(netip.MustParseAddr(client), 49152), netip.AddrPortFrom(netip.MustParseAddr(server), 80)
	x, y := uint32(0xffffff00), uint32(7) // the client's numbers wrap
	say := func(from bool, flags byte, data []byte) {
		length := uint32(len(data))
		if flags&3 != 0 {
			length++ // SYN and FIN count
		}
		if from {
			out = append(out, said{true, segment(c, s, flags, x, y, data)})
			x += length
			return
		}
		out = append(out, said{false, segment(s, c, flags, y, x, data)})
		y += length
	}
	say(true, 2, nil)
	say(false, 0x12, nil)
	say(true, 0x10, nil)
	say(true, 0x18, fmt.Appendf(nil, "GET /secret/plan.bin HTTP/1.1\r\nHost: intra\r\nCookie: %s\r\n\r\n", strings.Repeat("x", 400)))
	for _, piece := range chunks(append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(file)), file...), mss) {
		say(false, 0x18, piece)
		say(true, 0x10, nil)
	}
	say(true, 0x11, nil)
	say(false, 0x11, nil)
	return out
}

// wrapping is how a tool puts things into pings.
type wrapping struct {
	front    func(client bool, i int) []byte
	ident    func(i int) uint16
	polls    bool // the client asks before the server speaks
	trailing int
}

func constantly(b string) func(bool, int) []byte {
	return func(bool, int) []byte { return []byte(b) }
}

// ping sends what was said from one host to the other and back.
func (w wrapping) ping(list []said, client, server string) (out []sent) {
	request, reply := byte(8), byte(0)
	if strings.Contains(client, ":") {
		request, reply = 128, 129
	}
	for i, s := range list {
		id := uint16(0x4242)
		if w.ident != nil {
			id = w.ident(i)
		}
		body := slices.Concat(w.front(s.client, i), s.body, make([]byte, w.trailing))
		at := time.Duration(i) * 20 * time.Millisecond
		if s.client {
			out = append(out, sent{at: at, src: client, dst: server, message: echo(request, id, uint16(i), body)})
			continue
		}
		if w.polls {
			out = append(out, sent{at: at - time.Millisecond, src: client, dst: server, message: echo(request, id, uint16(i), []byte("poll!"))})
		}
		out = append(out, sent{at: at, src: server, dst: client, ttl: 55, message: echo(reply, id, uint16(i), body)})
	}
	return out
}

// framesOf reads a capture.
func framesOf(t *testing.T, b []byte) (out []ingest.Frame) {
	t.Helper()
	r, err := captures.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for {
		f, err := r.Next()
		if err == io.EOF {
			return out
		}
		kept := *f
		kept.Data = slices.Clone(f.Data)
		out = append(out, kept)
	}
}

func theInside(t *testing.T, j judged) *rules.Artefact {
	t.Helper()
	for _, a := range j.Artefacts {
		if a.Extension == ".pcapng" {
			return a
		}
	}
	t.Fatalf("no capture came back: %v", list(j.Result))
	return nil
}

func holds(j judged, b []byte) bool {
	return slices.ContainsFunc(j.Artefacts, func(a *rules.Artefact) bool { return bytes.Equal(a.Bytes, b) })
}

func random16(seed int64) func(int) uint16 {
	rnd := rand.New(rand.NewSource(seed))
	return func(int) uint16 { return uint16(rnd.Intn(1 << 16)) }
}

// Whatever header a tool puts before IP packets, and whatever it does with identifiers, the packets and the file in them
// come back.
func TestInnerPackets(t *testing.T) {
	c := facts(t)
	file := random(20_000, 9)
	counted := func(client bool, i int) []byte {
		return binary.BigEndian.AppendUint32([]byte{0xca, 0xfe, byte(i), 3}, uint32(i))
	}
	for name, w := range map[string]wrapping{
		"no header":                 {front: constantly(""), ident: random16(1)},
		"packet information of tun": {front: constantly("\x00\x00\x08\x00"), polls: true},
		"magic and type":            {front: constantly("TUN2\x07"), polls: true, trailing: 3},
		"counter":                   {front: counted},
		"long header":               {front: constantly(strings.Repeat("header ", 7)), ident: random16(2)},
		"one way each": {front: func(client bool, i int) []byte {
			if client {
				return []byte{1, 2, 3, 4, 5, 6}
			}
			return []byte{9}
		}},
	} {
		for _, ends := range [][2]string{{inside, outside}, {home6, far6}} {
			for _, ips := range [][2]string{{"172.31.9.2", "172.31.9.1"}, {"fd00:9::2", "fd00:9::1"}} {
				t.Run(fmt.Sprintf("%s, %s in %s", name, ips[0], ends[0]), func(t *testing.T) {
					if ips[0] != "172.31.9.2" && strings.HasPrefix(name, "packet information") {
						w.front = constantly("\x00\x00\x86\xdd")
					}
					talk := download(ips[0], ips[1], file, 1200)
					j := judge(t, []*rules.Rule{tunnelRule()}, c, write(t, w.ping(talk, ends[0], ends[1])))
					got := framesOf(t, theInside(t, j).Bytes)
					if len(got) != len(talk) {
						t.Fatalf("%d packets, want %d", len(got), len(talk))
					}
					for i, f := range got {
						if !bytes.Equal(f.Data, talk[i].body) || f.Link != ingest.LinkRaw {
							t.Fatalf("packet %d, link type %d: %x, want %x", i, f.Link, f.Data, talk[i].body)
						}
						if at := time.Unix(0, f.Time).UTC().Sub(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)); at != time.Duration(i)*20*time.Millisecond {
							t.Fatalf("packet %d at %v", i, at)
						}
					}
					if strings.HasPrefix(name, "no header") && haveTshark() && checkFilters(t, j) != 1 {
						t.Error("no filter was checked")
					}
					if !holds(j, file) {
						t.Errorf("the file did not come back: %v", list(j.Result))
					}
					if a := j.Artefacts[len(j.Artefacts)-1]; a.Name != "plan.bin" || a.Src != ends[1] || !a.Complete {
						t.Errorf("name %q from %s, complete %v", a.Name, a.Src, a.Complete)
					}
				})
			}
		}
	}
}

// Lost messages leave gaps and no more; what is sent again counts once in the file and stays twice in the capture.
func TestInnerLosses(t *testing.T) {
	c := facts(t)
	file := random(30_000, 11)
	talk := download("172.31.9.2", "172.31.9.1", file, 1000)
	w := wrapping{front: constantly("T!"), ident: random16(3)}
	whole := w.ping(talk, inside, outside)
	data := slices.IndexFunc(whole, func(s sent) bool { return len(s.message) > 900 }) // the first with a piece of the file
	for name, tt := range map[string]struct {
		list     []sent
		packets  int
		complete bool
		gaps     []rules.Gap
	}{
		"all":        {whole, len(talk), true, nil},
		"one lost":   {slices.Delete(slices.Clone(whole), data+4, data+5), len(talk) - 1, false, []rules.Gap{{Offset: 2*1000 - 42, Length: 1000}}},
		"sent again": {slices.Insert(slices.Clone(whole), data+6, later(whole[data], whole[data+5])), len(talk) + 1, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, []*rules.Rule{tunnelRule()}, c, write(t, tt.list))
			if n := len(framesOf(t, theInside(t, j).Bytes)); n != tt.packets {
				t.Errorf("%d packets, want %d", n, tt.packets)
			}
			a := j.Artefacts[len(j.Artefacts)-1]
			want := file
			for _, g := range tt.gaps {
				want = slices.Concat(want[:g.Offset], want[g.Offset+g.Length:])
			}
			if !bytes.Equal(a.Bytes, want) || a.Complete != tt.complete || !slices.Equal(a.Gaps, tt.gaps) {
				t.Errorf("%d bytes, complete %v, gaps %v; want %d, %v, %v", len(a.Bytes), a.Complete, a.Gaps, len(want), tt.complete, tt.gaps)
			}
		})
	}
}

// later is a message sent once more, with another identifier, right behind another.
func later(again, behind sent) sent {
	again.at, again.message = behind.at+time.Millisecond, append(echo(again.message[0], 0x7777, 0x1234, nil), again.message[8:]...)
	return again
}

// Two captures, one of each direction, and two sensors that see the same are one tunnel.
func TestTunnelInManyCaptures(t *testing.T) {
	c := facts(t)
	file := random(9000, 12)
	all := wrapping{front: constantly("abcde")}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, outside)
	var up, down, far []sent
	for _, s := range all {
		if s.src == inside {
			up = append(up, s)
		} else {
			down = append(down, s)
		}
		s.ttl -= min(s.ttl, 3)
		far = append(far, s)
	}
	for name, paths := range map[string][]string{
		"one of each direction": {write(t, up), write(t, down)},
		"two sensors":           {write(t, all), capture(t, "VLAN", binary.BigEndian, 0, far)},
	} {
		j := judge(t, []*rules.Rule{tunnelRule()}, c, paths...)
		if n := len(framesOf(t, theInside(t, j).Bytes)); n != len(all) || !holds(j, file) {
			t.Errorf("%s: %d packets, want %d; %v", name, n, len(all), list(j.Result))
		}
		if len(theInside(t, j).Frames) != 2 {
			t.Errorf("%s: frames %v", name, theInside(t, j).Frames)
		}
	}
	cut := capture(t, "Ethernet", binary.LittleEndian, 200, all)
	if j := judge(t, []*rules.Rule{tunnelRule()}, c, cut, capture(t, "VLAN", binary.BigEndian, 0, far)); !holds(j, file) {
		t.Errorf("the first sensor cuts: %v", list(j.Result))
	}
}

// A snaplen leaves inner packets cut, and says so.
func TestInnerCut(t *testing.T) {
	c := facts(t)
	all := wrapping{front: constantly("xy")}.ping(download("172.31.9.2", "172.31.9.1", random(5000, 13), 900), inside, outside)
	j := judge(t, []*rules.Rule{tunnelRule()}, c, capture(t, "Ethernet", binary.LittleEndian, 14+20+8+2+200, all))
	a := theInside(t, j)
	cut := 0
	for _, f := range framesOf(t, a.Bytes) {
		if len(f.Data) < f.Wire {
			cut++
		}
	}
	if a.Complete || cut < 5 {
		t.Errorf("complete %v, %d cut packets", a.Complete, cut)
	}
	for _, x := range j.Artefacts[1:] {
		if x.Complete || len(x.Gaps) == 0 {
			t.Errorf("%s: complete %v, gaps %v", x.Name, x.Complete, x.Gaps)
		}
	}
}

// What the server's kernel answers is not a second packet on the inside, whether the request was captured or not.
func TestKernelEchoesAreNotInside(t *testing.T) {
	c := facts(t)
	talk := download("172.31.9.2", "172.31.9.1", random(3000, 14), 500)
	var all []sent
	for i, s := range (wrapping{front: constantly("h"), ident: random16(5)}).ping(talk, inside, outside) {
		all = append(all, s)
		if s.src == inside {
			back := append([]byte{0}, s.message[1:]...)
			all = append(all, sent{at: time.Duration(i)*20*time.Millisecond + 5e5, src: outside, dst: inside, ttl: 55, message: back})
		}
	}
	j := judge(t, []*rules.Rule{tunnelRule()}, c, write(t, all))
	if n := len(framesOf(t, theInside(t, j).Bytes)); n != len(talk) {
		t.Errorf("%d packets, want %d", n, len(talk))
	}
	if haveTshark() && checkFilters(t, j) != 1 {
		t.Error("no filter was checked")
	}
}

// A rule whose packets go both ways is about the same two hosts.
func TestTunnelOfBothWays(t *testing.T) {
	c := facts(t)
	r := tunnelRule()
	r.Match = `(sift.echo.request == 1 || sift.echo.reply == 1) && sift.payload.class == "inner-ip"`
	r.Correlation = counting(rules.EventCount, "", 2)
	file := random(6000, 16)
	j := judge(t, []*rules.Rule{r}, c, write(t, wrapping{front: constantly("1234")}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, outside)))
	if len(j.Artefacts) != 2 || !holds(j, file) {
		t.Errorf("%v", list(j.Result))
	}
	if haveTshark() && checkFilters(t, j) != 1 {
		t.Error("no filter was checked")
	}
	far := wrapping{front: constantly("1234")}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, insideB)
	j = judge(t, []*rules.Rule{r}, c, write(t, far), write(t, wrapping{front: constantly("1234")}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, outside)))
	if len(j.Artefacts) != 0 {
		t.Errorf("three hosts: %v", list(j.Result))
	}
}

// A scope lets other messages than echoes in, and keeps echoes out.
func TestTunnelScope(t *testing.T) {
	c := facts(t)
	file := random(3000, 17)
	all := wrapping{front: constantly("\x00\x00\x00\x00")}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, outside)
	for i := range all {
		all[i].message[0] = map[byte]byte{8: 13, 0: 14}[all[i].message[0]]
	}
	pings := wrapping{front: constantly("")}.ping(download("172.31.9.2", "172.31.9.1", random(3000, 18), 700), inside, outside)
	r := tunnelRule("ip")
	r.Match, r.Recover.Scope = "icmp.type == 13", "icmp.type in {13, 14}"
	j := judge(t, []*rules.Rule{r}, c, write(t, append(all, shift(pings, 3*time.Second)...)))
	if len(j.Artefacts) != 2 || !holds(j, file) || int(j.Artefacts[0].Packets) != len(all) {
		t.Errorf("%v", list(j.Result))
	}
}

// A rule that names a carrier too carves what is no tunnel, and only that.
func TestFieldBesideTunnel(t *testing.T) {
	c := facts(t)
	file := random(4000, 15)
	var messages [][]byte
	for i, b := range chunks(file, 300) {
		messages = append(messages, echo(8, 7, uint16(i), b))
	}
	r := tunnelRule("ip", "ptunnel")
	r.Recover.Field = "sift.payload"
	j := judge(t, []*rules.Rule{r}, c, write(t, every(time.Second, inside, outside, messages)))
	if !holds(j, file) {
		t.Errorf("not carved: %v", list(j.Result))
	}
	tunnel := wrapping{front: constantly("")}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, outside)
	j = judge(t, []*rules.Rule{r}, c, write(t, tunnel))
	if len(j.Artefacts) != 2 || !holds(j, file) {
		t.Errorf("carved besides: %v", list(j.Result))
	}
}

// Each session between the same hosts has what was said in it, and not what was said in the next, or long after.
func TestSessionsApart(t *testing.T) {
	c := facts(t)
	r := tunnelRule()
	r.Correlation = counting(rules.EventCount, "", 2, "sift.src", "sift.dst")
	r.Correlation.Timespan = 10 * time.Second
	var all []sent
	var files [][]byte
	for i := range 3 {
		file := random(2500, int64(20+i))
		files = append(files, file)
		w := wrapping{front: constantly("zz")}.ping(download("172.31.9.2", "172.31.9.1", file, 600), inside, outside)
		all = append(all, shift(w, time.Duration(i)*30*time.Second)...)
	}
	stray := all[0]
	stray.at = 10 * time.Minute
	j := judge(t, []*rules.Rule{r}, c, write(t, append(all, stray)))
	if len(j.Findings) != 3 {
		t.Fatalf("%d findings", len(j.Findings))
	}
	for i, f := range j.Findings {
		if len(f.Artefacts) != 2 || !bytes.Equal(f.Artefacts[1].Bytes, files[i]) || int(f.Artefacts[0].Packets) != len(all)/3 {
			t.Errorf("session %d: %d artefacts", i, len(f.Artefacts))
		}
	}
}

// Two hosts do other things besides, in the same minute: what another process sends is not the tunnel's, and a shell's talk is
// not lost in it.
func TestTunnelAmongOthers(t *testing.T) {
	c := facts(t)
	file := random(8000, 31)
	all := wrapping{front: constantly("mag!c"), polls: true}.ping(download("172.31.9.2", "172.31.9.1", file, 700), inside, outside)
	for i := range 40 {
		at := time.Duration(i) * 250 * time.Millisecond
		command, output := fmt.Appendf(nil, "cat /home/user%d", i), fmt.Appendf(nil, "line %d of the output, and more of it\n", i)
		all = append(all, sent{at: at, src: outside, dst: inside, message: echo(8, 0x1111, 0, command)}, sent{at: at + 1e6, src: inside, dst: outside, message: echo(0, 0x1111, 0, command)},
			sent{at: at + 9e6, src: inside, dst: outside, message: echo(0, 0x1111, 0, output)}, sent{at: at + 2e6, src: inside, dst: outside, message: echo(8, uint16(0x8000+i), 1, random(300, int64(i)))})
	}
	slices.SortStableFunc(all, func(a, b sent) int { return int(a.at - b.at) })
	shell := rule("sift.echo.request == 1 && sift.payload contains \"cat \"", counting(rules.EventCount, "", 2, "sift.src", "sift.dst"))
	shell.Recover = &rules.Recover{Tunnel: []string{"transcript"}}
	j := judge(t, []*rules.Rule{shell}, c, write(t, all))
	if len(j.Artefacts) != 2 || bytes.Count(j.Artefacts[1].Bytes, []byte("\n")) != 40 || bytes.Count(j.Artefacts[0].Bytes, []byte("cat /home")) != 40 {
		t.Errorf("shell: %v", list(j.Result))
	}
	inner := tunnelRule("ip")
	inner.Match, inner.Name, inner.ID = "sift.echo.request == 1 && sift.payload contains \"mag!c\"", "inner", "00000000-0000-4000-8000-000000000002"
	j = judge(t, []*rules.Rule{inner}, c, write(t, all))
	if len(j.Artefacts) != 2 || !holds(j, file) {
		t.Errorf("tunnel: %v", list(j.Result))
	}
}
