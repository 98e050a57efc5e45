package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// digest is eight hex digits that stand for the parts.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:4])
}

// finding turns the draft into a finding.
func (d *draft) finding(ledger map[int]*ingest.Evidence, end int64, limit timeline.Limit) *rules.Finding {
	r := d.x.rule
	f := &rules.Finding{Rule: r, Level: r.Level, Src: d.src.name(), Dst: d.dst.name(), First: d.incident.First, Last: d.last,
		Packets: d.incident.Members.Total() + d.incident.More, Bytes: d.bytes, Frames: sources(d.frames), Members: d.incident.Members, Artefacts: d.carved,
		Preview: d.preview, Inside: d.inside, Said: d.said}
	f.ID = "F-" + digest(r.ID, f.Src, f.Dst, time.Unix(0, f.First).UTC().Format(time.RFC3339Nano), firstFrame(f.Frames, ledger))
	if d.monitor() {
		f.Level = min(f.Level, rules.Low)
	}
	if d.drilled() || d.unread {
		f.Level = min(f.Level, rules.Medium)
	}
	f.Hosts = d.hosts(f)
	f.Observed = d.observed()
	f.Explanations = d.explanations()
	var carried int64
	for _, a := range f.Artefacts {
		a.Finding = f
		doubt(a, ledger)
		carried += int64(len(a.Bytes))
	}
	if !d.tunnelled { // a capture of inner packets and the files in them hold the same bytes
		f.Bytes = max(f.Bytes, carried)
	}
	if f.Back = d.back; d.back == d.bytes { // what headers carry is more than the payload
		f.Back = f.Bytes
	}
	f.From, f.To, f.Returned = d.from.name(), d.to.name(), d.returned
	if d.returned == f.Members.Total() { // so did those that are only counted
		f.Returned = f.Packets
	}
	f.Confidence = d.confidence()
	f.Filter = d.filter(f, limit)
	f.Notes, f.Ongoing = d.notes(ledger), d.ongoing(f.Last, end)
	f.SuppressedBy = d.suppression()
	return f
}

// hosts are both sides. Behind a forged source address stands a station that is known by its MACs alone.
func (d *draft) hosts(f *rules.Finding) []rules.Host {
	macs := d.src.hardware()
	if f.Rule.Roles.Src != "spoofed" || len(macs) == 0 {
		return append(d.src.hosts(f.Rule.Roles.Src, macs), d.dst.hosts(f.Rule.Roles.Dst, d.dst.hardware())...)
	}
	both := append(d.src.hosts(f.Rule.Roles.Src, nil), d.dst.hosts(f.Rule.Roles.Dst, d.dst.hardware())...)
	return append(both, rules.Host{Address: strings.Join(macs, " "), Role: "spoofer", MACs: macs})
}

func sources(frames places) []rules.Source {
	var out []rules.Source
	for e, r := range frames {
		out = append(out, rules.Source{Evidence: e, Ranges: *r})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Evidence < out[j].Evidence })
	return out
}

// doubt takes back the claim that an artefact is complete, where captures it came from lost records and none that was
// read to its end holds all of it.
func doubt(a *rules.Artefact, ledger map[int]*ingest.Evidence) {
	torn := false
	for _, s := range a.Frames {
		switch ledger[s.Evidence].Status {
		case ingest.Cut, ingest.Damaged:
			torn = true
		default:
			if s.Ranges.Total() >= a.Packets {
				return
			}
		}
	}
	if torn && a.Complete {
		a.Complete, a.Confidence = false, lessSure[a.Confidence]
	}
}

var lessSure = map[string]string{"high": "medium", "medium": "low", "low": "low"}

// firstFrame names the first frame of a finding by the hash of its file; of several files the lowest hash counts, so that
// names of files do not.
func firstFrame(frames []rules.Source, ledger map[int]*ingest.Evidence) (first string) {
	for _, s := range frames {
		if at := fmt.Sprint(ledger[s.Evidence].SHA256, s.Ranges[0].First); first == "" || at < first {
			first = at
		}
	}
	return first
}

// observed tells the measured numbers against the thresholds.
func (d *draft) observed() (out []rules.Observed) {
	c, i := d.x.correlation, d.incident
	tell := func(name string, v float64, unit string, conditions []rules.Condition) {
		for _, x := range conditions {
			out = append(out, rules.Observed{Name: name, Value: v, Unit: unit, Threshold: x.Value, Op: x.Op})
		}
	}
	tell(d.measured(), i.Peak, "within "+span(c.Timespan), c.Condition)
	if c.Type == rules.XInterval {
		measure := "median absolute deviation over median"
		if c.Interval.Measure == "cv" {
			measure = "standard deviation over mean"
		}
		tell("jitter of the intervals ("+measure+")", i.Jitter, "", c.Interval.Jitter)
		tell("median interval", i.Median, "s", c.Interval.Median)
	}
	if c.Type == rules.XRatio {
		tell("packets the share is of", float64(i.Events), "within "+span(c.Timespan), []rules.Condition{{Op: "gte", Value: float64(max(1, c.Minimum))}})
	}
	return out
}

