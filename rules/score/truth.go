package score

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// benign is the category, and the verdict, of what is no attack.
const benign = "benign"

// Case is captures that belong together, and what is in them.
type Case struct {
	Name     string // of the sidecar, without its folder and suffix
	Category string // benign, recon, attack, exfil, tunnel, c2; "case" for a folder with a story
	Captures []string
	Entries  []Entry
}

// Entry is one thing that is in a capture.
type Entry struct {
	Technique  string   `yaml:"technique"` // a word of the labels' own
	Src        words    `yaml:"src"`       // addresses, networks; or words such as "many" that stand for any
	Dst        words    `yaml:"dst"`
	TrueSender string   `yaml:"true_sender"`       // of forged packets
	Scanner    words    `yaml:"scanner_addresses"` // other addresses of the source
	Attack     string   `yaml:"attack_id"`
	Verdict    string   `yaml:"verdict"` // "" is hostile, "benign" worth a name and no more; others are evidence of another entry
	Carrier    string   `yaml:"carrier"`
	Recovered  string   `yaml:"recovered_sha256"`
	Same       string   `yaml:"same_event_as"` // another capture shows it, too
	Frames     extent   `yaml:"frames"`
	Streams    streams  `yaml:"streams"` // of a tunnel
	captures   []string // whose frames are counted on from one to the next
	category   string
}

type extent struct {
	Ranges string `yaml:"ranges"`
}

type streams map[string]any

// words are one word or several.
type words []string

// UnmarshalYAML takes a scalar or a list.
func (w *words) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	if unmarshal(&list) == nil {
		*w = list
		return nil
	}
	var one string
	err := unmarshal(&one)
	*w = words{one}
	return err
}

// label is a sidecar, or one part of a story.
type label struct {
	Capture  words   `yaml:"capture"`
	Category string  `yaml:"category"`
	Expected []Entry `yaml:"expected"`
	Captures []label `yaml:"captures"`
}

// storyMark ends the name of a file that labels all of a folder beside it: case-truth.yaml is about case/.
const storyMark = "-truth"

// Load reads the labels of a folder, or a single file of them; they are the files *.yaml and *.yml that name captures.
func Load(path string) ([]*Case, error) {
	files := []string{path}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		if files, err = labels(path); err != nil {
			return nil, err
		}
	}
	var out []*Case
	for _, f := range files {
		c, err := load(f)
		if err != nil {
			return nil, err
		}
		if c != nil {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no labels: expected YAML files beside captures, with the keys capture, category and expected", path)
	}
	return out, nil
}

// labels lists the YAML files below a folder.
func labels(folder string) (out []string, err error) {
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, path)
		}
		return err
	})
	return out, err
}

// load reads one file; it gives nil for a YAML file that labels no capture.
func load(path string) (*Case, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var l label
	if err := yaml.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c := &Case{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Category: l.Category}
	switch {
	case len(l.Captures) > 0:
		folder := filepath.Join(filepath.Dir(path), strings.TrimSuffix(c.Name, storyMark))
		c.Category, c.Captures = "case", []string{folder}
		for _, part := range l.Captures {
			c.add(part, folder)
		}
	case len(l.Capture) > 0:
		c.add(l, filepath.Dir(path))
		for _, name := range l.Capture {
			c.Captures = append(c.Captures, filepath.Join(filepath.Dir(path), name))
		}
	default:
		return nil, nil
	}
	for _, f := range c.Captures {
		if _, err := os.Stat(f); err != nil {
			return nil, fmt.Errorf("%s: capture %q: %w", path, f, errors.Unwrap(err))
		}
	}
	return c, nil
}

func (c *Case) add(l label, folder string) {
	for _, e := range l.Expected {
		if e.Same != "" {
			continue
		}
		e.category = l.Category
		for _, name := range l.Capture {
			e.captures = append(e.captures, filepath.Join(folder, name))
		}
		c.Entries = append(c.Entries, e)
	}
}
