// Package custody says who made a report, when, how and of which bytes, and tells later whether any of them changed.
// [Record] is custody.json: all that differs from run to run stands there and nowhere else in the report folder. [Seal] puts it and
// manifest.sha256 into a finished folder; [Verify] checks the folder against both.
package custody

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Schema names the contract of custody.json: fields are added, never renamed.
const Schema = "icmpsift.custody/v1"

// The files that [Seal] makes.
const (
	File     = "custody.json"
	Manifest = "manifest.sha256"
)

// Record is custody.json.
type Record struct {
	Schema   string    `json:"schema"`
	Case     Case      `json:"case"`
	Tool     Tool      `json:"tool"`
	Host     Host      `json:"host"`
	Command  []string  `json:"command"` // the words of the command line, the program's name first
	Folder   string    `json:"folder"`  // it was given in
	Started  time.Time `json:"started"` // with the zone of the host
	Finished time.Time `json:"finished"`
	Zone     string    `json:"zone"` // its name
	Settings []Setting `json:"settings"`
	Inputs   []Input   `json:"inputs"`
	Evidence []Item    `json:"evidence"`
}

// Setting is a flag that was set.
type Setting struct {
	Flag   string   `json:"flag"` // without its dashes
	Values []string `json:"values"`
	From   string   `json:"from"` // "command line", or file, line and column of the case file
}

// Input is a file beside the evidence that the report depends on.
type Input struct {
	Flag   string `json:"flag"` // that named it, without its dashes
	File   string `json:"file"` // absolute
	SHA256 string `json:"sha256"`
}

// Case is whose work it is.
type Case struct {
	ID           string `json:"id"`
	Analyst      string `json:"analyst"`
	Organization string `json:"organization"`
	TLP          string `json:"tlp"`

	From  *time.Time `json:"from"` // the mandate: packets from then on, null without a limit
	To    *time.Time `json:"to"`   // and before this moment
	Scope string     `json:"scope"`
}

// Tool is what made the report.
type Tool struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Go          string `json:"go"` // the compiler's version
	RulesSHA256 string `json:"rules_sha256"`
}

// Host is where it ran.
type Host struct {
	Name   string `json:"name"`
	User   string `json:"user"`
	System string `json:"system"` // operating system and processor, as Go names them: "linux/amd64"
}

// Item is one evidence file as it was read; where an extract of it was read, it is the extract's file.
type Item struct {
	ID       string    `json:"id"`   // as in the report: "E1"
	Path     string    `json:"path"` // as in the report
	File     string    `json:"file"` // absolute; "" for standard input
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"`      // "" if it could not be read
	Changed  bool      `json:"changed"`     // size or time of change differed after reading
	Shift    string    `json:"clock_shift"` // what its times were moved by, "" if they were not: "-1h2m3.5s"
	Of       *Origin   `json:"of"`          // null unless an extract was read: what it says that it is of
	After    *Again    `json:"after"`       // null if it was not read again when the report was done
}

// Origin is an evidence file that nobody read in this run: an extract says what it was.
type Origin struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	SHA256   string    `json:"sha256"`
}

// Again is a second reading.
type Again struct {
	SHA256  string    `json:"sha256"`
	At      time.Time `json:"at"`
	Problem string    `json:"problem"` // why it could not be read
}

// Seal writes custody.json, and manifest.sha256 over all files of the folder, which from then on must not change.
func Seal(dir string, r *Record) error {
	r.Schema = Schema
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := create(filepath.Join(dir, File), append(b, '\n')); err != nil {
		return err
	}
	names, err := files(dir)
	if err != nil {
		return err
	}
	m, err := manifest(dir, names)
	if err != nil {
		return err
	}
	return create(filepath.Join(dir, Manifest), m)
}

func create(name string, b []byte) error {
	w, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return errors.Join(err, w.Sync(), w.Close())
}

// files lists what lies in the folder and below it, but the manifest, by name with slashes.
func files(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if name = filepath.ToSlash(name); name != Manifest {
			names = append(names, name)
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// largest bounds what is read of a record or a manifest: a folder may be somebody else's.
const largest = 1 << 30

func load(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > largest:
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes", name, largest)
	}
	return os.ReadFile(name)
}

// read reads custody.json of a folder.
func read(dir string) (*Record, error) {
	name := filepath.Join(dir, File)
	b, err := load(name)
	if err != nil {
		return nil, err
	}
	var r Record
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("%s: schema %q, expected %q", name, r.Schema, Schema)
	}
	return &r, nil
}
