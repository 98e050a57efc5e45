package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/report/build"
	"icmpsift/report/inert"
	"icmpsift/report/listing"
	"icmpsift/rules/filter"
)

const packetsUsage = `icmpsift packets [flags] FILE...

Lists the ICMP packets of capture files as "tshark -2" lists them: frame numbers, fields, values and Info text are those
Wireshark has for that file. Several files are listed one after the other.

Examples:
  icmpsift packets gateway.pcap
  icmpsift packets gateway.pcap -Y 'icmp.type == 8 && !icmp.resp_in'
  icmpsift packets gateway.pcap -T fields -e frame.number -e ip.src -e icmp.type -E header=y`

var wiresharks = []string{"4.0", "4.2", "4.4"}

// query is what the flags of packets say.
type query struct {
	filter, form string
	fields       []string
	options      []string
	wireshark    string
	memory       string
}

func (q *query) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("packets", pflag.ContinueOnError)
	f.StringVarP(&q.filter, "filter", "Y", "", "display filter")
	f.StringVarP(&q.form, "format", "T", "text", "text or fields")
	f.StringArrayVarP(&q.fields, "field", "e", nil, "field to print with -T fields (repeatable)")
	f.StringArrayVarP(&q.options, "fields-option", "E", nil, "as tshark's: header=y, separator=, occurrence=f|l|a, aggregator=, quote=d|s|n")
	f.StringVar(&q.wireshark, "wireshark", "4.4", "whose answers to give where versions differ: "+strings.Join(wiresharks, ", "))
	f.StringVar(&q.memory, "memory", "1GiB", "memory for packets; what exceeds it goes to temporary files")
	return f
}

func packets(d door, ctx context.Context, args []string) error {
	q := &query{}
	paths, err := d.parse(q.flags(), args, packetsUsage)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef("packets: no capture given")
	}
	stock, err := payload.NewTable()
	if err != nil {
		return err
	}
	home, err := parseNets(nil)
	if err != nil {
		return err
	}
	c := &field.Context{Home: home, Stock: stock, Wireshark: q.wireshark}
	match, err := q.compile(c)
	if err != nil {
		return err
	}
	files, err := evidence.Walk(paths)
	if err != nil {
		return usageError{err}
	}
	out := bufio.NewWriterSize(d.stdout, 64<<10)
	err = q.list(d, ctx, files, c, match, out)
	return errors.Join(err, out.Flush())
}

func (q *query) compile(c *field.Context) (*filter.Filter, error) {
	if !slices.Contains(wiresharks, q.wireshark) {
		return nil, usagef("packets: --wireshark %q: expected one of %s", q.wireshark, strings.Join(wiresharks, ", "))
	}
	if _, err := q.printer(io.Discard, c, nil); err != nil {
		return nil, err
	}
	if q.filter == "" {
		return nil, nil
	}
	f, err := filter.Compile(q.filter, c)
	if err != nil {
		return nil, usageError{err}
	}
	for _, x := range f.Fields() {
		if err := fileScope(x); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// fileScope refuses what only a whole case can tell; one file's list would show it empty.
func fileScope(f *field.Field) error {
	if f.Ours() && f.LookAhead {
		return usagef("packets: %s is known only of a whole case; \"icmpsift analyze\" works it out", f.Name)
	}
	return nil
}

func (q *query) printer(w io.Writer, c *field.Context, e *ingest.Evidence) (listing.Printer, error) {
	var o listing.Options
	for _, word := range q.options {
		if err := o.ParseOption(word); err != nil {
			return nil, usagef("packets: %w", err)
		}
	}
	switch {
	case q.form == "text" && len(q.fields) == 0:
		return listing.NewText(w, c, e), nil
	case q.form == "text":
		return nil, usagef("packets: -e needs -T fields")
	case q.form != "fields":
		return nil, usagef("packets: -T %q: expected text or fields", q.form)
	case len(q.fields) == 0:
		return nil, usagef("packets: -T fields needs at least one -e FIELD; \"icmpsift fields\" lists them")
	}
	p, err := listing.NewFields(w, c, q.fields, o)
	if err != nil {
		return nil, usagef("packets: %w", err)
	}
	for _, name := range q.fields {
		if f, ok := field.Lookup(name); ok {
			if err := fileScope(f); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// list prints the files one after the other; what is wrong with one is said, and the rest goes on.
func (q *query) list(d door, ctx context.Context, files []evidence.File, c *field.Context, match *filter.Filter, out io.Writer) error {
	budget, err := parseSize(q.memory)
	if err != nil {
		return usagef("packets: --memory %w", err)
	}
	incomplete := false
	for i, f := range files {
		one, err := read.Files(ctx, []evidence.File{f}, read.Options{Jobs: 1, Budget: spool.NewBudget(budget, os.TempDir())})
		if err != nil {
			return err
		}
		e := one.Ledger[0]
		if e.Problem != "" {
			fmt.Fprintf(d.stderr, "icmpsift: %s: %s\n", inert.Text(e.Path), inert.Prose(e.Problem))
		}
		incomplete = incomplete || build.Incomplete(e.Status) || e.Status == ingest.NotCapture
		p, err := q.printer(out, c, e)
		if err == nil && i == 0 {
			err = p.Header()
		}
		for _, x := range one.Extracts {
			err = errors.Join(err, each(x, match, p))
		}
		if err = errors.Join(err, one.Close()); err != nil {
			return err
		}
	}
	if incomplete {
		return exitError(exitIncomplete)
	}
	return nil
}

func each(x ingest.Extract, match *filter.Filter, print listing.Printer) error {
	r, err := x.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		p, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if p.Message() == nil || match != nil && !match.Match(p) {
			continue
		}
		if err := print.Packet(p); err != nil {
			return err
		}
	}
}
