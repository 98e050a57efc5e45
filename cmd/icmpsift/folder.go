package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"icmpsift/ingest/fault"
	"icmpsift/report"
	"icmpsift/report/build"
	"icmpsift/report/custody"
	"icmpsift/report/export"
	"icmpsift/report/figure"
	"icmpsift/report/html"
	"icmpsift/report/markdown"
	"icmpsift/report/slice"
	"icmpsift/report/workbook"
	"icmpsift/rules/engine"
)

// formats are the renderings of the report: those for people, then those for machines. Large ones spill into dir while they are made.
func formats(dir string) []export.Format {
	return append([]export.Format{
		{Name: "md", File: "report.md", Write: markdown.Write},
		{Name: "html", File: "report.html", Write: html.Write},
		{Name: "xlsx", File: "report.xlsx", Write: func(w io.Writer, r *report.Report) error { return workbook.Write(w, r, workbook.Options{TmpDir: dir}) }},
	}, export.Formats()...)
}

// Formats that are no rendering of their own: the packets of each finding, for Wireshark, and the figures that report.md shows.
const (
	cutouts  = "pcap"
	drawings = "svg"
)

func formatNames() (out []string) {
	for _, f := range formats("") {
		out = append(out, f.Name)
	}
	return append(slices.Compact(out), drawings, cutouts)
}

// wanted tells whether to write the format; report.json is always written, for it marks the folder.
func wanted(x export.Format, names []string) bool {
	return x.File == marker || slices.Contains(names, x.Name)
}

// outputs names what the folder of a report holds, what to read first in front.
func outputs(r *report.Report, names []string, h handover) (out []string) {
	var machines []string
	for _, x := range formats("") {
		switch {
		case !wanted(x, names), x.Name == "wireshark":
		case slices.Contains([]string{".md", ".html", ".xlsx"}, path.Ext(x.File)), x.File == marker:
			out = append(out, x.File)
		default:
			machines = append(machines, x.File)
		}
	}
	if slices.ContainsFunc(r.Figures, func(f report.Figure) bool { return f.Path != "" }) {
		out = append(out, build.FigureDir+"/ (shown by report.md)")
	}
	if len(machines) > 0 {
		out = append(out, strings.Join(machines, " "))
	}
	if slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.Pcap != "" }) {
		out = append(out, slice.Dir+"/ (packets of each finding, for Wireshark)")
	}
	if h.zip && len(r.Artefacts) > 0 {
		out = append(out, archive+" (recovered files, encrypted)")
	}
	if slices.Contains(names, "wireshark") {
		out = append(out, export.WiresharkDir+"/ (a profile for Wireshark: the findings as filters and colours)")
	}
	return append(out, custody.File+" (for icmpsift verify)")
}

func writeJSON[T any](w io.Writer, v *T) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// folder is a report folder in the making: everything is written beside it, under a temporary name, and takes its name
// only when it is whole.
type folder struct {
	path      string     // absolute, without symbolic links
	work      *workplace // beside it
	temporary string     // in the work folder
	made      []string   // parents that were not there, deepest last
	done      bool
	stay      bool // extracts stay when the report is done
}

func newFolder(path string, force bool, sources []string) (*folder, error) {
	full, err := settled(path)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(apart(path, full, sources), apart(path+workSuffix, full+workSuffix, sources), mayReplace(path, full, force)); err != nil {
		return nil, err
	}
	f := &folder{path: full}
	parent := filepath.Dir(full)
	f.made = missing(parent)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		f.abandon()
		return nil, usagef("the report folder %q cannot be made: %w", path, reason(err))
	}
	if f.work, err = newWorkplace(path, full); err == nil {
		f.temporary = filepath.Join(f.work.path, workReport)
		err = os.Mkdir(f.temporary, 0o755)
	}
	if err != nil {
		f.abandon()
		return nil, err
	}
	return f, nil
}

