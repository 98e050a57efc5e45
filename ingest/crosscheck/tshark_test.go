package crosscheck

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/oracle"
)

// shared is the reference material beside the module, which may be missing.
var shared = filepath.Join("..", "..", "..", "shared")

// installed is the tshark to compare with. Without one there is nothing to show, which must not pass unseen in CI.
func installed(t *testing.T) *Tool {
	t.Helper()
	tool, err := Find(context.Background(), "")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return tool
}

// corpus lists every capture that the repository holds, and the reference captures where they are present.
func corpus(t *testing.T) (paths []string) {
	t.Helper()
	seen := map[[sha256.Size]byte]bool{}
	root := filepath.Join("..", "..")
	dirs := []string{filepath.Join(root, "testdata"), filepath.Join(root, "ingest"), filepath.Join(root, "rules"), filepath.Join(root, "report"), filepath.Join(root, "cmd"),
		filepath.Join(shared, "reference", "wireshark")}
	if !testing.Short() {
		dirs = append(dirs, filepath.Join(shared, "captures", "public"))
	}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && looksCapture(path) && !again(t, path, seen) {
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			t.Logf("%s: %v", dir, err)
		}
	}
	return joined(t, paths)
}

// joined puts the many small captures of the rules' own tests into a few: to start tshark takes longer than to read one of them.
func joined(t *testing.T, paths []string) (out []string) {
	var small []string
	for _, path := range paths {
		if strings.Contains(filepath.ToSlash(path), "rules/builtin/testdata/") {
			small = append(small, path)
		} else {
			out = append(out, path)
		}
	}
	mergecap := oracle.Program(t, "mergecap")
	for some := range slices.Chunk(small, 40) {
		path := filepath.Join(t.TempDir(), "joined.pcapng")
		if b, err := exec.Command(mergecap, append([]string{"-a", "-F", "pcapng", "-w", path}, some...)...).CombinedOutput(); err != nil {
			t.Fatalf("mergecap of %q: %v: %s", some, err, b)
		}
		out = append(out, path)
	}
	return out
}

// again tells whether the same bytes were there before, under another name.
func again(t *testing.T, path string, seen map[[sha256.Size]byte]bool) bool {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	defer func() { seen[sum] = true }()
	return seen[sum]
}

// looksCapture tells whether a file may be a capture, by its name: some have none that says so.
func looksCapture(path string) bool {
	name := filepath.Base(path)
	return strings.Contains(name, ".pcap") || strings.Contains(name, ".cap") || strings.Contains(name, ".dmp") || strings.Contains(filepath.ToSlash(path), "captures/public/")
}

// sum is what all comparisons come to.
type sum struct {
	sync.Mutex
	captures, unread                          int
	frames, agreed, explained, differ, values int64
	fields                                    map[string]bool
	reasons, lacking                          map[string]int64
}

func (s *sum) add(r *Result) {
	s.Lock()
	defer s.Unlock()
	s.captures++
	s.frames += r.Frames
	s.agreed += r.Agreed
	s.explained += r.Explained
	s.differ += r.Differing()
	s.values += r.Values
	for _, row := range r.Rows {
		s.fields[row.Field] = true
		for _, d := range row.Differences {
			s.reasons[d.Reason] += d.Frames
		}
	}
	for _, c := range r.Lacking {
		s.lacking[c.Name] += c.Values
	}
}

func (s *sum) log(t *testing.T, tool *Tool, start time.Time) {
	t.Logf("tshark %s: %d captures (%d more it cannot read), %d frames, %d fields, %d values compared in %v", tool.Version, s.captures, s.unread, s.frames, len(s.fields), s.values, time.Since(start).Round(time.Second))
	t.Logf("%d frames agree, %d differ for known reasons, %d differ", s.agreed, s.explained, s.differ)
	for _, reason := range slices.Sorted(maps.Keys(s.reasons)) {
		if reason != "" {
			t.Logf("%d times: %s", s.reasons[reason], reason)
		}
	}
	names := slices.SortedFunc(maps.Keys(s.lacking), func(a, b string) int { return int(s.lacking[b] - s.lacking[a]) })
	var list strings.Builder
	for _, n := range names {
		fmt.Fprintf(&list, " %s %d", n, s.lacking[n])
	}
	t.Logf("%d fields that the table lacks, with values:%s", len(names), &list)
}

