package build

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// sighted is one ICMP message in one frame.
type sighted struct {
	evidence             string
	frame, time          int64 // corrected by the evidence's clock offset
	src, dst             netip.Addr
	v6                   bool
	typ, code            uint8
	size                 int64
	request, reply, fail bool
	key                  string
	echo                 [2]uint16 // identifier and sequence number of an echo message
	body                 string    // of an echo message: what it carries behind a clock that shows the capture's time
	unique               bool      // the first sighting of the packet
}

func (c *sighted) payload() int64 { return max(0, c.size-8) }

// class tells requests (0), replies (1), errors (2) and the rest (3) apart by type, as the RFCs list them.
func (c *sighted) class() int {
	requests, replies := []uint8{8, 13, 15, 17, 42}, []uint8{0, 14, 16, 18, 43}
	if c.v6 {
		requests, replies = []uint8{128, 160}, []uint8{129, 161}
	}
	switch {
	case slices.Contains(requests, c.typ):
		return 0
	case slices.Contains(replies, c.typ):
		return 1
	case c.fail:
		return 2
	}
	return 3
}

type recounted struct {
	ledger []*ingest.Evidence
	all    []*sighted
	frames map[string]*sighted
	parts  map[string]bool // frames that hold a fragment
}

// recount decodes every frame with a plain loop and tells the same packet in several files by addresses and bytes: the
// k-th in one file is the k-th in another.
func recount(t *testing.T, ledger []*ingest.Evidence) *recounted {
	t.Helper()
	r := &recounted{ledger: ledger, frames: map[string]*sighted{}, parts: map[string]bool{}}
	firsts := map[string]*sighted{} // of each packet the sighting that came first
	for _, e := range ledger {
		if e.DuplicateOf >= 0 || e.Status == ingest.NotCapture {
			continue
		}
		here := map[string]int{}
		for _, c := range r.messages(t, e) {
			here[c.key]++
			k := fmt.Sprint(here[c.key], " ", c.key)
			if was := firsts[k]; was == nil || c.time < was.time {
				firsts[k] = c
			}
			r.all = append(r.all, c)
			r.frames[placeOf(c.evidence, c.frame)] = c
		}
	}
	for _, c := range firsts {
		c.unique = true
	}
	return r
}

func placeOf(evidence string, frame int64) string { return fmt.Sprint(evidence, ":", frame) }

func (r *recounted) frame(evidence string, frame int64) *sighted {
	return r.frames[placeOf(evidence, frame)]
}

func (r *recounted) messages(t *testing.T, e *ingest.Evidence) (out []*sighted) {
	t.Helper()
	f, err := os.Open(e.File)
	check(t, err)
	defer f.Close()
	reader, err := capture.NewReader(f)
	check(t, err)
	d := decode.New(decode.Options{})
	var p ingest.Packet
	for {
		frame, err := reader.Next()
		if err == io.EOF {
			return out
		}
		check(t, err)
		d.Decode(frame, &p)
		if p.Message() == nil {
			r.parts[placeOf(evidenceID(e.ID), p.Number)] = p.Fragment
			continue
		}
		m := p.Message()
		c := &sighted{evidence: evidenceID(e.ID), frame: p.Number, time: p.Time - e.ClockOffset, src: p.Src(), dst: p.Dst(), v6: p.V6(), typ: m.Bytes[0], code: m.Bytes[1],
			size: int64(m.Reported), key: fmt.Sprintf("%s %s %x", p.Src(), p.Dst(), m.Bytes)}
		if c.v6 {
			c.request, c.reply, c.fail = c.typ == 128, c.typ == 129, c.typ < 128
		} else {
			c.request, c.reply, c.fail = c.typ == 8, c.typ == 0, slices.Contains([]uint8{3, 4, 5, 11, 12}, c.typ)
		}
		if (c.request || c.reply) && len(m.Bytes) >= 8 {
			c.echo = [2]uint16{binary.BigEndian.Uint16(m.Bytes[4:]), binary.BigEndian.Uint16(m.Bytes[6:])}
			c.body = string(unclocked(m.Bytes[8:], p.Time))
		}
		out = append(out, c)
	}
}

// unclocked takes off the time that ping of iputils puts before its payload: seconds and microseconds of 64 bits each.
func unclocked(b []byte, now int64) []byte {
	if len(b) < 16 {
		return b
	}
	if s := int64(binary.LittleEndian.Uint64(b)); s > now/1e9-86400 && s < now/1e9+86400 && binary.LittleEndian.Uint64(b[8:]) < 1e6 {
		return b[16:]
	}
	return b
}