// measured names what the condition is of.
func (d *draft) measured() string {
	c := d.x.correlation
	switch c.Type {
	case rules.ValueCount:
		return "different values of " + c.Field
	case rules.Temporal:
		return "rules that matched"
	case rules.TemporalOrdered:
		return "rules that matched in order"
	case rules.ValueSum:
		return "sum of " + c.Field
	case rules.ValueAvg:
		return "average of " + c.Field
	case rules.ValuePercentile:
		return fmt.Sprintf("percentile %g of %s", c.Percentile, c.Field)
	case rules.XInterval:
		return "ticks"
	case rules.XRatio:
		if c.Share != "" {
			return "share of packets with " + c.Share
		}
		return "share of " + c.Rules[1].Name + " in " + c.Rules[0].Name
	}
	if len(c.Rules) > 0 {
		return "events of the rules"
	}
	return "matching packets"
}

// span prints a duration in the largest unit that it is a multiple of.
func span(t time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := t / u.d; {
		case t == u.d:
			return "1 " + u.name
		case n > 0 && t%u.d == 0:
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return fmt.Sprintf("%g s", t.Seconds())
}

// confidence is high when known bytes came back or the count is far above the threshold.
func (d *draft) confidence() string {
	for _, a := range d.carved {
		if a.Confidence == "high" {
			return "high"
		}
	}
	if t := d.x.correlation.Type; t != rules.EventCount && t != rules.ValueCount {
		return "medium"
	}
	for _, c := range d.x.correlation.Condition {
		if (c.Op == "gt" || c.Op == "gte") && d.x.rule.Correlation != nil && d.incident.Peak >= 3*c.Value {
			return "high"
		}
	}
	return "medium"
}

// filter is a Wireshark display filter that shows the finding's packets: the rule's own as far as Wireshark knows its
// fields, the endpoints, and the time where that alone would show too much, within what may be looked at. Of a correlation of rules it is what any of
// them shows.
func (d *draft) filter(f *rules.Finding, limit timeline.Limit) string {
	text, whole := d.shown(&d.x.ends[0])
	whole = whole && d.x.match != nil // of an incident's packets, time tells more
	parts := append(text, d.protocol())
	parts = append(parts, d.between(&d.x.ends[0], f)...)
	if len(d.x.ends) > 1 {
		parts = append([]string{d.protocol()}, d.any(f)...)
	}
	if limit.Shown != "" && !d.fragmented {
		parts = append(parts, "("+limit.Shown+")")
	}
	whole = whole && limit.From == nil && limit.To == nil
	if !whole && !d.fragmented && d.seen.first >= 0 {
		parts = append(parts, fmt.Sprintf("frame.time_epoch >= %s && frame.time_epoch <= %s", epoch(d.seen.first), epoch(d.seen.last)))
	}
	return strings.Join(parts, " && ")
}

// shown is what Wireshark can say of a rule's own filter; whole tells that it says it all.
func (d *draft) shown(e *ends) (parts []string, whole bool) {
	text, whole := e.match.Wireshark()
	switch {
	case len(d.carved) > 0 || d.fragmented || d.short: // more than the rule's filter shows
		return nil, false
	case text == "":
		return nil, whole
	}
	return []string{"(" + text + ")"}, whole
}

// between says the endpoints, as a rule's packets have them; of a tunnel both directions show.
func (d *draft) between(e *ends, f *rules.Finding) []string {
	if d.tunnelled {
		return []string{d.talkers().either()}
	}
	return append(d.endpoint(e.src.Name, f.Src, &d.src), d.endpoint(e.dst.Name, f.Dst, &d.dst)...)
}

// any joins what each of the rules shows; nothing if one of them shows everything.
func (d *draft) any(f *rules.Finding) []string {
	var all []string
	for i := range d.x.ends {
		text, _ := d.shown(&d.x.ends[i])
		parts := append(text, d.between(&d.x.ends[i], f)...)
		if len(parts) == 0 {
			return nil
		}
		if one := strings.Join(parts, " && "); !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	if len(all) == 1 {
		return all
	}
	return []string{"((" + strings.Join(all, ") || (") + "))"}
}

// protocol is the part that any ICMP message passes; Wireshark shows a fragmented one in the frame that completes it.
func (d *draft) protocol() string {
	var names []string
	if d.v4 && d.short {
		names = append(names, "ip.proto == 1")
	} else if d.v4 {
		names = append(names, "icmp")
	}
	if d.v6 {
		names = append(names, "icmpv6")
	}
	if d.fragmented && d.v4 {
		names = append(names, "ip.flags.mf == 1", "ip.frag_offset > 0")
	}
	if d.fragmented && d.v6 {
		names = append(names, "ipv6.fraghdr")
	}
	if len(names) == 1 {
		return names[0]
	}
	return "(" + strings.Join(names, " || ") + ")"
}

func epoch(ns int64) string { return fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9) }

// endpoint translates a side to Wireshark: the layer operator picks the header that carries the message, or the quoted one.
// A network that leaves out a stray address says nothing here, nor does a quoted address of fragments.
func (d *draft) endpoint(name, value string, s *side) []string {
	quoted := strings.HasPrefix(name, "sift.quoted.")
	if d.v4 && d.v6 || d.fragmented && quoted || strings.HasSuffix(value, "/0") || !s.within(value) {
		return nil
	}
	proto := "ip"
	if strings.Contains(value, ":") {
		proto = "ipv6"
	}
	layer := fmt.Sprintf("#%d", d.layer)
	if quoted {
		layer = fmt.Sprintf("#%d", d.layer+1)
	}
	if d.layered || d.fragmented {
		layer = ""
	}
	switch name {
	case "sift.client", "sift.server":
		return []string{fmt.Sprintf("%s.addr%s == %s", proto, layer, value)}
	case "sift.src", "sift.quoted.src":
		return []string{fmt.Sprintf("%s.src%s == %s", proto, layer, value)}
	case "sift.dst", "sift.quoted.dst":
		return []string{fmt.Sprintf("%s.dst%s == %s", proto, layer, value)}
	}
	return nil
}

// notes tells what the capture could not show.
func (d *draft) notes(ledger map[int]*ingest.Evidence) (out []string) {
	if d.cut {
		out = append(out, "Some of these packets were cut by the capture's snaplen, or are not told whole by an export: bytes are missing.")
	}
	if d.truncated {
		out = append(out, "More packets than memory allows: recovered bytes are missing.")
	}
	if d.counters.only() {
		out = append(out, "What these packets carry is alike but for a number that counts up, as monitors write it: the level was lowered, and nothing was recovered.")
	}
	if d.unread {
		out = append(out, "No ordinary sender writes such values in this field, but what they mean is not known: the level was lowered.")
	}
	if d.lineTest {
		out = append(out, "The same host sends random bytes of one length to many hosts, as tests of a line do (fping -R): the level was lowered, and nothing was recovered.")
	}
	if d.local() {
		out = append(out, "Random bytes of one length stay within the home networks, at even times and numbered as a ping numbers them, as tests of a line do: the level was lowered, and nothing was recovered.")
	} else if d.drilled() {
		out = append(out, "All that is sent is random bytes of one length, at even times and numbered as a ping numbers them: it may be a test of a line, and the level was lowered. A file's last piece is mostly a shorter one.")
	}
	if d.incident.AtLeast {
		out = append(out, "More packets within the rule's time span than are counted: the observed number is a lower bound.")
	}
	if d.incident.More > 0 {
		out = append(out, fmt.Sprintf("Its first %d packets are listed and their bytes added up; %d later ones are only counted.", d.incident.Members.Total(), d.incident.More))
	}
	if d.src.more || d.dst.more {
		out = append(out, fmt.Sprintf("Only the first %d addresses of a side were kept: its network may be larger.", maxEndpoints))
	}
	if d.siblings > 0 {
		out = append(out, fmt.Sprintf("One of %d findings of this rule: the %d with the highest counts are reported.", d.siblings, maxFindings))
	}
	for e := range d.frames {
		if exported(ledger[e]) {
			out = append(out, fmt.Sprintf("%s is an export of tshark: what it leaves out of its packets stands in the ledger.", ledger[e].Path))
		}
		if s := ledger[e].Status; s == ingest.Cut || s == ingest.Damaged {
			out = append(out, fmt.Sprintf("The capture %s is %s: packets may be missing.", ledger[e].Path, s))
		}
	}
	out = append(append(out, d.coverNotes()...), d.inside...)
	out = append(out, d.supersededNotes()...)
	sort.Strings(out)
	return out
}

// ongoing tells whether the finding was still going on when what was looked at ended: the last of all captures, because a
// rotated file that ends in the middle of it says nothing.
func (d *draft) ongoing(last, end int64) bool {
	return end-last <= int64(min(d.x.correlation.Timespan, time.Minute)) && end-last < (last-d.incident.First)/4
}
