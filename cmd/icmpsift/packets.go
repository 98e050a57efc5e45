package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/report/listing"
	"icmpsift/rules/filter"
)

const packetsUsage = `icmpsift packets [flags] FILE...

Lists the ICMP packets of capture files as "tshark -2" lists them: frame numbers, fields, values and Info text are those
Wireshark has for that file. Several files are listed one after the other. With --all-frames every frame is listed and
filtered, ICMP or not.

-T text    one line a packet: No., Time, Source, Destination, Protocol, Length, Info
-T fields  the fields of -e, separated as -E says; columns are fields too (_ws.col.Info)
-T json    one array of packets, each the tree that Wireshark shows, keys repeated as in tshark; with -e flat
-T ek      two lines of JSON a packet, for Elasticsearch; with -e flat

Examples:
  icmpsift packets gateway.pcap
  icmpsift packets gateway.pcap -Y 'icmp.type == 8 && !icmp.resp_in'
  icmpsift packets gateway.pcap -T fields -e frame.number -e ip.src -e icmp.type -E header=y
  icmpsift packets gateway.pcap -T json -x --no-duplicate-keys
  icmpsift packets gateway.pcap --all-frames -Y 'arp || tcp.flags.reset'`

var wiresharks = []string{"4.0", "4.2", "4.4"}

// query is what the flags of packets say.
type query struct {
	filter, form string
	fields       []string
	options      []string
	hex          bool
	noDuplicates bool
	all          bool
	wireshark    string
	memory       string
	password     string
	stall        time.Duration
	stock        []string

	chosen *listing.Choice // nil: whole packets are printed
}

