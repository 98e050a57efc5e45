package read

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/extract"
)

// Kept are extracts in a folder, one of each evidence file. A file is read again unless there is a whole extract of it, by the same
// reader, and path, size and time of change are what they were.
type Kept struct {
	Dir    string
	Name   func(f evidence.File) string       // of the extract, in Dir
	Reader string                             // which icmpsift reads, and how: the extracts of others are not used
	Reuse  bool                               // use what is there
	Always bool                               // an extract of whatever was read, though it cannot be used again
	Worth  func(evidence, extract int64) bool // is it worth to keep an extract of that size? nil: all are

	found atomic.Int64
	used  names
}

// Suffix is how names of extracts end.
const Suffix = ".icmpsift.pcapng"

// Hidden names extracts by where their evidence lies, whatever its path in the report is.
func Hidden(f evidence.File) string {
	sum := sha256.Sum256([]byte(absolute(f.Name)))
	return hex.EncodeToString(sum[:16]) + Suffix
}

// Plain names extracts like their evidence.
func Plain(f evidence.File) string {
	dir, base := filepath.Split(filepath.FromSlash(f.Path))
	if most := 255 - len(Suffix); len(base) > most { // the longest name that file systems take
		sum := sha256.Sum256([]byte(base))
		base = strings.ToValidUTF8(base[:most-17], "") + "-" + hex.EncodeToString(sum[:8])
	}
	if name := filepath.Join(dir, base+Suffix); filepath.IsLocal(name) {
		return name
	}
	return Hidden(f)
}

func absolute(name string) string {
	full, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	return full
}

func (k *Kept) reused() int {
	if k == nil {
		return 0
	}
	return int(k.found.Load())
}

// source is what the file on disk is now; the zero value if that cannot be said.
func (k *Kept) source(f evidence.File) (s extract.Source) {
	if k == nil || f.Problem != "" || f.Name == evidence.Stdin {
		return s
	}
	info, err := os.Stat(f.Name)
	if err != nil || !info.Mode().IsRegular() {
		return s
	}
	return extract.Source{File: absolute(f.Name), Size: info.Size(), Modified: info.ModTime().UnixNano(), Reader: k.Reader}
}

// find gives what an earlier run has read of the file.
func (k *Kept) find(ctx context.Context, f evidence.File, o Options) ([]result, bool) {
	now := k.source(f)
	if k == nil || !k.Reuse || now.File == "" {
		return nil, false
	}
	loaded, err := k.load(ctx, filepath.Join(k.Dir, k.Name(f)), now, o)
	if err != nil || loaded == nil {
		return nil, false // it will be read again, and if it is the disk that fails, that tells
	}
	k.found.Add(1)
	k.used.add(k.Name(f))
	if o.Watch != nil {
		o.Watch.Read(now.Size)
	}
	out := o.results(loaded, func(e *ingest.Evidence) {
		if e.Extract = nil; e.Container == "" {
			e.File = f.Name
		}
	})
	rename(out, f.Path)
	return out, true
}

// load loads an extract of the file, nil if there is none that is whole and says so of the file as it is now.
func (k *Kept) load(ctx context.Context, name string, now extract.Source, o Options) ([]extract.Loaded, error) {
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	r, err := evidence.Open(evidence.File{Path: name, Name: name}, evidence.Options{})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if !r.Extract() {
		return nil, nil
	}
	l := extract.NewLoader(o.Budget)
	err = l.Load(r, func() error {
		if e, ok := l.Entry(); ok && e.Source != now {
			return errStale
		}
		return ctx.Err()
	})
	loaded, wrong := l.Done()
	for _, x := range loaded {
		if x.Entry.Source != now {
			wrong = errStale
		}
	}
	if err = cmp.Or(err, wrong, ctx.Err()); err != nil || len(loaded) == 0 {
		return nil, errors.Join(err, l.Close())
	}
	return loaded, nil
}

var errStale = errors.New("the extract is of another file, or of an earlier state of it")

// keep saves what was read of a file. Evidence that could not be read to its end, or changed, is read again the next time.
func (k *Kept) keep(ctx context.Context, f evidence.File, s extract.Source, out []result) []result {
	if k == nil || slices.ContainsFunc(out, result.failed) {
		return out
	}
	if s.File == "" || s != k.source(f) || !whole(out) {
		if s = (extract.Source{}); !k.Always {
			return out
		}
	}
	if k.Worth != nil && !k.Worth(s.Size, size(out)) {
		return out
	}
	err := k.save(ctx, k.Name(f), saved(s, out))
	if errors.Is(err, capture.ErrLarge) {
		return k.without(out, err)
	}
	if err != nil {
		return append(out, result{err: fmt.Errorf("keep the extract of %q: %w", f.Path, err)})
	}
	return out
}

// without is what was read of a file that no extract can hold: of use to this run alone. Where extracts are what the run is for, the
// ledger tells.
func (k *Kept) without(out []result, why error) []result {
	if !k.Always {
		return out
	}
	e := out[0].extract.Evidence()
	e.Problem = strings.TrimPrefix(e.Problem+"; there is no extract of it, analyze the file itself: "+why.Error(), "; ")
	if e.Status == ingest.Complete {
		e.Status = ingest.Unsupported
	}
	return out
}

func whole(out []result) bool {
	for _, r := range out {
		if e := r.extract.Evidence(); !e.Original() || e.Changed || strings.HasPrefix(e.Problem, fault) {
			return false
		}
	}
	return out[0].extract.Evidence().SHA256 != ""
}

func size(out []result) (n int64) {
	for _, r := range out {
		n += r.extract.Size()
	}
	return n
}

func saved(s extract.Source, out []result) (all []extract.Saved) {
	for _, r := range out {
		all = append(all, extract.Saved{Extract: r.extract, Entry: extract.Entry{Evidence: *r.extract.Evidence(), Stats: r.stats, Source: s}})
	}
	return all
}

// save writes under a temporary name first, so that what has a name is whole.
func (k *Kept) save(ctx context.Context, name string, all []extract.Saved) error {
	full := filepath.Join(k.Dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return err
	}
	w, err := os.CreateTemp(filepath.Dir(full), ".icmpsift-*"+Unfinished)
	if err != nil {
		return err
	}
	err = write(ctx, w, all)
	if err = errors.Join(err, w.Close()); err == nil {
		err = os.Rename(w.Name(), full)
	}
	if err != nil {
		return errors.Join(err, os.Remove(w.Name()))
	}
	k.used.add(name)
	return nil
}

// Unfinished is how names of extracts end that are being written.
const Unfinished = ".tmp"

func write(ctx context.Context, w *os.File, all []extract.Saved) error {
	out := bufio.NewWriterSize(w, 256<<10)
	return errors.Join(extract.Save(ctx, out, all), out.Flush(), w.Sync())
}

// Tidy removes extracts that this run neither used nor made, and what killed runs left unfinished.
func (k *Kept) Tidy() error {
	return filepath.WalkDir(k.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(k.Dir, path)
		if base := entry.Name(); err == nil && !k.used.has(name) && (strings.HasSuffix(base, Suffix) || strings.HasPrefix(base, ".icmpsift-") && strings.HasSuffix(base, Unfinished)) {
			err = os.Remove(path)
		}
		return err
	})
}

// names is a set that several goroutines fill.
type names struct {
	sync.Mutex
	in map[string]bool
}

func (n *names) add(name string) {
	n.Lock()
	defer n.Unlock()
	if n.in == nil {
		n.in = map[string]bool{}
	}
	n.in[name] = true
}

func (n *names) has(name string) bool {
	n.Lock()
	defer n.Unlock()
	return n.in[name]
}
