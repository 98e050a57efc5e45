package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/pflag"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
	"icmpsift/ingest/timeline"
	"icmpsift/report/build"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/filter"
	"icmpsift/rules/recover"
)

const recoverUsage = `icmpsift recover [flags] FILE... --field FIELD -o OUT

Brings back the bytes that packets carry, for the analyst who knows where to look; "icmpsift analyze" finds out by itself.
The packets of all files are put in order and told apart by sender and receiver, and by what separates streams between
them; what tools put around their pieces is taken off, and encodings are undone.

--field is a header field or the payload, or a part of one: icmp.seq, icmp.seq[1] (its low byte), ip.ttl&0x0f (its low half),
sift.payload, sift.payload[8:4] (offset and length), sift.id+sift.seq (both as one), sift.reply.extra (what replies add),
sift.gap (the time between packets). One stream is written to OUT, several to OUT with a number before its extension. Nothing is overwritten.

Exit code 5 says that nothing was found.

Examples:
  icmpsift recover gateway.pcap --field sift.payload -Y 'ip.dst == 203.0.113.66' -o loot.bin
  icmpsift recover gateway.pcap --field icmp.seq -Y 'sift.echo.request == 1' -o loot.bin
  icmpsift recover gateway.pcap --field sift.payload --skip 8 --decode base64,gzip --order seq -o loot.bin`

// carving is what the flags of recover say.
type carving struct {
	filter, field, order, output, memory, password string
	decode                                         []string
	skip                                           int
	stall                                          time.Duration
	homeNets                                       []string
}

func (q *carving) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("recover", pflag.ContinueOnError)
	f.StringVarP(&q.filter, "filter", "Y", "", "display filter: which packets (without it, all that carry the field)")
	f.StringVar(&q.field, "field", "", "the carrier")
	f.StringVar(&q.order, "order", "auto", "auto, time or seq")
	f.IntVar(&q.skip, "skip", 0, "bytes at the front of each packet's share that are no data")
	f.StringSliceVar(&q.decode, "decode", []string{"auto"}, "auto, none, or the encodings to undo, the outermost first: "+strings.Join(recover.Encodings(), ", "))
	f.StringVarP(&q.output, "output", "o", "", "file to write")
	archivePassword(f, &q.password)
	stallFlag(f, &q.stall, time.Minute)
	f.StringVar(&q.memory, "memory", "1GiB", "memory for packets; what exceeds it goes to temporary files")
	f.StringArrayVar(&q.homeNets, "home-net", nil, "home network as CIDR (repeatable; default RFC 1918, ULA, link-local)")
	return f
}

func recovery(d door, ctx context.Context, args []string) error {
	q := &carving{}
	paths, err := d.parse(q.flags(), args, recoverUsage)
	if err != nil {
		return err
	}
	hand, err := q.hand(paths)
	if err != nil {
		return err
	}
	files, err := evidence.Walk(paths)
	if err != nil {
		return usageError{err}
	}
	found, ledger, err := q.carve(ctx, files, hand)
	if err != nil {
		return err
	}
	incomplete := d.unread(ledger)
	if len(found) == 0 {
		fmt.Fprintf(d.stderr, "icmpsift: recover: no packet that passes carries anything in %s; \"icmpsift packets -Y\" shows which packets pass\n", inert.Text(q.field))
		return exitError(exitCheck)
	}
	names, err := q.write(found)
	if err != nil {
		return err
	}
	if err := d.recovered(found, names); err != nil {
		return err
	}
	if incomplete {
		return exitError(exitIncomplete)
	}
	return nil
}

// hand checks the flags; every error is the caller's.
func (q *carving) hand(paths []string) (h engine.Hand, err error) {
	switch {
	case len(paths) == 0:
		return h, usagef("recover: no capture given")
	case q.field == "":
		return h, usagef("recover: --field is missing: expected a carrier such as sift.payload or icmp.seq")
	case q.output == "":
		return h, usagef("recover: -o is missing: expected the name of the file to write")
	case q.skip < 0:
		return h, usagef("recover: --skip %d: expected 0 or more", q.skip)
	case !slices.Contains([]string{"auto", "time", "seq"}, q.order):
		return h, usagef("recover: --order %q: expected auto, time or seq", q.order)
	}
	if err := checkStall("recover", q.stall); err != nil {
		return h, err
	}
	if h.Carrier, err = recover.Lookup(q.field); err != nil {
		return h, usagef("recover: --field %q: %w", q.field, err)
	}
	h.Skip, h.Options = q.skip, recover.Options{Order: recover.Order(q.order), All: true}
	if err := q.decoding(&h.Options); err != nil {
		return h, err
	}
	c, err := q.context()
	if err != nil || q.filter == "" {
		return h, err
	}
	if h.Match, err = filter.Compile(q.filter, c, nil); err != nil {
		return h, usageError{err}
	}
	return h, nil
}

