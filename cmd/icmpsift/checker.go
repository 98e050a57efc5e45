package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/crosscheck"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/fault"
)

// asked is what flags say about whom to compare with.
type asked struct {
	exports   []string
	binary    string
	wireshark string
}

func (a *asked) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&a.exports, "tshark-json", nil, "compare with this export of tshark, -T json or -T ek, of the file that its name begins with (repeatable)")
	f.StringVar(&a.binary, "tshark", "", "tshark to run (default: $"+crosscheck.Binary+", else the one in PATH)")
}

// checker compares captures with an installed tshark, or with exports.
type checker struct {
	tool      *crosscheck.Tool  // nil if there are only exports
	exports   map[string]string // by evidence file, as opened
	list      *crosscheck.Accepted
	wireshark string
}

// checker finds everything that a comparison of the files needs, before the long work begins. An installed tshark is asked
// about what no export is of: if there are none, if one is named, or if installed says so.
func (a *asked) checker(ctx context.Context, command string, files []evidence.File, installed bool) (*checker, error) {
	list, err := crosscheck.Builtin()
	if err != nil {
		return nil, err
	}
	k := &checker{exports: map[string]string{}, list: list, wireshark: a.wireshark}
	for _, export := range a.exports {
		f, err := captureOf(export, files)
		if err != nil {
			return nil, usagef("%s: --tshark-json %w", command, err)
		}
		if other, taken := k.exports[f.Name]; taken {
			return nil, usagef("%s: --tshark-json %q and %q are both of %q", command, other, export, f.Path)
		}
		k.exports[f.Name] = export
	}
	if installed || len(a.exports) == 0 || a.binary != "" {
		if k.tool, err = crosscheck.Find(ctx, a.binary); err != nil {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
	}
	return k, nil
}

// captureOf is the file an export was made from: the only one there is, or the one whose name, with or without its
// ending, begins the export's name; the longest such name wins.
func captureOf(export string, files []evidence.File) (evidence.File, error) {
	info, err := os.Stat(export)
	if err != nil {
		return evidence.File{}, fmt.Errorf("%q: %w", export, reason(err))
	}
	var found []evidence.File
	best, others := 0, 0
	for _, f := range files {
		if other, err := os.Stat(f.Name); err == nil && os.SameFile(info, other) {
			others++
			continue
		}
		switch n := begins(filepath.Base(export), path.Base(f.Path)); {
		case n > best:
			found, best = []evidence.File{f}, n
		case n == best:
			found = append(found, f)
		}
	}
	if best == 0 && len(files)-others > 1 || len(found) != 1 {
		return evidence.File{}, fmt.Errorf("%q: expected a name that begins like that of one of the %d files given, such as gateway.json of gateway.pcap", export, len(files)-others)
	}
	return found[0], nil
}

// begins gives how many bytes of a capture's name an export's name begins with; 0 if it does not.
func begins(export, capture string) int {
	for stem := capture; stem != ""; stem = strings.TrimSuffix(stem, path.Ext(stem)) {
		if rest, ok := strings.CutPrefix(export, stem); ok && (rest == "" || strings.ContainsAny(rest[:1], ".-_")) {
			return len(stem)
		}
		if path.Ext(stem) == "" {
			break
		}
	}
	return 0
}

// covers tells whether there is somebody to compare a capture with.
func (k *checker) covers(e *ingest.Evidence) bool {
	_, exported := k.exports[e.File]
	return comparable(e) && (exported || k.tool != nil)
}

// compare compares one capture. What tshark cannot do is the result's problem.
func (k *checker) compare(ctx context.Context, x ingest.Extract) (*crosscheck.Result, error) {
	e := x.Evidence()
	answer, err := k.ask(ctx, e)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return &crosscheck.Result{Evidence: e.ID, Path: e.Path, Source: k.source(e), Problem: err.Error()}, nil
	}
	return crosscheck.Compare(ctx, x, answer, k.list, k.wireshark)
}

func (k *checker) ask(ctx context.Context, e *ingest.Evidence) (*crosscheck.Answer, error) {
	if export, ok := k.exports[e.File]; ok {
		return crosscheck.OpenExport(export)
	}
	if !e.Original() {
		return nil, fmt.Errorf("it was read from an extract, which does not hold all of it: compare where the file itself is")
	}
	if e.Container != "" {
		return nil, fmt.Errorf("it is inside an archive, where tshark does not read it: unpack it first")
	}
	if k.tool == nil {
		return nil, fmt.Errorf("none of the exports given with --tshark-json is of this file")
	}
	return k.tool.Ask(ctx, e.File)
}

func (k *checker) source(e *ingest.Evidence) string {
	if export, ok := k.exports[e.File]; ok {
		return filepath.Base(export)
	}
	if k.tool == nil {
		return "no export"
	}
	return "tshark " + k.tool.Version
}

// all compares every capture among the extracts that there is somebody to compare with; nil for a nil checker. Where a bug
// keeps it from comparing one, the log notes it, and the result says so.
func (k *checker) all(ctx context.Context, extracts []ingest.Extract, faults *fault.Log) ([]*crosscheck.Result, error) {
	if k == nil {
		return nil, nil
	}
	results := []*crosscheck.Result{}
	for _, x := range extracts {
		if !k.covers(x.Evidence()) {
			continue
		}
		e := x.Evidence()
		var r *crosscheck.Result
		ok, err := faults.Try(fault.Unit{Step: fmt.Sprintf("comparing evidence E%d with Wireshark", e.ID+1)}, func() (err error) {
			r, err = k.compare(ctx, x)
			return err
		})
		if err != nil {
			return nil, err
		}
		if !ok {
			r = &crosscheck.Result{Evidence: e.ID, Path: e.Path, Source: k.source(e), Problem: "a bug in icmpsift kept it from comparing; please report it"}
		}
		results = append(results, r)
	}
	return results, nil
}
