package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/report/screen"
)

// plainEvery is how often progress is told where there is no terminal to draw on.
const plainEvery = 5 * time.Second

// progress tells how far reading is: a bar on a terminal, a plain line now and then elsewhere. It implements
// read.Watcher and owns the terminal while it runs.
type progress struct {
	sync.Mutex
	out         io.Writer
	bar         *progressbar.ProgressBar
	quiet       bool
	began, told time.Time
	files, done int
	total, read int64
	packets     int64 // of files that are done, as icmp
	icmp        int64
	found       int
	current     string // the file begun last, with its size
	log         *journal
	logged      time.Time
	at          string // what follows reading, as told; "" while it goes on
	ended       bool
	over        chan struct{} // closed when nothing more is told
	took        time.Duration // of reading; 0 while it goes on
}

func newProgress(out io.Writer, files []evidence.File, quiet bool, log *journal) *progress {
	p := &progress{out: out, quiet: quiet, began: time.Now(), told: time.Now(), files: len(files), log: log, logged: time.Now()}
	log.tell("phase", "phase", "reading")
	for _, f := range files {
		if info, err := os.Stat(f.Name); err == nil {
			p.total += info.Size()
		}
	}
	if !quiet && terminal(out) {
		p.bar = progressbar.NewOptions64(p.total, progressbar.OptionSetWriter(out), progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true),
			progressbar.OptionSetDescription("reading"), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(false), progressbar.OptionFullWidth())
	}
	return p
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// screenOptions fits the closing summary to where it goes.
func screenOptions(w io.Writer) screen.Options {
	o := screen.Options{Width: 100}
	if f, ok := w.(*os.File); ok && terminal(w) {
		o.Color = os.Getenv("NO_COLOR") == ""
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			o.Width = width
		}
	}
	return o
}

func (p *progress) Began(f evidence.File) {
	p.Lock()
	defer p.Unlock()
	size := int64(-1)
	if info, err := os.Stat(f.Name); err == nil {
		size = info.Size()
	}
	p.current = inert.Cut(inert.Text(f.Path), 30)
	if size >= 0 {
		p.current += " (" + phrase.Size(size) + ")"
	}
	p.log.tell("file", "status", "began", "path", f.Path, "size", size)
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%d/%d %s", p.done+1, p.files, p.current))
	}
}

func (p *progress) Read(bytes int64) {
	p.Lock()
	defer p.Unlock()
	p.read += bytes
	p.logNow(plainEvery)
	if p.bar != nil {
		p.bar.Add64(bytes)
		return
	}
	if now := time.Now(); !p.quiet && now.Sub(p.told) >= plainEvery {
		p.told = now
		p.line()
	}
}

func (p *progress) Done(e *ingest.Evidence) {
	p.Lock()
	defer p.Unlock()
	if e.Container == "" {
		p.done++
	}
	p.packets += e.Frames + e.FramesAfter
	p.icmp += e.ICMPFrames
	p.log.tell("file", "status", string(e.Status), "path", e.Path, "size", e.Size, "sha256", e.SHA256, "frames", e.Frames+e.FramesAfter, "icmp", e.ICMPFrames)
	if e.Problem != "" {
		p.log.tell("problem", "path", e.Path, "offset", e.Offset, "text", e.Problem)
	}
}

// rate is bytes a second while files were read.
func (p *progress) rate() float64 {
	took := p.took
	if took == 0 {
		took = time.Since(p.began)
	}
	return float64(p.read) / max(took.Seconds(), 1e-9)
}

// logNow tells the log how far the run is, if it was not told for so long.
func (p *progress) logNow(every time.Duration) {
	if now := time.Now(); p.log != nil && now.Sub(p.logged) >= every {
		p.logged = now
		p.log.tell("progress", "files", p.done, "of_files", p.files, "bytes", p.read, "of_bytes", p.total, "bytes_per_second", int64(p.rate()), "packets", p.packets, "icmp", p.icmp, "findings", p.found)
	}
}

// phase tells what follows reading, with the findings so far. A short run says nothing of it where there is no terminal.
func (p *progress) phase(name string, found int) {
	p.Lock()
	defer p.Unlock()
	p.found = found
	p.log.tell("phase", "phase", name)
	p.logNow(0)
	text := fmt.Sprintf("icmpsift: %s, %s packets, %s ICMP packets, %s findings so far", name, phrase.Count(p.packets), phrase.Count(p.icmp), phrase.Count(int64(found)))
	p.at = text
	switch now := time.Now(); {
	case p.quiet:
	case p.bar != nil:
		fmt.Fprint(p.out, "\r\x1b[K"+inert.Cut(text, screenOptions(p.out).Width-1))
	case now.Sub(p.began) >= plainEvery:
		p.told = now
		fmt.Fprintln(p.out, text)
	}
}

// beat tells how far the run is now and then, also while nothing is read, until clear.
func (p *progress) beat() {
	p.over = make(chan struct{})
	go func() {
		tick := time.NewTicker(plainEvery)
		defer tick.Stop()
		for {
			select {
			case <-p.over:
				return
			case <-tick.C:
				p.still()
			}
		}
	}()
}

// still tells, off a terminal and in the log, that what follows reading goes on.
func (p *progress) still() {
	p.Lock()
	defer p.Unlock()
	if p.ended {
		return
	}
	p.logNow(plainEvery)
	if now := time.Now(); !p.quiet && p.bar == nil && p.at != "" && now.Sub(p.told) >= plainEvery {
		p.told = now
		fmt.Fprintln(p.out, p.at)
	}
}

// clear ends the telling and leaves the terminal to what is said next.
func (p *progress) clear() {
	p.Lock()
	defer p.Unlock()
	if p.ended {
		return
	}
	if p.ended = true; p.over != nil {
		close(p.over)
	}
	if p.bar != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func (p *progress) line() {
	at := ""
	if p.current != "" {
		at = ", at " + p.current
	}
	fmt.Fprintf(p.out, "icmpsift: read %s of %s, %d of %d files done with %s packets, %s of them ICMP, %s/s%s\n", phrase.Size(p.read), phrase.Size(p.total), p.done, p.files,
		phrase.Count(p.packets), phrase.Count(p.icmp), phrase.Size(int64(p.rate())), at)
}

// stop ends the telling.
func (p *progress) stop() {
	p.Lock()
	defer p.Unlock()
	p.took = time.Since(p.began)
	if p.bar != nil {
		p.bar.Finish()
	}
}
