package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
)

const clockShiftHelp = `move the times of an evidence file, where its clock is known to have been wrong, before captures are merged: FILE=OFFSET such as gateway.pcap=-1h2m3.5s; FILE is its path in the report or its name alone (repeatable)`

// farthest is how far a clock may be moved.
const farthest = 100 * 365 * 24 * time.Hour

// clockShifts reads FILE=OFFSET words, and finds the file each is of; by file as opened.
func clockShifts(words []string, files []evidence.File) (map[string]time.Duration, error) {
	out := map[string]time.Duration{}
	for _, w := range words {
		at := strings.LastIndexByte(w, '=')
		if at < 1 {
			return nil, usagef("analyze: --clock-shift %q: expected FILE=OFFSET such as gateway.pcap=-1h2m3.5s", w)
		}
		d, err := time.ParseDuration(w[at+1:])
		if err != nil || d > farthest || d < -farthest {
			return nil, usagef("analyze: --clock-shift %q: offset %q: expected hours, minutes and seconds such as -1h2m3.5s or 500ms, at most 100 years", w, w[at+1:])
		}
		f, err := evidenceNamed(w[:at], files)
		if err != nil {
			return nil, usagef("analyze: --clock-shift %q: %w", w, err)
		}
		if _, twice := out[f.Name]; twice {
			return nil, usagef("analyze: --clock-shift %q: the clock of %q is set already", w, f.Path)
		}
		out[f.Name] = d
	}
	return out, nil
}

// evidenceNamed finds the file of a path as in the report, or else the only one of a name.
func evidenceNamed(name string, files []evidence.File) (evidence.File, error) {
	var same, paths []string
	var found []evidence.File
	for _, f := range files {
		if f.Path == name {
			return f, nil
		}
		paths = append(paths, f.Path)
		if path.Base(f.Path) == name {
			same, found = append(same, fmt.Sprintf("%q", f.Path)), append(found, f)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return evidence.File{}, fmt.Errorf("%d evidence files have that name; say which: %s", len(found), strings.Join(same[:min(len(same), 5)], ", "))
	}
	if near := field.Closest(name, slices.Values(paths)); near != "" {
		return evidence.File{}, fmt.Errorf("no evidence file %q; did you mean %q?", name, near)
	}
	return evidence.File{}, fmt.Errorf("no evidence file %q; expected a path as in the report, relative to the argument, or a file's name", name)
}

// setClocks enters the shifts into the ledger. Of a capture that is there twice the original is read, so a copy has no clock of its own.
func setClocks(ledger []*ingest.Evidence, shifts map[string]time.Duration) error {
	for _, e := range ledger {
		d, ok := shifts[e.File]
		if ok && e.DuplicateOf >= 0 {
			return usagef("analyze: --clock-shift: %q is a copy of %q, which is read instead: move the times of that", e.Path, ledger[e.DuplicateOf].Path)
		}
		e.ClockShift = int64(d)
	}
	return nil
}