func (r *recounted) each(visit func(c *sighted)) {
	for _, c := range r.all {
		if c.unique {
			visit(c)
		}
	}
}

func same[K comparable, V comparable](t *testing.T, what string, got, want map[K]V) {
	t.Helper()
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			t.Errorf("%s of %v: %v, want %v", what, k, g, v)
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s of %v: %v, want none", what, k, v)
		}
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (r *recounted) totals(t *testing.T, rep *report.Report) {
	var unique, frames, bytes int64
	r.each(func(*sighted) { unique++ })
	for _, e := range r.ledger {
		info, err := os.Stat(e.File)
		check(t, err)
		bytes += info.Size()
		if e.DuplicateOf < 0 {
			frames += e.Frames
		}
	}
	x := rep.Totals
	equal(t, "files", x.Files, int64(len(r.ledger)))
	equal(t, "files by kind", x.Captures+x.Duplicates+x.NotCaptures, x.Files)
	equal(t, "bytes", x.Bytes, bytes)
	equal(t, "frames", x.Frames, frames)
	equal(t, "ICMP frames", x.ICMPFrames, int64(len(r.all)))
	equal(t, "ICMP packets", x.ICMPPackets, unique)
	equal(t, "copies", x.Copies, int64(len(r.all))-unique)
	equal(t, "hosts", x.HostsTotal, int64(len(rep.Hosts)))
	equal(t, "exchanges", x.ExchangesTotal, int64(len(rep.Exchanges)))
	byLevel := map[string]int64{}
	for _, f := range rep.Findings {
		byLevel[f.Level]++
	}
	same(t, "findings", x.FindingsByLevel, byLevel)
}

func typeKey(x report.TypeCount) string {
	if x.Version == 6 {
		return fmt.Sprintf("icmp6 %d/%d", x.Type, x.Code)
	}
	return fmt.Sprintf("icmp %d/%d", x.Type, x.Code)
}

func (r *recounted) types(t *testing.T, rep *report.Report) {
	type row struct{ packets, bytes, sources, destinations int64 }
	want, got := map[string]row{}, map[string]row{}
	seen := map[string]bool{}
	r.each(func(c *sighted) {
		k := report.TypeCount{Version: 4, Type: int(c.typ), Code: int(c.code)}
		if c.v6 {
			k.Version = 6
		}
		x := want[typeKey(k)]
		x.packets++
		x.bytes += c.size
		if s := typeKey(k) + " from " + c.src.String(); !seen[s] {
			seen[s] = true
			x.sources++
		}
		if s := typeKey(k) + " to " + c.dst.String(); !seen[s] {
			seen[s] = true
			x.destinations++
		}
		want[typeKey(k)] = x
	})
	for _, x := range rep.Types {
		got[typeKey(x)] = row{x.Packets, x.Bytes, x.Sources, x.Destinations}
	}
	same(t, "type", got, want)
}

func (r *recounted) hosts(t *testing.T, rep *report.Report) {
	type row struct{ sent, received, replies, errors, other, out, in, peers int64 }
	want, got := map[string]row{}, map[string]row{}
	peers := map[[2]netip.Addr]bool{}
	meet := func(a, b netip.Addr) int64 {
		if peers[[2]netip.Addr{a, b}] {
			return 0
		}
		peers[[2]netip.Addr{a, b}] = true
		return 1
	}
	r.each(func(c *sighted) {
		from := want[c.src.String()]
		from.out += c.payload()
		from.peers += meet(c.src, c.dst)
		switch {
		case c.request:
			from.sent++
		case c.reply:
			from.replies++
		case c.fail:
			from.errors++
		default:
			from.other++
		}
		want[c.src.String()] = from
		to := want[c.dst.String()]
		to.in += c.payload()
		to.peers += meet(c.dst, c.src)
		if c.request {
			to.received++
		}
		want[c.dst.String()] = to
	})
	for _, h := range rep.Hosts {
		got[h.Address] = row{h.EchoSent, h.EchoReceived, h.RepliesSent, h.ErrorsSent, h.OtherSent, h.BytesOut, h.BytesIn, h.Peers}
	}
	same(t, "host", got, want)
}

