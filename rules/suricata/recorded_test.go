package suricata

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
	"icmpsift/rules/filter"
)

// recording holds what Suricata 7.0.10 said: a line for each rule, then one for each capture with the frames it alerts on.
const recording = "testdata/suricata-7.0.10.txt.gz"

// answer is the frames a rule alerts on, by capture.
type answer struct {
	rule   string
	frames map[string][]int64
}

// TestRecorded compares with Suricata's recorded answers, so that conversion is checked where it is not installed.
func TestRecorded(t *testing.T) {
	taken := replay(t)
	if len(taken) < 1000 {
		t.Fatalf("%d rules on record", len(taken))
	}
	agree(t, oracle.Sample(t, taken, 8), messagesIn(taken), decodedAll(captured(t)))
}

// agree compares frame by frame those that Suricata looks into: not cut packets, nor those it calls invalid.
func agree(t *testing.T, taken []answer, looked map[string][]int64, packets map[string][]*ingest.Packet) {
	t.Helper()
	var list []string
	for _, a := range taken {
		list = append(list, a.rule)
	}
	im := Importer{Dialect: Suricata, Vars: map[string]string{"HOME_NET": homeNet}}
	counts, hits := map[Outcome]int{}, 0
	for i, line := range im.File("x.rules", []byte(strings.Join(list, "\n"))) {
		if counts[line.Outcome]++; line.Outcome != Converted || noted(line, AnyOption) || noted(line, OtherSize) {
			continue
		}
		f, err := filter.Compile(line.Filter, &field.Context{}, nil)
		if err != nil {
			t.Fatalf("%s: %v", line.Filter, err)
		}
		for name, of := range packets {
			if looked[name] == nil {
				continue // Suricata does not read it
			}
			ours, theirs := differ(line, f, of, taken[i].frames[name], looked[name])
			if hits += len(taken[i].frames[name]); len(ours)+len(theirs) > 0 {
				t.Errorf("%s: %s\n%s\nours only %v, Suricata only %v", name, taken[i].rule, line.Filter, ours, theirs)
			}
		}
	}
	t.Logf("%d rules: %v; %d alerts", len(taken), counts, hits)
	if counts[Converted] < len(taken)*17/20 || hits < 10*len(taken) {
		t.Error("too little was compared")
	}
}

// messagesIn are the frames in which Suricata sees an ICMP message: those of two rules that every message fulfils one of.
func messagesIn(taken []answer) map[string][]int64 {
	out := map[string][]int64{}
	for _, a := range taken {
		if strings.HasPrefix(a.rule, "alert icmp any any -> any any") && (strings.Contains(a.rule, "; itype:0; sid:") || strings.Contains(a.rule, "; itype:>0; sid:")) {
			for name, frames := range a.frames {
				out[name] = append(out[name], frames...)
			}
		}
	}
	return out
}

// differ gives the frames that only one of the two has.
func differ(line Line, f *filter.Filter, packets []*ingest.Packet, alerted, looked []int64) (ours, theirs []int64) {
	for _, p := range packets {
		_, want := slices.BinarySearch(alerted, p.Number)
		switch got := f.Match(p); {
		case got == want || apart(line, p, looked):
		case got:
			ours = append(ours, p.Number)
		default:
			theirs = append(theirs, p.Number)
		}
	}
	return ours, theirs
}

// apart tells that Suricata does not look into the packet, or that a note of the rule says what is different about it.
func apart(line Line, p *ingest.Packet, looked []int64) bool {
	switch {
	case p.Fragment || p.Reassembled() != nil && noted(line, Fragments):
		return noted(line, Fragments)
	case !slices.Contains(looked, p.Number):
		return true
	case noted(line, Extension) && (p.V6() || p.Message() == nil):
		return true
	}
	return noted(line, Entries) && advertises(p)
}

func noted(l Line, kind NoteKind) bool {
	return slices.ContainsFunc(l.Notes, func(n Note) bool { return n.Kind == kind })
}

// advertises tells whether a router advertisement has room for its entries.
func advertises(p *ingest.Packet) bool {
	m := p.Message()
	if m == nil || p.V6() || len(m.Bytes) < 8 || m.Bytes[0] != 9 {
		return false
	}
	n := 4 * int(m.Bytes[4]) * int(m.Bytes[5])
	return n > 0 && len(m.Bytes) >= 8+n
}

func decodedAll(captures map[string][]*ingest.Frame) map[string][]*ingest.Packet {
	out := map[string][]*ingest.Packet{}
	for name, frames := range captures {
		out[name] = packetsOf(frames)
	}
	return out
}

func record(t *testing.T, taken []answer) {
	t.Helper()
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	for _, a := range taken {
		fmt.Fprintln(z, a.rule)
		for _, name := range sortedKeys(a.frames) {
			fmt.Fprintf(z, "\t%s", name)
			last := int64(0)
			for _, n := range a.frames[name] {
				fmt.Fprintf(z, " %d", n-last) // each from the one before
				last = n
			}
			fmt.Fprintln(z)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recording, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replay(t *testing.T) (taken []answer) {
	t.Helper()
	data, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := capture.Decompress(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(plain); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		rest, frames := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "\t")
		if !frames {
			taken = append(taken, answer{rule: rest, frames: map[string][]int64{}})
			continue
		}
		words, last := strings.Fields(rest), int64(0)
		for _, w := range words[1:] {
			n, err := strconv.ParseInt(w, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			last += n
			of := taken[len(taken)-1].frames
			of[words[0]] = append(of[words[0]], last)
		}
	}
	return taken
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
