// Package read is the pipeline: evidence files in, extracts out. [Files] walks the paths and reads every file once, some
// at a time; what comes back is the same whatever the number of workers.
package read

import (
	"context"
	"errors"
	"io"
	"sync"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/extract"
	"icmpsift/ingest/spool"
)

// Watcher is told of progress, from several goroutines.
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
}

// Case is what was read: the ledger of all files, and the extracts of the captures among them that are not duplicates.
type Case struct {
	Ledger   []*ingest.Evidence
	Extracts []ingest.Extract
	Stats    decode.Stats // summed over all files
}

// Close frees the extracts.
func (c *Case) Close() error {
	var errs []error
	for _, x := range c.Extracts {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}

func (c *Case) add(s decode.Stats) {
	c.Stats.Fragments += s.Fragments
	c.Stats.Datagrams += s.Datagrams
	c.Stats.Evicted += s.Evicted
	c.Stats.Unfinished += s.Unfinished
	c.Stats.Panics += s.Panics
}

// Files reads the evidence. Errors are the spool's (such as a full disk) and the context's: what is wrong with evidence
// stands in the ledger.
func Files(ctx context.Context, files []evidence.File, o Options) (*Case, error) {
	results := make([]result, len(files))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, o.Jobs) {
		workers.Go(func() {
			for i := range next {
				results[i] = one(ctx, files[i], o)
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	return collect(results)
}

type result struct {
	extract *extract.Extract
	stats   decode.Stats
	err     error
}

// collect numbers the ledger, finds duplicates and drops their extracts.
func collect(results []result) (*Case, error) {
	c := &Case{}
	var errs []error
	for i, r := range results {
		if r.err != nil {
			errs = append(errs, r.err)
			continue
		}
		r.extract.Evidence().ID = i
		c.Ledger = append(c.Ledger, r.extract.Evidence())
		c.Extracts = append(c.Extracts, r.extract)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	evidence.MarkDuplicates(c.Ledger)
	kept := c.Extracts[:0]
	for i, x := range c.Extracts {
		if x.Evidence().DuplicateOf >= 0 || x.Evidence().Status == ingest.NotCapture {
			if err := x.Close(); err != nil {
				return nil, err
			}
			continue
		}
		kept = append(kept, x)
		c.add(results[i].stats)
	}
	c.Extracts = kept
	return c, nil
}

// one reads one file.
func one(ctx context.Context, f evidence.File, o Options) (out result) {
	if o.Watch != nil {
		o.Watch.Began(f)
	}
	r, err := evidence.Open(f)
	if err != nil {
		return result{err: err}
	}
	w := extract.NewWriter(o.Budget)
	d := decode.New(decode.Options{})
	tally := counts{unknown: map[ingest.LinkType]int64{}}
	if err := frames(ctx, r, w, d, &tally, o.Watch); err != nil {
		return result{err: err}
	}
	e := r.Finish()
	tally.enter(&e)
	if o.Watch != nil {
		o.Watch.Done(&e)
	}
	return result{extract: w.Done(e), stats: d.Stats()}
}

const progressEvery = 4096 // frames

func frames(ctx context.Context, r *evidence.Reading, w *extract.Writer, d *decode.Decoder, tally *counts, watch Watcher) error {
	var p ingest.Packet
	var told int64
	for n := 1; ; n++ {
		f, err := r.Next()
		if n%progressEvery == 0 || err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if watch != nil {
				watch.Read(r.Progress() - told)
				told = r.Progress()
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !tally.see(f, d) {
			continue
		}
		d.Decode(f, &p)
		if !tally.keep(&p) {
			continue
		}
		if err := w.Add(&p); err != nil {
			return err
		}
	}
}

// counts are the ledger's numbers that only decoding tells.
type counts struct {
	icmp    int64
	frames  int64
	unknown map[ingest.LinkType]int64
}

// see tells whether the frame is worth decoding.
func (c *counts) see(f *ingest.Frame, d *decode.Decoder) bool {
	c.frames++
	if !decode.Supported(f.Link) {
		c.unknown[f.Link]++
		return false
	}
	return d.Candidate(f)
}

// keep tells whether the packet belongs in the extract: an ICMP message, or a fragment that may be part of one.
func (c *counts) keep(p *ingest.Packet) bool {
	if p.ICMP >= 0 {
		c.icmp++
		return true
	}
	return p.Fragment && carriesICMP(p)
}

func carriesICMP(p *ingest.Packet) bool {
	for _, l := range p.Layers {
		switch {
		case l.Proto == ingest.ProtoIPv4 && len(l.Bytes) > 9 && (l.Bytes[9] == 1 || l.Bytes[9] == 58):
			return true
		case l.Proto == ingest.ProtoIPv6Fragment && len(l.Bytes) > 0 && l.Bytes[0] != 6 && l.Bytes[0] != 17:
			return true
		}
	}
	return false
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
