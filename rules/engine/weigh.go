package engine

import (
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// causes compiles what speaks against the rule's innocent causes; nil where no packet can.
func causes(r *rules.Rule, set *rules.Set, c *field.Context) (out []*filter.Filter, err error) {
	for _, x := range r.Explanations {
		var f *filter.Filter
		if x.Unless != "" {
			if f, err = filter.Compile(x.Unless, c, set.Lists); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// weigh counts the packets that speak against each innocent cause.
func (d *draft) weigh(p *ingest.Packet) {
	for i, f := range d.x.causes {
		if f != nil && f.Match(p) {
			d.against[i]++
		}
	}
	d.weighed++
}

// explanations are the innocent causes, and which of them are ruled out.
func (d *draft) explanations() (out []rules.Explanation) {
	for i, c := range d.x.rule.Explanations {
		e := rules.Explanation{Text: c.Text, Kept: true}
		switch n := d.against[i]; {
		case c.Recovered && d.believable():
			e = rules.Explanation{Text: c.Text, Reason: c.Because}
		case c.Unless != "" && n > 0 && float64(n) >= c.Share*float64(d.weighed):
			e = rules.Explanation{Text: c.Text, Reason: fmt.Sprintf("%s (%d of %d packets)", c.Because, n, d.weighed)}
		}
		out = append(out, e)
	}
	return out
}

// believable tells whether something came back that chance does not make.
func (d *draft) believable() bool {
	for _, a := range d.carved {
		if a.Confidence != "low" && a.MediaType != "application/octet-stream" {
			return true
		}
	}
	return false
}
