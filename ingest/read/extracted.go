package read

import (
	"context"
	"errors"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/extract"
)

// extracted reads an extract: what was read of evidence files elsewhere or before. What is wrong with the extract stands in the ledger
// with the evidence that it spoils.
func extracted(ctx context.Context, r *evidence.Reading, o Options) []result {
	l := extract.NewLoader(o.Budget)
	j := job{reading: r, watch: o.Watch}
	err := l.Load(r, func() error { j.progress(); return ctx.Err() })
	file := r.Finish()
	if err == nil {
		err = ctx.Err()
	}
	j.progress()
	if err != nil {
		return []result{{err: errors.Join(err, l.Close())}}
	}
	loaded, wrong := l.Done()
	if len(loaded) == 0 {
		return []result{void(file, wrong, o)}
	}
	last := loaded[len(loaded)-1].Extract.Evidence()
	if wrong != nil {
		spoil(last, file.Status, wrong)
	}
	return o.results(loaded, func(e *ingest.Evidence) {
		if e.Container == "" {
			e.File = file.File
		}
		e.Extract.File, e.Extract.SHA256, e.Extract.Size, e.Extract.Modified = file.File, file.SHA256, file.Size, file.Modified
	})
}

// spoil notes what is wrong with an extract in the entry of the evidence that it is of.
func spoil(e *ingest.Evidence, status ingest.Status, wrong error) {
	e.Status = ingest.Damaged
	if status == ingest.Cut {
		e.Status = ingest.Cut
	}
	e.Problem = strings.TrimPrefix(e.Problem+"; the extract that it was read from cannot be relied on, make it again: "+wrong.Error(), "; ")
}

// void is what there is of an extract that tells of no evidence: a ledger entry of its own.
func void(file ingest.Evidence, wrong error, o Options) result {
	file.Frames, file.FramesAfter, file.First, file.Last, file.NoTime = 0, 0, 0, 0, 0
	spoil(&file, file.Status, wrong)
	j := job{watch: o.Watch, writer: extract.NewWriter(o.Budget)}
	return j.done(file)
}

// results hands loaded extracts on; about completes their entries.
func (o Options) results(loaded []extract.Loaded, about func(e *ingest.Evidence)) (out []result) {
	for _, x := range loaded {
		e := x.Extract.Evidence()
		about(e)
		if o.Watch != nil {
			o.Watch.Done(e)
		}
		out = append(out, result{extract: x.Extract, stats: x.Entry.Stats})
	}
	return out
}
