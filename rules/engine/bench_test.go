package engine

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
)

// kinds are what imported and home-made rules look like; %[1]d is another number in each rule.
var kinds = []string{
	"icmp.type == 8 && data.data contains \"word%[1]d\"",
	"icmp.type == 8 && icmp.ident == %[1]d",
	"sift.echo.request && sift.payload.length == %[1]d && ip.ttl == 1",
	"sift.echo.reply == 1 && sift.payload[0:5] == \"%05[1]d\"",
	"icmp.type#1 == 8 && icmp#1[8:] contains \"get %[1]d\"",
	"sift.echo.request && sift.src in {198.51.%[2]d.0/28, 2001:db8:%[2]d::/48}",
	"sift.type == 3 && sift.code == 13 && sift.quoted.dport == %[1]d",
	"icmp.type == 8 && icmp.code == %[2]d && icmp#1[8:] matches r\"(?s-i)^.{4}[0-9]%[1]d\"",
	"sift.echo.request && (icmp.seq == %[1]d || icmpv6.echo.sequence_number == %[1]d) && !(sift.payload.class == \"stock\")",
	"sift.payload.class in {\"text\", \"base64\"} && sift.payload contains \"cmd%[1]d;\"",
	"icmp.type#1 == 8 && icmp#1[8:] matches r\"(?s-i)user%[1]d.{0,20}pass\"",
	"sift.zone.src == \"outside\" && sift.zone.dst == \"home\" && sift.payload.length > %[1]d",
	"icmp.type == 13 && icmp.originate_timestamp == %[1]d",
	"sift.echo.reply && sift.reply.differs && sift.payload.length - %[1]d > 3 && sift.payload.entropy > 7.5",
	"icmp.type == 5 && icmp.redir_gw == 192.0.2.%[2]d",
	"sift.echo.request && sift.id == %[1]d && icmp.checksum in {%[1]d, 64}",
}

// pack is the builtin pack with as many other rules.
func pack(b testing.TB, c *field.Context, others int) *rules.Set {
	b.Helper()
	set, err := file.Load(c, file.Embedded(builtin.Files))
	if err != nil {
		b.Fatal(err)
	}
	out := set.Set
	for i := range others {
		match, n := kinds[i%len(kinds)], 2000+i*13
		out.Rules = append(out.Rules, &rules.Rule{Name: fmt.Sprint("other-", i), Match: fmt.Sprintf(match, n, n%250+1)})
	}
	return &out
}

// packets reads captures as one case.
func packets(b testing.TB, each func(*ingest.Packet), paths ...string) {
	b.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		b.Fatal(err)
	}
	ctx, budget := context.Background(), spool.NewBudget(256<<20, b.TempDir())
	all, err := read.Files(ctx, files, read.Options{Jobs: 1, Budget: budget})
	if err != nil {
		b.Fatal(err)
	}
	defer all.Close()
	line, err := timeline.Build(ctx, all.Extracts, budget)
	if err != nil {
		b.Fatal(err)
	}
	defer line.Close()
	if err := line.Each(ctx, each); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPack asks the rules about each packet of captures: the builtin pack, and packs of growing size.
func BenchmarkPack(b *testing.B) {
	c := home(b)
	for _, captures := range []struct{ name, pattern string }{{"ordinary", "ben-*.pcap*"}, {"mixed", "*.pcap*"}} {
		paths, _ := filepath.Glob("../../testdata/lab/" + captures.pattern)
		var all []*ingest.Packet
		for _, path := range paths {
			all = append(all, kept(b, 100, []string{path})...)
		}
		for _, others := range []int{0, 60, 4 * 60, 16 * 60, 64 * 60} {
			b.Run(fmt.Sprintf("%s/builtin+%d", captures.name, others), func(b *testing.B) {
				m, err := newMatcher(pack(b, c, others), c)
				if err != nil {
					b.Fatal(err)
				}
				sum := quickest(b, all, func(p *ingest.Packet) { m.matches = m.index.Match(p, m.matches[:0]) })
				b.ReportMetric(float64(sum.Nanoseconds())/float64(len(all)), "ns/packet")
			})
		}
	}
}

// BenchmarkAdd is all that the builtin pack costs a packet: the rules' filters, and correlating what they match.
func BenchmarkAdd(b *testing.B) {
	const often = 10
	c := home(b)
	paths, _ := filepath.Glob("../../testdata/lab/ben-*.pcap*")
	ordinary := kept(b, math.MaxInt, paths)
	var spent time.Duration
	n, number := 0, int64(0)
	for range b.N {
		m, err := newMatcher(pack(b, c, 0), c)
		if err != nil {
			b.Fatal(err)
		}
		m.ordered(math.MaxInt64) // as the lab's captures are
		for _, p := range ordinary {
			best := time.Duration(math.MaxInt64)
			for range 5 { // the machine may do something else in between
				start := time.Now()
				for range often {
					number++ // what is known of a packet is not known of the next
					p.Case.Number = number
					m.add(p)
				}
				best = min(best, time.Since(start))
			}
			spent, n = spent+best, n+often
		}
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "ns/packet")
}

// home is the context of a case with the usual home networks.
func home(t testing.TB) *field.Context {
	t.Helper()
	stock, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	c := &field.Context{Stock: stock}
	for _, n := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"} {
		c.Home = append(c.Home, netip.MustParsePrefix(n))
	}
	return c
}

// quickest shows all packets to ask in every round, some at a time, and adds up the least time that each of these took.
func quickest(b *testing.B, all []*ingest.Packet, ask func(*ingest.Packet)) (sum time.Duration) {
	chunks := slices.Collect(slices.Chunk(all, 32))
	best := slices.Repeat([]time.Duration{math.MaxInt64}, len(chunks))
	for b.Loop() {
		for i, chunk := range chunks {
			start := time.Now()
			for _, p := range chunk {
				ask(p)
			}
			best[i] = min(best[i], time.Since(start))
		}
	}
	for _, d := range best {
		sum += d
	}
	return sum
}

// kept are the first packets of captures that hold a message.
func kept(b testing.TB, most int, paths []string) (out []*ingest.Packet) {
	packets(b, func(p *ingest.Packet) {
		if p.Message() != nil && len(out) < most {
			out = append(out, p.Clone())
		}
	}, paths...)
	return out
}

// A packet that no rule matches costs no memory.
func TestNoAllocations(t *testing.T) {
	c := home(t)
	m, err := newMatcher(pack(t, c, 60), c)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	packets(t, func(p *ingest.Packet) {
		before := matched(m)
		m.add(p)
		if before != matched(m) {
			return
		}
		seen++
		if n := testing.AllocsPerRun(3, func() { m.add(p) }); n > 0 {
			t.Fatalf("packet %d: %g allocations", p.Case.Number, n)
		}
	}, "../../testdata/lab/ben-vlan30.pcap", "../../testdata/lab/ben-unreach.pcap", "../../testdata/lab/ben-ndp.pcapng", "../../testdata/lab/ben-timestamps.pcap",
		"../../testdata/lab/ben-ping6.pcapng", "../../testdata/lab/ben-pmtu.pcap")
	if seen < 20 {
		t.Errorf("all packets but %d matched a rule", seen)
	}
}

func matched(m *matcher) (n int64) {
	for _, x := range m.rules {
		n += x.matched
	}
	return n
}
