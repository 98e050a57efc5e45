package custody

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"icmpsift/ingest/evidence"
)

// State is what became of a file.
type State string

// The states. Same is good; the others are not.
const (
	Same       State = "same"
	Changed    State = "changed"
	Missing    State = "missing"
	Unreadable State = "unreadable"
	Added      State = "added"   // lies in the folder, and the manifest does not know it
	Unknown    State = "unknown" // evidence that could not be read when the report was made: there is nothing to compare with
)

// Check is one file that was checked.
type Check struct {
	Name      string // of outputs relative to the folder, of evidence as in the report
	File      string // where it was looked for
	State     State
	Was, Is   string // SHA-256
	SizeWas   int64  // of evidence, in bytes
	SizeIs    int64
	Problem   string // of unreadable files
	Different bool   // the file's time of change differs; its bytes decide
}

// Result is what [Verify] found.
type Result struct {
	Outputs, Evidence []Check
	Seal              string // SHA-256 of the manifest, to be compared with what was noted when the report was made
	Record            *Record
}

// Bad counts files that are not as they were.
func (r *Result) Bad() (n int) {
	for _, list := range [][]Check{r.Outputs, r.Evidence} {
		for _, c := range list {
			if c.State != Same && c.State != Unknown {
				n++
			}
		}
	}
	return n
}

// Verify reads again what lies in a report folder and the evidence it was made of, and compares. Evidence is looked for where it was,
// or else below root, if that is not empty, by its path in the report. An error means that the folder cannot be checked at all.
func Verify(ctx context.Context, dir, root string) (*Result, error) {
	name := filepath.Join(dir, Manifest)
	b, err := load(name)
	if err != nil {
		return nil, err
	}
	lines, err := parse(name, b)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if r.Seal, _, err = evidence.Sum(ctx, name); err != nil {
		return nil, err
	}
	if r.Outputs, err = outputs(ctx, dir, lines); err != nil {
		return nil, err
	}
	if r.Record, err = read(dir); err != nil {
		if len(r.Outputs) > 0 && r.Bad() > 0 { // the manifest says which files were touched, this one among them
			return r, ctx.Err()
		}
		return nil, err
	}
	for i := range r.Record.Evidence {
		r.Evidence = append(r.Evidence, item(ctx, &r.Record.Evidence[i], root))
	}
	return r, ctx.Err()
}

func outputs(ctx context.Context, dir string, lines []line) (out []Check, err error) {
	known := map[string]bool{}
	for _, l := range lines {
		known[l.name] = true
		out = append(out, compare(ctx, Check{Name: l.name, File: filepath.Join(dir, filepath.FromSlash(l.name)), Was: l.sum}))
	}
	names, err := files(dir)
	for _, name := range names {
		if !known[name] {
			out = append(out, Check{Name: name, File: filepath.Join(dir, filepath.FromSlash(name)), State: Added})
		}
	}
	return out, err
}

func item(ctx context.Context, i *Item, root string) Check {
	c := Check{Name: i.Path, File: i.File, Was: i.SHA256, SizeWas: i.Size}
	if i.File == "" {
		c.State, c.Problem = Unknown, "came from standard input"
		return c
	}
	if _, err := os.Stat(c.File); err != nil && root != "" && filepath.IsLocal(filepath.FromSlash(i.Path)) {
		c.File = filepath.Join(root, filepath.FromSlash(i.Path))
	}
	if i.SHA256 == "" {
		c.State = Unknown
		return c
	}
	c = compare(ctx, c)
	if info, err := os.Stat(c.File); err == nil {
		c.Different = !info.ModTime().Equal(i.Modified)
	}
	return c
}

func compare(ctx context.Context, c Check) Check {
	var err error
	c.Is, c.SizeIs, err = evidence.Sum(ctx, c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.State = Missing
	case err != nil:
		c.State, c.Problem = Unreadable, fmt.Sprint(err)
	case c.Is != c.Was:
		c.State = Changed
	default:
		c.State = Same
	}
	return c
}