func (r *recounted) exchanges(t *testing.T, rep *report.Report) {
	type row struct{ requests, replies, other, sent, returned, forward, back, least, most int64 }
	want := map[[2]string]row{}
	for _, x := range rep.Exchanges {
		var w row
		bodies := map[string]bool{}
		r.each(func(c *sighted) {
			forward := c.src.String() == x.Src && c.dst.String() == x.Dst
			if back := c.src.String() == x.Dst && c.dst.String() == x.Src; !forward && !back {
				return
			}
			switch {
			case c.request:
				w.requests++
			case c.reply:
				w.replies++
			default:
				w.other++
			}
			if c.body != "" {
				bodies[c.body] = true
			}
			if forward {
				w.forward += c.payload()
				w.sent++
			} else {
				w.back += c.payload()
				w.returned++
			}
			if w.least == 0 || c.size < w.least {
				w.least = c.size
			}
			w.most = max(w.most, c.size)
		})
		want[[2]string{x.Src, x.Dst}] = w
		got := row{x.Requests, x.Replies, x.Other, x.Forward, x.Back, x.BytesForward, x.BytesBack, x.SizeMin, x.SizeMax}
		equal(t, "exchange "+x.Src+" "+x.Dst, got, w)
		equal(t, "different payloads in "+x.Src+" "+x.Dst, x.Payloads, int64(len(bodies)))
		equal(t, "replies accounted for in "+x.Src+" "+x.Dst, x.Paired+x.Unsolicited <= x.Replies, true)
	}
	var all int64
	for _, w := range want {
		all += w.requests + w.replies + w.other
	}
	equal(t, "packets of all exchanges", all, rep.Totals.ICMPPackets)
}

// trips pairs the first reply with the latest request of the same ends, identifier and sequence number within a minute.
func (r *recounted) trips(t *testing.T, rep *report.Report) {
	type ask struct {
		src, dst netip.Addr
		echo     [2]uint16
	}
	var list []*sighted
	r.each(func(c *sighted) { list = append(list, c) })
	slices.SortFunc(list, func(a, b *sighted) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(len(a.evidence), len(b.evidence)), cmp.Compare(a.evidence, b.evidence), cmp.Compare(a.frame, b.frame))
	})
	asked, times := map[ask]int64{}, map[[2]string][]float64{}
	for _, c := range list {
		switch k := (ask{c.dst, c.src, c.echo}); {
		case c.request:
			asked[ask{c.src, c.dst, c.echo}] = c.time
		case c.reply && asked[k] > 0:
			if d := c.time - asked[k]; d <= 60e9 {
				pair := [2]string{c.dst.String(), c.src.String()}
				times[pair] = append(times[pair], float64(d)/1e6)
			}
			delete(asked, k)
		}
	}
	for _, x := range rep.Exchanges {
		if x.Requests == 0 && x.Paired > 0 {
			continue // what was asked went to a group, and is in another row
		}
		var list []float64 // either side may have asked
		list = append(append(list, times[[2]string{x.Src, x.Dst}]...), times[[2]string{x.Dst, x.Src}]...)
		equal(t, "replies paired in "+x.Src+" "+x.Dst, x.Paired, int64(len(list)))
		if len(list) == 0 || x.RTTMean == nil {
			equal(t, "round trips of "+x.Src+" "+x.Dst, x.RTTMean == nil, len(list) == 0)
			continue
		}
		var sum float64
		for _, v := range list {
			sum += v
		}
		if len(list) < maxSample { // longer ones are sampled
			slices.Sort(list)
			for what, v := range map[string][2]float64{"median": {*x.RTTMedian, list[(len(list)-1)/2]}, "95 %": {*x.RTT95, list[(95*len(list)+99)/100-1]}} {
				if math.Abs(v[0]-v[1]) > tick/1e6 {
					t.Errorf("%s round trip of %s %s: %g ms, want %g", what, x.Src, x.Dst, v[0], v[1])
				}
			}
		}
		for what, v := range map[string][2]float64{"least": {*x.RTTMin, slices.Min(list)}, "mean": {*x.RTTMean, sum / float64(len(list))}, "most": {*x.RTTMax, slices.Max(list)}} {
			if math.Abs(v[0]-v[1]) > 1e-6 {
				t.Errorf("%s round trip of %s %s: %g ms, want %g", what, x.Src, x.Dst, v[0], v[1])
			}
		}
	}
}

