package crosscheck

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"icmpsift/ingest"
)

// condition tells whether a difference is of a kind. It looks at values wherever it can: a kind of frame alone would
// hide whatever else is wrong with it.
type condition func(d *clash) bool

// conditions are the words that an entry of the list can have for "when".
var conditions = map[string]condition{
	"foreign dissector":   foreignDissector,
	"foreign expert":      foreignExpert,
	"impossible fraction": impossibleFraction,
	"absurd time":         absurdTime,
	"far time":            farTime,
	"other time zone":     otherZone,
	"short icmp":          shortICMP,
	"empty item":          emptyItem,
	"gave up":             gaveUp,
	"foreign end":         foreignEnd,
	"late port":           latePort,
	"bad options":         badOptions,
	"shim6 control":       shim6Control,
	"unasked":             unasked,
	"redundancy trailer":  redundancyTrailer,
	"sampled tail":        sampledTail,
	"sample's padding":    samplePadding,
	"other order":         otherOrder,
}

func conditionNames() []string { return slices.Sorted(maps.Keys(conditions)) }

// emptyItem: tshark has an item more of the protocol than icmpsift, for a header of which not one byte is there.
func emptyItem(d *clash) bool {
	if d.packet == nil || len(d.theirs) != len(d.ours)+1 {
		return false
	}
	last := d.packet.Layers[len(d.packet.Layers)-1]
	return len(last.Bytes) == 0 || len(last.Bytes) <= last.Header && last.Proto != ingest.ProtoData // nothing behind the innermost header
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

var absurd = regexp.MustCompile(`^Not representable$|^-?\d{10,}\.|` + farYear.String()) // seconds or a year

// absurdTime: tshark takes the front of an echo payload for a time that is centuries away.
func absurdTime(d *clash) bool {
	if d.packet == nil || len(d.theirs) != 1 {
		return false
	}
	if strings.HasPrefix(d.field, "icmp") {
		return absurd.MatchString(d.theirs[0])
	}
	return d.heard != nil && slices.ContainsFunc(slices.Concat(d.heard.texts["icmp.data_time"], d.heard.texts["icmpv6.data_time"]), absurd.MatchString)
}

var farYear = regexp.MustCompile(` (22[5-9]\d|2[3-9]\d\d|[3-9]\d{3}|\d{5,}) `)

// farTime: only tshark has the times, which lie beyond the year 2242.
func farTime(d *clash) bool {
	return len(d.ours) == 0 && !slices.ContainsFunc(d.theirs, func(t string) bool { return !farYear.MatchString(t) })
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
