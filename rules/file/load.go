// Package file loads rule files: YAML documents with Sigma's metadata and correlation vocabulary around a Wireshark
// display filter. [Load] is the way in; it takes [Source]s, made by [Path] for what a user names and by [Embedded] for
// the builtin pack. What is wrong in the files comes back as [Problems], all of it at once, each with its place.
package file

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"icmpsift/ingest/field"
	"icmpsift/rules"
)

// maxSize bounds a rule file, some hundred rules: the YAML parser's time grows with the square of it.
const maxSize = 256 << 10

// maxList bounds a file of a list's values.
const maxList = 16 << 20

// Source is where rule files come from.
type Source struct {
	FS      fs.FS
	Root    string // file or folder in FS; folders are searched to the bottom for *.yml and *.yaml, but for hidden ones
	Prefix  string // put before paths in positions and problems
	Builtin bool   // marks the rules of the builtin pack
	Text    []byte // instead of FS: what the file Root holds

	Lists  rules.Lists // instead of files: lists that replace those of the same name in files
	Beside *Set        // instead of files: rules that are loaded elsewhere, for others to refer to
}

// Embedded is the builtin pack; positions are shown as "builtin/sweep.yml".
func Embedded(fsys fs.FS) Source {
	return Source{FS: fsys, Root: ".", Prefix: "builtin", Builtin: true}
}

// Path is a file or folder a user names; positions are shown as the user would write them.
func Path(name string) Source {
	folder, base := filepath.Dir(name), filepath.Base(name)
	if name == "" {
		base = "" // Base says ".", the working folder: nobody asked for that
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		folder, base = name, "."
	}
	return Source{FS: os.DirFS(folder), Root: base, Prefix: filepath.ToSlash(folder)}
}

// Text is a rule file held in memory; it cannot name other files.
func Text(name string, data []byte) Source { return Source{Root: name, Text: data} }

// Given is a source of lists that were not read from rule files.
func Given(lists rules.Lists) Source { return Source{Lists: lists} }

// Beside is a source of rules that are not loaded again: correlations and suppressions may name them.
func Beside(set *Set) Source { return Source{Beside: set} }

// Set is what was loaded.
type Set struct {
	rules.Set
	Files    []File          // every rule file, also those with problems
	Referred map[string]bool // names and ids of rules that others are made of: correlations, also those with problems, refer to them without generate
}

// File is one rule file that was read.
type File struct {
	Path   string // as positions show it
	SHA256 string // of its bytes, hex
	Text   []byte // its bytes
}

// SHA256 is the digest that names this set of rules: over the files' digests in order, one per line, in hex.
func (s *Set) SHA256() string {
	h := sha256.New()
	for _, f := range s.Files {
		_, _ = io.WriteString(h, f.SHA256+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Load reads, checks and compiles the rules of all sources. The error is nil or [Problems], sorted by place; the set then
// holds the rules that are sound.
func Load(c *field.Context, sources ...Source) (*Set, error) {
	l := &loader{context: c, set: &Set{Set: rules.Set{Lists: rules.Lists{}}}, seen: map[string]rules.Position{}, used: map[string]bool{}}
	for i := range sources {
		switch s := &sources[i]; {
		case s.Beside != nil:
			l.beside(s.Beside)
		case s.Lists == nil:
			l.source(s)
		}
	}
	l.lists(sources)
	l.aliases()
	var all []*found
	for _, d := range l.files {
		all = append(all, l.rules(d)...)
	}
	l.metadata(all)
	for _, r := range all {
		if !r.broken {
			l.keep(r)
		}
	}
	l.suppressions()
	l.unusedLists(sources)
	l.references()
	return l.set, l.problems.orNil()
}

// loader gathers rules and problems over all files.
type loader struct {
	context    *field.Context
	set        *Set
	elsewhere  rules.Set // rules that are loaded, but not here
	files      []*document
	problems   Problems
	seen       map[string]rules.Position // "id ..." and "name ..." to the rule that has it
	known      []string                  // names and ids of all rules, sound or not
	suppressed []suppressed              // rules that suppressions name
	used       map[string]bool           // lists that filters name
	aliased    map[string]bool           // aliases that correlations group by
}

// beside takes note of rules that are loaded elsewhere.
func (l *loader) beside(set *Set) {
	l.elsewhere.Rules = append(l.elsewhere.Rules, set.Rules...)
	for _, r := range set.Rules {
		l.known = append(l.known, r.Name, r.ID)
	}
}

// named finds a rule by name or id, those loaded elsewhere last.
func (l *loader) named(name string) *rules.Rule {
	if r := l.set.Named(name); r != nil {
		return r
	}
	return l.elsewhere.Named(name)
}

// source walks one source; a file that was named is read whatever its extension.
func (l *loader) source(s *Source) {
	if s.Text != nil {
		l.text(s, s.Root, s.Text)
		return
	}
	found, before := false, len(l.problems)
	err := fs.WalkDir(s.FS, s.Root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.add(s.show(name), reason(err))
		case name != s.Root && strings.HasPrefix(entry.Name(), "."):
			return skip(entry)
		case !entry.IsDir() && (name == s.Root || isRuleFile(name)):
			found = true
			l.file(s, name)
		}
		return nil
	})
	if err != nil {
		l.add(s.show(s.Root), reason(err))
	} else if !found && len(l.problems) == before {
		l.add(s.show(s.Root), "no rule files: expected files named *.yml or *.yaml")
	}
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func isRuleFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yml", ".yaml":
		return true
	}
	return false
}

