package crosscheck

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRecorded compares with what two tsharks said of lab captures, in every form an export can have. Of ben-unreach.pcap
// they said, without -2, "-T json"; with -2: -T json, -T ek, both with -x, and -T json with --no-duplicate-keys, some of
// the first six frames only.
func TestRecorded(t *testing.T) {
	recorded, err := filepath.Glob("testdata/*-4[04]*")
	if err != nil || len(recorded) != 17 {
		t.Fatalf("%d recordings, %v", len(recorded), err)
	}
	for _, export := range recorded {
		name := filepath.Base(export)
		t.Run(name, func(t *testing.T) {
			capture, frames, explained := "atk-fakera.pcapng", int64(11), int64(0)
			if strings.HasPrefix(name, "ben-unreach") {
				capture, frames, explained = "ben-unreach.pcap", 13, 3
			}
			r := against(t, filepath.Join(lab, capture), export, "")
			if len(unexplained(r)) > 0 || r.Problem != "" || !r.Agrees(false) {
				t.Errorf("differs in %q, problem %q", unexplained(r), r.Problem)
			}
			if partial := r.Missing > 0; partial {
				frames, explained = frames-r.Missing, 2
			}
			if r.Frames != frames || r.Explained != explained || r.Agreed != frames-explained {
				t.Errorf("%d frames, %d agree, %d explained; want %d and %d explained", r.Frames, r.Agreed, r.Explained, frames, explained)
			}
			if want := "4." + map[bool]string{true: "4", false: "0"}[strings.Contains(name, "-44")]; r.Wireshark != want {
				t.Errorf("answers of %s (%s), want %s", r.Wireshark, r.How, want)
			}
			if r.Values < r.Frames*30 || !r.NoColumns {
				t.Errorf("%d values of %d frames compared, columns %t", r.Values, r.Frames, !r.NoColumns)
			}
			if onePass := strings.Contains(name, "onepass"); r.OnePass != onePass || r.Untold > 0 != onePass {
				t.Errorf("one pass %t, %d values untold", r.OnePass, r.Untold)
			}
		})
	}
}

// Agreement means nothing unless a difference is seen: whatever changes in an export shows up, in its field and frame.
func TestChangesAreSeen(t *testing.T) {
	for _, tt := range []struct {
		name, export string
		pairs        []string
		want         []string
		frame        int64
		ours, theirs string
	}{
		{"value", "ben-unreach-40.json", []string{`"icmp.checksum": "0xf4ff"`, `"icmp.checksum": "0xf4fe"`}, []string{"icmp.checksum"}, 0, "", ""},
		{"value missing", "ben-unreach-44.json", []string{`"icmp.code": "3",`, ``}, []string{"icmp.code"}, 0, "", ""},
		{"value too many", "ben-unreach-44.json", []string{`"icmp.code": "3",`, `"icmp.code": "3", "icmp.code": "3",`}, []string{"icmp.code"}, 0, "", ""},
		{"protocol too many", "ben-unreach-40.json", []string{`"icmp": {`, `"icmp": { "icmp": {},`}, []string{"icmp"}, 0, "", ""},
		{"EK value", "ben-unreach-44.ek.ndjson", []string{`"icmp_icmp_code":"3"`, `"icmp_icmp_code":"4"`}, []string{"icmp.code"}, 0, "3", "4"},
		{"EK boolean", "ben-unreach-44.ek.ndjson", []string{`"ip_ip_flags_df":true`, `"ip_ip_flags_df":false`}, []string{"ip.flags.df"}, 0, "", ""},
		{"time that is no zone's", "ben-unreach-40-kolkata.json", []string{`17:12:42.974522000 IST`, `17:13:42.974522000 IST`}, []string{"frame.time"}, 4,
			"Nov 22, 2026 11:42:42.974522000 UTC", "Nov 22, 2026 17:13:42.974522000 IST"},
		{"foreign dissector too early", "ben-unreach-40.json", []string{`eth:ethertype:ip:icmp:ip:udp:dns`, `eth:ethertype:ip:icmp:dns`},
			[]string{"data", "data.data", "data.len", "frame.protocols"}, 4, "", ""},
		{"no ICMP", "ben-unreach-40.json", []string{`"icmp": {`, `"imcp": {`}, []string{carries}, 4, "yes", "no"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := against(t, filepath.Join(lab, "ben-unreach.pcap"), changed(t, tt.export, tt.pairs...), "")
			if got := unexplained(r); !slices.Equal(got, tt.want) {
				t.Fatalf("differs in %q, want %q", got, tt.want)
			}
			if r.Agrees(false) || r.Differing() == 0 {
				t.Error("it still agrees")
			}
			first := row(t, r, tt.want[0]).Differences[0].First[0]
			if tt.frame != 0 && first.Frame != tt.frame || tt.ours != "" && (first.Ours[0] != tt.ours || first.Theirs[0] != tt.theirs) {
				t.Errorf("first %+v", first)
			}
		})
	}
}

