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
	icmp        int64
}

func newProgress(out io.Writer, files []evidence.File, quiet bool) *progress {
	p := &progress{out: out, quiet: quiet, began: time.Now(), told: time.Now(), files: len(files)}
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
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%d/%d %s", p.done+1, p.files, inert.Cut(inert.Text(f.Path), 30)))
	}
}

func (p *progress) Read(bytes int64) {
	p.Lock()
	defer p.Unlock()
	p.read += bytes
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
	p.icmp += e.ICMPFrames
}

func (p *progress) line() {
	rate := float64(p.read) / time.Since(p.began).Seconds()
	fmt.Fprintf(p.out, "icmpsift: read %s of %s, %d of %d files, %s ICMP packets, %s/s\n", phrase.Size(p.read), phrase.Size(p.total), p.done, p.files, phrase.Count(p.icmp), phrase.Size(int64(rate)))
}

// stop ends the telling.
func (p *progress) stop() {
	p.Lock()
	defer p.Unlock()
	if p.bar != nil {
		p.bar.Finish()
	}
}
