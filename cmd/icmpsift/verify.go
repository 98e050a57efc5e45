package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/report"
	"icmpsift/report/build"
	"icmpsift/report/custody"
	"icmpsift/report/inert"
)

const verifyUsage = `icmpsift verify [flags] REPORT-DIR

Reads every file of a report folder and every evidence file it was made of once more, and says which of them are not as they
were: manifest.sha256 and custody.json hold their SHA-256. Evidence is looked for where it was; if it has moved, name the
folder it now lies in with --evidence. The seal is the SHA-256 of manifest.sha256: note it as soon as the report is made, and
--seal tells that the manifest itself is the same.

Examples:
  icmpsift verify case-17
  icmpsift verify case-17 --evidence /mnt/archive/seized --seal 9f86d081...`

func verify(d door, ctx context.Context, args []string) error {
	var root, seal string
	f := pflag.NewFlagSet("verify", pflag.ContinueOnError)
	f.StringVar(&root, "evidence", "", "folder where the evidence now lies, if it has moved")
	f.StringVar(&seal, "seal", "", "SHA-256 of manifest.sha256, as noted when the report was made")
	dirs, err := d.parse(f, args, verifyUsage)
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		return usagef("verify: %d folders given; name one report folder", len(dirs))
	}
	r, err := custody.Verify(ctx, dirs[0], root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("verify: %w; expected a folder that analyze has made", err)
	case err != nil:
		return err
	}
	say(d.stdout, r)
	if seal != "" && !strings.EqualFold(seal, r.Seal) {
		fmt.Fprintf(d.stdout, "The seal is not the one given: %s\n", inert.Text(seal))
		return exitError(exitCheck)
	}
	if r.Bad() > 0 {
		return exitError(exitCheck)
	}
	return nil
}

// say prints what is not as it was, then the counts.
func say(w io.Writer, r *custody.Result) {
	for _, c := range append(r.Outputs, r.Evidence...) {
		if c.State != custody.Same {
			fmt.Fprintf(w, "%-10s  %s%s\n", strings.ToUpper(string(c.State)), inert.Text(c.Name), inert.Text(story(&c)))
		}
	}
	fmt.Fprintf(w, "%-12s %s\n", "Report:", tell(r.Outputs))
	if r.Record != nil {
		fmt.Fprintf(w, "%-12s %s\n", "Evidence:", tell(r.Evidence))
		fmt.Fprintf(w, "%-12s %s, %s to %s, by %s on %s\n", "Made:", inert.Text(r.Record.Tool.Name+" "+r.Record.Tool.Version),
			r.Record.Started.Format(time.RFC3339), r.Record.Finished.Format(time.RFC3339), inert.Text(r.Record.Host.User), inert.Text(r.Record.Host.Name))
	}
	fmt.Fprintf(w, "%-12s %s\n", "Seal:", r.Seal)
}

func tell(all []custody.Check) string {
	same := 0
	for _, c := range all {
		if c.State == custody.Same {
			same++
		}
	}
	return fmt.Sprintf("%d of %d files are as they were", same, len(all))
}

// story tells a difference in words.
func story(c *custody.Check) string {
	switch c.State {
	case custody.Changed:
		text := fmt.Sprintf(": SHA-256 is %s, was %s", c.Is, c.Was)
		if c.SizeWas != 0 && c.SizeIs != c.SizeWas {
			text += fmt.Sprintf("; %d bytes, were %d", c.SizeIs, c.SizeWas)
		}
		return text
	case custody.Missing:
		return ": not at " + c.File
	case custody.Unreadable:
		return ": " + c.Problem
	case custody.Unknown:
		return ": " + cmp.Or(c.Problem, "could not be read when the report was made")
	}
	return ": not in the manifest"
}

// newRecord writes down who runs what on which bytes.
func newRecord(r *report.Report, ledger []*ingest.Evidence, args []string, started time.Time) *custody.Record {
	record := &custody.Record{
		Case:    custody.Case{ID: r.Case.ID, Analyst: r.Case.Analyst, Organization: r.Case.Organization, TLP: r.Case.TLP, From: r.Case.From, To: r.Case.To, Scope: r.Case.Scope},
		Tool:    custody.Tool{Name: r.Tool.Name, Version: r.Tool.Version, Go: runtime.Version(), RulesSHA256: r.Tool.RulesSHA256},
		Host:    thisHost(),
		Command: append([]string{"icmpsift", "analyze"}, spoken(args)...),
		Started: started,
	}
	record.Folder, _ = os.Getwd()
	record.Zone, _ = started.Zone()
	for i, e := range ledger {
		if e.Container != "" { // what holds it is on record
			continue
		}
		file, err := filepath.Abs(e.File)
		if err != nil {
			file = e.File
		}
		if e.File == evidence.Stdin {
			file = "" // it is gone
		}
		item := custody.Item{ID: r.Evidence[i].ID, Path: e.Path, File: file, Size: e.Size, Modified: e.Modified, SHA256: e.SHA256, Changed: e.Changed, Shift: build.Shift(e)}
		if x := e.Extract; x != nil {
			item.Of = &custody.Origin{Size: e.Size, Modified: e.Modified, SHA256: e.SHA256}
			item.Size, item.Modified, item.SHA256 = x.Size, x.Modified, x.SHA256
		}
		record.Evidence = append(record.Evidence, item)
	}
	return record
}

// thisHost: what cannot be told is left empty.
func thisHost() custody.Host {
	h := custody.Host{System: runtime.GOOS + "/" + runtime.GOARCH}
	h.Name, _ = os.Hostname()
	if u, err := user.Current(); err == nil {
		h.User = u.Username
	}
	return h
}

// readAgain reads the evidence a second time.
func readAgain(ctx context.Context, r *custody.Record) error {
	for i := range r.Evidence {
		e := &r.Evidence[i]
		if e.SHA256 == "" || e.File == "" {
			continue
		}
		sum, _, err := evidence.Sum(ctx, e.File)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.After = &custody.Again{SHA256: sum, At: time.Now()}
		if err != nil {
			e.After.SHA256, e.After.Problem = "", err.Error()
		}
	}
	return nil
}

// altered says which evidence was not the same any more at the end.
func altered(r *custody.Record) (out []error) {
	for _, e := range r.Evidence {
		if e.After != nil && e.After.SHA256 != e.SHA256 {
			out = append(out, fmt.Errorf("warning: %s changed while it was examined: SHA-256 %s when read, %s at the end", e.Path, e.SHA256, cmp.Or(e.After.SHA256, e.After.Problem)))
		}
	}
	return out
}