// A two-pass export that lacks an answer differs; in a one-pass export the same is not there to be compared, but anything
// else is.
func TestPasses(t *testing.T) {
	capture := filepath.Join(lab, "ben-unreach.pcap")
	r := against(t, capture, changed(t, "ben-unreach-40.json", `"icmp.resp_not_found": ""`, `"icmp.x": ""`), "")
	if got := unexplained(r); r.OnePass || !slices.Equal(got, []string{"icmp.resp_not_found"}) {
		t.Errorf("one pass %t, differs in %q", r.OnePass, got)
	}
	r = against(t, capture, changed(t, "ben-unreach-40-onepass.json", `"icmp.checksum": "0xf4ff"`, `"icmp.checksum": "0xf4fe"`), "")
	if got := unexplained(r); !r.OnePass || !slices.Equal(got, []string{"icmp.checksum"}) {
		t.Errorf("one pass %t, differs in %q", r.OnePass, got)
	}
	r = against(t, capture, "testdata/ben-unreach-40-onepass.json", "")
	if !r.Agrees(false) || r.Agrees(true) {
		t.Error("a one-pass export agrees, but not strictly")
	}
}

// The version decides: the answers of another one differ.
func TestWireshark(t *testing.T) {
	r := against(t, filepath.Join(lab, "ben-unreach.pcap"), "testdata/ben-unreach-40.json", "4.4")
	if r.Wireshark != "4.4" || !slices.Contains(unexplained(r), "frame.time_utc") {
		t.Errorf("answers of %s differ in %q", r.Wireshark, unexplained(r))
	}
}

// What is wrong with an export is the result's problem, and what was compared before it stays.
func TestDamagedExports(t *testing.T) {
	capture := filepath.Join(lab, "ben-unreach.pcap")
	whole, err := os.ReadFile("testdata/ben-unreach-40.json")
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.json")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		export, problem string
		frames          int64
	}{
		"cut":         {cut, "ends inside a packet", 4},
		"order":       {changed(t, "ben-unreach-40.json", `"frame.number": "6"`, `"frame.number": "2"`), "frame 2 behind frame 5", 1},
		"chosen":      {changed(t, "ben-unreach-40.json", `"frame.protocols": "eth:ethertype:ip:icmp`, `"frame.x": "eth`), "not fields or protocols chosen with -e", 0},
		"not a frame": {changed(t, "ben-unreach-40.json", `"frame.number": "1"`, `"frame.number": "x"`), "expected whole packets", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := against(t, capture, tt.export, "")
			if !strings.Contains(r.Problem, tt.problem) || r.Agrees(false) {
				t.Errorf("problem %q, want %q", r.Problem, tt.problem)
			}
			if r.Frames < tt.frames {
				t.Errorf("%d frames compared, want %d", r.Frames, tt.frames)
			}
		})
	}
	if _, err := OpenExport(capture); err == nil || !strings.Contains(err.Error(), "not an export") {
		t.Errorf("a capture as an export: %v", err)
	}
	if _, err := OpenExport("testdata/none.json"); err == nil {
		t.Error("no file, no error")
	}
}

// Fields that the table lacks are counted, labels without a name are not.
func TestLacking(t *testing.T) {
	r := against(t, filepath.Join(lab, "ben-unreach.pcap"), "testdata/ben-unreach-40.json", "")
	count := map[string]int64{}
	for _, c := range r.Lacking {
		count[c.Name] = c.Values
		if strings.ContainsAny(c.Name, " :,") {
			t.Errorf("%q is no field", c.Name)
		}
	}
	if count["dns"] != 3 || count["dns.qry.name"] != 3 {
		t.Errorf("%v", count)
	}
}

func TestCancelled(t *testing.T) {
	a, err := OpenExport("testdata/ben-unreach-40.json")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Compare(ctx, extract(t, filepath.Join(lab, "ben-unreach.pcap")), a, accepted(t), ""); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

// Whatever an export holds, the comparison ends, and never agrees on frames that it does not hold.
func FuzzExport(f *testing.F) {
	for _, name := range []string{"ben-unreach-40-x.json", "ben-unreach-44-nodup.json", "ben-unreach-40-x.ek.ndjson"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:min(len(b), 12<<10)])
	}
	x, list := extract(f, filepath.Join(lab, "ben-unreach.pcap")), accepted(f)
	f.Fuzz(func(t *testing.T, export []byte) {
		a, err := readExport(strings.NewReader(string(export)))
		if err != nil {
			return
		}
		a.close = func() error { return nil }
		r, err := Compare(context.Background(), x, a, list, "")
		if err != nil {
			t.Fatal(err)
		}
		if r.Agreed+r.Explained+r.Differing() != r.Frames || r.Frames < 0 || r.Agreed < 0 || r.Differing() < 0 {
			t.Errorf("%d frames: %d agree, %d explained, %d differ", r.Frames, r.Agreed, r.Explained, r.Differing())
		}
	})
}

// The time since the frame displayed before is that since the frame the export holds before, and nothing else.
func TestDisplayed(t *testing.T) {
	h := heard{shown: "1700000000.500000000", epoch: "1700000002.000000001"}
	for text, want := range map[string]bool{"1.500000001": true, "1.500000002": false, "-1.500000001": false, "x": false, "1.5": false, "": false} {
		if got := h.displayed([]string{text}); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	h = heard{shown: "", epoch: "2023-11-14T22:13:20.000000000Z"}
	if !h.displayed([]string{"0.000000000"}) || h.displayed(nil) || h.displayed([]string{"0.000000000", "0.000000000"}) {
		t.Error("of the first frame the time is zero")
	}
	h = heard{shown: "2023-11-14T22:13:21.000000000Z", epoch: "2023-11-14T22:13:20.000000000Z"}
	if !h.displayed([]string{"-1.000000000"}) {
		t.Error("times may run backwards")
	}
}
