package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
)

// Reading is one evidence file being read. Progress and Stop may be called from any goroutine, the rest from one at a time.
type Reading struct {
	entry   ingest.Evidence
	bytes   *hashed         // nil when the file could not be opened
	before  fs.FileInfo     // as it was when opened
	capture *capture.Reader // nil when there is nothing to read frames from
	timed   bool            // a frame with a time was seen
	done    bool

	options  Options
	depth    int       // archives around it
	contents *contents // nil for what is no archive
}

// Open opens the file read-only and identifies it. Files that cannot be opened or are no capture give a Reading without
// frames, whose Finish says why; the only error is that this process has too many files open. Archives have no frames
// of their own: see [Reading.Member].
func Open(f File, o Options) (*Reading, error) {
	r := &Reading{options: o, entry: ingest.Evidence{Path: f.Path, File: f.Name, Status: ingest.Unsupported, Problem: f.Problem, Offset: -1, DuplicateOf: -1}}
	if f.Problem != "" {
		return r, nil
	}
	file, err := os.Stdin, error(nil)
	if f.Name != Stdin {
		file, err = openWithin(f.Name, o.Stall)
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return nil, fmt.Errorf("evidence %q: %w", f.Path, reason(err))
	}
	if err == nil {
		r.before, err = file.Stat()
	}
	if err != nil {
		r.entry.Problem = "cannot be opened: " + reason(err).Error()
		return r, nil
	}
	watched := r.watched(file)
	if r.bytes = newUnhashed(watched); !o.Unhashed {
		r.bytes = newHashed(watched)
	}
	r.identify(file)
	return r, nil
}

// watched is the file, read with a deadline if there is one. Standard input may wait for its writer.
func (r *Reading) watched(file *os.File) source {
	if r.options.Stall <= 0 || r.entry.File == Stdin {
		return file
	}
	return newImpatient(file, r.options.Stall)
}

// identify opens the capture or archive, or notes what the file is instead. file is nil for members of archives.
func (r *Reading) identify(file *os.File) {
	var err error
	r.capture, err = capture.NewReader(r.bytes)
	var not *capture.NotCapture
	var unsupported *capture.Unsupported
	e := &r.entry
	switch {
	case err == nil:
		e.Format, e.Compression = r.capture.Format(), r.capture.Compression()
	case errors.Is(err, capture.ErrEmpty):
		e.Status, e.Problem = ingest.Empty, ""
	case errors.As(err, &not):
		e.Status, e.Format, e.Compression, e.Problem = ingest.NotCapture, not.MediaType, not.Compression, not.Problem
		r.unpack(not, file)
	case errors.As(err, &unsupported):
		e.Status, e.Format, e.Compression, e.Problem = ingest.Unsupported, unsupported.Kind, unsupported.Compression, err.Error()
	default:
		e.Problem = err.Error()
	}
}

// Next gives the next frame, valid until the next call; io.EOF behind the last is the only error.
func (r *Reading) Next() (*ingest.Frame, error) {
	if r.capture == nil {
		return nil, io.EOF
	}
	f, err := r.capture.Next()
	if err == nil {
		r.see(f)
	}
	return f, err
}

// Extract tells whether the file is marked as an extract of icmpsift.
func (r *Reading) Extract() bool { return r.capture != nil && r.capture.Extract() }

// Sections and Own give what an extract says, as those of [capture.Reader] do.
func (r *Reading) Sections(begun func(own []byte)) { r.capture.Sections(begun) }

// Own is what an extract says of the frame that Next gave last.
func (r *Reading) Own() []byte { return r.capture.Own() }

// see keeps count of times.
func (r *Reading) see(f *ingest.Frame) {
	e := &r.entry
	switch {
	case f.NoTime:
		e.NoTime++
	case !r.timed:
		r.timed, e.First, e.Last = true, f.Time, f.Time
	default:
		e.First, e.Last = min(e.First, f.Time), max(e.Last, f.Time)
	}
}

// Progress is how many bytes of the file have been read, compressed as they are on disk.
func (r *Reading) Progress() int64 {
	if r.bytes == nil {
		return 0
	}
	return r.bytes.read.Load()
}

// Stop makes reading end at the next chunk of the file, whatever Next or Finish are busy with; the entry is then of no
// use. It may be called from any goroutine.
func (r *Reading) Stop() {
	if r.bytes != nil {
		r.bytes.stop.Store(true)
	}
}

// Finish reads whatever frames and bytes are left, closes the file and gives the ledger entry. ID, ICMPFrames,
// Unsupported, ClockOffset and DuplicateOf are for others to fill in.
func (r *Reading) Finish() ingest.Evidence {
	if r.done {
		return r.entry
	}
	r.done = true
	for {
		if _, err := r.Next(); err != nil {
			break
		}
	}
	if r.contents != nil {
		r.contents.archive.close()
	}
	if r.capture != nil {
		r.settle()
	}
	if r.bytes != nil {
		r.seal()
	}
	return r.entry
}

// settle takes over what the capture reader knows at the end.
func (r *Reading) settle() {
	e, s := &r.entry, r.capture.State()
	e.Status, e.Problem, e.Offset = s.Status, s.Problem, s.Offset
	e.Frames, e.FramesAfter = s.Frames, s.FramesAfter
	e.Interfaces, e.Comments = r.capture.Interfaces(), r.capture.Comments()
	e.Skipped, e.Limits = s.Skipped, s.Limits
	for _, kind := range slices.Sorted(maps.Keys(s.Odd)) {
		e.Problem = join(e.Problem, fmt.Sprintf("%s (%d times)", kind, s.Odd[kind]))
	}
}

// seal reads and hashes the file to its very end and compares it with what it was when it was opened.
func (r *Reading) seal() {
	e := &r.entry
	sum, err := r.bytes.finish()
	switch e.SHA256 = sum; {
	case errors.Is(err, errInside):
		e.Status, e.Problem = ingest.Cut, cmp.Or(e.Problem, err.Error())
	case err != nil:
		e.Status = ingest.Damaged
		e.Problem = join(e.Problem, fmt.Sprintf("the file cannot be read beyond byte %d: %v", r.Progress(), err))
	}
	e.Size, e.Modified = r.Progress(), r.before.ModTime()
	if e.Container != "" || errors.As(err, new(stalled)) {
		return
	}
	if after := r.bytes.last; r.before.Mode().IsRegular() {
		e.Changed = after == nil || after.Size() != r.before.Size() || after.Size() != e.Size || !after.ModTime().Equal(e.Modified)
	}
}

// Close gives up a reading that is not to be finished.
func (r *Reading) Close() {
	if r.done {
		return
	}
	r.done = true
	if r.contents != nil {
		r.contents.archive.close()
	}
	if r.bytes != nil {
		r.bytes.close()
	}
}

func join(problems ...string) string {
	return strings.Join(slices.DeleteFunc(problems, func(p string) bool { return p == "" }), "; ")
}
