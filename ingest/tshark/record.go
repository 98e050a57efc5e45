package tshark

// Record is one packet of an export. It holds until its reader's next call.
type Record struct {
	Number int64  // frame.number
	Nodes  []Node // what tshark dissected, in its order: parents come before their children
	Line   int    // where the packet begins in the export

	Offset    int64  // likewise, in bytes
	Timestamp string // milliseconds since the epoch, as -T ek puts them beside the layers; "" elsewhere
}

// Node is one item of tshark's tree: a protocol, a field, or a text that only groups fields. Repeated items are
// repeated nodes, in whatever way the export spells repetition (duplicate keys, arrays).
type Node struct {
	Name   string // the filter name ("ip.src"); the label of a text-only item ("MPLS Stack Entry")
	Value  string // as tshark printed it; "" if it has none
	Valued bool   // it has a value, if only an empty one; protocols and texts have none
	Depth  int    // 0 is a layer at the top
	Raw    string // hexadecimal bytes, of exports made with -x; masked fields hold the number cut out
	Pos    int    // where the bytes stand in the frame (JSON with -x), -1 if not told
	Len    int    // how many they are
	Mask   uint64 // bits of a masked field, 0 for whole bytes
}
