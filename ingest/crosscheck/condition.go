package crosscheck

import (
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
	return len(ours) >= at && slices.Equal(ours[:at], theirs[:at]) && (len(ours) == at || len(ours) == at+1 && ours[at] == "data")
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
	if d.record == nil || !strings.HasPrefix(d.field, expertItem) {
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
