package build

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// hostile are the roles in which an address outside the home networks is worth looking for elsewhere. Victims, targets and
// forged sources are not: whoever blocks them does the attacker's work.
var hostile = map[string]bool{"scanner": true, "sender": true, "receiver": true, "spoofer": true, "reflector": true, "client": true, "server": true,
	"controller": true, "implant": true}

// indicators says what to look for elsewhere: of findings of level medium and above the hostile hosts outside, implants
// wherever they are, the stations behind forged packets, and the recovered files. Networks are left out: they are drawn
// around many hosts, and hold others too.
func indicators(r *report.Report) []report.Indicator {
	c := collection{by: map[[2]string]*report.Indicator{}}
	for i := range r.Findings {
		f := &r.Findings[i]
		if rank(f.Level) < int(rules.Medium) {
			continue
		}
		for _, h := range f.Hosts {
			c.host(f, h)
		}
	}
	found := byID(r.Findings)
	for i := range r.Artefacts {
		if f := found[r.Artefacts[i].Finding]; f != nil {
			c.file(f, &r.Artefacts[i])
		}
	}
	return c.sorted()
}

// collection holds each indicator once, by type and value.
type collection struct {
	by map[[2]string]*report.Indicator
}

func (c collection) host(f *report.Finding, h report.HostRef) {
	if h.Role == "spoofer" && h.Zone != outsideZone { // from outside, it is the last router's
		for _, mac := range strings.Fields(h.MAC) {
			c.add(f, "mac-addr", mac, "Station that sent forged packets, or the router next to the capture: "+f.Rule.Title, f.Confidence)
		}
	}
	where := "outside the home networks"
	switch {
	case h.Zone == homeZone && h.Role == "implant":
		where = "inside the home networks"
	case h.Zone != outsideZone || !hostile[h.Role]:
		return
	}
	if a, err := netip.ParseAddr(h.Address); err == nil {
		kind := map[bool]string{false: "ipv6-addr", true: "ipv4-addr"}[a.Is4()]
		c.add(f, kind, a.String(), fmt.Sprintf("%s %s: %s", phrase.Title(h.Role), where, f.Rule.Title), f.Confidence)
	}
}

func (c collection) file(f *report.Finding, a *report.Artefact) {
	what := fmt.Sprintf("Recovered file, %s, %s", cmp.Or(a.MediaType, "of unknown type"), phrase.Plural(a.Size, "byte", "bytes"))
	if !a.Complete {
		what += ", with gaps: the whole file has another hash"
	}
	if a.SHA256 != "" {
		c.add(f, "sha256", a.SHA256, what, a.Confidence)
	}
	if a.Name != "" {
		c.add(f, "file-name", a.Name, "Name that came with a recovered file", a.Confidence)
	}
}

// add takes a sighting. Findings come worst first, so the first one tells what an indicator is.
func (c collection) add(f *report.Finding, kind, value, context, confidence string) {
	x := c.by[[2]string{kind, value}]
	if x == nil {
		x = &report.Indicator{Type: kind, Value: value, Context: context, Level: f.Level, Confidence: confidence, First: f.First, Last: f.Last}
		c.by[[2]string{kind, value}] = x
	}
	if !slices.Contains(x.Findings, f.ID) {
		x.Findings = append(x.Findings, f.ID)
	}
	if f.First.Before(x.First) {
		x.First = f.First
	}
	if f.Last.After(x.Last) {
		x.Last = f.Last
	}
	if sureness[confidence] > sureness[x.Confidence] {
		x.Confidence = confidence
	}
	if rank(f.Level) > rank(x.Level) {
		x.Level = f.Level
	}
}

var sureness = map[string]int{"low": 1, "medium": 2, "high": 3}

func (c collection) sorted() []report.Indicator {
	out := make([]report.Indicator, 0, len(c.by))
	for _, x := range c.by {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b report.Indicator) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Value, b.Value))
	})
	return out
}
