// Package payload says what an echo payload is: whose ordinary ping, or what kind of bytes. It states facts and judges
// nothing. [NewTable] loads the table of known senders and tools (stock.yaml, tools.yaml, and more of the same form),
// [Table.Classify] is the way in for packets; [Magic], [Entropy] and [Text] serve recovered bytes.
package payload

import "icmpsift/ingest"

// Classes of payloads: what PayloadFacts.Class holds.
const (
	Empty        = "empty"         // no bytes on the wire
	Stock        = "stock"         // byte for byte what a known sender sends by default
	StockResized = "stock-resized" // a known sender, at a size its user chose (ping -s)
	StockPattern = "stock-pattern" // up to 16 bytes repeated to the end, behind a sender's timestamp or alone (ping -p)
	KnownVendor  = "known-vendor"  // carries the text or bytes of a known product
	KnownTool    = "known-tool"    // of the form of a tool that hides data in pings, and no IP packet in it
	Zero         = "zero"          // only zero bytes, of no known sender's size
	Ramp         = "ramp"          // each byte one more than the last
	InnerIP      = "inner-ip"      // an IP packet within the first bytes: a tunnel
	Compressed   = "compressed"    // starts as gzip, zlib, xz, zstd, ... does
	FileMagic    = "file-magic"    // starts as a known kind of file does
	Hex          = "hex"           // only hexadecimal digits
	Base64       = "base64"        // only the base64 alphabet, mixed as base64 is
	TextBytes    = "text"          // printable text, ASCII or UTF-8
	HighEntropy  = "high-entropy"  // as even as random bytes of that length: encrypted or compressed
	Unknown      = "unknown"
)

// Classes lists every class.
func Classes() []string {
	return []string{Empty, Stock, StockResized, StockPattern, KnownVendor, KnownTool, Zero, Ramp, InnerIP, Compressed, FileMagic, Hex,
		Base64, TextBytes, HighEntropy, Unknown}
}

// Classify says what an echo payload is. Wire is its length on the wire, which exceeds len(payload) where the snaplen
// cut the packet: what is left is judged by what a sender would have put there. Entropy is worked out only for payloads
// that are no known sender's; it is 0 for the others.
func (t *Table) Classify(payload []byte, wire int) ingest.PayloadFacts {
	wire = max(wire, len(payload))
	if class, name := t.known(payload, wire); class != "" {
		return ingest.PayloadFacts{Done: true, Class: class, Stock: name}
	}
	f := ingest.PayloadFacts{Done: true, Entropy: Entropy(payload)}
	switch f.Class = classOf(payload, wire, f.Entropy); f.Class {
	case Zero, Ramp, StockPattern: // nobody's in particular, and no data
	case InnerIP:
		f.Tool = t.tool(payload, wire)
	default:
		if f.Tool = t.tool(payload, wire); f.Tool != "" {
			f.Class = KnownTool
		}
	}
	return f
}

// tool names the first tool whose payload this can be, "" if none.
func (t *Table) tool(b []byte, wire int) string {
	for i := range t.tools {
		if t.tools[i].match(b, wire) != "" {
			return t.tools[i].name
		}
	}
	return ""
}

// known names the sender. Default sizes and marks of products explain more than sizes a user asked for, and all of them
// more than a user's pattern. Nothing but zero bytes, or a pattern from the first byte on, is nobody's in particular.
func (t *Table) known(b []byte, wire int) (class, name string) {
	if wire == 0 {
		return Empty, ""
	}
	for i := range t.senders {
		switch found := t.senders[i].match(b, wire); {
		case found == StockResized && class == "":
			class, name = found, t.senders[i].name
		case found == Stock, found == KnownVendor:
			return found, t.senders[i].name
		}
	}
	if class != "" && !cycles(b, []byte{0}) {
		return class, name
	}
	return t.withPattern(b, wire)
}

func (t *Table) withPattern(b []byte, wire int) (class, name string) {
	if patterned(b) || cycles(b, []byte{0}) {
		return "", ""
	}
	for i := range t.senders {
		if t.senders[i].matchPattern(b, wire) {
			return StockPattern, t.senders[i].name
		}
	}
	return "", ""
}
