package main

import (
	"context"

	"github.com/spf13/pflag"

	"icmpsift/report"
	"icmpsift/report/diff"
)

const diffUsage = `icmpsift diff [flags] OLD NEW

Compares two report folders by their report.json: findings that are new, gone or changed (level, confidence, packets, bytes, times),
evidence that was added, removed or has another hash, and recovered files. What the reports were made with and limited to is told
where it differs. Evidence and recovered files themselves are not read: "icmpsift verify" does that.

Exit code 0 says that they are the same, 5 that something differs.

Examples:
  icmpsift diff case-17 case-17-new-rules
  icmpsift diff monday tuesday --format json`

func diffFlags(format *string) *pflag.FlagSet {
	f := pflag.NewFlagSet("diff", pflag.ContinueOnError)
	f.StringVar(format, "format", "text", "text or json")
	return f
}

func diffs(d door, ctx context.Context, args []string) error {
	var format string
	names, err := d.parse(diffFlags(&format), args, diffUsage)
	if err != nil {
		return err
	}
	if format != "text" && format != "json" {
		return usagef("diff: --format %q: expected text or json", format)
	}
	if len(names) != 2 {
		return usagef("diff: %d report folders given; name the old one and the new one", len(names))
	}
	var reports [2]*report.Report
	for i, name := range names {
		if reports[i], err = diff.Load(name); err != nil {
			return usagef("diff: %w", err)
		}
	}
	r := diff.Compare(reports[0], reports[1])
	write := diff.Write
	if format == "json" {
		write = writeJSON[diff.Result]
	}
	if err := write(d.stdout, r); err != nil {
		return err
	}
	if !r.Same {
		return exitError(exitCheck)
	}
	return nil
}
