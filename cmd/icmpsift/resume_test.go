package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be icmpsift itself, to be killed.
func TestMain(m *testing.M) {
	if os.Getenv("ICMPSIFT_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// evidenceFolder is a folder of many small captures of every kind, whole and broken.
func evidenceFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "evidence")
	if err := os.CopyFS(filepath.Join(dir, "case"), os.DirFS(caseFolder)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ben-frag-ping.pcap", "ben-any-sll2.pcap", "ben-vlan30.pcap", "ben-ping6.pcapng", "ben-snap64.pcap", "ben-traceroute.pcapng", "atk-pingofdeath.pcap"} {
		b, err := os.ReadFile(filepath.Join("../../testdata/lab", name))
		if err != nil {
			t.Fatal(err)
		}
		for end, part := range map[string][]byte{"": b, ".cut": b[:len(b)*2/3]} {
			if err := os.WriteFile(filepath.Join(dir, name+end), part, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func enter(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	var out, talk bytes.Buffer
	code = door{stdout: &out, stderr: &talk}.enter(context.Background(), args)
	return code, talk.String()
}

// sameReport wants equal bytes in everything but what tells the runs apart.
func sameReport(t *testing.T, got, want string) {
	t.Helper()
	files := 0
	filepath.WalkDir(want, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(want, path)
		if err != nil || e.IsDir() || name == "custody.json" || name == "manifest.sha256" {
			return err
		}
		files++
		a, _ := os.ReadFile(path)
		b, err := os.ReadFile(filepath.Join(got, name))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %d bytes, want %d, %v", name, len(b), len(a), err)
		}
		return nil
	})
	if files == 0 {
		t.Error("there is no report")
	}
}

// Extracts give the report that the evidence gives.
func TestExtractsAreTheEvidence(t *testing.T) {
	in, dir := evidenceFolder(t), t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name) }
	enter(t, "analyze", in, "-o", out("a"), "--quiet", "--format", "json,md,timeline,pcap")
	if code, talk := enter(t, "extract", in, "-o", out("x"), "--quiet"); code != exitIncomplete {
		t.Fatal(code, talk)
	}
	enter(t, "analyze", out("x"), "-o", out("b"), "--quiet", "--format", "json,md,timeline,pcap")
	sameReport(t, out("b"), out("a"))
}

// A run that was killed at any moment goes on with --resume, and gives the bytes of one that was not. A file added later is read alone.
func TestKilledRunsResume(t *testing.T) {
	in, dir := evidenceFolder(t), t.TempDir()
	whole, out := filepath.Join(dir, "whole"), filepath.Join(dir, "out")
	began := time.Now()
	enter(t, "analyze", in, "-o", whole, "--quiet", "--format", "json")
	takes := time.Since(began)
	args := []string{"analyze", in, "-o", out, "--quiet", "--format", "json", "--resume", "--jobs", "1"}
	for range 10 {
		c := exec.Command(os.Args[0], args...)
		c.Env = append(os.Environ(), "ICMPSIFT_MAIN=1")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(takes)/4 + 1)))
		c.Process.Kill()
		c.Wait()
	}
	enter(t, append(args, "--force")...)
	sameReport(t, out, whole)

	torn, _ := filepath.Glob(filepath.Join(out+workSuffix, workKept, "*"))
	if len(torn) < 10 {
		t.Fatalf("%d extracts", len(torn))
	}
	if err := os.Truncate(torn[0], 500); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(in, "added.pcap"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, talk := enter(t, "analyze", in, "-o", out, "--no-progress", "--format", "json", "--resume", "--force")
	if want := fmt.Sprintf("%d of %d files were read by an earlier run", len(torn)-1, len(torn)+1); !strings.Contains(talk, want) {
		t.Errorf("%q, want %q", talk, want)
	}
}
