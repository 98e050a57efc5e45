package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"icmpsift/report/inert"
	"icmpsift/rules/score"
)

const scoreUsage = `icmpsift rules score [flags] LABELS...

Runs the rules over labelled captures, and tells how well they do. LABELS are YAML files beside captures, or folders of them:

  capture: odd-pings.pcap         # or a list, of files that follow each other
  category: exfil                 # benign, recon, attack, exfil, tunnel, c2
  expected:                       # what is in it
    - technique: payload          # a word of your own
      src: 10.0.0.5               # addresses or networks; any other word stands for any host
      dst: 203.0.113.9
      attack_id: T1048.003
      recovered_sha256: 9f86...   # the file that was sent
    - {technique: ping, src: 10.0.0.7, frames: {ranges: 1-20}, verdict: benign}

A file NAME-truth.yaml with a list of such labels under "captures" is about the folder NAME beside it, as one case.

Detected is what gave a finding at medium or above (recon: low), between the right hosts, of the technique or a near one.
Recovered is a file or stream that came back byte for byte in such a finding. A false alarm is a finding at medium or above,
an artefact, or a second low finding in a benign capture, and a finding that calls a thing hostile whose verdict is benign.

Example:
  icmpsift rules score testdata/lab --ablation`

// scoring is what the flags of score say.
type scoring struct {
	ruleset  ruleset
	format   string
	ablation bool
}

func (s *scoring) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("rules score", pflag.ContinueOnError)
	f.StringVar(&s.format, "format", "text", "how to write: text, json")
	f.BoolVar(&s.ablation, "ablation", false, "tell for each rule what it alone detects")
	s.ruleset.flags(f)
	return f
}

// scored is the result in JSON.
type scored struct {
	Classes []score.Sum   `json:"classes"`
	Misses  []string      `json:"misses"`
	Alone   []score.Alone `json:"ablation,omitempty"`
}

func rulesScore(d door, ctx context.Context, args []string) error {
	s := &scoring{}
	paths, err := d.parse(s.flags(), args, scoreUsage)
	switch {
	case err != nil:
		return err
	case len(paths) == 0:
		return usagef("rules score: expected a folder of labelled captures")
	case !slices.Contains([]string{"text", "json"}, s.format):
		return usagef("rules score: --format %q: expected text or json", s.format)
	}
	set, c, err := loadRules(&s.ruleset, "rules score")
	if err != nil {
		return err
	}
	var cases []*score.Case
	for _, p := range paths {
		list, err := score.Load(p)
		if err != nil {
			return fmt.Errorf("rules score: %w", err)
		}
		cases = append(cases, list...)
	}
	grades := score.Run(ctx, &set.Set, c, cases)
	out := scored{Classes: score.Total(grades), Misses: misses(grades)}
	if s.ablation {
		out.Alone = score.Ablate(&set.Set, score.Run(ctx, score.Unsuperseded(set.Set), c, cases))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.format == "json" {
		w := json.NewEncoder(d.stdout)
		w.SetIndent("", "  ")
		return w.Encode(out)
	}
	_, err = fmt.Fprint(d.stdout, out.text())
	return err
}

// misses says in a line each what is not as the labels have it.
func misses(grades []score.Grade) []string {
	out := []string{}
	for _, g := range grades {
		say := func(format string, a ...any) { out = append(out, g.Case.Name+": "+fmt.Sprintf(format, a...)) }
		if g.Err != nil {
			say("cannot be read: %v", g.Err)
		}
		for _, e := range g.Entries {
			hosts := strings.Join(e.Entry.Src, ", ") + " to " + strings.Join(e.Entry.Dst, ", ")
			if !e.Detected {
				say("not detected: %s, %s", e.Entry.Technique, hosts)
			} else if !e.Sides {
				say("hosts the wrong way round: %s, %s (%s)", e.Entry.Technique, hosts, strings.Join(e.By, ", "))
			}
			if e.Found < e.Wanted {
				say("%d of %d not recovered: %s", e.Wanted-e.Found, e.Wanted, e.Entry.Carrier)
			}
			if e.Crowded {
				say("%d artefacts: %s", e.Pieces, e.Entry.Technique)
			}
		}
		for _, a := range g.Alarms {
			say("false alarm: %s", a)
		}
		for _, f := range g.Unasked {
			if g.Case.Category != "benign" {
				say("no label asks for %s: %s from %s to %s", f.Level, f.Rule.Name, f.Src, f.Dst)
			}
		}
	}
	return out
}

func (s scored) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "class\tcaptures\tdetected\texact technique\thosts right\trecovered\tcrowded\tfalse alarms\tunasked\t")
	for _, c := range s.Classes {
		fmt.Fprintf(w, "%s\t%d\t%d/%d\t%d\t%d\t%d/%d\t%d\t%d\t%d\t\n", inert.Text(c.Class), c.Captures, c.Detected, c.Hostile, c.Exact, c.Sides, c.Found, c.Wanted, c.Crowded, c.Alarms, c.Unasked)
	}
	w.Flush()
	for i, m := range s.Misses {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(inert.Text(m) + "\n")
	}
	if s.Alone != nil {
		b.WriteString("\nWhat each rule alone detects:\n")
	}
	for _, a := range s.Alone {
		fmt.Fprintf(&b, "%s (%d)", inert.Text(a.Rule), len(a.Entries))
		for _, e := range a.Entries {
			b.WriteString("\n  " + inert.Text(e))
		}
		b.WriteString("\n")
	}
	return b.String()
}