// settled is the path made absolute, with the symbolic links in what exists of it resolved.
func settled(path string) (string, error) {
	if path == "" {
		return "", usagef("analyze: --output %q: expected the name of a folder", path)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for dir := full; ; dir = filepath.Dir(dir) {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if _, lerr := os.Lstat(dir); lerr == nil { // it is there, and still leads nowhere
			return "", usagef("the report folder %q cannot be used: %w", path, reason(err))
		}
		if dir == filepath.Dir(dir) {
			return full, nil
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// apart keeps reports out of evidence and evidence out of what a new report replaces.
func apart(path, full string, sources []string) error {
	if here, err := os.Getwd(); err == nil && within(here, full) {
		return usagef("the report folder %q is the current folder or holds it; name another with -o", path)
	}
	for _, s := range sources {
		real, err := settled(s)
		if err != nil {
			return err
		}
		info, err := os.Stat(real)
		switch {
		case err == nil && info.IsDir() && within(full, real):
			return usagef("the report folder %q would lie inside the evidence %q, which is never written to; choose another with -o", path, s)
		case within(real, full):
			return usagef("the evidence %q lies inside the report folder %q, which a new report would replace; choose another with -o", s, path)
		}
	}
	return nil
}

// within tells whether path is the folder dir or lies in it. Folders are compared as files, for names may differ in case.
func within(path, dir string) bool {
	target, err := os.Stat(dir)
	if err != nil {
		return path == dir
	}
	for ; ; path = filepath.Dir(path) {
		if info, err := os.Stat(path); err == nil && os.SameFile(info, target) {
			return true
		}
		if path == filepath.Dir(path) {
			return false
		}
	}
}

// marker is the file that tells an earlier report folder, which --force may replace, from anything else.
const marker = "report.json"

func mayReplace(path, full string, force bool) error {
	entries, err := os.ReadDir(full)
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return usagef("the report folder %q cannot be used: %w", path, reason(err))
	case !force:
		return usagef("the report folder %q exists and is not empty; choose another with -o, or replace an earlier report with --force", path)
	case !ours(filepath.Join(full, marker)):
		return usagef("the folder %q holds no %s of icmpsift, so it is no report, and --force does not replace it; choose another with -o", path, marker)
	}
	return nil
}

// ours tells whether the file is a report.json that this program wrote: its schema stands at the front.
func ours(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 64))
	return err == nil && bytes.Contains(head, []byte(`"icmpsift.report/`))
}

// missing lists the folders that are not there, the deepest last.
func missing(dir string) (out []string) {
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
			break
		}
		out = append([]string{dir}, out...)
	}
	return out
}

// reason is the bare cause of a file error, where the message names the file already.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// write fills the folder, seals it and gives it its name: all of it or, when the context ends, nothing.
func (f *folder) write(ctx context.Context, r *report.Report, found *engine.Result, names []string, h handover, record *custody.Record) error {
	if err := h.recovered(f, found); err != nil {
		return err
	}
	if err := f.draw(r, found.Faults); err != nil {
		return err
	}
	for _, x := range formats(f.temporary) {
		if !wanted(x, names) {
			continue
		}
		name := filepath.Join(f.temporary, filepath.FromSlash(x.File))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := create(name, 0o644, func(w io.Writer) error { return x.Write(w, r) }); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	record.Finished = time.Now()
	if err := custody.Seal(f.temporary, record); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return f.settle()
}

// draw writes the figures that the report names a place for. One that a bug keeps from being drawn has none any more.
func (f *folder) draw(r *report.Report, faults *fault.Log) error {
	for i := range r.Figures {
		x := &r.Figures[i]
		if x.Path == "" {
			continue
		}
		var b bytes.Buffer
		ok, err := faults.Try(fault.Unit{Step: "drawing the figure " + x.ID}, func() error { return figure.Write(&b, r, *x) })
		if err != nil {
			return err
		}
		if !ok {
			x.Path, x.Missing = "", "a bug in icmpsift kept it from being drawn"
			build.Faults(r, faults)
			continue
		}
		path := filepath.Join(f.temporary, filepath.FromSlash(x.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := create(path, 0o644, func(w io.Writer) error { _, err := b.WriteTo(w); return err }); err != nil {
			return err
		}
	}
	return nil
}

func (f *folder) recovered(found *engine.Result) error {
	if err := os.Mkdir(filepath.Join(f.temporary, "recovered"), 0o700); err != nil {
		return err
	}
	for _, a := range found.Artefacts {
		file, raw := build.Files(a)
		if err := f.bytes(file, a.Bytes); err != nil {
			return err
		}
		if raw != "" {
			if err := f.bytes(raw, a.Raw); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *folder) bytes(name string, b []byte) error {
	return create(filepath.Join(f.temporary, filepath.FromSlash(name)), 0o600, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// create writes a file to its end and onto the disk, or leaves none.
func create(path string, mode os.FileMode, write func(io.Writer) error) error {
	w, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if err := errors.Join(write(w), w.Sync(), w.Close()); err != nil {
		os.Remove(path) // half a file looks like a whole one
		var named *os.PathError
		if errors.As(err, &named) {
			return err
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// settle puts the finished folder in its place; an earlier report goes only when the new one is there.
func (f *folder) settle() error {
	old := filepath.Join(f.work.path, workEarlier)
	err := os.Rename(f.path, old)
	moved := err == nil
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the earlier report cannot be replaced: %w", err)
	}
	if err := os.Rename(f.temporary, f.path); err != nil {
		if moved {
			err = errors.Join(err, os.Rename(old, f.path))
		}
		return err
	}
	f.done = true
	defer f.work.leave(f.stay)
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("the report is written, but the one it replaces could not be removed: %w", err)
	}
	return nil
}

// abandon removes what was made if the run did not come to its end, but extracts: kept tells that there are any.
func (f *folder) abandon() (kept bool) {
	if f.done {
		return false
	}
	if f.work != nil {
		kept = f.work.kept()
		f.work.leave(kept)
	}
	for i := len(f.made) - 1; i >= 0; i-- {
		os.Remove(f.made[i]) // not if someone else put something there
	}
	return kept
}
