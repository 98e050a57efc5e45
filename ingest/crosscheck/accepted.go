package crosscheck

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed accepted.yaml
var builtin []byte

// Accepted is a list of differences that are meant.
type Accepted struct{ entries []Entry }

// Entry is one class of them.
type Entry struct {
	Fields   []string `yaml:"fields"`   // names; "*" stands for any characters
	Versions []string `yaml:"versions"` // of Wireshark; none stands for all
	When     string   `yaml:"when"`     // one of the conditions of condition.go; "" is always
	Reason   string   `yaml:"reason"`

	holds condition
}

// Builtin is the committed list.
func Builtin() (*Accepted, error) { return Load(bytes.NewReader(builtin)) }

// Load reads a list; see accepted.yaml. Errors name line and column, or the entry.
func Load(in io.Reader) (*Accepted, error) {
	var file struct {
		Accepted []Entry `yaml:"accepted"`
	}
	if err := yaml.NewDecoder(in, yaml.DisallowUnknownField()).Decode(&file); err != nil && err != io.EOF {
		return nil, fmt.Errorf("accepted differences: %s", yaml.FormatError(err, false, true))
	}
	for i := range file.Accepted {
		if err := file.Accepted[i].check(); err != nil {
			return nil, fmt.Errorf("accepted differences: entry %d: %w", i+1, err)
		}
	}
	return &Accepted{file.Accepted}, nil
}

// Entries lists the entries in order.
func (a *Accepted) Entries() []Entry { return slices.Clone(a.entries) }

func (e *Entry) check() error {
	if len(e.Fields) == 0 || e.Reason == "" {
		return fmt.Errorf("expected fields and a reason")
	}
	for _, f := range e.Fields {
		if _, err := path.Match(f, ""); err != nil {
			return fmt.Errorf("field %q: %w", f, err)
		}
	}
	for _, v := range e.Versions {
		if !slices.Contains(profiles, v) {
			return fmt.Errorf("version %q: expected one of %q", v, profiles)
		}
	}
	var ok bool
	if e.holds, ok = conditions[e.When]; !ok {
		return fmt.Errorf("when %q: expected one of %q", e.When, conditionNames())
	}
	return nil
}

// find gives the first entry that accepts a difference, nil if none does.
func (a *Accepted) find(d *clash, wireshark string) *Entry {
	for i := range a.entries {
		if e := &a.entries[i]; e.covers(d.field, wireshark) && e.holds(d) {
			return e
		}
	}
	return nil
}

func (e *Entry) covers(name, wireshark string) bool {
	if len(e.Versions) > 0 && !slices.Contains(e.Versions, wireshark) {
		return false
	}
	return slices.ContainsFunc(e.Fields, func(glob string) bool { ok, _ := path.Match(glob, name); return ok })
}
