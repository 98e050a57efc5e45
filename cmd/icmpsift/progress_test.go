package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
)

// Off a terminal progress is a plain line every few seconds, or nothing.
func TestPlainProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	if err := os.WriteFile(path, make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, quiet := range map[string]bool{"told": false, "quiet": true} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			p := newProgress(&out, []evidence.File{{Path: "a.pcap", Name: path}}, quiet)
			p.Began(evidence.File{Path: "a.pcap"})
			p.Read(1000)
			if out.Len() > 0 {
				t.Errorf("told at once: %q", &out)
			}
			p.told = p.told.Add(-plainEvery)
			p.Done(&ingest.Evidence{ICMPFrames: 1234})
			p.Read(1500)
			p.Read(1500)
			p.stop()
			line := regexp.MustCompile(`^icmpsift: read 2\.5 kB of 5\.0 kB, 1 of 1 files, 1,234 ICMP packets, [\d.]+ \w?B/s\n$`)
			if got := out.String(); quiet && got != "" || !quiet && !line.MatchString(got) {
				t.Errorf("%q", got)
			}
		})
	}
}

// Files that came into being since, or went away, harm nobody.
func TestProgressOfMissingFiles(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, []evidence.File{{Path: "gone", Name: filepath.Join(t.TempDir(), "gone")}}, false)
	p.told = time.Time{}
	p.Read(10)
	if p.total != 0 || !strings.Contains(out.String(), "of 0 B") {
		t.Errorf("%d %q", p.total, &out)
	}
}
