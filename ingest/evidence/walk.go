package evidence

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is a piece of evidence that was found.
type File struct {
	Path    string // relative to the argument it was found under, with slashes; unique among the files of one Walk
	Name    string // to open it by
	Problem string // why it cannot be opened, found while walking; such files are listed all the same
}

// Walk lists the files named by the arguments and those below the folders among them, in order of Path. Paths are
// relative to their argument; when there are several, folders keep their name in front, and as many parents as it takes
// to tell all files apart. A file that is reached twice is listed once.
//
// "-" is standard input. Symbolic links are followed where they are arguments. Inside folders they are not, so that evidence cannot lead out of
// itself or in circles; a link to somewhere else is listed with its problem. The only error is an argument that does not exist.
func Walk(paths []string) ([]File, error) {
	var found []*candidate
	seen := map[string]bool{}
	for _, path := range paths {
		more, err := walk(path, len(paths) > 1)
		if err != nil {
			return nil, err
		}
		for _, c := range more {
			if !seen[c.real] {
				seen[c.real] = true
				found = append(found, c)
			}
		}
	}
	return labelled(found), nil
}

// candidate is a file before it has its label.
type candidate struct {
	File
	real    string   // what identifies the file, however it was reached
	parents []string // elements of the argument's absolute path that may go in front, outermost first
	rest    string   // the path below the argument
	depth   int      // how many of the parents do
}

// label is the rest of the path behind the innermost parents.
func (c *candidate) label() string {
	elements := slices.Clone(c.parents[len(c.parents)-c.depth:])
	if c.rest != "" {
		elements = append(elements, c.rest)
	}
	return strings.Join(elements, "/")
}

// labelled gives every file the shortest label that is its own.
func labelled(found []*candidate) []File {
	for clash := true; clash; {
		clash = false
		users := map[string][]*candidate{}
		for _, c := range found {
			users[c.label()] = append(users[c.label()], c)
		}
		for _, same := range users {
			clash = deepen(same) || clash
		}
	}
	files := make([]File, len(found))
	for i, c := range found {
		files[i] = c.File
		files[i].Path = c.label()
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// deepen shows one more parent of each of several files of the same label.
func deepen(same []*candidate) (changed bool) {
	if len(same) < 2 {
		return false
	}
	for _, c := range same {
		if c.depth < len(c.parents) {
			c.depth++
			changed = true
		}
	}
	return changed
}

// Stdin is the argument that stands for standard input.
const Stdin = "-"

// walk lists what one argument leads to.
func walk(path string, several bool) ([]*candidate, error) {
	if path == Stdin {
		return []*candidate{{File: File{Name: Stdin}, real: Stdin, rest: "standard input"}}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("evidence %q: %w", path, reason(err))
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("evidence %q: %w", path, err)
	}
	w := &walker{argument: path, parents: elements(absolute), root: resolved(absolute)}
	if !info.IsDir() {
		w.add(path, "", "")
		return w.found, nil
	}
	if several {
		w.depth = min(1, len(w.parents))
	}
	w.folder(path)
	return w.found, nil
}

// elements splits an absolute path, leaving out the root.
func elements(absolute string) []string {
	path := filepath.ToSlash(absolute[len(filepath.VolumeName(absolute)):])
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// resolved is the path without symbolic links, or as it is where that cannot be had.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// reason is the bare cause of a file error; the path is told by the caller.
func reason(err error) error {
	if inner, ok := err.(*fs.PathError); ok {
		return inner.Err
	}
	return err
}

// walker walks one folder.
type walker struct {
	argument string
	parents  []string
	depth    int
	root     string // the folder without symbolic links
	found    []*candidate
}

func (w *walker) folder(path string) {
	// The root is walked under its resolved name, for WalkDir does not enter a link.
	filepath.WalkDir(w.root, func(name string, entry fs.DirEntry, err error) error {
		rest, _ := filepath.Rel(w.root, name)
		shown := filepath.Join(path, rest)
		switch {
		case err != nil:
			w.add(shown, rest, "cannot be read: "+reason(err).Error())
			return skip(entry)
		case entry.IsDir():
		case entry.Type()&fs.ModeSymlink != 0:
			w.link(name, shown, rest)
		case !entry.Type().IsRegular():
			w.add(shown, rest, "is not a regular file but "+kind(entry.Type()))
		default:
			w.add(shown, rest, "")
		}
		return nil
	})
}

// skip goes on behind a folder that cannot be listed.
func skip(entry fs.DirEntry) error {
	if entry != nil && entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// link lists a symbolic link, unless it leads to what the walk meets anyway.
func (w *walker) link(name, shown, rest string) {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		w.add(shown, rest, "is a symbolic link that leads nowhere")
		return
	}
	if inside, err := filepath.Rel(w.root, target); err == nil && filepath.IsLocal(inside) {
		return
	}
	w.add(shown, rest, fmt.Sprintf("is a symbolic link out of the evidence and was not followed; to read it, name %q itself", target))
}

func (w *walker) add(name, rest, problem string) {
	if rest == "." {
		rest = ""
	}
	depth := w.depth
	if rest == "" { // the argument itself
		depth = min(1, len(w.parents))
	}
	real := resolved(name)
	if problem != "" {
		real = name // the link, not what it leads to
	}
	w.found = append(w.found, &candidate{
		File: File{Name: name, Problem: problem}, real: real,
		parents: w.parents, rest: filepath.ToSlash(rest), depth: depth,
	})
}

func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}
