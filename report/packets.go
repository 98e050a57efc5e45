package report

import "time"

// Packets lists the ICMP packets of the case, each once and in order. They can be too many to hold, so a renderer takes them as they
// come; none but the workbook does.
type Packets struct {
	Total int64 // of the case
	Most  int64 // that are listed; Total if all are asked for

	// Each calls visit for each row. A row and its lists hold until visit returns. Errors are those of visit and of reading the
	// extracts again.
	Each func(visit func(*Packet) error) error
}

// Packet is one ICMP packet. Numbers that a packet does not have are nil.
type Packet struct {
	Number     int64 // place in the timeline of the case, from 1; fragments take places, too
	Evidence   string
	Frame      int64
	Time       time.Time // by the clock of the case
	Src, Dst   string
	Version    int // 4 or 6
	Type, Code *int64
	ID, Seq    *int64   // of echo messages
	Length     int64    // bytes of the message on the wire, its header included
	TTL        *int64   // or hop limit
	Pair       *int64   // Number of the reply to a request, or of the request that a reply or an error answers
	RTT        *float64 // to or from Pair, milliseconds
	Entropy    *float64 // of an echo's payload, bits per byte
	Findings   []string // that it belongs to, the worst first, those out of sight last
	Telling    bool     // its headers or its time carry recovered data
}
