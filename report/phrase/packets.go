package phrase

import "time"

// Unlisted says, below a list of packets, which it does not hold; "" if it holds all.
func Unlisted(listed, total int64) string {
	if listed >= total {
		return ""
	}
	return Count(total-listed) + " of " + Plural(total, "ICMP packet is", "ICMP packets are") + " not listed; analyze --packets lists all but those that were taken out for hand-over"
}

// Local is a time in a zone, with its offset; "" where the zone is UTC or not known.
func Local(t time.Time, zone string) string {
	place, err := time.LoadLocation(zone)
	if err != nil || place == time.UTC || zone == "" || t.IsZero() {
		return ""
	}
	return t.In(place).Format("2006-01-02 15:04:05.000 -07:00")
}
