package listing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
)

// TestOrdered: what several printers print at a time is what one prints, over borders of batches and of files, and so it is if
// all files are read at once.
func TestOrdered(t *testing.T) {
	files, _ := filepath.Glob("../../ingest/decode/testdata/*.pcap*")
	more, _ := filepath.Glob("../../testdata/lab/*naflood.pcap")
	files = append(files, more...)
	c := &field.Context{}
	names := []string{"frame.number", "frame.time_delta_displayed", "icmp.resp_in", "_ws.col.info", "_ws.col.Time"}
	for name, build := range map[string]func(w io.Writer) (Printer, error){
		"text": func(w io.Writer) (Printer, error) { return NewText(w, c), nil },
		"json": func(w io.Writer) (Printer, error) { return NewJSON(w, c, Forms{Hex: true}), nil },
		"ek":   func(w io.Writer) (Printer, error) { return NewEK(w, c, Forms{Hex: true}), nil },
		"fields": func(w io.Writer) (Printer, error) {
			chosen, err := Choose(c, names)
			if err != nil {
				return nil, err
			}
			return NewFields(w, chosen, Options{Header: true}), nil
		},
		"chosen": func(w io.Writer) (Printer, error) {
			chosen, err := Choose(c, names)
			return NewJSON(w, c, Forms{Only: chosen}), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var want, got, fed bytes.Buffer
			one, err := build(&want)
			if err != nil {
				t.Fatal(err)
			}
			many, err := NewOrdered(&got, 3, build)
			if err != nil {
				t.Fatal(err)
			}
			printAll(t, one, files)
			printAll(t, many, files)
			feedAll(t, &fed, build, files)
			if !bytes.Equal(want.Bytes(), fed.Bytes()) {
				t.Errorf("%d bytes by one printer, %d by feeds, or others", want.Len(), fed.Len())
			}
			if want.Len() < 10_000 || !bytes.Equal(want.Bytes(), got.Bytes()) {
				t.Errorf("%d bytes by one printer, %d by three, or others", want.Len(), got.Len())
			}
		})
	}
}

// feedAll prints files that are read all at once.
func feedAll(t *testing.T, w io.Writer, build func(w io.Writer) (Printer, error), paths []string) {
	t.Helper()
	o, err := NewOrdered(w, 3, build)
	if err != nil {
		t.Fatal(err)
	}
	c := readAll(t, paths)
	defer c.Close()
	var feeds []*Feed
	for _, x := range c.Extracts {
		f := o.Feed(t.Context())
		feeds = append(feeds, f)
		go func() {
			defer f.Close()
			if err := f.Begin(x.Evidence()); err != nil {
				t.Error(err)
			}
			each(t, x, f)
		}()
	}
	for _, f := range feeds {
		if err := o.Drain(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.End(); err != nil {
		t.Fatal(err)
	}
}

// TestFeedEnds: a feed that nobody drains waits no longer than its context lasts.
func TestFeedEnds(t *testing.T) {
	o, err := NewOrdered(io.Discard, 1, func(w io.Writer) (Printer, error) { return NewText(w, &field.Context{}), nil })
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	f := o.Feed(ctx)
	stop()
	for range 2 * feedBatches * batchPackets {
		if err = f.Packet(&ingest.Packet{ICMP: -1, IP: -1}); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func readAll(t *testing.T, paths []string) *read.Case {
	t.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	c, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: spool.NewBudget(64<<20, t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func printAll(t *testing.T, p Printer, paths []string) {
	t.Helper()
	c := readAll(t, paths)
	defer c.Close()
	for _, x := range c.Extracts {
		if err := p.Begin(x.Evidence()); err != nil {
			t.Fatal(err)
		}
		each(t, x, p)
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
}

type faulty struct{ *Text }

func (faulty) Packet(*ingest.Packet) error { panic("out of its mind") }

// TestOrderedFaults: a panic of a printer comes to who prints, and a writer that fails ends it.
func TestOrderedFaults(t *testing.T) {
	o, err := NewOrdered(io.Discard, 2, func(w io.Writer) (Printer, error) { return faulty{NewText(w, &field.Context{})}, nil })
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if fault, _ := recover().(string); !strings.Contains(fault, "out of its mind") {
				t.Errorf("panic %q", fault)
			}
		}()
		o.Packet(&ingest.Packet{ICMP: -1, IP: -1})
		o.End()
	}()
	if err := o.End(); err != nil { // nothing is waited for any more
		t.Errorf("error %v", err)
	}
	o, err = NewOrdered(full{}, 2, func(w io.Writer) (Printer, error) { return NewText(w, &field.Context{}), nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(o.Packet(&ingest.Packet{ICMP: -1, IP: -1}), o.End()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
