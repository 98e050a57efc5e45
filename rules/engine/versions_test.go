package engine_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"icmpsift/ingest"
	pcap "icmpsift/ingest/capture"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/oracle"
	"icmpsift/rules"
)

// everyVersion, set in the environment, takes all cases of the lab and not a handful.
const everyVersion = "ICMPSIFT_VERSIONS"

// Merged, rotated, overlapping, duplicated, packed, renamed and shuffled versions of the same evidence give the same findings
// and the same recovered bytes.
func TestVersionsOfEvidence(t *testing.T) {
	handful := oracle.Sample(t, []string{"exf-rotated_00001", "exf-payload-gzip", "exf-two-streams", "atk-flood", "c2-icmpsh", "tun-ptunnel-http", "rec-v6-alive", "ben-any-sll2", "exf-retx"}, 4)
	taken := 0
	c := facts(t)
	list := pack(t, c)
	for _, paths := range labCaptures(t) {
		name := filepath.Base(paths[0])
		if os.Getenv(everyVersion) == "" && !slices.ContainsFunc(handful, func(h string) bool { return strings.HasPrefix(name, h+".") || strings.HasPrefix(name, h+"_") }) {
			continue
		}
		taken++
		t.Run(name, func(t *testing.T) {
			want := essence(t, judge(t, list, c, paths...))
			for _, v := range versions(t, paths) {
				if got := essence(t, judge(t, list, c, v.paths...)); !slices.Equal(got, want) {
					t.Errorf("%s:\n got %s\nwant %s", v.name, strings.Join(minus(got, want), "\n     "), strings.Join(minus(want, got), "\n     "))
				}
			}
		})
	}
	if taken < len(handful) {
		t.Errorf("%d cases, want %d", taken, len(handful))
	}
}