// summary: the first words, and those under figures, hold the numbers that the packets give.
func (r *recounted) summary(t *testing.T, rep *report.Report) {
	var unique, incomplete, captures, out, in int64
	r.each(func(*sighted) { unique++ })
	for _, e := range r.ledger {
		if e.DuplicateOf < 0 && e.Status != ingest.NotCapture {
			captures++
			if e.Status != ingest.Complete && e.Status != ingest.Empty {
				incomplete++
			}
		}
	}
	for _, x := range rep.Incidents { // recounted one by one
		out, in = out+x.BytesOut, in+x.BytesIn
	}
	first := strings.Join(rep.Bottom, " ")
	want := []string{phrase.Plural(unique, "ICMP packet", "ICMP packets")}
	if len(rep.Incidents) > 0 {
		want = append(want, phrase.Plural(int64(len(rep.Incidents)), "incident", "incidents"))
		if n := int64(len(rep.Artefacts)); n > 0 {
			want = append(want, phrase.Plural(n, "file was", "files were")+" recovered")
		}
	}
	if out > 0 {
		want = append(want, phrase.Size(out)+" left")
	}
	if in > 0 {
		want = append(want, phrase.Size(in)+" came in")
	}
	if incomplete > 0 {
		want = append(want, phrase.Of(incomplete, captures, "capture", "captures"))
	}
	for _, w := range want {
		if !strings.Contains(first, w) {
			t.Errorf("no %q in %q", w, first)
		}
	}
	r.captions(t, rep, unique)
}

func (r *recounted) captions(t *testing.T, rep *report.Report, unique int64) {
	steps, kinds, seen := map[int64]int64{}, map[string]bool{}, map[netip.Addr]bool{}
	start, width := rep.Activity[0].Start.UnixNano(), rep.Activity[0].Seconds*1e9
	r.each(func(c *sighted) {
		steps[(c.time-start)/width]++
		kinds[fmt.Sprint(c.v6, c.typ, c.code)] = true
		seen[c.src], seen[c.dst] = true, true
	})
	var peak, at int64
	for i := range int64(len(rep.Activity)) {
		if steps[i] > peak {
			peak, at = steps[i], i
		}
	}
	for _, f := range rep.Figures {
		want := map[string]string{
			"activity": fmt.Sprintf("%s by class, counted in each %s; the most are %s from %s on.", phrase.Plural(unique, "ICMP packet", "ICMP packets"), phrase.Step(width/1e9), phrase.Count(peak), phrase.Time(when(start+at*width))),
			"contacts": fmt.Sprintf("%s stand", phrase.Of(min(int64(len(seen)), maxContacts), int64(len(seen)), "host", "hosts")),
			"types":    phrase.Of(min(int64(len(kinds)), report.MaxTypes), int64(len(kinds)), "type and code", "types and codes"),
		}[f.Kind]
		if !strings.Contains(f.Caption, want) {
			t.Errorf("%s: no %q in %q", f.ID, want, f.Caption)
		}
	}
}

func (r *recounted) activity(t *testing.T, rep *report.Report) {
	var packets, hostile int64
	for _, a := range rep.Activity {
		var want int64
		var classes [4]int64 // requests, replies, errors, others
		r.each(func(c *sighted) {
			if c.time >= a.Start.UnixNano() && c.time < a.Start.UnixNano()+a.Seconds*1e9 {
				want++
				classes[c.class()]++
			}
		})
		equal(t, "activity at "+a.Start.String(), a.Packets, want)
		equal(t, "classes at "+a.Start.String(), [4]int64{a.Requests, a.Replies, a.Errors, a.Other}, classes)
		packets, hostile = packets+a.Packets, hostile+a.Finding
	}
	equal(t, "packets of all activity", packets, rep.Totals.ICMPPackets)
	marked := map[string]bool{}
	for _, f := range rep.Findings {
		if rank(f.Level) >= int(rules.Medium) {
			for _, c := range r.of(t, f.Frames) {
				marked[placeOf(c.evidence, c.frame)] = true
			}
		}
	}
	var want int64
	r.each(func(c *sighted) {
		if marked[placeOf(c.evidence, c.frame)] {
			want++
		}
	})
	equal(t, "packets of findings in all activity", hostile, want)
}

