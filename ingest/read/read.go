// Package read is the pipeline: evidence files in, extracts out. Call [Files] with what evidence.Walk found: it reads
// every file once, some at a time; what comes back is the same whatever the number of workers.
package read

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/extract"
	"icmpsift/ingest/spool"
)

// Watcher is told of progress, from several goroutines at a time.
type Watcher interface {
	Began(f evidence.File)
	Read(bytes int64) // more bytes of evidence, as on disk
	Done(e *ingest.Evidence)
}

// Options of a run.
type Options struct {
	Jobs   int // files read at a time, at least 1
	Budget *spool.Budget
	Watch  Watcher
	All    bool // keep every frame, not only those that can matter to ICMP

	Password string        // of encrypted members of zip archives
	Stall    time.Duration // a file that gives nothing for so long is given up; 0 waits for ever
	Kept     *Kept         // where extracts are kept from one run to the next; nil for nowhere
	Unhashed bool          // as evidence.Options has it

	// Take, if not nil, gets the packets of files that are in no archive as soon as each is decoded, and they are not kept:
	// the extracts of these files are empty. What links a packet to others of its file is then not known.
	Take func(p *ingest.Packet) error
}

// open is how evidence is opened.
func (o Options) open() evidence.Options {
	return evidence.Options{Password: o.Password, Unhashed: o.Unhashed, Stall: o.Stall, Scratch: func(r io.Reader) (evidence.Copy, error) { return o.Budget.Copy(r) }}
}

func (o Options) began(f evidence.File) {
	if o.Watch != nil {
		o.Watch.Began(f)
	}
}

// Case is what was read: the ledger of all files, and the extracts of the captures among them that are not duplicates.
type Case struct {
	Ledger   []*ingest.Evidence
	Extracts []ingest.Extract
	Stats    decode.Stats // summed over all files
	Reused   int          // files that were not read, because an earlier run had read them
}