func (s *Source) show(name string) string { return path.Join(s.Prefix, name) }

func (l *loader) add(name, message string) {
	l.problems = append(l.problems, Problem{Path: name, Message: message, Code: Unreadable})
}

// reason drops the path from a file error: the problem names it already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return "cannot read: " + err.Error()
}

func (l *loader) file(s *Source, name string) {
	shown := s.show(name)
	data, err := read(s.FS, name, maxSize)
	if err != nil {
		l.add(shown, reason(err))
		return
	}
	l.text(s, name, data)
}

func (l *loader) text(s *Source, name string, data []byte) {
	shown := s.show(name)
	l.digest(shown, data)
	l.files = append(l.files, newDocument(shown, name, s, data))
}

// rules gives the rules of one file, and takes its suppressions into the set.
func (l *loader) rules(d *document) []*found {
	d.context, d.lists, d.used, d.aliased = l.context, l.set.Lists, l.used, l.aliased
	all := d.rules()
	for _, r := range all {
		l.known = append(l.known, r.Name, r.ID)
		r.Builtin = d.origin.Builtin
	}
	l.set.Suppressions = append(l.set.Suppressions, d.suppressions...)
	l.suppressed = append(l.suppressed, d.suppressed...)
	l.problems = append(l.problems, d.problems...)
	return all
}

func read(fsys fs.FS, name string, most int) ([]byte, error) {
	f, err := open(fsys, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("more than %d bytes", most)
	}
	return data, err
}

// open opens files alone: a pipe that nobody writes to would be waited for without end.
func open(fsys fs.FS, name string) (fs.File, error) {
	if fsys == nil {
		return nil, errors.New("no folder to read it from")
	}
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, err
	}
	return fsys.Open(name)
}

// keep takes a rule into the set unless its id or name is taken.
func (l *loader) keep(r *found) {
	for _, k := range []struct {
		what, value string
		at          rules.Position
	}{{"id", r.ID, r.idAt}, {"name", r.Name, r.nameAt}} {
		key := k.what + " " + k.value
		if other, taken := l.seen[key]; taken && k.value != "" {
			l.problems = append(l.problems, Problem{Path: k.at.File, Line: k.at.Line, Column: k.at.Column, Text: k.value, Code: Duplicate,
				Message: fmt.Sprintf("%s %q is taken by the rule at %s:%d: expected one of its own", k.what, k.value, other.File, other.Line)})
			return
		}
	}
	l.seen["id "+r.ID], l.seen["name "+r.Name] = r.At, r.At
	l.set.Rules = append(l.set.Rules, &r.Rule)
}
