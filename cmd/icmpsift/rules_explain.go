package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/rules"
	"icmpsift/rules/trial"
)

const explainUsage = `icmpsift rules explain [flags] RULE CAPTURE...

Says why a rule finds something in captures, or why not: how many packets pass each part of its filter, the first packet
that passes and the one that comes nearest without passing, with the values each part asks for, and how near the rule's
correlation came to its condition. RULE is a name or an id, or a rule file that holds one rule. With --frame it tells of that
frame of the first capture instead of the first match and the nearest miss.

The exit code is 0 whether the rule finds something or not.

Example:
  icmpsift rules explain icmp-host-sweep gateway.pcap`

// explaining is what the flags of explain say.
type explaining struct {
	ruleset ruleset
	frame   int64
}

func (e *explaining) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("rules explain", pflag.ContinueOnError)
	f.Int64Var(&e.frame, "frame", 0, "explain this frame of the first capture")
	e.ruleset.flags(f)
	return f
}

func rulesExplain(d door, ctx context.Context, args []string) error {
	e := &explaining{}
	rest, err := d.parse(e.flags(), args, explainUsage)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return usagef("rules explain: expected a rule and at least one capture")
	}
	name, isFile := rest[0], false
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		e.ruleset.paths, isFile = append(e.ruleset.paths, name), true
	}
	set, c, err := loadRules(&e.ruleset, "rules explain")
	if err != nil {
		return err
	}
	r, err := chosen(set.Rules, name, isFile)
	if r == nil && err == nil {
		r, err = findRule(set, "rules explain", name)
	}
	if err != nil {
		return err
	}
	x, err := trial.Explain(ctx, &set.Set, r, c, e.frame, rest[1:]...)
	if err != nil {
		return fmt.Errorf("rules explain: %w", err)
	}
	if e.frame != 0 && x.Picked == nil {
		return usagef("rules explain: --frame %d: %s has no ICMP packet in that frame", e.frame, rest[1])
	}
	_, err = fmt.Fprint(d.stdout, explained(x, c))
	return err
}

// chosen is the one rule of a file that was named; nil if no file was.
func chosen(all []*rules.Rule, path string, isFile bool) (found *rules.Rule, err error) {
	var names []string
	for _, r := range all {
		if isFile && r.At.File == strings.TrimPrefix(path, "./") {
			found, names = r, append(names, r.Name)
		}
	}
	if len(names) > 1 {
		return nil, usagef("rules explain: %s holds %d rules: name one of %s, and the file with --rules", path, len(names), strings.Join(names, ", "))
	}
	return found, nil
}

// explained writes the explanation.
func explained(x *trial.Explanation, c *field.Context) string {
	var b strings.Builder
	r := x.Rule
	fmt.Fprintf(&b, "%s (%s): %s\n%s:%d\n\n", inert.Text(r.Name), r.Level, inert.Text(r.Title), inert.Text(r.At.File), r.At.Line)
	if x.Parts == nil {
		fmt.Fprintf(&b, "It has no filter of its own: explain %s for theirs.\n", referred(r.Correlation))
		correlated(&b, x)
		return b.String()
	}
	fmt.Fprintf(&b, "%s of %s pass the filter. By its parts:\n\n", phrase.Count(x.Parts[0].Passed), phrase.Plural(x.Packets, "ICMP packet", "ICMP packets"))
	for _, p := range x.Parts {
		fmt.Fprintf(&b, "%10s  %s%s\n", phrase.Count(p.Passed), strings.Repeat("  ", p.Depth), title(p))
	}
	if x.Picked != nil {
		packet(&b, x, c, "Asked for:", x.Picked)
	} else {
		packet(&b, x, c, "First match:", x.Match)
		packet(&b, x, c, "Nearest miss:", x.Miss)
	}
	correlated(&b, x)
	return b.String()
}

var joined = map[string]string{"&&": "all of:", "||": "any of:", "^^": "an odd number of:", "!": "not:"}

// title names a part: a relation by its text, a junction by what it asks of its parts.
func title(p trial.Part) string {
	if p.Op != "" {
		return joined[p.Op]
	}
	return inert.Verbatim(p.Text)
}

// packet tells of one packet what each part makes of it.
func packet(b *strings.Builder, x *trial.Explanation, c *field.Context, what string, p *ingest.Packet) {
	if p == nil {
		return
	}
	info, _ := field.Lookup("_ws.col.info")
	var text string
	for _, v := range info.Values(c, p, nil) {
		text = v.Text
	}
	fmt.Fprintf(b, "\n%s frame %d, %s → %s, %s\n\n", what, p.Number, p.Src(), p.Dst(), inert.Verbatim(strings.Join(strings.Fields(text), " ")))
	for _, part := range x.Parts {
		mark := "✗"
		if part.Passes(p) {
			mark = "✓"
		}
		fmt.Fprintf(b, "  %s %s%s%s\n", mark, strings.Repeat("  ", part.Depth), title(part), values(part, p))
	}
}

// values are what a relation asked the packet for.
func values(part trial.Part, p *ingest.Packet) string {
	var out []string
	for _, a := range part.Asked(p) {
		value := "absent"
		if len(a.Values) > 0 {
			value = strings.Join(a.Values, ", ")
		}
		out = append(out, fmt.Sprintf("%s is %s", a.Text, inert.Cut(value, 80)))
	}
	if out == nil {
		return ""
	}
	return "    [" + inert.Verbatim(strings.Join(out, "; ")) + "]"
}

// correlated tells how near the rule's correlation came.
func correlated(b *strings.Builder, x *trial.Explanation) {
	r := x.Rule
	fmt.Fprintf(b, "\nThe rule fires %s.\n", inert.Text(correlationWords(r.Correlation)))
	if near, ok := x.Result.Nearest[r]; ok && r.Correlation != nil {
		fmt.Fprintf(b, "Nearest: %s, %s.\n", nearest(r, near), phrase.Span(clock(near.First), clock(near.Last)))
	}
	if n := len(x.Result.Findings); n == 0 && r.Recover != nil && r.Recover.Required && x.Result.Incidents[r] > 0 {
		b.WriteString("It found nothing: its findings stand only if something believable comes back, and nothing did.\n")
	} else if n == 0 {
		b.WriteString("It found nothing.\n")
	} else {
		fmt.Fprintf(b, "It made %s:\n", phrase.Plural(int64(n), "finding", "findings"))
	}
	for _, f := range x.Result.Findings {
		fmt.Fprintf(b, "  %s → %s, %s, frames %s\n", f.Src, f.Dst, phrase.Plural(f.Packets, "packet", "packets"), inert.Cut(f.Frames[0].Ranges.String(), 60))
	}
}

func clock(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// nearest is "12 of 20 in 60s" with the values of the group.
func nearest(r *rules.Rule, near rules.Nearest) string {
	var of []string
	for _, k := range r.Correlation.Condition {
		of = append(of, operators[k.Op]+" "+number(k.Value))
	}
	var group []string
	for i, name := range r.Correlation.GroupBy {
		if i < len(near.Group) {
			group = append(group, name+" "+near.Group[i])
		}
	}
	return inert.Text(fmt.Sprintf("%s, where the rule asks for %s, in %s, for %s", number(near.Value), strings.Join(of, " and "), span(r.Correlation.Timespan), strings.Join(group, ", ")))
}

func number(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.3f", v), ".000") }
