package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/ingest/evidence"
	"icmpsift/ingest/fault"
	"icmpsift/ingest/field"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/report"
	"icmpsift/report/build"
	"icmpsift/report/screen"
	"icmpsift/report/slice"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

const analyzeUsage = `icmpsift analyze [flags] PATH...

Reads evidence files and folders (pcap, pcapng, tshark's JSON; plain, compressed, or in zip and tar archives; "-" is
standard input; told by content, not by name), runs the rules, brings back what packets carried, and writes a report
folder: report.md with its figures, report.html and report.xlsx for people, report.json ("icmpsift schema" describes it) and
other files for machines, recovered/ with the recovered files, findings/ with the packets of each finding and wireshark/
with their filters for Wireshark, custody.json and manifest.sha256 for "icmpsift
verify". Evidence is only read, never changed.

Examples:
  icmpsift analyze seized/
  icmpsift analyze gateway.pcap sensor.pcapng.zst -o case-17 --case IR-17 --fail-on high`

// analysis is what the flags of analyze say.
type analysis struct {
	output           string
	force            bool
	ruleset          ruleset
	formats          []string
	minLevel, failOn string
	identity         report.Case
	jobs             int
	memory           string
	password         string
	quiet, noBar     bool
	stall            time.Duration
	crosscheck       bool
	again            bool
	resume           bool
	packets          bool
	asked            asked
	mandate          mandate
	assets           string
	config           string
	jsonLog          string
	shifts           []string
	given            *caseFile
	handover         handover

	paths     []string
	budget    int64
	least     rules.Level
	threshold *rules.Level
}

// sampled is how many packets report.xlsx lists unasked.
const sampled = 10_000

func (a *analysis) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("analyze", pflag.ContinueOnError)
	f.StringVarP(&a.output, "output", "o", "icmpsift-report", "report folder to make")
	f.BoolVar(&a.force, "force", false, "replace an earlier report folder")
	a.ruleset.flags(f)
	a.handover.flags(f)
	f.StringVar(&a.config, "config", "", configHelp)
	f.StringSliceVar(&a.formats, "format", formatNames(), "what to write; svg is the figures of report.md, pcap the packets of each finding, wireshark their filters, timeline is for Timesketch, ecs for Elastic; report.json is always written")
	f.StringVar(&a.minLevel, "min-level", "informational", "leave findings below this level out of the report")
	f.StringVar(&a.failOn, "fail-on", "", "exit with 3 if a finding, in the report or not, reaches this level: "+strings.Join(rules.LevelNames(), ", "))
	f.StringVar(&a.identity.ID, "case", "", "case id for the report")
	f.StringVar(&a.identity.Analyst, "analyst", "", "analyst's name for the report")
	f.StringVar(&a.identity.Organization, "organization", "", "organization for the report")
	f.StringVar(&a.identity.TLP, "tlp", "TLP:AMBER+STRICT", "Traffic Light Protocol label (TLP 2.0)")
	f.StringVar(&a.identity.Timezone, "timezone", "UTC", "time zone shown beside UTC, and of times on the command line that name none: Europe/Berlin")
	a.mandate.flags(f)
	f.StringArrayVar(&a.shifts, "clock-shift", nil, clockShiftHelp)
	f.StringVar(&a.assets, "assets", "", "who the hosts are: CSV of address or network, name and, if you like, role; names stand in the report beside addresses")
	f.IntVar(&a.jobs, "jobs", runtime.NumCPU(), "files read at a time")
	archivePassword(f, &a.password)
	stallFlag(f, &a.stall, time.Minute)
	f.StringVar(&a.memory, "memory", "1GiB", "memory to stay inside, 256MiB or more; packets beyond it go to temporary files, and what tables have to give up is counted")
	f.BoolVar(&a.crosscheck, "crosscheck", false, "compare the decoder with the installed tshark and put the table into the report; the exit code stays that of the analysis (icmpsift crosscheck has its own)")
	a.asked.flags(f)
	f.BoolVar(&a.resume, "resume", false, "go on where an earlier run was killed, and keep extracts of all evidence beside the report, in OUTPUT.work: files whose path, size and time of change are what they were are not read again")
	f.BoolVar(&a.packets, "packets", false, fmt.Sprintf("list every ICMP packet in report.xlsx, not only the first %d; a million rows a sheet", sampled))
	f.BoolVar(&a.again, "verify-after", false, "read the evidence once more at the end, and record whether it is still the same")
	f.BoolVar(&a.quiet, "quiet", false, "no progress and no closing summary")
	f.BoolVar(&a.noBar, "no-progress", false, "no progress")
	f.StringVar(&a.jsonLog, "json-log", "", jsonLogHelp)
	return f
}

