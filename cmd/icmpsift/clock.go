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
	"icmpsift/ingest/read"
)

const clockShiftHelp = `move the times of an evidence file, where its clock is known to have been wrong, before captures are merged: FILE=OFFSET such as gateway.pcap=-1h2m3.5s; FILE is its path in the report, as of a file in an archive too, or its name alone (repeatable)`

// farthest is how far a clock may be moved.
const farthest = 100 * 365 * 24 * time.Hour

// clockShifts reads FILE=OFFSET words, and finds the file each is of; by path in the report.
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
		name, err := evidenceNamed(w[:at], files)
		if err != nil {
			return nil, usagef("analyze: --clock-shift %q: %w", w, err)
		}
		if _, twice := out[name]; twice {
			return nil, usagef("analyze: --clock-shift %q: the clock of %q is set already", w, name)
		}
		out[name] = d
	}
	return out, nil
}

// evidenceNamed finds the file of a path as in the report, or else the only one of a name; it gives the path. What an archive holds is
// not known yet: its files go by their paths.
func evidenceNamed(name string, files []evidence.File) (string, error) {
	var same, named, paths []string
	for _, f := range files {
		f.Path = strings.TrimSuffix(f.Path, read.Suffix) // of an extract: the evidence
		paths = append(paths, f.Path)
		switch {
		case f.Path == name:
			same = append(same, f.Path)
		case path.Base(f.Path) == name:
			named = append(named, f.Path)
		case strings.HasPrefix(name, f.Path+"/"):
			return name, nil
		}
	}
	if len(same) == 0 {
		same = named
	}
	switch {
	case len(same) == 1:
		return same[0], nil
	case len(same) > 1:
		return "", fmt.Errorf("%d evidence files have that name; say which: %s", len(same), strings.Join(same[:min(len(same), 5)], ", "))
	}
	return "", nobody(name, paths)
}

func nobody(name string, paths []string) error {
	if near := field.Closest(name, slices.Values(paths)); near != "" {
		return fmt.Errorf("no evidence file %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("no evidence file %q; expected a path as in the report, relative to the argument, or a file's name", name)
}

// setClocks enters the shifts into the ledger. Of a capture that is there twice the original is read, so a copy has no clock of its own.
func setClocks(ledger []*ingest.Evidence, shifts map[string]time.Duration) error {
	var paths []string
	set := map[string]bool{}
	for _, e := range ledger {
		paths = append(paths, e.Path)
		d, ok := shifts[e.Path]
		if ok && e.DuplicateOf >= 0 {
			return usagef("analyze: --clock-shift: %q is a copy of %q, which is read instead: move the times of that", e.Path, ledger[e.DuplicateOf].Path)
		}
		e.ClockShift, set[e.Path] = int64(d), true
	}
	for name := range shifts {
		if !set[name] {
			return usagef("analyze: --clock-shift: %w", nobody(name, paths))
		}
	}
	return nil
}
