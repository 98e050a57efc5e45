package crosscheck

import (
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/tshark"
)

// Conditions that are about what tshark dissects and icmpsift does not.

// foreignDissector: tshark went on into a payload with a dissector that the table has no protocol of, where icmpsift sees
// data. Both agree on every layer before.
func foreignDissector(d *clash) bool {
	if d.record == nil || d.packet == nil {
		return false
	}
	theirs := strings.Split(strings.Join(d.heard.texts["frame.protocols"], ":"), ":")
	at := slices.IndexFunc(theirs, foreign)
	if at <= 0 {
		return false
	}
	ours := strings.Split(d.protocols(), ":")
	if len(ours) < at || !slices.Equal(ours[:at], theirs[:at]) {
		return false
	}
	rest := ours[at:]
	if len(rest) > 0 && rest[0] == "data" {
		rest = rest[1:]
	}
	return len(rest) < len(theirs)-at && slices.Equal(rest, theirs[len(theirs)-len(rest):])
}

// foreign tells whether a name of frame.protocols is none that icmpsift decodes.
func foreign(name string) bool {
	if name == "ethertype" || name == "raw" {
		return false
	}
	f, ok := field.Lookup(name)
	return !ok || f.Type != field.Protocol
}

const expertItem = "_ws.expert"

// foreignExpert: all that differs is expert items whose own field the table lacks, of other protocols than ICMP.
func foreignExpert(d *clash) bool {
	switch {
	case d.record == nil:
		return false
	case d.field == "_ws.malformed":
		return len(d.theirs)-len(d.ours) == foreignMalformed(d.record.Nodes)
	case !strings.HasPrefix(d.field, expertItem):
		return false
	}
	var left []string
	for i := range d.record.Nodes {
		if n := &d.record.Nodes[i]; n.Name == d.field && !lacksExpert(d.record.Nodes, expertAbove(d.record.Nodes, i)) {
			left = append(left, n.Value)
		}
	}
	if d.field == expertItem {
		return len(left) == len(d.ours)
	}
	return slices.Equal(left, d.ours)
}

// malformedGroup is Wireshark's number of it; each such expert item brings an item _ws.malformed along.
const malformedGroup = "117440512"

// foreignMalformed counts the expert items of that group whose own field the table lacks.
func foreignMalformed(nodes []tshark.Node) (n int) {
	for i := range nodes {
		if nodes[i].Name == expertItem+".group" && nodes[i].Value == malformedGroup && lacksExpert(nodes, expertAbove(nodes, i)) {
			n++
		}
	}
	return n
}

// expertAbove is the expert item that a node is, or stands in.
func expertAbove(nodes []tshark.Node, i int) int {
	for k := i; k >= 0; k-- {
		if nodes[k].Name == expertItem && (k == i || nodes[k].Depth < nodes[i].Depth) {
			return k
		}
	}
	return i
}

// lacksExpert tells whether the table lacks an expert item's own field: the one child whose name is not the item's.
func lacksExpert(nodes []tshark.Node, item int) bool {
	for _, n := range nodes[item+1:] {
		if n.Depth <= nodes[item].Depth {
			break
		}
		if strings.HasPrefix(n.Name, expertItem+".") {
			continue
		}
		_, known := field.Lookup(n.Name)
		return !known && !strings.HasPrefix(n.Name, "icmp")
	}
	return false
}

// tooShort for a dissector that wants a header: what is shorter may be given up.
const tooShort = 16

// gaveUp: of the few bytes at the end of a quoted packet, data for icmpsift, tshark says nothing at all.
func gaveUp(d *clash) bool {
	if d.packet == nil || d.record == nil {
		return false
	}
	last := d.packet.Layers[len(d.packet.Layers)-1]
	theirs := strings.Join(d.heard.texts["frame.protocols"], ":")
	return last.Proto == ingest.ProtoData && last.Quoted > 0 && len(last.Bytes) < tooShort && d.protocols() == theirs+":data"
}

// foreignEnd: the dissector that tshark went on with and icmpsift has not ran out of bytes.
func foreignEnd(d *clash) bool {
	if !foreignDissector(d) || len(d.theirs) != 1 {
		return false
	}
	rest, ok := strings.CutPrefix(d.theirs[0], strings.Join(d.ours, ""))
	return ok && (d.field != "_ws.col.info" || rest == "[Packet size limited during capture]" || rest == "[Malformed Packet]")
}

// redundancyTrailer: tshark takes what is behind the datagram for IEC 62439-3's trailer.
func redundancyTrailer(d *clash) bool {
	return d.heard != nil && slices.ContainsFunc(d.heard.texts["frame.protocols"], func(s string) bool { return strings.HasSuffix(s, ":prp") })
}
