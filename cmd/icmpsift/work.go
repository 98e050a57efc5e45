package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"icmpsift/ingest/read"
)

// workplace is the folder beside a report in which it is made: the report until it is whole, temporary files, and extracts of the
// evidence that was read, for a run that goes on where this one was killed. It is one run's at a time.
type workplace struct {
	path string
	lock *flock.Flock
}

// What lies in a work folder.
const (
	workSuffix  = ".work"
	workLock    = "icmpsift.lock" // tells that it is one
	workReport  = "report"
	workEarlier = "report.earlier" // the report that is being replaced
	workKept    = "extracts"
)

// newWorkplace makes or takes over the work folder of the report that is to have the path, named as the user did.
func newWorkplace(named, path string) (*workplace, error) {
	w := &workplace{path: path + workSuffix}
	entries, err := os.ReadDir(w.path)
	ours := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == workLock })
	switch {
	case err == nil && len(entries) > 0 && !ours:
		return nil, usagef("the folder %q, in which the report %q would be made, is there and is not icmpsift's: move it away, or choose another report folder with -o", filepath.Base(w.path), named)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, usagef("the report folder %q cannot be made: %w", named, reason(err))
	}
	if err := os.Mkdir(w.path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, usagef("the report folder %q cannot be made: %w", named, reason(err))
	}
	w.lock = flock.New(filepath.Join(w.path, workLock))
	switch ok, err := w.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("the work folder %q cannot be locked: %w", w.path, err)
	case !ok:
		return nil, usagef("another icmpsift is making the report %q: wait for it, or choose another with -o", named)
	}
	return w, w.clean(path)
}

// clean puts away what a killed run left; if it was killed while it replaced a report, the earlier one is put back.
func (w *workplace) clean(report string) error {
	earlier := filepath.Join(w.path, workEarlier)
	if _, err := os.Lstat(report); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(earlier, report); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(os.RemoveAll(earlier), os.RemoveAll(filepath.Join(w.path, workReport)))
}

// kept tells whether there are extracts to go on with.
func (w *workplace) kept() bool {
	entries, _ := os.ReadDir(filepath.Join(w.path, workKept))
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), read.Suffix) })
}

// leave ends the work; unless extracts are to stay nothing is left.
func (w *workplace) leave(stay bool) {
	os.RemoveAll(filepath.Join(w.path, workReport))
	os.RemoveAll(filepath.Join(w.path, workEarlier))
	if !stay {
		os.RemoveAll(filepath.Join(w.path, workKept))
		w.lock.Close()
		os.Remove(filepath.Join(w.path, workLock))
		os.Remove(w.path)
		return
	}
	w.lock.Close()
}

// Evidence of which extracts are kept although nobody asked: those that spare the next run most of its reading.
const (
	leastKept = 1 << 20 // bytes of evidence
	keptShare = 4       // the extract is at most one in so many
)

// keeping says which extracts to keep there, and whether to use those that are there.
func (w *workplace) keeping(resume bool, password string) (*read.Kept, error) {
	reader, err := readerID(password)
	k := &read.Kept{Dir: filepath.Join(w.path, workKept), Name: read.Hidden, Reader: reader, Reuse: resume}
	if !resume {
		k.Worth = func(evidence, extract int64) bool { return evidence >= leastKept && extract <= evidence/keptShare }
	}
	return k, err
}

// readerID tells programs apart that may read the same evidence differently: by the bytes of the program itself, and by the options of reading.
func readerID(password string) (string, error) {
	program, err := programSum()
	if err != nil {
		return "", fmt.Errorf("this program cannot be read, which tells its extracts from others': %w", err)
	}
	sum := sha256.Sum256([]byte(program + "\x00" + password))
	return release + " " + hex.EncodeToString(sum[:16]), nil
}

var programSum = sync.OnceValues(func() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
})