// Close frees the extracts.
func (c *Case) Close() error {
	var errs []error
	for _, x := range c.Extracts {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}

// Files reads the evidence. Errors are the spool's (such as a full disk) and the context's: what is wrong with evidence
// stands in the ledger, and so does a file that icmpsift itself failed on.
func Files(ctx context.Context, files []evidence.File, o Options) (*Case, error) {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	results := make([][]result, len(files)) // an archive comes with its members
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, o.Jobs) {
		workers.Go(func() {
			for i := range next {
				results[i] = one(inner, files[i], o)
				if slices.ContainsFunc(results[i], result.failed) {
					stop() // the others need not go on
				}
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	c, err := collect(ctx, slices.Concat(inOrder(results)...))
	if err == nil {
		c.Reused = o.Kept.reused()
	}
	return c, err
}

// inOrder sorts what came of files as the files that extracts are of would have been.
func inOrder(results [][]result) [][]result {
	slices.SortStableFunc(results, func(a, b []result) int { return strings.Compare(a[0].path(), b[0].path()) })
	taken := map[string]bool{}
	for _, all := range results {
		if e := all[0].extract; e != nil && taken[e.Evidence().Path] {
			rename(all, apart(e.Evidence().Path, taken))
		}
		taken[all[0].path()] = true
	}
	return results
}

// apart makes a path that is taken one of its own.
func apart(path string, taken map[string]bool) string {
	for n := 2; ; n++ {
		if other := fmt.Sprintf("%s (%d)", path, n); !taken[other] {
			return other
		}
	}
}

// rename gives a file, and those in it, another path in front.
func rename(all []result, path string) {
	old := all[0].path()
	for _, r := range all {
		if r.failed() {
			continue
		}
		e := r.extract.Evidence()
		e.Path = moved(e.Path, old, path)
		if e.Container != "" {
			e.Container = moved(e.Container, old, path)
		}
	}
}

func moved(path, from, to string) string {
	if rest, ok := strings.CutPrefix(path, from); ok {
		return to + rest
	}
	return path
}

// result is what became of one file.
type result struct {
	extract *extract.Extract // nil with an error
	stats   decode.Stats
	err     error
}

func (r result) failed() bool { return r.err != nil }

// path is that of the evidence file, "" of one that was not read.
func (r result) path() string {
	if r.extract == nil {
		return ""
	}
	return r.extract.Evidence().Path
}

// collect numbers the ledger, finds duplicates and drops their extracts.
func collect(ctx context.Context, results []result) (*Case, error) {
	c := &Case{}
	var failed error
	for i, r := range results {
		switch {
		case r.err == nil:
			r.extract.Evidence().ID = i
			c.Ledger = append(c.Ledger, r.extract.Evidence())
			c.Extracts = append(c.Extracts, r.extract)
		case failed == nil || errors.Is(failed, context.Canceled):
			failed = r.err // the first that was not merely told to stop
		}
	}
	if err := cmp.Or(ctx.Err(), failed); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	evidence.MarkDuplicates(c.Ledger)
	if err := c.settle(results); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// settle keeps the extracts that count.
func (c *Case) settle(results []result) error {
	var errs []error
	kept := make([]ingest.Extract, 0, len(c.Extracts))
	for i, x := range c.Extracts {
		if e := x.Evidence(); e.DuplicateOf >= 0 || e.Status == ingest.NotCapture || e.Archive {
			errs = append(errs, x.Close())
			continue
		}
		kept = append(kept, x)
		c.Stats.Add(results[i].stats)
	}
	c.Extracts = kept
	return errors.Join(errs...)
}

// one reads one file, and what is in it if it is an archive. Whatever goes wrong with it is its own: even where icmpsift
// itself fails, what was read of the file so far is kept, and the ledger tells.
func one(ctx context.Context, f evidence.File, o Options) (out []result) {
	if err := ctx.Err(); err != nil {
		return []result{{err: err}}
	}
	defer func() {
		if fault := recover(); fault != nil {
			out = []result{unread(f, failed(fault), o)}
		}
	}()
	o.began(f)
	if out, ok := o.Kept.find(ctx, f, o); ok {
		return out
	}
	before := o.Kept.source(f)
	r, err := evidence.Open(f, o.open())
	if err != nil {
		return []result{unread(f, err.Error(), o)}
	}
	return o.Kept.keep(ctx, f, before, opened(ctx, r, o))
}

const fault = "icmpsift failed on this file"

func failed(cause any) string {
	return fmt.Sprintf(fault+", please report it: %v", cause)
}

// opened reads a file, and the files in it.
func opened(ctx context.Context, r *evidence.Reading, o Options) []result {
	defer r.Close()
	defer context.AfterFunc(ctx, r.Stop)()
	if r.Extract() {
		return extracted(ctx, r, o)
	}
	var members []result
	if r.Archive() {
		members = unpacked(ctx, r, o)
	}
	return append([]result{read(ctx, r, o)}, members...)
}

func unpacked(ctx context.Context, r *evidence.Reading, o Options) (out []result) {
	defer func() {
		if fault := recover(); fault != nil {
			r.Fail(failed(fault))
		}
	}()
	for ctx.Err() == nil {
		m, err := r.Member()
		if err != nil {
			break
		}
		o.began(m.File())
		more := opened(ctx, m, o)
		if out = append(out, more...); slices.ContainsFunc(more, result.failed) {
			break
		}
	}
	return out
}

func read(ctx context.Context, r *evidence.Reading, o Options) result {
	j := job{ctx: ctx, reading: r, watch: o.Watch, all: o.All, writer: extract.NewWriter(o.Budget), decoder: decode.New(decode.Options{MaxReassembly: o.Budget.Fragments()}),
		tally: counts{unknown: map[ingest.LinkType]int64{}}}
	if j.add = j.writer.Add; o.Take != nil && !r.Inside() {
		j.add = o.Take
	}
	e, err := j.run()
	if err == nil {
		err = ctx.Err() // the entry of a file that was not read to its end is wrong
	}
	if err != nil {
		return result{err: errors.Join(err, j.writer.Close())}
	}
	j.tally.enter(&e)
	return j.done(e)
}

// unread is what there is of a file that cannot be read for reasons that are not its own.
func unread(f evidence.File, why string, o Options) result {
	j := job{watch: o.Watch, writer: extract.NewWriter(o.Budget), decoder: decode.New(decode.Options{MaxReassembly: o.Budget.Fragments()})}
	return j.done(ingest.Evidence{Path: f.Path, File: f.Name, Status: ingest.Damaged, Problem: why, Offset: -1, DuplicateOf: -1})
}

// job is one file being read.
type job struct {
	ctx     context.Context
	reading *evidence.Reading
	watch   Watcher
	all     bool
	writer  *extract.Writer
	add     func(p *ingest.Packet) error // what is done with packets that matter
	decoder *decode.Decoder
	tally   counts
	told    int64 // bytes the watcher knows of
}

// done is the result for a ledger entry.
func (j *job) done(e ingest.Evidence) result {
	if j.watch != nil {
		j.watch.Done(&e)
	}
	return result{extract: j.writer.Done(e), stats: j.decoder.Stats()}
}

// run reads the file. Errors are the spool's, or of who takes the packets.
func (j *job) run() (e ingest.Evidence, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			e, err = j.fault(fault), nil
		}
	}()
	if err := j.frames(); err != nil {
		return e, err
	}
	e = j.reading.Finish()
	j.progress() // what no frame came of was read, too
	return e, nil
}

// fault is the ledger entry of a file that icmpsift failed on.
func (j *job) fault(fault any) ingest.Evidence {
	e := j.reading.Entry()
	e.Status, e.Problem, e.Frames = ingest.Damaged, failed(fault), j.tally.frames
	return e
}

const progressEvery = 4096 // frames

// frames reads all frames and keeps those that matter.
func (j *job) frames() error {
	var p ingest.Packet
	for n := 1; ; n++ {
		f, err := j.reading.Next()
		if n%progressEvery == 0 || err != nil {
			if j.ctx.Err() != nil {
				return j.ctx.Err()
			}
			j.progress()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := j.take(f, &p); err != nil {
			return err
		}
	}
}

// progress tells of bytes on disk; those of members are their archive's.
func (j *job) progress() {
	if j.watch != nil && !j.reading.Inside() {
		j.watch.Read(j.reading.Progress() - j.told)
		j.told = j.reading.Progress()
	}
}

// take decodes a frame and writes it to the extract if it matters.
func (j *job) take(f *ingest.Frame, p *ingest.Packet) error {
	if !j.tally.see(f, j.decoder) && !j.all {
		return nil
	}
	if j.decoder.Decode(f, p); !j.tally.keep(p) && !j.all {
		return nil
	}
	return j.add(p)
}

// counts are the ledger's numbers that only decoding tells.
type counts struct {
	icmp    int64
	frames  int64
	unknown map[ingest.LinkType]int64

	link      ingest.LinkType // of the frame before
	supported bool
}

// see tells whether the frame is worth decoding.
func (c *counts) see(f *ingest.Frame, d *decode.Decoder) bool {
	c.frames++
	if f.Link != c.link || c.frames == 1 { // mostly a file has one
		c.link, c.supported = f.Link, decode.Supported(f.Link)
	}
	if !c.supported {
		c.unknown[f.Link]++
		return false
	}
	return d.Candidate(f)
}

// keep tells whether the packet belongs in the extract: an ICMP message, or a fragment that may be part of one.
func (c *counts) keep(p *ingest.Packet) bool {
	if p.Problems&ingest.UnknownLink != 0 && decode.Supported(p.Frame.Link) { // a header inside the frame named it
		c.unknown[p.Frame.Link]++
	}
	if p.ICMP >= 0 {
		c.icmp++
		return true
	}
	return p.MayCarryICMP()
}

func (c *counts) enter(e *ingest.Evidence) {
	e.ICMPFrames = c.icmp
	e.Unsupported = c.unknown
	var unknown int64
	for _, n := range c.unknown {
		unknown += n
	}
	if unknown > 0 && unknown == c.frames && e.Status == ingest.Complete {
		e.Status, e.Problem = ingest.Unsupported, "no frame has a link type that icmpsift decodes"
	}
}
