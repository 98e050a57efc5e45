// Package field is the field table: every fact a packet can be asked for is declared here once, with its Wireshark
// name, type, meaning and accessor. Filters, field listings, cross-checks, rule documentation and workbook columns all
// read this table. Start with [Lookup]; [All] lists everything.
//
// Names without prefix are Wireshark's and have Wireshark's values (file scope). Names under "sift." are icmpsift's own
// (case scope or derived facts).
package field

import (
	"net/netip"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
)

// Type is a field's type in Wireshark's terms (ftypes).
type Type uint8

// The types; Address is ours: an IPv4 or IPv6 address, whichever the packet has.
const (
	Protocol Type = iota
	None          // present or absent, no value (FT_NONE)
	Boolean
	Uint8
	Uint16
	Uint24
	Uint32
	Uint64
	Int32
	Int64
	Double
	Frame // a frame number (FT_FRAMENUM)
	IPv4
	IPv6
	Address
	Ether
	Bytes
	String
	AbsoluteTime // Value.Int is nanoseconds since the epoch
	RelativeTime // Value.Int is nanoseconds
)

// Display is how Wireshark prints a number.
type Display uint8

// Ways to print numbers.
const (
	Dec Display = iota
	Hex
)

// Value is one value of a field. Which member counts follows from the field's Type.
type Value struct {
	Int   int64 // integers, booleans (0 or 1), times, frame numbers
	Float float64
	Addr  netip.Addr // IPv4, IPv6, Address
	Bytes []byte     // Bytes, Ether, Protocol (the layer's bytes)
	Text  string     // String
	Layer int        // 1-based count of the layer of the field's protocol it was found in: Wireshark's "#" operator
}

// Context is configuration handed down to accessors: nothing in this package is global and changeable.
type Context struct {
	Home  []netip.Prefix // home networks, for sift.zone.*
	Stock *payload.Table // known ping payloads, for sift.payload.*
}

// Field declares one field.
type Field struct {
	Name      string
	Type      Type
	Display   Display
	Proto     ingest.Proto     // layer it is read from; ProtoFrame and ProtoSift stand for the whole packet
	Meaning   string           // one line
	LookAhead bool             // needs the rest of the file (Wireshark: second pass) or of the case
	Names     map[int64]string // value strings, if the field has them
	// Get appends the field's values found in layer i (i is -1 for ProtoFrame and ProtoSift) to dst.
	Get func(c *Context, p *ingest.Packet, i int, dst []Value) []Value
}

// Ours tells whether the field is icmpsift's own, so that Wireshark cannot replay a filter that uses it.
func (f *Field) Ours() bool { return len(f.Name) > 5 && f.Name[:5] == "sift." }
