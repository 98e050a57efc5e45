// Package sample holds hand-made reports for the tests of the renderers; nothing else uses it, which is why every
// function asks for a [testing.TB]. The case is invented: addresses are documentation and private ones, hashes are
// counted up. [Incident] is a full report, [Quiet] one of a run that found nothing, [Hostile] puts one string into every
// text field there is.
package sample

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"icmpsift/report"
)

var start = time.Date(2024, 5, 14, 8, 30, 0, 123_456_789, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

func at(d time.Duration) *time.Time {
	t := after(d)
	return &t
}

func hash(n int) string { return strings.Repeat(fmt.Sprintf("%04x", uint16(n*4099)), 16) }

func number[T any](v T) *T { return &v }

// Incident is a case with two incidents, five findings, two recovered files and evidence in every state.
func Incident(testing.TB) *report.Report {
	r := &report.Report{
		Schema: report.Schema, Tool: tool(), Case: theCase(), Verdict: "high",
		Bottom: []string{
			"Host 10.20.0.15 sent a ZIP archive of 48,213 bytes to 203.0.113.77 outside the network, hidden in the type field of ICMP packets.",
			"The file was brought back whole, so confidence is high.",
			"Host 10.20.0.31 very likely runs a remote shell over ping: 212 of 240 replies differ from their requests.",
			"Before that, 10.20.0.31 pinged 254 addresses of 10.20.1.0/24.",
			"Isolate 10.20.0.15 and 10.20.0.31 first.",
		},
		Evidence: evidence(), Incidents: incidents(), Findings: findings(), Artefacts: artefacts(), Indicators: indicators(), Actions: actions(), Timeline: timeline(),
		Hosts: hosts(), Exchanges: exchanges(), Types: types(), Activity: activity(), Contacts: contacts(), Figures: figures(), Techniques: techniques(), Rules: rules(), Suppressions: suppressions(), Totals: totals(),
		Notes: []string{
			"No capture shows both sides of the gateway, so address translation cannot be ruled out.",
			"41 of 55,102 ICMP packets were cut by the capture's snaplen: bytes behind the cut are unknown.",
			"Clocks of branch/sensor-2.pcapng and gateway.pcap differ by 1.204 s; times are those of gateway.pcap.",
		},
	}
	r.Faults = []report.Fault{{Step: "recovery from icmp.seq", Rule: "icmp-exfil-seq", Cause: "runtime error: index out of range [3] with length 3", Where: "recover.pick, find.go:120", Times: 21,
		Lost: []report.LostPlace{{Src: "10.20.0.7", Dst: "203.0.113.9", Evidence: "E1", Frame: 812}}}}
	r.Crosscheck, r.CrosscheckTotal = crosscheck()
	r.Packets = packets(r)
	return r
}

func suppressions() []report.Suppression {
	return []report.Suppression{
		{ID: "S-0a1b2c3d", Title: "Route check", Rules: []string{"traceroute"}, Match: "ip.src == 10.20.0.9", Reason: "nightly route check", Owner: "network operations", Expires: "2027-01-01",
			Source: "suppress.yml:1", Findings: 1, State: "used"},
		{ID: "S-4e5f6a7b", Rules: []string{"host-sweep"}, Reason: "old monitor", Owner: "network operations", Expires: "2020-01-01", Source: "suppress.yml:9", State: "expired"},
	}
}

// Quiet is a run over good evidence that found nothing.
func Quiet(testing.TB) *report.Report {
	ledger := evidence()[:1]
	quiet := rules()
	for i := range quiet {
		quiet[i].Findings, quiet[i].Suppressed = 0, 0
	}
	return &report.Report{
		Schema: report.Schema, Tool: tool(), Case: report.Case{HomeNet: []string{"10.0.0.0/8"}, First: ledger[0].First, Last: ledger[0].Last}, Verdict: "none",
		Bottom:   []string{"No rule found anything in 1,204 ICMP packets."},
		Evidence: ledger, Hosts: hosts()[3:5], Exchanges: exchanges()[2:], Types: types()[:2], Activity: quietActivity(), Figures: quietFigures(), Rules: quiet,
		Totals: report.Totals{Files: 1, Captures: 1, Bytes: ledger[0].Size, Frames: ledger[0].Frames, ICMPFrames: 1204, ICMPPackets: 1204, HostsTotal: 2, ExchangesTotal: 1},
	}
}

// Texts are strings meant to do harm, by what they aim at.
var Texts = map[string]string{
	"markdown":  "](javascript:alert(1)) **bold** `code` ```\n# heading\n- list | cell | ~~x~~ ![i](http://evil.example/x.png) http://evil.example www.evil.example me@evil.example",
	"html":      "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;<!-- -->\"'",
	"formula":   "=HYPERLINK(\"http://evil.example\",\"click\")",
	"dde":       "+cmd|' /C calc'!A0",
	"terminal":  "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;http://evil.example\x1b\\link\r\b\u009b31m",
	"bidi":      "invoice\u202egpj.exe\u2066x\u2069\u200b\ufeff",
	"invalid":   "a\xff\xfe\xc3(\x00\ufffe\x7f",
	"lines":     "one\r\ntwo\n\n    three\n---\n| a | b |",
	"escape":    `C:\temp\x41\u{202e}_x0041_`,
	"long":      strings.Repeat("long ", 6600),
	"spaces":    "  name ",
	"html code": "```\n</code></pre><b>",
	"footer":    "&P&C&\"Arial\"&99 big",
}

func tool() report.Tool {
	return report.Tool{Name: "icmpsift", Version: "0.2.0", RulesSHA256: hash(3), Wireshark: "4.4",
		PayloadTables: []report.PayloadTable{{Name: "monitors.yaml", SHA256: hash(4)}}}
}

func theCase() report.Case {
	return report.Case{
		ID: "IR-2024-017", Analyst: "A. Example", Organization: "Example Ltd", TLP: "TLP:AMBER+STRICT", Timezone: "Europe/Berlin",
		HomeNet: []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"},
		First:   at(0), Last: at(3 * time.Hour),
	}
}

func evidence() []report.Evidence {
	return []report.Evidence{
		{ID: "E1", Path: "gateway.pcap", SHA256: hash(11), Size: 48_211_204, Format: "pcap", LinkTypes: []string{"Ethernet"}, Frames: 91_204, ICMPFrames: 52_110,
			First: at(0), Last: at(3 * time.Hour), Status: "complete"},
		{ID: "E2", Path: "branch/sensor-2.pcapng", SHA256: hash(12), Size: 9_102_334, Format: "pcapng", Compression: "zstd", LinkTypes: []string{"Ethernet", "Linux cooked v2"},
			Frames: 18_001, ICMPFrames: 4_410, First: at(time.Minute), Last: at(2 * time.Hour), Status: "complete", Drops: 12, ClockOffset: "+1.204 s",
			Notes: []string{"1 section comment: taken at the branch office"}},
		{ID: "E3", Path: "branch/rotated.pcap", SHA256: hash(13), Size: 1_204_000, Format: "pcap", LinkTypes: []string{"Ethernet"}, Frames: 4_020, FramesAfterDamage: 88,
			ICMPFrames: 311, First: at(5 * time.Minute), Last: at(50 * time.Minute), Status: "cut", Problem: "the last record needs 1,514 bytes, the file has 602", Offset: number(int64(1_203_398))},
		{ID: "E4", Path: "copy of gateway.pcap", SHA256: hash(11), Size: 48_211_204, Format: "pcap", LinkTypes: []string{"Ethernet"}, Frames: 91_204, ICMPFrames: 52_110,
			First: at(0), Last: at(3 * time.Hour), Status: "complete", DuplicateOf: "E1"},
		{ID: "E5", Path: "notes.txt", SHA256: hash(15), Size: 812, Format: "text/plain", Status: "not-capture"},
	}
}

func incidents() []report.Incident {
	return []report.Incident{
		{ID: "I1", Level: "high", Confidence: "high", Attack: []string{"T1048.003", "T1095"}, Title: "Data sent out of the network inside ICMP by 10.20.0.15", Findings: []string{"F-1a2b3c4d", "F-5e6f7081"}, Hosts: []string{"10.20.0.15", "203.0.113.77"},
			Inside: []string{"10.20.0.15"}, Outside: []string{"203.0.113.77"}, First: after(40 * time.Minute), Last: after(75 * time.Minute), BytesOut: 48_213, Files: 1},
		{ID: "I2", Level: "high", Confidence: "medium", Attack: []string{"T1018", "T1095"}, Title: "Remote shell over ping on 10.20.0.31 after a host sweep", Findings: []string{"F-92a3b4c5", "F-d6e7f809"}, Hosts: []string{"10.20.0.31", "10.20.1.0/24", "2001:db8:100::9"},
			Inside: []string{"10.20.0.31", "10.20.1.0/24"}, Outside: []string{"2001:db8:100::9"}, First: after(10 * time.Minute), Last: after(2 * time.Hour), BytesOut: 9_120, BytesIn: 4_400, Files: 1},
	}
}

func findings() []report.Finding {
	inside, outside := report.HostRef{Address: "10.20.0.15", MAC: "02:42:0a:14:00:0f", Role: "sender", Zone: "home"}, report.HostRef{Address: "203.0.113.77", Role: "receiver", Zone: "outside"}
	return []report.Finding{
		{ID: "F-1a2b3c4d", Rule: report.RuleRef{ID: "6c8a4c0e-58fd-4a0e-9f3e-0f6f6f0b7a11", Name: "file-in-icmp-type", Title: "File carried in the ICMP type field"}, Level: "high", Confidence: "high",
			Attack: []string{"T1048.003", "T1095"}, Tactics: []string{"Command and Control", "Exfiltration"}, Types: []report.TypeShare{{Version: 4, Type: 80, Name: "Unassigned", Packets: 201}, {Version: 4, Type: 81, Name: "Unassigned", Packets: 198}}, Src: "10.20.0.15", Dst: "203.0.113.77", SrcZone: "home", DstZone: "outside", Hosts: []report.HostRef{inside, outside}, First: after(40 * time.Minute), Last: after(75 * time.Minute),
			Packets: 48_213, Bytes: 0, Frames: []report.FrameSet{{Evidence: "E1", Ranges: []string{"1204-9000", "9002", "9004-31000"}, Total: 48_213}, {Evidence: "E2", Ranges: []string{"12-40", "57"}, Total: 30}},
			Filter: "ip.src == 10.20.0.15 && ip.dst == 203.0.113.77 && icmp", Observed: []report.Observed{
				{Name: "distinct ICMP types", Value: 241, Threshold: 24, Op: "gte"}, {Name: "event_count", Value: 48_213, Unit: "packets", Threshold: 64, Op: "gte"}},
			Summary:      "10.20.0.15 sent 48,213 ICMP packets of 241 different types to 203.0.113.77 in 35 minutes; read in order, the type numbers are a ZIP archive.",
			Meaning:      "One byte per packet in the type field is a covert channel.\n\nNo operating system sends unassigned ICMP types, and no network service needs them.",
			Explanations: []report.Explanation{{Text: "A fuzzer or protocol test sends random types.", Reason: "The types make a file when put together."}, {Text: "An authorised data-loss test.", Kept: true}},
			BlindSpots:   []string{"Bytes sent while the capture dropped packets are missing."}, Response: []string{"Isolate 10.20.0.15 and keep its disk and memory.", "Block ICMP to 203.0.113.77 at the gateway."},
			Artefacts: []string{"A-0badcafe"}, Pcap: "findings/F-1a2b3c4d.pcapng", Incident: "I1", References: []string{"https://attack.mitre.org/techniques/T1048/003/"}},
		{ID: "F-92a3b4c5", Rule: report.RuleRef{ID: "e1f1f2a4-9f0b-4dc4-8a0a-1d1d1d1d1d1d", Name: "echo-reply-differs", Title: "Echo replies that differ from their requests"}, Level: "high", Confidence: "medium",
			Attack: []string{"T1095"}, Tactics: []string{"Command and Control"}, Types: []report.TypeShare{{Version: 6, Type: 128, Name: "Echo (ping) request", Packets: 240}, {Version: 6, Type: 129, Name: "Echo (ping) reply", Packets: 240}}, Src: "10.20.0.31", Dst: "2001:db8:100::9", Hosts: []report.HostRef{{Address: "10.20.0.31", MAC: "02:42:0a:14:00:1f", Role: "implant", Zone: "home"}, {Address: "2001:db8:100::9", Role: "controller", Zone: "outside"}},
			First: after(30 * time.Minute), Last: after(2 * time.Hour), Packets: 480, Bytes: 13_520, Frames: []report.FrameSet{{Evidence: "E1", Ranges: []string{"700-1100"}, Total: 401}, {Evidence: "E3", Ranges: []string{"12-90"}, Total: 79}},
			Filter: "ipv6.addr == 2001:db8:100::9 && (icmpv6.type == 128 || icmpv6.type == 129)", Observed: []report.Observed{{Name: "replies that differ", Value: 0.883, Unit: "of replies", Threshold: 0.1, Op: "gt"}},
			Summary: "212 of 240 echo replies from 2001:db8:100::9 carry other bytes than their requests.", Meaning: "RFC 4443 section 4.2 asks a host to send back the bytes it got. Tools such as icmpsh and ptunnel use the difference to carry commands.",
			Explanations: []report.Explanation{{Text: "A middlebox rewrites payloads.", Reason: "Pings of other hosts over the same path came back unchanged."}}, Response: []string{"Isolate 10.20.0.31.", "Look for a process that opens raw sockets."},
			Artefacts: []string{"A-12345678"}, Pcap: "findings/F-92a3b4c5.pcapng", Incident: "I2", Preview: "77686f616d690d0a603c623e7c1b5b33316d00ff4142434445464748", Ongoing: true,
			Notes: []string{"79 of 480 packets come from a capture that was cut short."}, Payloads: payloads(), Intervals: intervals()},
		{ID: "F-d6e7f809", Rule: report.RuleRef{ID: "0a0b0c0d-1111-4222-8333-444455556666", Name: "host-sweep", Title: "Host sweep"}, Level: "medium", Confidence: "high", Attack: []string{"T1018"},
			Src: "10.20.0.31", Dst: "10.20.1.0/24", Hosts: []report.HostRef{{Address: "10.20.0.31", Role: "scanner", Zone: "home"}, {Address: "10.20.1.0/24", Role: "target", Zone: "home"}},
			First: after(10 * time.Minute), Last: after(10*time.Minute + 4*time.Second), Packets: 254, Bytes: 14_224, Frames: []report.FrameSet{{Evidence: "E1", Ranges: []string{"101-354"}, Total: 254}},
			Filter: "ip.src == 10.20.0.31 && icmp.type == 8 && ip.dst == 10.20.1.0/24", Observed: []report.Observed{{Name: "distinct destinations", Value: 254, Unit: "in 60 s", Threshold: 32, Op: "gte"}},
			Summary: "10.20.0.31 pinged 254 addresses of 10.20.1.0/24 in 4 seconds.", Meaning: "Somebody is mapping the network.", Explanations: []report.Explanation{{Text: "A monitoring system checks its hosts.", Kept: true}},
			Response: []string{"Ask the owner of 10.20.0.31."}, Pcap: "findings/F-d6e7f809.pcapng", Incident: "I2", Preview: "6162636465666768696a6b6c6d6e6f70"},
		{ID: "F-5e6f7081", Rule: report.RuleRef{ID: "77777777-1111-4222-8333-444455556666", Name: "icmp-crosses-boundary", Title: "ICMP crosses the boundary of the home networks"}, Level: "informational", Confidence: "high",
			Src: "10.20.0.15", Dst: "203.0.113.77", Hosts: []report.HostRef{inside, outside}, First: after(40 * time.Minute), Last: after(75 * time.Minute), Packets: 48_213, Frames: []report.FrameSet{{Evidence: "E1", Total: 48_213}},
			Filter: "icmp && ip.src == 10.20.0.15", Observed: []report.Observed{{Name: "event_count", Value: 48_213, Unit: "packets", Threshold: 1, Op: "gte"}}, Summary: "10.20.0.15 sent 48,213 ICMP packets to 203.0.113.77 outside the network.",
			Meaning: "Not bad in itself; it shows where ICMP leaves the network.", Pcap: "findings/F-5e6f7081.pcapng", Incident: "I1"},
		{ID: "F-0f1e2d3c", Rule: report.RuleRef{ID: "88888888-1111-4222-8333-444455556666", Name: "traceroute", Title: "Traceroute"}, Level: "informational", Confidence: "medium", Attack: []string{"T1016"},
			Src: "10.20.0.9", Dst: "198.51.100.4", First: after(2 * time.Hour), Last: after(2*time.Hour + time.Second), Packets: 30, Frames: []report.FrameSet{{Evidence: "E1", Ranges: []string{"88000-88029"}, Total: 30}},
			Filter: "ip.src == 10.20.0.9 && ip.ttl < 12", Summary: "10.20.0.9 traced the route to 198.51.100.4 over 11 hops.", Meaning: "An everyday diagnosis.", SuppressedBy: "nightly route check"},
	}
}

func artefacts() []report.Artefact {
	return []report.Artefact{
		{ID: "A-0badcafe", Finding: "F-1a2b3c4d", Path: "recovered/A-0badcafe.zip.bin", SHA256: hash(21), MD5: hash(21)[:32], Size: 48_213, MediaType: "application/zip", Carrier: "icmp.type", Order: "time",
			Src: "10.20.0.15", Dst: "203.0.113.77", Packets: 48_213, Frames: []report.FrameSet{{Evidence: "E1", Ranges: []string{"1204-9000", "9002", "9004-31000"}, Total: 48_213}}, Complete: true, Confidence: "high",
			Why: []string{"Each packet gives 8 bits.", "The bytes are a whole ZIP file by its own structure."}, Preview: "504b0304140000000800"},
		{ID: "A-12345678", Finding: "F-92a3b4c5", Path: "recovered/A-12345678.txt.bin", RawPath: "recovered/A-12345678.raw.bin", SHA256: hash(22), Size: 9_120, MediaType: "text/plain", Name: "session.log", Carrier: "sift.payload",
			Order: "seq", Encodings: []string{"base64"}, Src: "10.20.0.31", Dst: "2001:db8:100::9", Packets: 240, Frames: []report.FrameSet{{Evidence: "E1", Ranges: []string{"700-1100"}, Total: 240}},
			Gaps: []report.Gap{{Offset: 1024, Length: number(int64(64))}, {Offset: 8000}}, Confidence: "medium", Preview: "6d6963726f736f66742077696e646f7773"},
	}
}

func indicators() []report.Indicator {
	return []report.Indicator{
		{Type: "file-name", Value: "session.log", Context: "Name of a recovered file", Level: "high", Confidence: "medium", First: after(30 * time.Minute), Last: after(2 * time.Hour), Findings: []string{"F-92a3b4c5"}},
		{Type: "ipv4-addr", Value: "203.0.113.77", Context: "Receiver outside the home networks: File carried in the ICMP type field", Level: "high", Confidence: "high", First: after(40 * time.Minute), Last: after(75 * time.Minute), Findings: []string{"F-1a2b3c4d"}},
		{Type: "ipv6-addr", Value: "2001:db8:100::9", Context: "Controller outside the home networks: Echo replies that differ from their requests", Level: "high", Confidence: "medium", First: after(30 * time.Minute), Last: after(2 * time.Hour), Findings: []string{"F-92a3b4c5"}},
		{Type: "mac-addr", Value: "02:42:0a:14:00:66", Context: "Station that sent forged packets: Neighbour discovery made by hand", Level: "medium", Confidence: "medium", First: after(30 * time.Minute), Last: after(2 * time.Hour), Findings: []string{"F-d6e7f809"}},
		{Type: "sha256", Value: hash(21), Context: "Recovered file, application/zip, 48,213 bytes", Level: "high", Confidence: "high", First: after(40 * time.Minute), Last: after(75 * time.Minute), Findings: []string{"F-1a2b3c4d"}},
	}
}

func actions() []report.Action {
	return []report.Action{
		{Text: "Isolate 10.20.0.15 and keep its disk and memory.", Finding: "F-1a2b3c4d", Incident: "I1"},
		{Text: "Isolate 10.20.0.31.", Finding: "F-92a3b4c5", Incident: "I2"},
		{Text: "Block ICMP to 203.0.113.77 at the gateway.", Finding: "F-1a2b3c4d", Incident: "I1"},
		{Text: "Ask the owner of 10.20.0.31 about the sweep.", Finding: "F-d6e7f809", Incident: "I2"},
	}
}

func timeline() []report.Event {
	events := []report.Event{
		{Time: after(0), Kind: "capture start", Summary: "gateway.pcap begins", Evidence: "E1", Frame: 1},
		{Time: after(10 * time.Minute), Kind: "finding start", Finding: "F-d6e7f809", Level: "medium", Src: "10.20.0.31", Dst: "10.20.1.0/24", Summary: "Host sweep begins", Evidence: "E1", Frame: 101},
	}
	for i := range 24 {
		events = append(events, report.Event{Time: after(30*time.Minute + time.Duration(i)*time.Minute), Kind: "activity", Finding: "F-92a3b4c5", Level: "high", Src: "10.20.0.31", Dst: "2001:db8:100::9",
			Summary: fmt.Sprintf("Burst of %d replies that differ from their requests", 8+i%3), Evidence: "E1", Frame: int64(700 + 16*i)})
	}
	return append(events,
		report.Event{Time: after(75 * time.Minute), Kind: "finding end", Finding: "F-1a2b3c4d", Level: "high", Src: "10.20.0.15", Dst: "203.0.113.77", Summary: "Last byte of the ZIP archive", Evidence: "E1", Frame: 31000},
		report.Event{Time: after(3 * time.Hour), Kind: "capture end", Summary: "gateway.pcap ends", Evidence: "E1", Frame: 91204})
}

func hosts() []report.Host {
	hosts := []report.Host{
		{Address: "10.20.0.15", Name: "ws-015", Zone: "home", Role: "sender", Level: "high", Findings: []string{"F-1a2b3c4d", "F-5e6f7081"}, Peers: 2, First: after(0), Last: after(75 * time.Minute), EchoSent: 12, OtherSent: 48_201,
			BytesOut: 1_204, BytesIn: 600, MACs: []string{"02:42:0a:14:00:0f"}, TTLs: []int{64}, System: "likely Linux", Payloads: []string{"Linux ping"}},
		{Address: "10.20.0.31", Zone: "home", Role: "implant", Level: "high", Findings: []string{"F-92a3b4c5", "F-d6e7f809"}, Peers: 255, First: after(10 * time.Minute), Last: after(2 * time.Hour), EchoSent: 494, EchoReceived: 3,
			RepliesSent: 3, BytesOut: 18_624, BytesIn: 9_120, MACs: []string{"02:42:0a:14:00:1f"}, TTLs: []int{64, 128}, Payloads: []string{"Windows ping", "unknown"}},
		{Address: "2001:db8:100::9", Zone: "outside", Role: "controller", Level: "high", Findings: []string{"F-92a3b4c5"}, Peers: 1, First: after(30 * time.Minute), Last: after(2 * time.Hour), EchoReceived: 240, RepliesSent: 240, BytesOut: 9_120, BytesIn: 4_400, TTLs: []int{51}},
	}
	for i := range 22 {
		hosts = append(hosts, report.Host{Address: fmt.Sprintf("10.20.1.%d", i+1), Zone: "home", Peers: 1, First: after(10 * time.Minute), Last: after(10*time.Minute + 4*time.Second), EchoReceived: 1, RepliesSent: int64(i % 2), BytesIn: 56,
			MACs: []string{fmt.Sprintf("02:42:0a:14:01:%02x", i+1)}, TTLs: []int{64}})
	}
	return hosts
}

func exchanges() []report.Exchange {
	return []report.Exchange{
		{Src: "10.20.0.15", Dst: "203.0.113.77", Version: 4, Other: 48_213, Forward: 48_213, SizeMin: 8, SizeMax: 8, First: after(40 * time.Minute), Last: after(75 * time.Minute), Findings: []string{"F-1a2b3c4d", "F-5e6f7081"}},
		{Src: "10.20.0.31", Dst: "2001:db8:100::9", Version: 6, IDs: 1, Requests: 240, Replies: 240, Paired: 240, Mismatched: 212, Forward: 240, Back: 240, RTTMin: number(11.204), RTTMean: number(14.5), RTTMax: number(202.75), RTTMedian: number(12.1), RTT95: number(61.3), Payloads: 252, EntropyMean: number(5.61), EntropyMax: number(7.42), SizeMin: 40, SizeMax: 1480,
			BytesForward: 4_400, BytesBack: 9_120, First: after(30 * time.Minute), Last: after(2 * time.Hour), Findings: []string{"F-92a3b4c5"}},
		{Src: "10.20.1.1", Dst: "10.20.1.2", Version: 4, IDs: 3, Requests: 602, Replies: 600, Paired: 600, Unanswered: 2, Loss: number(100 * 2 / 602.0), IntervalMean: number(17_960.1), IntervalDev: number(310.25), Forward: 602, Back: 600, RTTMin: number(0.2), RTTMean: number(0.31), RTTMax: number(4.02), RTTMedian: number(0.3), RTT95: number(0.44), Payloads: 3, SizeMin: 64, SizeMax: 64, BytesForward: 33_712, BytesBack: 33_600,
			First: after(0), Last: after(3 * time.Hour)},
	}
}

func types() []report.TypeCount {
	return []report.TypeCount{
		{Version: 4, Type: 8, Name: "Echo (ping) request", Packets: 3_204, Bytes: 204_000, Sources: 14, Destinations: 261, First: after(0), Last: after(3 * time.Hour)},
		{Version: 4, Type: 0, Name: "Echo (ping) reply", Packets: 2_880, Bytes: 184_000, Sources: 203, Destinations: 14, First: after(0), Last: after(3 * time.Hour)},
		{Version: 6, Type: 128, Name: "Echo (ping) request", Packets: 240, Bytes: 15_000, Sources: 1, Destinations: 1, First: after(30 * time.Minute), Last: after(2 * time.Hour)},
		{Version: 6, Type: 129, Name: "Echo (ping) reply", Packets: 240, Bytes: 22_000, Sources: 1, Destinations: 1, First: after(30 * time.Minute), Last: after(2 * time.Hour)},
		{Version: 4, Type: 3, Code: 3, Name: "Destination unreachable (Port unreachable)", Packets: 118, Bytes: 8_400, Sources: 9, Destinations: 6, First: after(0), Last: after(3 * time.Hour)},
		{Version: 4, Type: 80, Name: "Unassigned", Packets: 201, Bytes: 1_608, Sources: 1, Destinations: 1, First: after(40 * time.Minute), Last: after(75 * time.Minute)},
	}
}

func activity() (steps []report.Activity) {
	for i := range 90 {
		step := report.Activity{Start: after(time.Duration(i) * 2 * time.Minute).Truncate(time.Minute), Seconds: 120, Packets: int64(30 + 11*(i%7))}
		if i >= 20 && i < 38 {
			step.Finding = int64(2_500 + 40*(i%5))
			step.Packets += step.Finding
		}
		step.Errors, step.Replies, step.Other = step.Packets/50, step.Packets/4, step.Finding*2/3
		step.Requests = step.Packets - step.Errors - step.Replies - step.Other
		steps = append(steps, step)
	}
	return steps
}

func quietActivity() (steps []report.Activity) {
	for i := range 60 {
		steps = append(steps, report.Activity{Start: after(time.Duration(i) * 3 * time.Minute).Truncate(time.Minute), Seconds: 180, Packets: int64(18 + i%5), Requests: int64(9 + i%5), Replies: 9})
	}
	return steps
}

func rules() []report.Rule {
	return []report.Rule{
		{ID: "6c8a4c0e-58fd-4a0e-9f3e-0f6f6f0b7a11", Name: "file-in-icmp-type", Title: "File carried in the ICMP type field", Level: "high", Status: "test", Author: "icmpsift", Attack: []string{"T1048.003", "T1095"}, Source: "builtin", Findings: 1, Packets: 48_213},
		{ID: "e1f1f2a4-9f0b-4dc4-8a0a-1d1d1d1d1d1d", Name: "echo-reply-differs", Title: "Echo replies that differ from their requests", Level: "high", Status: "test", Author: "icmpsift", Attack: []string{"T1095"}, Source: "builtin", Findings: 1, Packets: 480},
		{ID: "0a0b0c0d-1111-4222-8333-444455556666", Name: "host-sweep", Title: "Host sweep", Level: "medium", Status: "stable", Author: "icmpsift", Attack: []string{"T1018"}, Source: "builtin", Findings: 1, Packets: 3_204},
		{ID: "77777777-1111-4222-8333-444455556666", Name: "icmp-crosses-boundary", Title: "ICMP crosses the boundary of the home networks", Level: "informational", Status: "test", Author: "icmpsift", Source: "builtin", Findings: 1, Packets: 48_213},
		{ID: "88888888-1111-4222-8333-444455556666", Name: "traceroute", Title: "Traceroute", Level: "informational", Status: "test", Author: "icmpsift", Attack: []string{"T1016"}, Source: "builtin", Packets: 30, Suppressed: 1},
		{ID: "99999999-1111-4222-8333-444455556666", Name: "our-honeypot", Title: "Ping to the honeypot", Level: "low", Status: "experimental", Author: "SOC", Source: "rules/honeypot.yml", Dormant: "needs both directions of the traffic; E3 holds one"},
	}
}

func totals() report.Totals {
	return report.Totals{
		Files: 5, Captures: 3, Duplicates: 1, NotCaptures: 1, Incomplete: 1, Bytes: 106_729_554, Frames: 113_225, FramesAfter: 88, ICMPFrames: 56_831, ICMPPackets: 55_102, Copies: 1_729, Late: 3, SnapCut: 41,
		Fragments: 12, Unassembled: 1, Malformed: 2, BadChecksum: 5, InsideHosts: 2, BytesOut: 57_333, BytesIn: 4_400, HostsTotal: 1_204, ExchangesTotal: 1_380,
		FindingsByLevel: map[string]int64{"high": 2, "medium": 1, "informational": 1}, UnknownLinks: map[string]int64{"IEEE 802.11": 14},
	}
}

func techniques() []report.Technique {
	return []report.Technique{
		{ID: "T1048.003", Name: "Exfiltration Over Unencrypted Non-C2 Protocol", Tactics: []string{"Exfiltration"}, Findings: []string{"F-1a2b3c4d"}, Level: "high", Hosts: []string{"10.20.0.15", "203.0.113.77"}, First: after(40 * time.Minute), Last: after(75 * time.Minute)},
		{ID: "T1018", Name: "Remote System Discovery", Tactics: []string{"Discovery"}, Findings: []string{"F-d6e7f809"}, Level: "medium", Hosts: []string{"10.20.0.31"}, First: after(10 * time.Minute), Last: after(11 * time.Minute)},
	}
}

// packets lists seven of the packets; addresses and ids are those of the report, so that what stands in its fields stands in rows, too.
func packets(r *report.Report) *report.Packets {
	return &report.Packets{Total: r.Totals.ICMPPackets, Most: 7, Each: func(visit func(*report.Packet) error) error {
		for i := range int64(7) {
			row := &report.Packet{Number: 1 + i, Evidence: r.Evidence[0].ID, Frame: 4 + i, Time: after(time.Duration(i) * time.Second), Src: r.Hosts[1].Address, Dst: r.Hosts[2].Address, Version: 6,
				Type: number(128 + i%2), Code: number(int64(0)), ID: number(int64(7)), Seq: number(i / 2), Length: 64, TTL: number(int64(64)), Pair: number(1 + i ^ 1), RTT: number(11.25), Findings: r.Hosts[1].Findings, Telling: i == 3}
			if i > 0 {
				row.Entropy = number(4.5 + float64(i)/8)
			}
			if err := visit(row); err != nil {
				return err
			}
		}
		return nil
	}}
}