func (q *carving) decoding(o *recover.Options) error {
	for _, word := range q.decode {
		switch {
		case len(q.decode) == 1 && word == "auto":
		case len(q.decode) == 1 && word == "none":
			o.Plain = true
		case slices.Contains(recover.Encodings(), word):
			o.Decode = append(o.Decode, word)
		default:
			return usagef("recover: --decode %q: expected auto, none, or a list of %s", word, strings.Join(recover.Encodings(), ", "))
		}
	}
	return nil
}

func (q *carving) context() (*field.Context, error) {
	r := ruleset{homeNet: q.homeNets}
	return r.context("recover")
}

// carve reads the files and brings back what they carry.
func (q *carving) carve(ctx context.Context, files []evidence.File, h engine.Hand) (out []*rules.Artefact, ledger []*ingest.Evidence, err error) {
	size, err := parseSize(q.memory)
	if err != nil {
		return nil, nil, usagef("recover: --memory %w", err)
	}
	budget := spool.NewBudget(size, os.TempDir())
	all, err := read.Files(ctx, files, read.Options{Jobs: 1, Budget: budget, Password: q.password, Stall: q.stall})
	if err != nil {
		return nil, nil, err
	}
	defer all.Close()
	line, err := timeline.Build(ctx, all.Extracts, budget)
	if err != nil {
		return nil, nil, err
	}
	defer line.Close()
	out, err = h.Recover(ctx, line)
	return out, all.Ledger, err
}

// unread says which files could not be read to their end.
func (d door) unread(ledger []*ingest.Evidence) (incomplete bool) {
	for _, e := range ledger {
		if e.Problem != "" {
			fmt.Fprintf(d.stderr, "icmpsift: %s: %s\n", inert.Text(e.Path), inert.Prose(e.Problem))
		}
		incomplete = incomplete || build.Incomplete(e.Status)
	}
	return incomplete
}

// write writes the files, and gives their names. None is replaced; if one is there already, none is written.
func (q *carving) write(found []*rules.Artefact) (names []string, err error) {
	for i := range found {
		name := q.output
		if len(found) > 1 {
			extension := filepath.Ext(name)
			name = strings.TrimSuffix(name, extension) + "-" + strconv.Itoa(i+1) + extension
		}
		if _, err := os.Lstat(name); err == nil {
			return nil, usagef("recover: the file %q is there already; name another with -o", name)
		}
		names = append(names, name)
	}
	for i, a := range found {
		err := create(names[i], 0o600, func(w io.Writer) error {
			_, err := w.Write(a.Bytes)
			return err
		})
		if errors.Is(err, os.ErrExist) {
			return nil, usagef("recover: the file %q is there already; name another with -o", names[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// recovered prints what was written.
func (d door) recovered(found []*rules.Artefact, names []string) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"File", "From → to", "Carrier", "Order", "Encodings", "Packets", "Size", "Type", "Gaps", "Confidence"})
	var notes strings.Builder
	for i, a := range found {
		encodings := strings.Join(a.Encodings, ", ")
		if encodings == "" {
			encodings = "none"
		}
		t.AppendRow(table.Row{inert.Cut(inert.Text(names[i]), 60), a.Src + " → " + a.Dst, a.Carrier, a.Order, encodings, phrase.Count(a.Packets), phrase.Bytes(int64(len(a.Bytes))),
			a.MediaType, holes(a.Gaps), a.Confidence})
		fmt.Fprintf(&notes, "\n%s\n  SHA-256 %s\n", inert.Text(names[i]), a.SHA256)
		if a.Name != "" {
			fmt.Fprintf(&notes, "  The packets call it %s\n", inert.Cut(inert.Text(a.Name), 120))
		}
		for _, why := range a.Why {
			fmt.Fprintf(&notes, "  %s\n", inert.Prose(why))
		}
		if len(a.Gaps) > 0 {
			fmt.Fprintf(&notes, "  Missing: %s\n", gapWords(a.Gaps))
		}
	}
	_, err := fmt.Fprintf(d.stdout, "%s\n%s", t.Render(), notes.String())
	return err
}

// holes counts the gaps and the bytes in them, as far as they are known.
func holes(gaps []rules.Gap) string {
	if len(gaps) == 0 {
		return "none"
	}
	total, known := int64(0), true
	for _, g := range gaps {
		total, known = total+max(0, g.Length), known && g.Length >= 0
	}
	if !known {
		return phrase.Count(int64(len(gaps)))
	}
	return phrase.Count(int64(len(gaps))) + ", " + phrase.Size(total)
}

// maxGaps bounds the gaps that are listed one by one.
const maxGaps = 20

func gapWords(gaps []rules.Gap) string {
	var out []string
	for i, g := range gaps {
		if i == maxGaps {
			out = append(out, fmt.Sprintf("and %d more", len(gaps)-i))
			break
		}
		if g.Length < 0 {
			out = append(out, fmt.Sprintf("bytes at offset %d, nobody knows how many", g.Offset))
			continue
		}
		out = append(out, fmt.Sprintf("%s at offset %d", phrase.Plural(g.Length, "byte", "bytes"), g.Offset))
	}
	return strings.Join(out, "; ")
}