func (q *query) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("packets", pflag.ContinueOnError)
	f.StringVarP(&q.filter, "filter", "Y", "", "display filter")
	f.StringVarP(&q.form, "format", "T", "text", "text, fields, json or ek")
	f.StringArrayVarP(&q.fields, "field", "e", nil, "field to print with -T fields, json or ek (repeatable)")
	f.StringArrayVarP(&q.options, "fields-option", "E", nil,
		"as tshark's: header=y, separator=, occurrence=f|l|a, aggregator=, quote=d|s|n, bom=y, escape=n")
	f.BoolVarP(&q.hex, "hex", "x", false, "with -T json or ek: the raw bytes of items as well")
	f.BoolVar(&q.noDuplicates, "no-duplicate-keys", false, "with -T json: gather items of equal name in an array")
	f.BoolVar(&q.all, "all-frames", false, "list and filter every frame, not only ICMP packets")
	f.StringVar(&q.wireshark, "wireshark", "4.4", "whose answers to give where versions differ: "+strings.Join(wiresharks, ", "))
	stockFlag(f, &q.stock)
	archivePassword(f, &q.password)
	stallFlag(f, &q.stall, 0) // a pipe may be another program's that is still capturing
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
	if err := checkStall("packets", q.stall); err != nil {
		return err
	}
	home, err := parseNets(nil)
	if err != nil {
		return err
	}
	c := &field.Context{Home: home, Wireshark: q.wireshark}
	match, err := q.compile(c)
	if err != nil {
		return err
	}
	if len(q.stock) > 0 || slices.ContainsFunc(q.asked(match), (*field.Field).Ours) { // it takes a while to load
		if c.Stock, err = stockTable("packets", q.stock); err != nil {
			return err
		}
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
	if _, err := q.printer(io.Discard, c); err != nil {
		return nil, err
	}
	if q.filter == "" {
		return nil, nil
	}
	f, err := filter.Compile(q.filter, c, nil)
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

var forms = []string{"text", "fields", "json", "ek"}

// printer makes the printer that -T asks for.
func (q *query) printer(w io.Writer, c *field.Context) (listing.Printer, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	chosen, o, err := q.choice(c)
	if err != nil {
		return nil, err
	}
	q.chosen = chosen
	f := listing.Forms{Only: chosen, Hex: q.hex, NoDuplicates: q.noDuplicates, Options: o}
	switch q.form {
	case "fields":
		return listing.NewFields(w, chosen, o), nil
	case "json":
		return listing.NewJSON(w, c, f), nil
	case "ek":
		return listing.NewEK(w, c, f), nil
	}
	return listing.NewText(w, c), nil
}

// check refuses flags that do not go together.
func (q *query) check() error {
	switch {
	case !slices.Contains(forms, q.form):
		return usagef("packets: -T %q: expected one of %s", q.form, strings.Join(forms, ", "))
	case q.form == "text" && len(q.fields) > 0:
		return usagef("packets: -e needs -T fields, json or ek")
	case q.form == "fields" && len(q.fields) == 0:
		return usagef("packets: -T fields needs at least one -e FIELD; \"icmpsift fields\" lists them")
	case q.hex && q.form != "json" && q.form != "ek":
		return usagef("packets: -x needs -T json or -T ek")
	case q.noDuplicates && q.form != "json":
		return usagef("packets: --no-duplicate-keys needs -T json")
	}
	return nil
}

// choice reads -e and -E; the choice is nil without -e.
func (q *query) choice(c *field.Context) (*listing.Choice, listing.Options, error) {
	var o listing.Options
	for _, word := range q.options {
		if err := o.ParseOption(word, c.Wireshark); err != nil {
			return nil, o, usagef("packets: %w", err)
		}
	}
	if len(q.fields) == 0 {
		return nil, o, nil
	}
	chosen, err := listing.Choose(c, q.fields)
	if err != nil {
		return nil, o, usagef("packets: %w", err)
	}
	for _, f := range chosen.Fields() {
		if err := fileScope(f); err != nil {
			return nil, o, err
		}
	}
	return chosen, o, nil
}

// list prints the files one after the other; what is wrong with one is said, and the rest goes on.
func (q *query) list(d door, ctx context.Context, files []evidence.File, c *field.Context, match *filter.Filter, out io.Writer) error {
	budget, err := parseSize(q.memory)
	if err != nil {
		return usagef("packets: --memory %w", err)
	}
	p, err := listing.NewOrdered(out, runtime.GOMAXPROCS(0), func(w io.Writer) (listing.Printer, error) { return q.printer(w, c) })
	if err != nil {
		return err
	}
	incomplete := false
	for _, f := range files {
		ledger, err := q.file(ctx, f, spool.NewBudget(budget, os.TempDir()), match, p)
		if err != nil {
			return err
		}
		incomplete = d.unread(ledger) || ledger[0].Status == ingest.NotCapture || incomplete
	}
	if err := p.End(); err != nil {
		return err
	}
	if incomplete {
		return exitError(exitIncomplete)
	}
	return nil
}

// file prints the packets of one file, or of the captures in it, and gives the ledger entries.
func (q *query) file(ctx context.Context, f evidence.File, b *spool.Budget, match *filter.Filter, p listing.Printer) ([]*ingest.Evidence, error) {
	o := read.Options{Jobs: 1, Budget: b, All: q.all, Password: q.password, Stall: q.stall, Unhashed: true}
	begun := false
	if q.alone(match) {
		o.Take = func(packet *ingest.Packet) error {
			if !begun {
				begun = true
				if err := p.Begin(&ingest.Evidence{Path: f.Path}); err != nil {
					return err
				}
			}
			return q.one(packet, match, p)
		}
	}
	one, err := read.Files(ctx, []evidence.File{f}, o)
	if err != nil {
		return nil, err
	}
	for _, x := range one.Extracts {
		if !begun {
			err = errors.Join(err, p.Begin(x.Evidence()))
		}
		err = errors.Join(err, q.each(x, match, p))
	}
	return one.Ledger, errors.Join(err, one.Close())
}

// alone tells whether everything that is asked of a packet stands in the packet itself: it can be printed as soon as it is read.
func (q *query) alone(match *filter.Filter) bool {
	if q.chosen == nil || q.chosen.Linked() {
		return false
	}
	return !slices.ContainsFunc(q.asked(match), func(f *field.Field) bool { return f.Linked })
}

// asked are the fields of -e and of the filter.
func (q *query) asked(match *filter.Filter) (out []*field.Field) {
	if q.chosen != nil {
		out = q.chosen.Fields()
	}
	if match != nil {
		out = append(out, match.Fields()...)
	}
	return out
}

func (q *query) each(x ingest.Extract, match *filter.Filter, print listing.Printer) error {
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
		if err := q.one(p, match, print); err != nil {
			return err
		}
	}
}

// one prints a packet if it is asked for.
func (q *query) one(p *ingest.Packet, match *filter.Filter, print listing.Printer) error {
	if !q.all && p.Message() == nil || match != nil && !match.Match(p) {
		return nil
	}
	return print.Packet(p)
}
