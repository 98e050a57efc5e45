package evidence

import (
	"fmt"
	"os"
	"time"

	"icmpsift/ingest/fault"
)

// stalled is the error of a file that gave nothing for so long: a pipe without a writer, a network mount that hangs.
type stalled time.Duration

func (s stalled) Error() string {
	return fmt.Sprintf("stalled, nothing came for %v", time.Duration(s))
}

// openWithin opens a file; a limit of 0 is none. An opening that comes too late is undone.
func openWithin(name string, limit time.Duration) (*os.File, error) {
	if limit <= 0 {
		return os.Open(name)
	}
	type opening struct {
		file *os.File
		err  error
	}
	done := make(chan opening)
	late := time.NewTimer(limit)
	defer late.Stop()
	go func() {
		file, err := opened(name)
		select {
		case done <- opening{file, err}:
		case <-time.After(limit + time.Second): // nobody waits any more
			if err == nil {
				file.Close()
			}
		}
	}()
	select {
	case o := <-done:
		return o.file, o.err
	case <-late.C:
		return nil, stalled(limit)
	}
}

// opened opens a file; a bug that shows in a goroutine would end the run, here it is the file's problem.
func opened(name string) (file *os.File, err error) {
	defer caught(&err)
	return os.Open(name)
}

func caught(err *error) {
	if cause := recover(); cause != nil {
		*err = fault.Caught(cause)
	}
}

// impatient reads a file in a goroutine of its own, which is left behind when it hangs: nothing else ends a read of a dead mount.
type impatient struct {
	*os.File
	limit  time.Duration
	late   *time.Timer
	buf    []byte // the goroutine's between asking and answer
	ask    chan int
	answer chan answer
	err    error
}

type answer struct {
	n   int
	err error
}

func newImpatient(file *os.File, limit time.Duration) *impatient {
	i := &impatient{File: file, limit: limit, late: time.NewTimer(limit), buf: make([]byte, chunkSize), ask: make(chan int, 1), answer: make(chan answer, 1)}
	go i.serve()
	return i
}

// serve reads what is asked for, and closes the file behind the last.
func (i *impatient) serve() {
	for n := range i.ask {
		i.answer <- i.read(n)
	}
	i.File.Close()
}

func (i *impatient) read(most int) (a answer) {
	defer caught(&a.err)
	a.n, a.err = i.File.Read(i.buf[:most])
	return a
}

// Read reads; after it stalled once it gives that error again.
func (i *impatient) Read(p []byte) (int, error) {
	if i.err != nil {
		return 0, i.err
	}
	i.late.Reset(i.limit)
	i.ask <- min(len(p), len(i.buf))
	select {
	case a := <-i.answer:
		return copy(p, i.buf[:a.n]), a.err
	case <-i.late.C:
		i.err = stalled(i.limit)
		return 0, i.err
	}
}

// Close closes the file as soon as nobody reads it.
func (i *impatient) Close() error {
	i.late.Stop()
	close(i.ask)
	return nil
}