// contacts: every packet is in one cell, that of its two ends.
func (r *recounted) contacts(t *testing.T, rep *report.Report) {
	at := map[string]int{}
	var hosts int64
	for i, h := range rep.Contacts.Hosts {
		at[h.Address+h.Zone] = i
		hosts += h.Hosts
	}
	equal(t, "hosts of all contacts", hosts, rep.Totals.HostsTotal)
	zones := map[string]string{}
	for _, h := range rep.Hosts {
		zones[h.Address] = h.Zone
	}
	place := func(a netip.Addr) int {
		if i, ok := at[a.String()+zones[a.String()]]; ok {
			return i
		}
		return at[zones[a.String()]]
	}
	want, got := map[[2]int]int64{}, map[[2]int]int64{}
	r.each(func(c *sighted) { want[[2]int{place(c.src), place(c.dst)}]++ })
	for _, x := range rep.Contacts.Links {
		got[[2]int{x.Src, x.Dst}] = x.Packets
	}
	same(t, "contacts", got, want)
}

// courses: the points of a finding are its packets, in their order, with the sizes that the frames have.
func (r *recounted) courses(t *testing.T, in Input, rep *report.Report) {
	for i, f := range rep.Findings {
		if len(f.Payloads) > 0 {
			r.course(t, f, r.of(t, whole(in.Result.Findings[i].Frames)))
		}
		if n := len(f.Payloads); n > 2*maxPoints {
			t.Errorf("%s: %d points", f.ID, n)
		}
	}
}

func (r *recounted) course(t *testing.T, f report.Finding, list []*sighted) {
	type sums struct{ packets, bytes, least, most int64 }
	want, got := map[bool]sums{}, map[bool]sums{}
	add := func(m map[bool]sums, back bool, n, bytes, least, most int64) {
		s, ok := m[back]
		if !ok {
			s.least = least
		}
		m[back] = sums{s.packets + n, s.bytes + bytes, min(s.least, least), max(s.most, most)}
	}
	for _, c := range list {
		if c.unique {
			add(want, c.src.String() == f.Dst, 1, c.payload(), c.payload(), c.payload())
		}
	}
	for i, p := range f.Payloads {
		add(got, p.Back, p.Packets, int64(math.Round(p.Size*float64(p.Packets))), p.SizeMin, p.SizeMax)
		if i > 0 && p.Time.Before(f.Payloads[i-1].Time) {
			t.Errorf("%s: point %d is earlier than the one before", f.ID, i)
		}
		if p.Entropy < 0 || p.Entropy > 8 || p.SizeMax > 0 && p.Entropy > math.Log2(float64(p.SizeMax))+0.001 {
			t.Errorf("%s: %g bits per byte among %d bytes", f.ID, p.Entropy, p.SizeMax)
		}
	}
	same(t, "payloads of "+f.Rule.Name, got, want)
}

// of gives the messages in frames, whose fragments may be among them; it needs all ranges to be listed.
func (r *recounted) of(t *testing.T, sets []report.FrameSet) (out []*sighted) {
	t.Helper()
	for _, s := range sets {
		var frames int64
		for _, text := range s.Ranges {
			first, last, several := strings.Cut(text, "-")
			if !several {
				last = first
			}
			a, err := strconv.ParseInt(first, 10, 64)
			check(t, err)
			b, err := strconv.ParseInt(last, 10, 64)
			check(t, err)
			for n := a; n <= b; n++ {
				frames++
				if c := r.frame(s.Evidence, n); c != nil {
					out = append(out, c)
				} else if !r.parts[placeOf(s.Evidence, n)] {
					t.Errorf("frame %d of %s holds no ICMP", n, s.Evidence)
				}
			}
		}
		equal(t, "frames in "+s.Evidence, frames, s.Total)
	}
	return out
}

// whole is a finding's or artefact's frames without the cap of the report.
func whole(list []rules.Source) (out []report.FrameSet) {
	for _, s := range list {
		out = append(out, report.FrameSet{Evidence: evidenceID(s.Evidence), Ranges: s.Ranges.Strings(), Total: s.Ranges.Total()})
	}
	return out
}

func (r *recounted) findings(t *testing.T, in Input, rep *report.Report) {
	for i, f := range rep.Findings {
		list := r.of(t, whole(in.Result.Findings[i].Frames))
		packets, bytes, first, last := sum(list)
		equal(t, "packets of "+f.Rule.Name, f.Packets, packets)
		if f.Rule.Name != "icmp-exfil-type" { // where the header carries the data
			equal(t, "bytes of "+f.Rule.Name, f.Bytes, bytes)
		}
		equal(t, "first of "+f.Rule.Name, f.First.UnixNano(), first)
		if f.Last.UnixNano() > last || f.Last.UnixNano() < last-1e6 { // a copy may come a little later
			t.Errorf("last of %s: %d, want %d", f.Rule.Name, f.Last.UnixNano(), last)
		}
		same(t, "messages of "+f.Rule.Name, shown(f.Types), messagesOf(list))
		for _, s := range f.Frames {
			if len(s.Ranges) > maxRanges {
				t.Errorf("%d ranges listed", len(s.Ranges))
			}
		}
	}
}