// check turns words into values; every error is the caller's.
func (a *analysis) check() (err error) {
	if len(a.paths) == 0 {
		return usagef("analyze: no evidence given; name a capture file or a folder")
	}
	if a.jobs < 1 {
		return usagef("analyze: --jobs %d: expected at least 1", a.jobs)
	}
	if err := checkStall("analyze", a.stall); err != nil {
		return err
	}
	if a.budget, err = parseSize(a.memory); err != nil {
		return usagef("analyze: --memory %w", err)
	}
	if a.identity.TLP, err = parseTLP(a.identity.TLP); err != nil {
		return err
	}
	if a.least, err = parseLevel("--min-level", a.minLevel); err != nil {
		return err
	}
	if a.failOn != "" {
		l, err := parseLevel("--fail-on", a.failOn)
		if err != nil {
			return err
		}
		a.threshold = &l
	}
	if err := a.mandate.check(&a.identity, a.crosses()); err != nil {
		return err
	}
	if err := a.handover.check(); err != nil {
		return err
	}
	for _, f := range a.formats {
		if !slices.Contains(formatNames(), f) {
			return usagef("analyze: --format %q: expected %s", f, strings.Join(formatNames(), ", "))
		}
	}
	return nil
}

func analyze(d door, ctx context.Context, args []string) (err error) {
	a, started := &analysis{}, time.Now()
	flags := a.flags()
	if a.paths, err = d.parse(flags, args, analyzeUsage); err != nil {
		return err
	}
	if a.given, err = loadCase(a.config, flags); err != nil {
		return err
	}
	defer func() { err = a.given.trace(err) }()
	if len(a.paths) == 0 {
		a.paths = a.given.evidence
	}
	if err := a.check(); err != nil {
		return err
	}
	files, err := evidence.Walk(a.paths)
	if err != nil {
		return usageError{err}
	}
	c, err := a.ruleset.context("analyze")
	if err != nil {
		return err
	}
	k, err := a.checker(ctx, files)
	if err != nil {
		return err
	}
	set, err := a.ruleset.load("analyze", c)
	if err != nil {
		return usageError{err}
	}
	limit, err := a.mandate.limit(c, set.Lists)
	if err != nil {
		return err
	}
	shifts, err := clockShifts(a.shifts, files)
	if err != nil {
		return err
	}
	known, err := assetTable(a.assets)
	if err != nil {
		return err
	}
	inputs, err := a.inputs()
	if err != nil {
		return err
	}
	log, err := d.openJournal(a.jsonLog, files, a.paths, []string{a.output, a.output + workSuffix})
	if err != nil {
		return err
	}
	d = log.door(d)
	defer func() { err = log.end(ctx, err) }()
	log.tell("start", "tool", "icmpsift", "version", release, "arguments", spoken(args))
	folder, err := newFolder(a.output, a.force, a.paths)
	if err != nil {
		return err
	}
	defer func() {
		if folder.abandon() {
			d.complain(fmt.Errorf("what was read so far is kept in %s: --resume goes on with it; if you do not, remove that folder", a.output+workSuffix))
		}
	}()
	kept, err := folder.work.keeping(a.resume, a.password)
	if err != nil {
		return err
	}
	budget, done := divide(a.budget, folder.temporary)
	defer done()
	at := &site{dir: folder.temporary, budget: budget, kept: kept}
	defer at.close()
	watch := newProgress(d.stderr, files, a.quiet || a.noBar, log)
	watch.beat()
	defer watch.clear()
	in, err := a.run(d, ctx, watch, files, &set.Set, c, k, limit, shifts, at)
	if err != nil {
		return err
	}
	in.Tool.RulesSHA256, in.Assets = set.SHA256(), known
	if in.Tool.PayloadTables, err = payloadTables(a.ruleset.stock); err != nil {
		return err
	}
	worst := keep(&in, a.least)
	log.findings(in.Result.Findings)
	watch.phase("writing", len(in.Result.Findings))
	r := build.Report(in)
	a.handover.redact(r, in.Sliced)
	record := newRecord(r, in.Ledger, args, started)
	record.Settings, record.Inputs = a.given.settings(), inputs
	if a.again {
		if err := readAgain(ctx, record); err != nil {
			return err
		}
	}
	if folder.stay = a.resume; a.resume {
		if err := kept.Tidy(); err != nil {
			return err
		}
	}
	if err := folder.write(ctx, r, in.Result, a.formats, a.handover, record); err != nil {
		return err
	}
	watch.clear()
	for _, e := range altered(record) {
		d.complain(e)
	}
	d.warnExpired(set.Suppressions, time.Now())
	return a.close(d, r, worst)
}

// warnExpired says which suppressions have run out by now: whatever they did for older evidence, their owners should look
// at them again.
func (d door) warnExpired(list []*rules.Suppression, now time.Time) {
	for _, s := range list {
		if engine.Expired(s, now.UnixNano()) {
			d.complain(fmt.Errorf("warning: %s:%d: the suppression of %s expired on %s: renew or remove it", s.At.File, s.At.Line, s.Owner, s.Expires))
		}
	}
}

// crosses tells whether the decoder is to be compared.
func (a *analysis) crosses() bool {
	return a.crosscheck || len(a.asked.exports) > 0 || a.asked.binary != ""
}