// TestTshark compares every field and column of every frame of every capture with the installed tshark: what is not on
// the list of accepted differences is a fault.
func TestTshark(t *testing.T) {
	tool, list, start := installed(t), accepted(t), time.Now()
	s := &sum{fields: map[string]bool{}, reasons: map[string]int64{}, lacking: map[string]int64{}}
	paths, begun := oracle.Sample(t, corpus(t), 20), atomic.Int64{}
	t.Run("captures", func(t *testing.T) {
		for _, path := range paths {
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				begun.Add(1)
				for _, x := range extracts(t, path) {
					ask(t, tool, list, x, s)
				}
			})
		}
	})
	s.log(t, tool, start)
	if all := begun.Load() == int64(len(paths)); !all {
		return // -run chose some
	}
	if each := int64(len(paths)); int64(s.captures) < each*9/10 || s.frames < each*20 || s.values < each*1000 {
		t.Errorf("only %d captures, %d frames and %d values were compared", s.captures, s.frames, s.values)
	}
}

func ask(t *testing.T, tool *Tool, list *Accepted, x ingest.Extract, s *sum) {
	a, err := tool.Ask(context.Background(), x.Evidence().File)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compare(context.Background(), x, a, list, "")
	if err != nil {
		t.Fatal(err)
	}
	if r.Problem != "" && r.Problem == r.Complaint && r.Frames == 0 {
		s.Lock()
		s.unread++
		s.Unlock()
		t.Log(r.Problem)
		return
	}
	s.add(r)
	complain(t, r)
}

// complain tells what nobody explained.
func complain(t *testing.T, r *Result) {
	t.Helper()
	if r.Problem != "" {
		t.Error(r.Problem)
	}
	for _, row := range r.Rows {
		for _, d := range row.Differences {
			if d.Reason == "" {
				t.Errorf("%s differs in %d frames; in frame %d: %.200q, tshark says %.200q", row.Field, d.Frames, d.First[0].Frame, d.First[0].Ours, d.First[0].Theirs)
			}
		}
	}
}

// TestReference compares with the recorded outputs of 3.6, 4.0, 4.2 and 4.4, where they are present.
func TestReference(t *testing.T) {
	dir := filepath.Join(shared, "reference", "wireshark")
	recorded, _ := filepath.Glob(filepath.Join(dir, "tshark-v*json"))
	if len(recorded) == 0 {
		t.Skip("needs ../shared/reference/wireshark")
	}
	for _, export := range recorded {
		name := filepath.Base(export)
		t.Run(name, func(t *testing.T) {
			capture := "dfilter.pcap"
			switch {
			case strings.Contains(name, "-mpls"), strings.Contains(name, "-malformed"):
				capture = "err4.pcap"
			case strings.Contains(name, "-frag-trunc"):
				capture = "misc.pcap"
			}
			r := against(t, filepath.Join(dir, capture), export, "")
			if strings.Contains(name, "-e.") || strings.Contains(strings.ToLower(name), "-j.") {
				if !strings.Contains(r.Problem, "expected whole packets") {
					t.Errorf("problem %q", r.Problem)
				}
				return
			}
			complain(t, r)
			if want := name[len("tshark-v"):][:2]; strings.ReplaceAll(r.Wireshark, ".", "") != want || r.Frames == 0 || r.Values < 30*r.Frames {
				t.Errorf("answers of %s (%s), %d frames, %d values", r.Wireshark, r.How, r.Frames, r.Values)
			}
		})
	}
}
