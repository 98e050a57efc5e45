package sample

import (
	"time"

	"icmpsift/report"
)

// contacts are the first hosts, and the rest by zone.
func contacts() report.Contacts {
	return report.Contacts{
		Hosts: []report.Contact{{Address: "10.20.0.15", Name: "ws-015", Zone: "home", Level: "high", Hosts: 1}, {Address: "10.20.0.31", Zone: "home", Level: "high", Hosts: 1},
			{Address: "2001:db8:100::9", Zone: "outside", Level: "high", Hosts: 1}, {Address: "203.0.113.77", Zone: "outside", Level: "high", Hosts: 1}, {Zone: "home", Hosts: 1_198}, {Zone: "outside", Hosts: 2}},
		Links: []report.ContactSum{{Src: 0, Dst: 3, Packets: 48_213, Level: "high"}, {Src: 1, Dst: 2, Packets: 240, Level: "high"}, {Src: 1, Dst: 4, Packets: 254}, {Src: 2, Dst: 1, Packets: 240, Level: "high"},
			{Src: 4, Dst: 1, Packets: 127}, {Src: 4, Dst: 4, Packets: 6_028}},
	}
}

// payloads are two hundred points, every other one of them on the way back.
func payloads() (out []report.PayloadPoint) {
	for i := range 200 {
		p := report.PayloadPoint{Time: after(30*time.Minute + time.Duration(i)*27*time.Second), Back: i%2 == 1, Packets: 3, Size: 20 + float64(i%9), SizeMin: 12, SizeMax: int64(36 + i%9), Entropy: 3.5 + float64(i%5)/8}
		if p.Back {
			p.Size, p.SizeMax, p.Entropy = 120, 400, 4.75
		}
		out = append(out, p)
	}
	return out
}

func intervals() (out []report.IntervalPoint) {
	for i := range 90 {
		s := 60 + float64(i%7)/4
		out = append(out, report.IntervalPoint{Time: after(30*time.Minute + time.Duration(i)*time.Minute), Ticks: 1, Seconds: s, Min: s, Max: s})
	}
	return out
}

// figures names each kind once, one of them without anything to show.
func figures() []report.Figure {
	return []report.Figure{
		{ID: "activity", Kind: "activity", Title: "ICMP packets over time", Caption: "55,102 ICMP packets by class, counted in each 2 minutes; the most are 2,756 from 2024-05-14 09:28:00.000 UTC on.", Path: "figures/activity.svg"},
		{ID: "contacts", Kind: "contacts", Title: "Who sent ICMP packets to whom", Caption: "Packets from each host (row) to each host (column). 4 of 1,204 hosts stand alone.", Path: "figures/contacts.svg"},
		{ID: "round-trips", Kind: "round-trips", Title: "Round-trip times", Caption: "Shortest, mean and longest time from echo request to reply, of the first 2 of 2 conversations with one.", Path: "figures/round-trips.svg"},
		{ID: "types", Kind: "types", Title: "ICMP types and codes", Caption: "Packets of the 6 of 6 types and codes seen most, out of 55,102 ICMP packets.", Path: "figures/types.svg"},
		{ID: "payload-F-1a2b3c4d", Kind: "payload", Finding: "F-1a2b3c4d", Title: "Payload size and entropy of F-1a2b3c4d", Missing: "its packets carry no more than 0 bytes of payload on average, so that is not where data would be"},
		{ID: "payload-F-92a3b4c5", Kind: "payload", Finding: "F-92a3b4c5", Title: "Payload size and entropy of F-92a3b4c5", Caption: "Bytes behind the ICMP header, and how evenly their values are spread. Each point is the mean of 3 packets.", Path: "figures/payload-F-92a3b4c5.svg"},
		{ID: "intervals-F-92a3b4c5", Kind: "intervals", Finding: "F-92a3b4c5", Title: "Beacon intervals of F-92a3b4c5", Caption: "The time from each tick to the one before. A level line is a clock.", Path: "figures/intervals-F-92a3b4c5.svg"},
	}
}

func quietFigures() []report.Figure {
	const none = "no echo reply follows its request in the evidence"
	return []report.Figure{
		{ID: "activity", Kind: "activity", Title: "ICMP packets over time", Caption: "1,204 ICMP packets by class, counted in each 3 minutes.", Path: "figures/activity.svg"},
		{ID: "round-trips", Kind: "round-trips", Title: "Round-trip times", Missing: none},
	}
}
