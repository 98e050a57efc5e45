package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/crosscheck"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/report"
	"icmpsift/report/build"
	"icmpsift/report/inert"
	"icmpsift/report/screen"
)

const crosscheckUsage = `icmpsift crosscheck [flags] FILE...

Compares what icmpsift decodes with what Wireshark's tshark says of the same captures: every frame that carries ICMP, every
field, and the Info and Protocol columns. It runs the installed tshark (tshark -n -2, with no settings of yours), or reads
what somebody's tshark wrote: --tshark-json with the output of "tshark -n -2 -r FILE -T json" or "-T ek".

Some differences are known and meant; they are printed with their reason and count as agreement unless --strict is given.
Exits with 0 if both sides agree, with 5 if they differ or a capture could not be compared, with 1 if none could.

Examples:
  icmpsift crosscheck gateway.pcap
  icmpsift crosscheck gateway.pcap --tshark-json gateway.json --wireshark 4.2`

// checking is what the flags of crosscheck say.
type checking struct {
	asked   asked
	strict  bool
	every   bool
	format  string
	memory  string
	stall   time.Duration
	budget  int64
	results []*crosscheck.Result
}

func (c *checking) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("crosscheck", pflag.ContinueOnError)
	c.asked.flags(f)
	f.StringVar(&c.asked.wireshark, "wireshark", "", "answer as this version of Wireshark: "+strings.Join(crosscheck.Versions(), ", ")+" (default: as the tshark that is compared with)")
	f.BoolVar(&c.strict, "strict", false, "known differences, and what an export does not tell, count as differences too")
	f.BoolVar(&c.every, "fields", false, "a row for every field, not only for those that differ")
	f.StringVar(&c.format, "format", "text", "text or json")
	stallFlag(f, &c.stall, time.Minute)
	f.StringVar(&c.memory, "memory", "1GiB", "memory for packets; what exceeds it goes to temporary files")
	return f
}

func crosschecks(d door, ctx context.Context, args []string) error {
	c := &checking{}
	paths, err := d.parse(c.flags(), args, crosscheckUsage)
	if err != nil {
		return err
	}
	if err := c.check(paths); err != nil {
		return err
	}
	files, err := evidence.Walk(paths)
	if err != nil {
		return usageError{err}
	}
	k, err := c.asked.checker(ctx, "crosscheck", files, false)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := c.one(d, ctx, k, f); err != nil {
			return err
		}
	}
	return c.close(d)
}

func (c *checking) check(paths []string) (err error) {
	switch {
	case len(paths) == 0:
		return usagef("crosscheck: no capture given")
	case c.format != "text" && c.format != "json":
		return usagef("crosscheck: --format %q: expected text or json", c.format)
	case c.asked.wireshark != "" && !slices.Contains(crosscheck.Versions(), c.asked.wireshark):
		return usagef("crosscheck: --wireshark %q: expected one of %s", c.asked.wireshark, strings.Join(crosscheck.Versions(), ", "))
	}
	if c.budget, err = parseSize(c.memory); err != nil {
		return usagef("crosscheck: --memory %w", err)
	}
	return checkStall("crosscheck", c.stall)
}

// one reads a file and compares it. What is no capture is said and passed over.
func (c *checking) one(d door, ctx context.Context, k *checker, f evidence.File) error {
	all, err := read.Files(ctx, []evidence.File{f}, read.Options{Jobs: 1, Budget: spool.NewBudget(c.budget, os.TempDir()), Stall: c.stall})
	if err != nil {
		return err
	}
	defer all.Close()
	for _, e := range all.Ledger {
		switch {
		case e.Problem != "":
			fmt.Fprintf(d.stderr, "icmpsift: %s: %s\n", inert.Text(e.Path), inert.Prose(e.Problem))
		case !comparable(e) && !e.Archive:
			fmt.Fprintf(d.stderr, "icmpsift: %s: not a capture\n", inert.Text(e.Path))
		}
	}
	for _, x := range all.Extracts {
		if !comparable(x.Evidence()) {
			continue
		}
		r, err := k.compare(ctx, x)
		if err != nil {
			return err
		}
		r.Evidence = len(c.results)
		c.results = append(c.results, r)
	}
	return nil
}

// close prints the table and settles the exit code.
func (c *checking) close(d door) error {
	if len(c.results) == 0 {
		return errors.New("crosscheck: no capture to compare")
	}
	check := build.Check(c.results)
	if err := c.print(d, &check); err != nil {
		return err
	}
	failed := func(r *crosscheck.Result) bool { return r.Problem != "" && r.Frames == 0 }
	switch {
	case !slices.ContainsFunc(c.results, func(r *crosscheck.Result) bool { return !failed(r) }):
		return exitError(exitFailed)
	case slices.ContainsFunc(c.results, func(r *crosscheck.Result) bool { return !r.Agrees(c.strict) }):
		return exitError(exitCheck)
	}
	return nil
}

func (c *checking) print(d door, check *report.Check) error {
	if c.format == "json" {
		return writeJSON(d.stdout, check)
	}
	o := screenOptions(d.stdout)
	o.EveryField = c.every
	return screen.Crosscheck(d.stdout, check, o)
}

// comparable tells whether the ledger's entry is a capture that tshark may read, too.
func comparable(e *ingest.Evidence) bool {
	return e.Status != ingest.NotCapture && !e.Archive && !strings.HasPrefix(e.Format, "tshark-")
}
