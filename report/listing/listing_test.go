package listing

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/ingest/read"
	"icmpsift/ingest/spool"
)

// list prints the ICMP packets of a capture.
func list(t *testing.T, file string, printer func(w io.Writer) Printer) string {
	t.Helper()
	files, err := evidence.Walk([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	c, err := read.Files(context.Background(), files, read.Options{Jobs: 1, Budget: spool.NewBudget(64<<20, t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var out bytes.Buffer
	p := printer(&out)
	if err := p.Begin(c.Ledger[0]); err != nil {
		t.Fatal(err)
	}
	for _, x := range c.Extracts {
		each(t, x, p)
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func each(t *testing.T, x ingest.Extract, print interface{ Packet(p *ingest.Packet) error }) {
	t.Helper()
	r, err := x.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		p, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Message() == nil {
			continue
		}
		if err := print.Packet(p); err != nil {
			t.Fatal(err)
		}
	}
}

// hidden are frames we list and tshark -Y 'icmp || icmpv6' does not: ICMP of fewer than 6 bytes has no "icmp" item there.
const hidden = "[Malformed Packet]"

// The list is tshark's to the letter, Info included, on every lab capture.
func TestListIsTsharks(t *testing.T) {
	var lines atomic.Int64
	for _, pattern := range []string{"../../testdata/lab/*.pcap*", "../../testdata/case/*/*.pcap*", "../../ingest/field/testdata/*.pcap", "../../rules/filter/testdata/*.pcap"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no captures match %s", pattern)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				lines.Add(compare(t, file))
			})
		}
	}
	t.Cleanup(func() {
		t.Logf("%d lines compared", lines.Load())
		if lines.Load() < 10_000 {
			t.Errorf("only %d lines were compared", lines.Load())
		}
	})
}

func compare(t *testing.T, file string) int64 {
	want := said(t, file, "-Y", "icmp || icmpv6")
	got := list(t, file, func(w io.Writer) Printer {
		return NewText(w, &field.Context{Wireshark: installed(t)})
	})
	ours, theirs := lines(got), lines(string(want))
	for i := 0; i < len(ours); i++ {
		if i < len(theirs) && ours[i] == theirs[i] {
			continue
		}
		if strings.HasSuffix(ours[i], " "+hidden) {
			ours = append(ours[:i], ours[i+1:]...)
			i--
			continue
		}
		if i >= len(theirs) {
			t.Fatalf("tshark has no line for %q", ours[i])
		}
		t.Fatalf("line %d\ngot  %q\nwant %q", i+1, ours[i], theirs[i])
	}
	if len(ours) < len(theirs) {
		t.Fatalf("%d lines, tshark has %d", len(ours), len(theirs))
	}
	return int64(len(ours))
}

// lines splits, leaving out how wide the frame number is padded.
func lines(s string) (out []string) {
	for l := range strings.Lines(s) {
		out = append(out, strings.TrimLeft(strings.TrimRight(l, "\n"), " "))
	}
	return out
}

// installed is the version of tshark at hand, as far as answers differ by it.
func installed(t *testing.T) string {
	t.Helper()
	out, err := exec.Command(oracle.Tshark(t), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"4.0", "4.2"} {
		if strings.Contains(strings.SplitN(string(out), "\n", 2)[0], " "+v+".") {
			return v
		}
	}
	return "4.4"
}

func TestFields(t *testing.T) {
	const capture = "../../rules/filter/testdata/dfilter.pcap"
	names := []string{"frame.number", "ip.src", "icmp.type", "icmp.ident"}
	for name, tt := range map[string]struct {
		options []string
		want    string // the line of frame 6, an error that quotes a ping
	}{
		"all":        {nil, "6\t10.0.0.254,10.0.0.1\t11,8\t4660"},
		"first":      {[]string{"occurrence=f"}, "6\t10.0.0.254\t11\t4660"},
		"last":       {[]string{"occurrence=l", "separator=;"}, "6;10.0.0.1;8;4660"},
		"quoted":     {[]string{"quote=d", "separator=/s", "aggregator=|"}, `"6" "10.0.0.254|10.0.0.1" "11|8" "4660"`},
		"separators": {[]string{"separator=/t", "aggregator=/s"}, "6\t10.0.0.254 10.0.0.1\t11 8\t4660"},
	} {
		t.Run(name, func(t *testing.T) {
			var o Options
			for _, word := range append(tt.options, "header=y") {
				if err := o.ParseOption(word, ""); err != nil {
					t.Fatal(err)
				}
			}
			choice, err := Choose(&field.Context{}, names)
			if err != nil {
				t.Fatal(err)
			}
			got := list(t, capture, func(w io.Writer) Printer { return NewFields(w, choice, o) })
			all := strings.Split(got, "\n")
			if !strings.HasPrefix(all[0], "frame.number") || all[6] != tt.want {
				t.Errorf("header %q, line %q, want %q", all[0], all[6], tt.want)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, word := range []string{"header", "header=x", "separator=", "occurrence=z", "quote=x", "colour=y"} {
		var o Options
		if err := o.ParseOption(word, ""); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("-E %s: error %v", word, err)
		}
	}
	if _, err := Choose(&field.Context{}, []string{"icmp.tpye"}); err == nil || !strings.Contains(err.Error(), `"icmp.type"`) {
		t.Errorf("unknown field: error %v, want the nearest name in it", err)
	}
}