// essence is what must not depend on how the evidence came: neither names nor frame numbers.
func essence(t *testing.T, j judged) (out []string) {
	for _, f := range j.Findings {
		line := fmt.Sprintf("%s %s > %s: %s %s, %d packets, %d bytes, %d to %d", f.Rule.Name, f.Src, f.Dst, f.Level, f.Confidence, f.Packets, f.Bytes, f.First, f.Last)
		for _, a := range f.Artefacts {
			line += fmt.Sprintf("; %s of %s, %d packets, complete %t, %s", content(t, a), a.Carrier, a.Packets, a.Complete, a.Confidence)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// content is a digest of what an artefact holds. Each packet that was in a tunnel has a comment that names the evidence file and the
// frame which carried it: rightly another one here.
func content(t *testing.T, a *rules.Artefact) string {
	if a.MediaType != "application/x-pcapng" {
		return a.SHA256
	}
	r, err := pcap.NewReader(bytes.NewReader(a.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for {
		f, err := r.Next()
		if err != nil {
			return fmt.Sprintf("packets %x", sum.Sum(nil))
		}
		fmt.Fprintf(sum, "%d %d %d %x\n", f.Time, f.Link, f.Wire, f.Data)
	}
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// version is one way the evidence may come.
type version struct {
	name  string
	paths []string
}

func versions(t *testing.T, paths []string) []version {
	all := captured(t, paths)
	whole := written(t, all)
	parts := split(all, 7, 0)
	out := []version{
		{"merged", deposit(t, inOrder, whole)},
		{"rotated", deposit(t, inOrder, writtenAll(t, parts)...)},
		{"rotated, names shuffled", deposit(t, shuffledNames, writtenAll(t, parts)...)},
		{"overlapping", deposit(t, inOrder, writtenAll(t, split(all, 5, len(all)/8))...)},
		{"duplicated", deposit(t, inOrder, whole, whole, packedBy(t, "gz", whole))},
		{"disordered", deposit(t, inOrder, written(t, disordered(all)))},
		{"zip of the parts", deposit(t, inOrder, zipOf(t, writtenAll(t, parts)))},
		{"tar.gz of the parts", deposit(t, inOrder, packedBy(t, "gz", tarOf(t, writtenAll(t, parts))))},
	}
	for _, kind := range []string{"gz", "zst", "xz", "lz4"} {
		out = append(out, version{kind, deposit(t, inOrder, packedBy(t, kind, whole))})
	}
	back := slices.Clone(paths)
	slices.Reverse(back)
	apart := splitPaths(deposit(t, shuffledNames, writtenAll(t, parts)...))
	return append(out, version{"arguments turned round", back}, version{"parts as arguments, shuffled", apart})
}

// captured reads captures whole, in order of time.
func captured(t *testing.T, paths []string) (all []ingest.Frame) {
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		r, err := evidence.Open(f, evidence.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for {
			frame, err := r.Next()
			if err == io.EOF {
				break
			}
			kept := *frame
			kept.Data = bytes.Clone(frame.Data)
			all = append(all, kept)
		}
		if e := r.Finish(); e.Status != ingest.Complete {
			t.Fatalf("%s: %s", f.Name, e.Problem)
		}
	}
	slices.SortStableFunc(all, func(a, b ingest.Frame) int { return int(min(1, max(-1, a.Time-b.Time))) })
	return all
}

// written is a pcapng of the frames, with the interfaces they came from.
func written(t *testing.T, frames []ingest.Frame) []byte {
	type source struct {
		section, number int
		link            ingest.LinkType
	}
	var b bytes.Buffer
	w, known := pcap.NewWriter(&b, ""), map[source]int{}
	for _, f := range frames {
		from := source{f.Section, f.Interface, f.Link}
		if _, ok := known[from]; !ok {
			known[from] = w.Interface(f.Link, 0, "", "")
		}
		w.Packet(known[from], f.Time, f.Wire, f.Data, "", pcap.NoDirection)
	}
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	return b.Bytes()
}

func writtenAll(t *testing.T, parts [][]ingest.Frame) (out [][]byte) {
	for _, p := range parts {
		out = append(out, written(t, p))
	}
	return out
}

// split cuts into n parts, each of which begins with the last frames of the one before. Frames of one moment stay together: which of
// them came first is known by their place in a file alone.
func split(all []ingest.Frame, n, overlap int) (parts [][]ingest.Frame) {
	for start := 0; start < len(all); {
		end := min(len(all), start+len(all)/n+1)
		for end < len(all) && all[end].Time == all[end-1].Time {
			end++
		}
		from := max(0, start-overlap)
		for from > 0 && all[from].Time == all[from-1].Time {
			from--
		}
		parts = append(parts, all[from:end])
		start = end
	}
	return parts
}

// disordered moves frames by up to two seconds in the file; their times stay, and frames of one moment stay in order.
func disordered(all []ingest.Frame) []ingest.Frame {
	place := func(f ingest.Frame) int64 { return f.Time + rand.New(rand.NewSource(f.Time)).Int63n(2e9) }
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b ingest.Frame) int { return int(min(1, max(-1, place(a)-place(b)))) })
	return out
}

// inOrder and shuffledNames say which number is in the name of each file.
func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func shuffledNames(n int) []int { return rand.New(rand.NewSource(2)).Perm(n) }

// deposit writes files into a new folder and gives the folder.
func deposit(t *testing.T, names func(int) []int, files ...[]byte) []string {
	dir, order := t.TempDir(), names(len(files))
	for i, b := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("part-%03d", order[i])), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{dir}
}

// splitPaths names the files of a folder one by one, last first.
func splitPaths(dir []string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir[0], "*"))
	slices.Reverse(paths)
	return paths
}

func packedBy(t *testing.T, kind string, b []byte) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case "gz":
		w = gzip.NewWriter(&out)
	case "zst":
		w, err = zstd.NewWriter(&out)
	case "xz":
		w, err = xz.NewWriter(&out)
	case "lz4":
		w = lz4.NewWriter(&out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipOf(t *testing.T, files [][]byte) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, b := range files {
		member, err := w.Create(fmt.Sprintf("part-%03d", i))
		if err == nil {
			_, err = member.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tarOf(t *testing.T, files [][]byte) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, b := range files {
		err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("part-%03d", i), Size: int64(len(b)), Mode: 0o600})
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
