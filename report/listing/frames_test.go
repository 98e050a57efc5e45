package listing

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/rules/filter"
)

// frameFilters ask for frames of every kind, with and without ICMP. Payload is not asked for: that of UDP and TCP goes to
// dissectors that icmpsift has not.
var frameFilters = []string{
	"frame.len > 100", "frame.number in {2, 4, 6..8}", "frame.time_delta > 0.01", `frame.protocols contains "arp"`,
	"eth.dst == ff:ff:ff:ff:ff:ff", "eth.dst.ig == 1", "eth.type == 0x0806", "!eth", "vlan.id == 30", "ieee8021ad || sll.pkttype == 4",
	"arp", "arp.opcode == 1", "arp.opcode == 2 && arp.src.proto_ipv4", "arp.dst.hw_mac == 00:00:00:00:00:00",
	"!ip && !ipv6", "ip.ttl < 64", "ip.proto == 17", "ip.flags.df == 1", "ip.frag_offset > 0 || ip.flags.mf == 1", "ip.dst == 10.0.0.0/8",
	"ipv6.nxt == 58", "ipv6.src == fe80::/10", "ipv6.fraghdr", "udp", "udp.dstport == 53", "udp.port in {33434..33534}", "udp.length > 30 && !icmp",
	"tcp", "tcp.flags.syn == 1 && tcp.flags.ack == 0", "tcp.flags.reset == 1", "tcp.dstport == 443 || tcp.dstport == 80",
	"tcp.window_size_value < 2000", "!(icmp || icmpv6)", "udp || tcp || arp", "gre || vxlan",
}

// frameCaptures hold them: VLANs and tunnels, fragments, a Linux cooked capture, TCP and UDP on the wire.
var frameCaptures = []string{
	"../../rules/filter/testdata/dfilter.pcap", "../../ingest/field/testdata/misc.pcap", "../../ingest/decode/testdata/ben-vlan30.pcap",
	"../../testdata/lab/ben-traceroute.pcapng",
}

// everyFrame reads a capture with all its frames.
func everyFrame(t *testing.T, file string) *read.Case {
	t.Helper()
	files, err := evidence.Walk([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	c, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: spool.NewBudget(64<<20, t.TempDir()), All: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func frames(t *testing.T, c *read.Case, see func(p *ingest.Packet)) {
	t.Helper()
	for _, x := range c.Extracts {
		r, err := x.Open()
		if err != nil {
			t.Fatal(err)
		}
		for {
			p, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			see(p)
		}
		r.Close()
	}
}

// With every frame read, filters find the frames that tshark -2 -Y finds.
func TestFiltersFindTsharksFrames(t *testing.T) {
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	c := &field.Context{Wireshark: installed(t), Stock: stock}
	compared, found := 0, 0
	for k, file := range frameCaptures {
		all := everyFrame(t, file)
		for i, text := range frameFilters {
			if k > 0 && i%len(frameCaptures) != k { // all of them on the first capture, a share on each other
				continue
			}
			match, err := filter.Compile(text, c, nil)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			var got []int64
			frames(t, all, func(p *ingest.Packet) {
				if match.Match(p) {
					got = append(got, p.Number)
				}
			})
			want := numbers(t, said(t, file, "-Y", text, "-T", "fields", "-e", "frame.number"))
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s: frames %v, tshark finds %v", text, filepath.Base(file), got, want)
			}
			compared, found = compared+1, found+len(want)
		}
	}
	t.Logf("%d filters, %d captures: %d results compared, %d frames found", len(frameFilters), len(frameCaptures), compared, found)
}

func numbers(t *testing.T, out []byte) (ns []int64) {
	t.Helper()
	for line := range strings.Lines(string(out)) {
		n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ns = append(ns, n)
	}
	return ns
}

// listed is the whole list with every frame.
func listed(t *testing.T, file string, printer func(w io.Writer) Printer) string {
	t.Helper()
	all := everyFrame(t, file)
	var out bytes.Buffer
	p := printer(&out)
	if err := p.Begin(all.Ledger[0]); err != nil {
		t.Fatal(err)
	}
	frames(t, all, func(packet *ingest.Packet) {
		if err := p.Packet(packet); err != nil {
			t.Fatal(err)
		}
	})
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// connected are the numbers that Wireshark takes from the connection.
var connected = regexp.MustCompile(`(Seq|Ack|Win)=\d+`)

// The list of every frame has tshark's times, addresses and lengths; protocol and Info are tshark's where no dissector is
// needed that icmpsift has not.
func TestEveryFrameIsListed(t *testing.T) {
	known := map[string]bool{"ARP": true, "ICMP": true, "ICMPv6": true, "IPv4": true, "IPv6": true, "UDP": true, "TCP": true}
	columns := []string{"-T", "fields"}
	names := []string{"_ws.col.No.", "_ws.col.Time", "_ws.col.Source", "_ws.col.Destination", "_ws.col.Length", "_ws.col.Protocol", "_ws.col.Info"}
	for _, n := range names {
		columns = append(columns, "-e", n)
	}
	c := &field.Context{Wireshark: installed(t)}
	lines, foreign := 0, 0
	for _, file := range frameCaptures {
		choice, err := Choose(c, names)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Split(listed(t, file, func(w io.Writer) Printer { return NewFields(w, choice, Options{}) }), "\n")
		want := strings.Split(string(said(t, file, columns...)), "\n")
		if len(got) != len(want) {
			t.Errorf("%s: %d lines, want %d", file, len(got), len(want))
			continue
		}
		for i := range want {
			ours, theirs := strings.Split(got[i], "\t"), strings.Split(want[i], "\t")
			if len(theirs) == len(names) && !known[theirs[5]] {
				foreign++
				ours, theirs = ours[:min(5, len(ours))], theirs[:5]
			}
			if len(theirs) == len(names) && theirs[5] == "TCP" { // relative numbers and scaled windows need the connection
				ours[6], theirs[6] = connected.ReplaceAllString(ours[6], "$1"), connected.ReplaceAllString(theirs[6], "$1")
			}
			lines++
			if !slices.Equal(ours, theirs) {
				t.Errorf("%s\ngot  %q\nwant %q", filepath.Base(file), ours, theirs)
			}
		}
	}
	t.Logf("%d lines compared, %d of them with a foreign protocol", lines, foreign)
}
