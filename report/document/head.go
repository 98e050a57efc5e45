package document

import (
	"cmp"
	"slices"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

func head(d *doc, r *report.Report) {
	d.add(Facts{append([]Fact{{join("Case"), or(Prose(r.Case.ID), "not given")}}, identity(r)...)})
}

func title(r *report.Report) Text {
	if r.Case.ID == "" {
		return join("ICMP incident report")
	}
	return join("ICMP incident report: ", Prose(r.Case.ID))
}

func marking(r *report.Report) Text { return join(Prose(r.Case.TLP)) }

func fact(name string, value ...any) Fact { return Fact{join(name), join(value...)} }

func identity(r *report.Report) (out []Fact) {
	t := r.Totals
	if r.Case.Analyst != "" {
		out = append(out, fact("Analyst", Prose(r.Case.Analyst)))
	}
	if r.Case.Organization != "" {
		out = append(out, fact("Organisation", Prose(r.Case.Organization)))
	}
	if r.Redaction != nil {
		out = append(out, fact("Handed over", Strong{Plain("without payload")}, "; what was taken out is told under ", Link{"#evidence-and-limits", Text{Plain("Evidence")}}))
	}
	return append(out,
		fact("Period covered", period(r.Case)),
		fact("Limits of time and scope", limits(r)),
		fact("Evidence", phrase.Read(t)+", "+phrase.Bytes(t.Bytes)+" read"),
		fact("ICMP", phrase.Seen(t)),
		fact("Completeness", completeness(t)),
		fact("Home networks", codes(r.Case.HomeNet, 10)),
		fact("Made by", Prose(r.Tool.Name+" "+r.Tool.Version), ", fields and filters as in Wireshark ", Prose(r.Tool.Wireshark)),
	)
}

// period gives the time from the first to the last packet in UTC and, where the case has one, in its display zone.
func period(c report.Case) Text {
	utc := phrase.Period(c.First, c.Last)
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "" || c.First == nil || c.Last == nil || zone == time.UTC {
		return join(utc)
	}
	const local = "2006-01-02 15:04:05 MST"
	return join(utc+"; local time "+c.First.In(zone).Format(local)+" to "+c.Last.In(zone).Format(local)+" (", Prose(c.Timezone), ")")
}

func limits(r *report.Report) Text {
	before, scope := phrase.Mandate(r.Case)
	switch {
	case before == "":
		return join("none, all packets were looked at")
	case scope == "":
		return join(before + "; " + phrase.Outside(r.Totals))
	}
	return join(before, Code(scope), "; "+phrase.Outside(r.Totals))
}

func completeness(t report.Totals) Text {
	switch {
	case t.Captures == 0:
		return join(Strong{Plain("no capture could be read")})
	case t.Incomplete > 0:
		return join(Strong{Plain("partial")}, ": "+phrase.Of(t.Incomplete, t.Captures, "capture", "captures")+" could not be read to the end; see ", Link{"#evidence-and-limits", Text{Plain("Evidence")}})
	}
	return join("complete: " + phrase.Plural(t.Captures, "capture", "captures") + " read to the end")
}

func bottomLine(d *doc, r *report.Report) {
	d.heading(2, "bottom-line", "Bottom line")
	verdict := join(Strong{Plain("Verdict: "), Prose(phrase.Verdict(r.Verdict)), Plain(".")})
	for _, s := range r.Bottom {
		verdict = join(verdict, " ", Prose(phrase.Sentence(s)))
	}
	d.add(Paragraph{Text: verdict, Main: true})
	d.para(counters(r))
}

// counters is the one line of numbers under the bottom line.
func counters(r *report.Report) Text {
	var levels []Text
	names := rules.LevelNames()
	for i := len(names) - 1; i >= 0; i-- {
		if n := r.Totals.FindingsByLevel[names[i]]; n > 0 {
			levels = append(levels, join(phrase.Count(n)+" "+names[i]))
		}
	}
	if len(levels) == 0 {
		levels = []Text{join("none")}
	}
	t := r.Totals
	return join(phrase.Plural(int64(len(r.Rules)), "rule", "rules")+" looked at "+phrase.Seen(t)+" of "+phrase.Plural(t.Captures, "capture", "captures")+". Found: "+phrase.Found(r)+". By level: ", list(levels, len(levels)),
		". Recovered files: "+phrase.Count(int64(len(r.Artefacts)))+".")
}

func incidents(d *doc, r *report.Report) {
	d.heading(2, "verdict", "Verdict")
	if len(r.Incidents) == 0 {
		d.para("No incident: there is no finding of level low or above.")
		return
	}
	rows, rest := each(r.Incidents, MaxRows, func(i report.Incident) []Cell {
		return row(Code(i.ID), level(i.Level), Prose(i.Confidence), Prose(i.Title), codes(i.Inside, 3), codes(i.Outside, 3), by(moment(i.First), phrase.Span(i.First, i.Last)),
			by(float64(i.BytesOut), phrase.Size(i.BytesOut)+" / "+phrase.Size(i.BytesIn)), count(int64(i.Files)), codes(i.Attack, 4))
	})
	d.table("Incidents", []string{"Incident", "Level", "Confidence", "What", "Inside", "Outside", "When", "Bytes out / in:", "Files:", "ATT&CK"}, rows)
	d.more(rest, "incident", "incidents")
}

// level sets off what must not be overlooked.
func level(s string) Cell {
	if s == "high" || s == "critical" {
		return by(rank(s), Strong{Plain(phrase.Title(s))})
	}
	return by(rank(s), Prose(phrase.Title(s)))
}

// worst is [level], or what is shown where there is no finding.
func worst(s string) Cell {
	if s == "" {
		return by(rank(s), phrase.Missing)
	}
	return level(s)
}

func actions(d *doc, r *report.Report) {
	d.heading(2, "immediate-actions", "Immediate actions")
	if len(r.Actions) == 0 {
		d.para("None follow from the findings.")
		return
	}
	var items []Text
	shown := r.Actions[:min(maxSteps, len(r.Actions))]
	for _, a := range shown {
		items = append(items, join(Prose(phrase.Sentence(a.Text)), source(a)))
	}
	d.add(List{Items: items, Numbered: true})
	if rest := len(r.Actions) - len(shown); rest > 0 {
		d.para(Emph{Plain(phrase.Count(int64(rest)) + " more in report.json, and with the findings that they are tied to.")})
	}
}

// maxSteps is how many actions are told: who has more to do than that starts with the worst.
const maxSteps = 30

func source(a report.Action) Text {
	var parts []Text
	if a.Finding != "" {
		x := join("finding ", toFinding(a.Finding))
		if a.Others > 0 {
			x = join(x, Plain(" and "+phrase.Count(int64(a.Others))+" more"))
		}
		parts = append(parts, x)
	}
	if a.Incident != "" {
		parts = append(parts, join("incident ", Code(a.Incident)))
	}
	if len(parts) == 0 {
		return nil
	}
	return join(" (", list(parts, len(parts)), ")")
}

func timeline(d *doc, r *report.Report) {
	d.heading(2, "timeline", "Timeline")
	if len(r.Timeline) == 0 {
		d.para("No events to show.")
		return
	}
	shown := foremost(r.Timeline, maxEvents)
	rows, _ := each(shown, maxEvents, func(e report.Event) []Cell {
		return row(Cell{Text: join(phrase.Clock(e.Time)), Key: new(moment(e.Time)), Tight: true}, between(e.Src, e.Dst), Prose(e.Summary), toFinding(e.Finding), place(e))
	})
	d.table("Events in order of time", []string{"Time (UTC)", "From → to", "What", "Finding", "Evidence: frame"}, rows)
	d.more(int64(len(r.Timeline)-len(shown)), "row of the timeline, which weighs less,", "rows of the timeline, which weigh less,")
}

// foremost keeps, in their order, the events that weigh most: findings by their level, and captures that break off.
func foremost(events []report.Event, limit int) (out []report.Event) {
	weight := func(e report.Event) float64 {
		if e.Kind == "capture cut" {
			return rank(rules.Medium.String())
		}
		return rank(e.Level)
	}
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(events[b]), weight(events[a])) })
	order = order[:min(limit, len(order))]
	slices.Sort(order)
	for _, i := range order {
		out = append(out, events[i])
	}
	return out
}

func between(src, dst string) Text {
	if src == "" && dst == "" {
		return join(phrase.Missing)
	}
	return join(or(side(src), phrase.Missing), " → ", or(side(dst), phrase.Missing))
}

// side is an address or a network, in words where it is everything.
func side(s string) Text {
	if phrase.Anywhere(s) {
		return join(phrase.ManyNetworks)
	}
	return join(Code(s))
}

func place(e report.Event) Text {
	switch {
	case e.Evidence == "":
		return join(phrase.Missing)
	case e.Frame == 0:
		return join(Code(e.Evidence))
	}
	return join(Code(e.Evidence), ": "+phrase.Count(e.Frame))
}
