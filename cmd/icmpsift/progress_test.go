package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
			p := newProgress(&out, []evidence.File{{Path: "a.pcap", Name: path}}, quiet, nil)
			p.Began(evidence.File{Path: "a.pcap", Name: path})
			p.Read(1000)
			if out.Len() > 0 {
				t.Errorf("told at once: %q", &out)
			}
			p.told = p.told.Add(-plainEvery)
			p.Done(&ingest.Evidence{Frames: 2345, ICMPFrames: 1234})
			p.Read(1500)
			p.Read(1500)
			p.stop()
			line := regexp.MustCompile(`^icmpsift: read 2\.5 kB of 5\.0 kB, 1 of 1 files done with 2,345 packets, 1,234 of them ICMP, [\d.]+ \w?B/s, at a\.pcap \(5\.0 kB\)\n$`)
			if got := out.String(); quiet && got != "" || !quiet && !line.MatchString(got) {
				t.Errorf("%q", got)
			}
		})
	}
}

// Files that came into being since, or went away, harm nobody.
func TestProgressOfMissingFiles(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, []evidence.File{{Path: "gone", Name: filepath.Join(t.TempDir(), "gone")}}, false, nil)
	p.told = time.Time{}
	p.Read(10)
	if p.total != 0 || !strings.Contains(out.String(), "of 0 B") {
		t.Errorf("%d %q", p.total, &out)
	}
}

// What follows reading is told off a terminal if the run takes long, with what was found.
func TestProgressOfPhases(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, nil, false, nil)
	p.phase("judging", 0)
	if out.Len() > 0 {
		t.Errorf("a short run: %q", &out)
	}
	p.began = p.began.Add(-plainEvery)
	p.phase("writing", 1200)
	if got := out.String(); got != "icmpsift: writing, 0 packets, 0 ICMP packets, 1,200 findings so far\n" {
		t.Errorf("%q", got)
	}
	out.Reset()
	p.still()
	if out.Len() > 0 {
		t.Errorf("told again at once: %q", &out)
	}
	p.told = p.told.Add(-plainEvery)
	p.still()
	p.clear()
	p.told = p.told.Add(-plainEvery)
	p.still()
	if strings.Count(out.String(), "writing") != 1 {
		t.Errorf("%q", &out)
	}
}

// Text of evidence in the log neither moves a cursor nor turns its direction, and can be read back.
func TestJournalOfHostileText(t *testing.T) {
	var out bytes.Buffer
	text := "a\n\x1b[2J\u009b31m\u202e\U0001f600"
	newJournal(&out).tell("problem", "text", text)
	if i := bytes.IndexFunc(out.Bytes(), func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
		t.Errorf("%q", &out)
	}
	var e struct{ Event, Text string }
	if err := json.Unmarshal(out.Bytes(), &e); err != nil || e.Event != "problem" || e.Text != text {
		t.Errorf("%v %+v", err, e)
	}
}

// A log that cannot be written is told of, once, at the end.
func TestJournalThatFails(t *testing.T) {
	j := newJournal(full{})
	j.tell("start")
	if err := j.end(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Error(err)
	}
}

// A run that was interrupted says so.
func TestJournalInterrupted(t *testing.T) {
	var out bytes.Buffer
	ctx, stop := context.WithCancel(context.Background())
	stop()
	newJournal(&out).end(ctx, ctx.Err())
	if !strings.Contains(out.String(), `"event":"interrupted","exit_code":130`) {
		t.Errorf("%q", &out)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }
