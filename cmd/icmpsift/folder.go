package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"icmpsift/report"
	"icmpsift/report/build"
	"icmpsift/report/markdown"
	"icmpsift/report/workbook"
	"icmpsift/rules/engine"
)

// format is one rendering of the report.
type format struct {
	name, file string
	write      func(io.Writer, *report.Report) error
}

func formats() []format {
	return []format{
		{"md", "report.md", markdown.Write},
		{"xlsx", "report.xlsx", func(w io.Writer, r *report.Report) error { return workbook.Write(w, r, workbook.Options{}) }},
		{"json", "report.json", writeJSON},
	}
}

func formatNames() (out []string) {
	for _, f := range formats() {
		out = append(out, f.name)
	}
	return out
}

func writeJSON(w io.Writer, r *report.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// folder is a report folder in the making: everything is written beside it, under a temporary name, and takes its name
// only when it is whole.
type folder struct {
	path      string
	temporary string
	done      bool
}

// marker is the file that tells an earlier report folder, which --force may replace, from anything else.
const marker = "report.json"

func newFolder(path string, force bool, sources []string) (*folder, error) {
	if err := mayWrite(path, force, sources); err != nil {
		return nil, err
	}
	parent := filepath.Dir(filepath.Clean(path))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp(parent, ".icmpsift-*")
	if err != nil {
		return nil, fmt.Errorf("cannot write beside the report folder: %w", err)
	}
	return &folder{path: filepath.Clean(path), temporary: temporary}, nil
}

func mayWrite(path string, force bool, sources []string) error {
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	for _, s := range sources {
		dir, err := filepath.Abs(s)
		if err != nil {
			return err
		}
		if info, err := os.Stat(dir); err == nil && info.IsDir() && inside(full, dir) {
			return usagef("the report folder %q would lie inside the evidence %q, which is never written to; choose another with -o", path, s)
		}
	}
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return usagef("the report folder %q cannot be used: %w", path, err)
	case !force:
		return usagef("the report folder %q exists; choose another with -o, or replace it with --force", path)
	}
	if _, err := os.Stat(filepath.Join(path, marker)); err != nil {
		return usagef("the folder %q holds no %s, so it is no report of icmpsift, and --force does not replace it; choose another with -o", path, marker)
	}
	return nil
}

// write fills the folder and gives it its name.
func (f *folder) write(r *report.Report, found *engine.Result, names []string) error {
	if err := f.recovered(found); err != nil {
		return err
	}
	for _, x := range formats() {
		if x.name != "json" && !contains(names, x.name) {
			continue // report.json is always written: it marks the folder
		}
		if err := create(filepath.Join(f.temporary, x.file), 0o644, func(w io.Writer) error { return x.write(w, r) }); err != nil {
			return err
		}
	}
	return f.settle()
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (f *folder) recovered(found *engine.Result) error {
	if len(found.Artefacts) == 0 {
		return nil
	}
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

// create writes a file to its end and onto the disk.
func create(path string, mode os.FileMode, write func(io.Writer) error) error {
	w, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	return errors.Join(write(w), w.Sync(), w.Close())
}

// settle puts the finished folder in its place; an earlier report goes only when the new one is there.
func (f *folder) settle() error {
	if err := os.Chmod(f.temporary, 0o755); err != nil {
		return err
	}
	old := f.temporary + ".old"
	err := os.Rename(f.path, old)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(f.temporary, f.path); err != nil {
		return errors.Join(err, os.Rename(old, f.path))
	}
	f.done = true
	return os.RemoveAll(old)
}

// abandon removes what was written if the run did not come to its end.
func (f *folder) abandon() {
	if !f.done {
		os.RemoveAll(f.temporary)
	}
}
