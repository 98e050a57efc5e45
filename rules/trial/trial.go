// Package trial runs rules on captures: on the tests that rule files state, and on whatever else one wants to try. [Run]
// takes the whole way from file to findings.
package trial

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

// memory is what a trial may hold in memory before it spools.
const memory = 256 << 20

// Run reads the captures as one case and runs the rules over it.
func Run(ctx context.Context, set *rules.Set, c *field.Context, captures ...string) (r *engine.Result, err error) {
	err = Case(ctx, captures, func(line *timeline.Timeline) (err error) {
		if r, err = engine.Analyze(ctx, line, set, c, nil); err != nil {
			return err
		}
		return r.Faults.Err()
	})
	return r, err
}

// Case reads the captures as one case, and lets do work on its timeline.
func Case(ctx context.Context, captures []string, do func(*timeline.Timeline) error) error {
	files, err := evidence.Walk(captures)
	if err != nil {
		return err
	}
	budget := spool.NewBudget(memory, "")
	all, err := read.Files(ctx, files, read.Options{Jobs: 1, Budget: budget})
	if err != nil {
		return err
	}
	defer all.Close()
	if err := packets(all.Ledger); err != nil {
		return err
	}
	line, err := timeline.Build(ctx, all.Extracts, budget)
	if err != nil {
		return err
	}
	defer line.Close()
	return do(line)
}

// packets refuses evidence without a single frame: on nothing, every rule keeps quiet, and a near miss would prove nothing.
func packets(ledger []*ingest.Evidence) error {
	var why string
	for _, e := range ledger {
		if e.Frames+e.FramesAfter > 0 {
			return nil
		}
		why = fmt.Sprintf("%s: no packets (%s): expected a capture", e.File, e.Status)
	}
	if why == "" {
		return nil // Walk found no file, and said so
	}
	return errors.New(why)
}

// Test runs one of a rule's tests, with the rules it refers to and the lists of its set; dir is the folder of its rule file. It gives what differs from what the test expects.
func Test(ctx context.Context, set *rules.Set, r *rules.Rule, t rules.Test, dir string, c *field.Context) (differences []string, err error) {
	only := &rules.Set{Rules: set.With(r), Lists: set.Lists}
	if t.Expect.Suppressed != nil {
		only.Suppressions = set.Suppressions
	}
	result, err := Run(ctx, only, c, filepath.Join(dir, filepath.FromSlash(t.Capture)))
	if err != nil {
		return nil, err
	}
	return compare(t.Expect, result), nil
}

func compare(want rules.Expect, got *engine.Result) (out []string) {
	differ := func(what string, want, got any) {
		out = append(out, fmt.Sprintf("%s: expected %v, got %v", what, want, got))
	}
	if want.Findings != nil && *want.Findings != len(got.Findings) {
		differ("findings", *want.Findings, len(got.Findings))
	}
	if want.Suppressed != nil && *want.Suppressed != len(got.Suppressed) {
		differ("suppressed", *want.Suppressed, len(got.Suppressed))
	}
	for _, sum := range want.Recovered {
		if sums := sums(got); !slices.Contains(sums, sum) {
			differ("recovered", sum, sums)
		}
	}
	if want.Src == "" && want.Dst == "" && want.Frames == "" {
		return out
	}
	if len(got.Findings) == 0 {
		return append(out, "expected a finding, got none")
	}
	f := got.Findings[0]
	if want.Src != "" && want.Src != f.Src {
		differ("src", want.Src, f.Src)
	}
	if want.Dst != "" && want.Dst != f.Dst {
		differ("dst", want.Dst, f.Dst)
	}
	if want.Frames != "" && want.Frames != f.Frames[0].Ranges.String() {
		differ("frames", want.Frames, f.Frames[0].Ranges)
	}
	return out
}

func sums(r *engine.Result) (out []string) {
	for _, a := range r.Artefacts {
		out = append(out, a.SHA256)
	}
	return out
}
