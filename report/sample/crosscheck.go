package sample

import "icmpsift/report"

// crosscheck is one capture that agrees, one with a known difference and one that could not be compared.
func crosscheck() ([]report.Crosscheck, *report.CheckTotal) {
	const known = "Wireshark dissects the payload as a protocol that icmpsift does not have; icmpsift shows it as data"
	number := report.CheckField{Field: "frame.number", Frames: 52_110, Values: 52_110}
	bad := report.CheckDifference{Frames: 2, First: []report.CheckExample{{Path: "branch/sensor-2.pcapng", Frame: 40, Ours: "2", Theirs: "1"}, {Path: "branch/sensor-2.pcapng", Frame: 1_044, Ours: "2", Theirs: "1"}}}
	dns := report.CheckDifference{Reason: known, Frames: 3, First: []report.CheckExample{{Path: "branch/sensor-2.pcapng", Frame: 7, Ours: "eth:ethertype:ip:icmp:ip:udp:data", Theirs: "eth:ethertype:ip:icmp:ip:udp:dns"}}}
	fields := []report.CheckField{
		{Field: "frame.protocols", Frames: 4_410, Values: 4_410, Explained: 3, Differences: []report.CheckDifference{dns}},
		{Field: "icmp.checksum.status", Frames: 4_410, Values: 4_500, Differing: 2, Differences: []report.CheckDifference{bad}},
	}
	lacking := []report.FieldCount{{Field: "dns.qry.name", Values: 3}}
	return []report.Crosscheck{
			{Evidence: "E1", Path: "gateway.pcap", Source: "tshark 4.4.2", Wireshark: "4.4", WiresharkFrom: "tshark --version", Verdict: "agrees",
				Summary: "Wireshark's own decoder (tshark 4.4.2, answers of 4.4) agrees on all 52,110 frames with ICMP", Frames: 52_110, Agreed: 52_110, Values: 52_110, Fields: []report.CheckField{number}},
			{Evidence: "E2", Path: "branch/sensor-2.pcapng", Source: "tshark 4.4.2", Wireshark: "4.4", WiresharkFrom: "tshark --version", Verdict: "differs",
				Summary: "Wireshark's own decoder (tshark 4.4.2, answers of 4.4) differs in 2 of 4,410 frames with ICMP", Frames: 4_410, Agreed: 4_405, Explained: 3, Differing: 2, Values: 8_910,
				Fields: fields, Lacking: lacking},
			{Evidence: "E3", Path: "branch/rotated.pcap", Source: "rotated.json", Wireshark: "4.2", Verdict: "failed", Summary: "Not compared with Wireshark's own decoder: the export ends inside a packet",
				Problem: "the export ends inside a packet", Notes: []string{"exports have no Info and no Protocol column"}},
		}, &report.CheckTotal{Verdict: "failed", Summary: "Wireshark's own decoder differs in 2 of 56,520 frames with ICMP in 2 captures; 1 capture could not be compared.", Captures: 3, Frames: 56_520,
			Agreed: 56_515, Explained: 3, Differing: 2, Values: 61_020, Fields: append([]report.CheckField{number}, fields...), Lacking: lacking}
}
