package suricata

import (
	"strings"
	"time"

	"icmpsift/rules"
)

// maxSeconds keeps windows within what a duration holds.
const maxSeconds = 366 * 24 * 3600

var tracks = map[string][]string{"by_src": {"sift.src"}, "by_dst": {"sift.dst"}, "by_both": {"sift.src", "sift.dst"}}

// counter reads detection_filter, which alerts after a count, and threshold, of which "limit" only says how often to
// alert. The engines' windows are fixed, ours slide: a burst over the border of two windows counts as one.
func counter(c *conversion, o option) *Reason {
	p := map[string]string{}
	for _, pair := range strings.Split(o.value, ",") {
		if f := strings.Fields(pair); len(f) == 2 {
			p[f[0]] = f[1]
		}
	}
	count, seconds, group := number(p["count"]), number(p["seconds"]), tracks[p["track"]]
	switch {
	case o.name == "threshold" && p["type"] == "limit":
		return nil
	case o.name == "threshold" && p["type"] != "threshold" && p["type"] != "both":
		return c.wrong(o.valueFrom, o.value, "threshold: expected type limit, threshold or both")
	case count < 1 || seconds < 1 || seconds > maxSeconds || count > 1<<32:
		return c.wrong(o.valueFrom, o.value, o.name+": expected count and seconds, both from 1, at most a year")
	case group == nil:
		return c.wrong(o.valueFrom, o.value, o.name+": expected track by_src, by_dst or by_both; others have no field to group by")
	case c.counts != nil:
		return c.wrong(o.from, o.name, "a rule can count only one thing")
	}
	op := map[string]string{"detection_filter": "gt", "threshold": "gte"}[o.name]
	c.counts = &rules.Correlation{Type: rules.EventCount, GroupBy: group, Timespan: time.Duration(seconds) * time.Second,
		Condition: []rules.Condition{{Op: op, Value: float64(count)}}}
	return nil
}
