// Package field is the field table: every fact a packet can be asked for is declared here once, with its Wireshark
// name, type, meaning and accessor. Filters, field listings, cross-checks, rule documentation and workbook columns all
// read this table. Start with [Lookup]; [All] lists everything.
//
// Names without prefix are Wireshark's and have Wireshark's values (file scope). Names under "sift." are icmpsift's own
// (case scope or derived facts).
package field

import (
	"net/netip"
	"slices"

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
	Uint48
	Int16
)

// Display is how Wireshark prints a number.
type Display uint8

// Ways to print numbers.
const (
	Dec   Display = iota
	Hex           // 0x and as many digits as the type has
	Epoch         // an absolute time as seconds since 1970
	Colon         // bytes separated by colons
	MAC           // bytes separated by colons if there are six, else without
)

// Value is one value of a field. Which member counts follows from the field's Type.
type Value struct {
	Int   int64 // integers, booleans (0 or 1), times, frame numbers
	Float float64
	Addr  netip.Addr // IPv4, IPv6, Address
	Bytes []byte     // Bytes, Ether, Protocol (the layer's header, what it carries in its capacity); of other types the bytes it was read from, nil if none
	Text  string     // String
	Layer int32      // 1-based count of the layer of the field's protocol it was found in: Wireshark's "#" operator

	reading reading // how Bytes, under the mask, give the value; notRead if anything else has a part in it
	mask    int64   // bits of Bytes it was read from, 0 for all
}

// Context is configuration handed down to accessors: nothing in this package is global and changeable.
type Context struct {
	Home      []netip.Prefix // home networks, for sift.zone.*
	Stock     *payload.Table // known ping payloads, for sift.payload.*
	Wireshark string         // whose answers to give where versions differ: "4.0", "4.2", "4.4"; "" is the newest
}

// since tells whether answers are those of Wireshark version v or later. A nil context asks for the newest.
func (c *Context) since(v string) bool { return c == nil || c.Wireshark == "" || c.Wireshark >= v }

// Field declares one field.
type Field struct {
	Name      string
	Type      Type
	Display   Display
	Proto     ingest.Proto     // layer it is read from; ProtoFrame and ProtoSift stand for the whole packet
	Meaning   string           // one line
	LookAhead bool             // needs the rest of the file (Wireshark: second pass) or of the case
	Linked    bool             // needs other packets of the file or of the case, those before it included
	Names     map[int64]string // value strings, if the field has them
	// Get appends the field's values found in layer i (i is -1 for ProtoFrame and ProtoSift) to dst. Callers want
	// [Field.Values], which visits every layer.
	Get getter

	sized   bool         // has as many hexadecimal digits as the bytes it was read from
	hexFrom string       // first version that displays it as hexadecimal, if not all do
	also    ingest.Proto // a second protocol the field is read from; ProtoFrame is none
	place   int
	number  func(p *ingest.Packet, i int) int64 // what an integer is in layer i, if the packet has it; nil if that cannot be told without the rest
	steady  bool                                // packets of one kind (kind.go) have one value for it

	// Of texts that only spell a value out, what gives the value, and what spells it.
	bare  getter
	spell func(dst []byte, v Value) []byte
	looks Type // whose values have such texts
}

// unspelled gets values without their texts where those can be had later.
func (f *Field) unspelled() getter {
	if f.bare != nil {
		return f.bare
	}
	return f.Get
}

// Place is the field's number in the table, from 1; 0 for no field.
func (f *Field) Place() int {
	if f == nil {
		return 0
	}
	return f.place
}

type getter = func(c *Context, p *ingest.Packet, i int, dst []Value) []Value

// Lookup finds a field by its name; names are case-sensitive, as in Wireshark.
func Lookup(name string) (*Field, bool) {
	f, ok := byName[name]
	return f, ok
}

// All lists every field in table order: from the frame inwards, each layer in Wireshark's order, then sift.
func All() []*Field { return slices.Clone(table) }

// whole tells whether the field is read from the packet at large and not from one of its layers.
func (f *Field) whole() bool { return f.Proto == ingest.ProtoFrame || f.Proto == ingest.ProtoSift }

// Values appends every value the packet has for the field to dst, in Wireshark's order, Layer set. Bytes alias the packet.
// Accessors allocate nothing but texts that have to be built: frame.protocols, the host fields, expert messages, names that
// ICMP bodies hold.
func (f *Field) Values(c *Context, p *ingest.Packet, dst []Value) []Value {
	if f.whole() {
		return numbered(f.Get(c, p, -1, dst), len(dst), 1)
	}
	layer := 0
	for i := range p.Layers {
		if proto := p.Layers[i].Proto; proto != f.Proto && (f.also == ingest.ProtoFrame || proto != f.also) {
			continue
		}
		if len(p.Layers[i].Bytes) == 0 { // nothing captured: Wireshark shows no item
			continue
		}
		if layer++; f.Proto == ingest.ProtoMPLS && layer > 1 && p.Layers[i-1].Proto == ingest.ProtoMPLS {
			layer-- // Wireshark takes a stack of labels for one layer
		}
		dst = numbered(f.Get(c, p, i, dst), len(dst), layer)
	}
	return dst
}

// Within tells whether a packet whose layers are of these protocols may have a value for the field.
func (f *Field) Within(protos *ingest.ProtoSet) bool {
	return f.whole() || protos.Has(f.Proto) || f.also != ingest.ProtoFrame && protos.Has(f.also)
}

// Has tells whether the packet has a value for the field. The capacity of scratch, which may be nil, saves an allocation.
func (f *Field) Has(c *Context, p *ingest.Packet, scratch []Value) bool {
	return len(f.Values(c, p, scratch[:0])) > 0
}

func numbered(values []Value, from, layer int) []Value {
	for i := from; i < len(values); i++ {
		values[i].Layer = int32(layer)
	}
	return values
}

// Ours tells whether the field is icmpsift's own, so that Wireshark cannot replay a filter that uses it.
func (f *Field) Ours() bool { return len(f.Name) > 5 && f.Name[:5] == "sift." }
