package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/ingest/evidence"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/report/phrase"
)

const extractUsage = `icmpsift extract [flags] PATH... -o DIR

Reads evidence as analyze does and writes one extract per evidence file: a pcapng that Wireshark opens, with the ICMP packets and
fragments of the file, and with all that analyze needs to know of the rest: SHA-256, size, frame numbers, damage, counts. "icmpsift
analyze DIR" then makes the same report as of the evidence itself; custody.json says that it was made of extracts. So large evidence is read
once, or on many machines, and judged as often as wanted. What an extract says of its evidence is as trustworthy as who made it.

Examples:
  icmpsift extract /mnt/seized -o extracts
  icmpsift extract /mnt/seized -o extracts --resume
  icmpsift analyze extracts -o case-17`

// extraction is what the flags of extract say.
type extraction struct {
	output, memory, password string
	jobs                     int
	stall                    time.Duration
	resume, force            bool
	quiet, noBar             bool
	jsonLog                  string
}

func (x *extraction) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("extract", pflag.ContinueOnError)
	f.StringVarP(&x.output, "output", "o", "", "folder for the extracts")
	f.BoolVar(&x.resume, "resume", false, "go on in a folder of extracts: files whose path, size and time of change are what they were are not read again")
	f.BoolVar(&x.force, "force", false, "replace extracts in the folder")
	f.IntVar(&x.jobs, "jobs", runtime.NumCPU(), "files read at a time")
	archivePassword(f, &x.password)
	stallFlag(f, &x.stall, time.Minute)
	f.StringVar(&x.memory, "memory", "1GiB", "memory to stay inside, 256MiB or more; packets beyond it go to temporary files")
	f.BoolVar(&x.quiet, "quiet", false, "no progress and no closing summary")
	f.BoolVar(&x.noBar, "no-progress", false, "no progress")
	f.StringVar(&x.jsonLog, "json-log", "", jsonLogHelp)
	return f
}

func extracts(d door, ctx context.Context, args []string) (err error) {
	x := &extraction{}
	paths, err := d.parse(x.flags(), args, extractUsage)
	if err != nil {
		return err
	}
	memory, err := x.check(paths)
	if err != nil {
		return err
	}
	files, err := evidence.Walk(paths)
	if err != nil {
		return usageError{err}
	}
	log, err := d.openJournal(x.jsonLog, files, paths, []string{x.output})
	if err != nil {
		return err
	}
	d = log.door(d)
	defer func() { err = log.end(ctx, err) }()
	log.tell("start", "tool", "icmpsift", "version", release, "arguments", spoken(args))
	full, err := x.folder(paths)
	if err != nil {
		return err
	}
	reader, err := readerID(x.password)
	if err != nil {
		return err
	}
	kept := &read.Kept{Dir: full, Name: read.Plain, Reader: reader, Reuse: x.resume, Always: true}
	budget, done := divide(memory, full)
	defer done()
	all, err := x.read(d, ctx, files, kept, budget, log)
	if err != nil {
		return err
	}
	defer all.Close()
	return x.close(d, all)
}

func (x *extraction) check(paths []string) (memory int64, err error) {
	switch {
	case len(paths) == 0:
		return 0, usagef("extract: no evidence given; name a capture file or a folder")
	case x.output == "":
		return 0, usagef("extract: no folder for the extracts given; name one with -o")
	case x.jobs < 1:
		return 0, usagef("extract: --jobs %d: expected at least 1", x.jobs)
	}
	if memory, err = parseSize(x.memory); err != nil {
		return 0, usagef("extract: --memory %w", err)
	}
	return memory, checkStall("extract", x.stall)
}

// folder makes the folder for extracts.
func (x *extraction) folder(sources []string) (string, error) {
	full, err := settled(x.output)
	if err != nil {
		return "", err
	}
	if err := apart(x.output, full, sources); err != nil {
		return "", err
	}
	if entries, err := os.ReadDir(full); err == nil && len(entries) > 0 && !x.force && !x.resume {
		return "", usagef("extract: the folder %q is not empty: go on in it with --resume, replace extracts in it with --force, or choose another with -o", x.output)
	}
	if err := os.MkdirAll(full, 0o700); err != nil {
		return "", usagef("extract: the folder %q cannot be made: %w", x.output, reason(err))
	}
	return full, nil
}

func (x *extraction) read(d door, ctx context.Context, files []evidence.File, kept *read.Kept, budget *spool.Budget, log *journal) (*read.Case, error) {
	watch := newProgress(d.stderr, files, x.quiet || x.noBar, log)
	defer watch.stop()
	return read.Files(ctx, files, read.Options{Jobs: min(x.jobs, max(1, len(files))), Budget: budget, Watch: watch, Password: x.password, Stall: x.stall, Kept: kept})
}

// close prints the summary and settles the exit code.
func (x *extraction) close(d door, all *read.Case) error {
	var files, icmp int64
	incomplete := d.unread(all.Ledger)
	for _, e := range all.Ledger {
		if e.Container == "" {
			files++
		}
		if e.DuplicateOf < 0 {
			icmp += e.ICMPFrames
		}
	}
	if !x.quiet {
		fmt.Fprintf(d.stdout, "Extracts of %s evidence files, with %s ICMP packets, are in %s\n", phrase.Count(files), phrase.Count(icmp), filepath.Base(x.output))
		d.tellReused(all.Reused, int(files))
	}
	if incomplete {
		return exitError(exitIncomplete)
	}
	return nil
}

// tellReused says how much of the evidence an earlier run had read.
func (d door) tellReused(reused, files int) {
	if reused > 0 {
		fmt.Fprintf(d.stderr, "icmpsift: %d of %d files were read by an earlier run and are unchanged since by path, size and time; they were not read again\n", reused, files)
	}
}