// checker finds whom to compare with; nil if nobody asked.
func (a *analysis) checker(ctx context.Context, files []evidence.File) (*checker, error) {
	if !a.crosses() {
		return nil, nil
	}
	return a.asked.checker(ctx, "analyze", files, a.crosscheck)
}

// site is where a run works: its folder for temporary files, its memory, the extracts of earlier runs, and what stays open until the report
// is written.
type site struct {
	dir    string
	budget *spool.Budget
	kept   *read.Kept
	open   []func() error
}

func (s *site) add(f func() error) { s.open = append(s.open, f) }

func (s *site) close() {
	for _, f := range slices.Backward(s.open) {
		f() // it was read only
	}
}

// run reads the evidence and judges it, and cuts the packets of findings out of it. What the report still reads from is left open.
func (a *analysis) run(d door, ctx context.Context, watch *progress, files []evidence.File, set *rules.Set, c *field.Context, k *checker, limit timeline.Limit, shifts map[string]time.Duration, at *site) (in build.Input, err error) {
	all, err := read.Files(ctx, files, read.Options{Jobs: min(a.jobs, max(1, len(files))), Budget: at.budget, Watch: watch, Password: a.password, Stall: a.stall, Kept: at.kept})
	watch.stop()
	if err != nil {
		return in, err
	}
	if !a.quiet {
		d.tellReused(all.Reused, len(files))
	}
	at.add(all.Close)
	if err := setClocks(all.Ledger, shifts); err != nil {
		return in, err
	}
	watch.phase("judging", 0)
	line, err := timeline.Build(ctx, all.Extracts, at.budget)
	if err != nil {
		return in, err
	}
	at.add(line.Close)
	if err := line.Limit(ctx, limit); err != nil {
		return in, err
	}
	tally := build.NewTally(all.Ledger, c, at.budget)
	tally.Limit(limit.From, limit.To)
	found, err := engine.Analyze(ctx, line, set, c, tally.Add, func(found int) { watch.phase("recovering", found) })
	if err != nil {
		return in, err
	}
	var sliced *slice.Options
	if slices.Contains(a.formats, cutouts) {
		sliced = a.handover.cutting(found)
		ok, err := found.Faults.Try(fault.Unit{Step: "cutting out the packets of findings"}, func() error {
			return slice.Write(ctx, line, found.AtLeast(a.least), at.dir, *sliced)
		})
		if !ok && err == nil {
			sliced, err = nil, os.RemoveAll(filepath.Join(at.dir, slice.Dir))
		}
		if err != nil {
			return in, err
		}
	}
	if err := tally.Settle(); err != nil {
		return in, err
	}
	var courses *build.Courses
	ok, err := found.Faults.Try(fault.Unit{Step: "following sizes and times of the packets of findings"}, func() (err error) {
		courses, err = build.Follow(ctx, line, found.AtLeast(a.least))
		return err
	})
	if err != nil {
		return in, err
	}
	if !ok {
		courses = nil
	}
	checked, err := k.all(ctx, all.Extracts, found.Faults)
	if err != nil {
		return in, err
	}
	return build.Input{Tool: report.Tool{Name: "icmpsift", Version: release, Wireshark: "4.4"}, Case: a.identity, Ledger: all.Ledger,
		Decoding: all.Stats, Timeline: line.Stats(), Result: found, Rules: set.Rules, Suppressions: set.Suppressions, Tally: tally, Context: c, Crosscheck: checked, Sliced: sliced,
		Courses: courses, Listing: a.listing(ctx, line, found), Drawn: slices.Contains(a.formats, drawings)}, nil
}

// listing says which packets report.xlsx lists.
func (a *analysis) listing(ctx context.Context, line *timeline.Timeline, found *engine.Result) *build.Listing {
	l := &build.Listing{Context: ctx, Line: line, Most: sampled}
	if a.packets {
		l.Most = 0
	}
	if a.handover.noPayload {
		l.Withhold = slice.Withhold(found.Findings, found.Suppressed).Packets
	}
	return l
}

// keep leaves out what is below a level; it gives the worst level that was found, -1 if nothing was.
func keep(in *build.Input, least rules.Level) rules.Level {
	worst, all := rules.Level(-1), len(in.Result.Findings)
	if all > 0 {
		worst = in.Result.Findings[0].Level
	}
	in.Result.Keep(least)
	in.Least, in.LeftOut = least, int64(all-len(in.Result.Findings))
	return worst
}

// close prints the summary and settles the exit code; worst is the worst level found, in the report or not.
func (a *analysis) close(d door, r *report.Report, worst rules.Level) error {
	if !a.quiet {
		o := screenOptions(d.stdout)
		o.Folder, o.Outputs = a.output, outputs(r, a.formats, a.handover)
		if err := screen.Write(d.stdout, r, o); err != nil {
			return err
		}
	}
	switch {
	case a.threshold != nil && worst >= *a.threshold:
		return exitError(exitFailOn)
	case r.Totals.Incomplete > 0, len(r.Faults) > 0:
		return exitError(exitIncomplete)
	}
	return nil
}