// shown are the messages that a report tells of a finding.
func shown(list []report.TypeShare) map[string]int64 {
	out := map[string]int64{}
	for _, x := range list {
		out[fmt.Sprint(x.Version, x.Type, x.Code)] = x.Packets
	}
	return out
}

// messagesOf counts different packets by type and code, the ten most frequent.
func messagesOf(list []*sighted) map[string]int64 {
	by := map[string][]*sighted{}
	for _, c := range list {
		version := 4
		if c.v6 {
			version = 6
		}
		k := fmt.Sprint(version, c.typ, c.code)
		by[k] = append(by[k], c)
	}
	counts := map[string]int64{}
	for k, list := range by {
		counts[k], _, _, _ = sum(list)
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		x, y := by[a][0], by[b][0]
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a[:1], b[:1]), cmp.Compare(x.typ, y.typ), cmp.Compare(x.code, y.code))
	})
	for _, k := range keys[min(len(keys), 10):] {
		delete(counts, k)
	}
	return counts
}

// sum adds up different packets.
func sum(list []*sighted) (packets, bytes, first, last int64) {
	most := map[string]int{}
	here := map[string]int{}
	for _, c := range list {
		k := c.evidence + " " + c.key
		if here[k]++; here[k] > most[c.key] {
			most[c.key] = here[k]
			packets++
			bytes += c.payload()
		}
		if first == 0 || c.time < first {
			first = c.time
		}
		last = max(last, c.time)
	}
	return packets, bytes, first, last
}

func (r *recounted) artefacts(t *testing.T, in Input, rep *report.Report) {
	for i, a := range rep.Artefacts {
		from := in.Result.Artefacts[i]
		packets, _, _, _ := sum(r.of(t, whole(from.Frames)))
		equal(t, "packets of "+a.ID, a.Packets, packets)
		equal(t, "size of "+a.ID, a.Size, int64(len(from.Bytes)))
		for _, c := range r.of(t, whole(from.Frames)) {
			both := len(from.Finding.Rule.Recover.Tunnel) > 0 && c.src.String() == a.Dst && c.dst.String() == a.Src
			if (c.src.String() != a.Src || c.dst.String() != a.Dst) && !both {
				t.Errorf("%s: frame %d of %s goes from %s to %s", a.ID, c.frame, c.evidence, c.src, c.dst)
			}
		}
	}
}

func (r *recounted) incidents(t *testing.T, in Input, rep *report.Report) {
	for _, x := range rep.Incidents {
		var out, inward int64
		for i, f := range rep.Findings {
			from := in.Result.Findings[i]
			if f.Incident != x.ID || from.Rule.Recover == nil {
				continue
			}
			var there, back []*sighted
			for _, c := range r.of(t, whole(from.Frames)) {
				if c.src.String() == f.Dst {
					back = append(back, c)
				} else {
					there = append(there, c)
				}
			}
			_, forth, _, _ := sum(there)
			_, returned, _, _ := sum(back)
			var carried int64 // in headers it may be more than the payload
			for _, a := range from.Artefacts {
				carried += int64(len(a.Bytes))
			}
			switch more := carried - forth - returned; {
			case more <= 0 || len(from.Rule.Recover.Tunnel) > 0:
			case forth == 0:
				returned += more
			default:
				forth += more
			}
			if home := strings.HasPrefix(f.Src, "10."); home && !strings.HasPrefix(f.Dst, "10.") {
				out, inward = out+forth, inward+returned
			} else if !home && strings.HasPrefix(f.Dst, "10.") {
				out, inward = out+returned, inward+forth
			}
		}
		equal(t, "bytes out of "+x.ID, x.BytesOut, out)
		equal(t, "bytes in of "+x.ID, x.BytesIn, inward)
	}
}

type sidecar struct {
	Capture string `yaml:"capture"`
	Facts   struct {
		Types map[string]int64 `yaml:"icmp_by_type_code"`
	} `yaml:"facts"`
}

func sidecarOf(t *testing.T, path string) (s sidecar) {
	t.Helper()
	b, err := os.ReadFile(path)
	check(t, err)
	check(t, yaml.Unmarshal(b, &s))
	return s
}
