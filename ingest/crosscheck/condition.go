package crosscheck

import (
	"encoding/binary"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/tshark"
)

// condition tells whether a difference is of a kind. It looks at values wherever it can: a kind of frame alone would
// hide whatever else is wrong with it.
type condition func(d *clash) bool

// conditions are the words that an entry of the list can have for "when".
var conditions = map[string]condition{
	"foreign dissector":   foreignDissector,
	"foreign expert":      foreignExpert,
	"impossible fraction": impossibleFraction,
	"other time zone":     otherZone,
	"short icmp":          shortICMP,
	"empty item":          emptyItem,
	"gave up":             gaveUp,
	"foreign end":         foreignEnd,
	"late port":           latePort,
	"bad options":         badOptions,
	"unasked":             unasked,
	"redundancy trailer":  redundancyTrailer,
	"sampled tail":        sampledTail,
	"sample's padding":    samplePadding,
	"other order":         otherOrder,
}

func conditionNames() []string { return slices.Sorted(maps.Keys(conditions)) }

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

// shortICMP: only icmpsift calls the frame ICMP, and the message is too short for Wireshark to show an item of it.
func shortICMP(d *clash) bool {
	if d.packet == nil || d.record != nil {
		return false
	}
	m := d.packet.Message()
	return m.Proto == ingest.ProtoICMPv4 && len(m.Bytes) < 6
}

// emptyItem: tshark has an item more of the protocol than icmpsift, for a header of which not one byte is there.
func emptyItem(d *clash) bool {
	if d.packet == nil || len(d.theirs) != len(d.ours)+1 {
		return false
	}
	last := d.packet.Layers[len(d.packet.Layers)-1]
	return len(last.Bytes) == 0 || len(last.Bytes) <= last.Header && last.Proto != ingest.ProtoData // nothing behind the innermost header
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

// oldVXLAN is the port of Linux's first VXLAN.
const oldVXLAN = 8472

// latePort: only icmpsift goes on into a tunnel that Wireshark learned of later.
func latePort(d *clash) bool {
	if d.packet == nil || d.record != nil {
		return false
	}
	for i, l := range d.packet.Layers[:max(0, d.packet.ICMP)] {
		if l.Proto == ingest.ProtoUDP && d.packet.Layers[i+1].Proto == ingest.ProtoVXLAN && binary.BigEndian.Uint16(l.Bytes[2:]) == oldVXLAN {
			return true
		}
	}
	return false
}

// badOptions: only icmpsift goes on behind IPv6 options that contradict themselves.
func badOptions(d *clash) bool {
	if d.packet == nil || d.record != nil {
		return false
	}
	for _, name := range []string{"ipv6.opt.invalid_len", "ipv6.opt.apn.invalid.id_type"} {
		if f, ok := field.Lookup(name); ok && len(f.Values(&field.Context{}, d.packet, nil)) > 0 {
			return true
		}
	}
	return false
}

// unasked: the reply's request is a frame that is ICMP for icmpsift only.
func unasked(d *clash) bool {
	if d.field == "_ws.col.info" {
		return d.unasked && len(d.ours) == 1 && len(d.theirs) == 1 && strings.HasPrefix(d.ours[0], d.theirs[0]+" (request in ")
	}
	return d.unasked && len(d.theirs) == 0
}

// redundancyTrailer: tshark takes what is behind the datagram for IEC 62439-3's trailer.
func redundancyTrailer(d *clash) bool {
	return d.heard != nil && slices.ContainsFunc(d.heard.texts["frame.protocols"], func(s string) bool { return strings.HasSuffix(s, ":prp") })
}

// sampledTail: tshark has one value more, last, of what is behind a packet that NHRP quotes.
func sampledTail(d *clash) bool {
	if d.packet == nil || !slices.ContainsFunc(d.packet.Layers, func(l ingest.Layer) bool { return l.Proto == ingest.ProtoNHRP }) {
		return false
	}
	if d.field == "frame.protocols" {
		return strings.Join(d.theirs, "") == strings.Join(d.ours, "")+":data"
	}
	return len(d.theirs) == len(d.ours)+1 && slices.Equal(d.theirs[:len(d.ours)], d.ours)
}

// samplePadding: behind a sampled header of a length that is no multiple of four tshark has a trailer of zeros more.
func samplePadding(d *clash) bool {
	n := len(d.ours)
	return d.packet != nil && d.packet.Sampled() && len(d.theirs) == n+1 && slices.Equal(d.theirs[:n], d.ours) && slices.Contains([]string{"00", "00:00", "00:00:00"}, d.theirs[n])
}

// otherOrder: the values are the same.
func otherOrder(d *clash) bool {
	return len(d.ours) > 1 && slices.Equal(slices.Sorted(slices.Values(d.ours)), slices.Sorted(slices.Values(d.theirs)))
}

var fraction = regexp.MustCompile(`\.(?:-\d+|\d{10,}|\(-?\d+ n)`) // from 4.4 on "20.(1000000000 nanoseconds)"

// impossibleFraction: tshark prints a fraction of a second that is negative, or not below one.
func impossibleFraction(d *clash) bool {
	return len(d.ours) == len(d.theirs) && slices.ContainsFunc(d.theirs, fraction.MatchString)
}

// otherZone: the export's local times are those of another zone than UTC: they differ by whole quarters of an hour.
func otherZone(d *clash) bool {
	if !d.export || len(d.ours) != len(d.theirs) {
		return false
	}
	for i := range d.ours {
		a, errA := clock(d.ours[i])
		b, errB := clock(d.theirs[i])
		off := a.Sub(b).Abs()
		if errA != nil || errB != nil || off > 14*time.Hour || off%(15*time.Minute) != 0 {
			return false
		}
	}
	return true
}

// clock reads a local time without its zone's name, which may be of several words.
func clock(text string) (time.Time, error) {
	const layout = "Jan _2, 2006 15:04:05.000000000"
	words := strings.Fields(text)
	return time.Parse(layout, strings.Join(words[:min(4, len(words))], " "))
}
