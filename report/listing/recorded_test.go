package listing

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"icmpsift/ingest/field"
)

// recordings are outputs of several versions of tshark, kept beside the repository.
const recordings = "../../../shared/reference/wireshark"

// What older and newer versions of tshark were recorded to say is what icmpsift says in their name. The recordings hold some
// frames of the captures beside them; a few were made with filters, so that frame.time_delta_displayed differs.
func TestRecordedDocuments(t *testing.T) {
	if _, err := os.Stat(recordings); err != nil {
		t.Skipf("%s is not there", recordings)
	}
	as := func(name string, f Forms) form {
		return form{name: name, printer: func(w io.Writer, c *field.Context) Printer {
			if name == "ek" {
				return NewEK(w, c, f)
			}
			return NewJSON(w, c, f)
		}}
	}
	for _, tt := range []struct {
		file, version string
		form          form
	}{
		{"tshark-v40.json", "4.0", as("json", Forms{})},
		{"tshark-v40-x.json", "4.0", as("json", Forms{Hex: true})},
		{"tshark-v40-nodup.json", "4.0", as("json", Forms{NoDuplicates: true})},
		{"tshark-v40-mpls.json", "4.0", as("json", Forms{})},
		{"tshark-v40-frag-trunc.json", "4.0", as("json", Forms{})},
		{"tshark-v40-malformed.json", "4.0", as("json", Forms{})},
		{"tshark-v40.ek.ndjson", "4.0", as("ek", Forms{})},
		{"tshark-v40-x.ek.ndjson", "4.0", as("ek", Forms{Hex: true})},
		{"tshark-v42.json", "4.2", as("json", Forms{})},
		{"tshark-v42.ek.ndjson", "4.2", as("ek", Forms{})},
		{"tshark-v44.json", "4.4", as("json", Forms{})},
		{"tshark-v44-nodup.json", "4.4", as("json", Forms{NoDuplicates: true})},
		{"tshark-v44-mpls.json", "4.4", as("json", Forms{})},
		{"tshark-v44.ek.ndjson", "4.4", as("ek", Forms{})},
	} {
		t.Run(tt.file, func(t *testing.T) {
			if strings.Contains(tt.file, "frag-trunc") { // was made from some frames of the capture only
				accepted = append(accepted, acceptance{"4.0", regexp.MustCompile(`icmp.resp_in$`), "the reply is not in the recording"})
				defer func() { accepted = accepted[:len(accepted)-1] }()
			}
			tt.form.bag = tt.form.name == "ek" && tt.version >= "4.2"
			d := differential{version: tt.version, form: tt.form, lacking: map[string]int64{}, accepted: map[string]int64{},
				comparison: comparison{found: map[string]*difference{}}}
			d.recorded(t, filepath.Join(recordings, tt.file))
			d.report(t, 1)
		})
	}
}

// recorded compares the frames of a recording with those of the capture that has them.
func (d *differential) recorded(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := documents(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	theirs = packetsOf(theirs)
	captures, _ := filepath.Glob(filepath.Join(recordings, "*.pcap"))
	for _, capture := range captures {
		ours, err := documents(strings.NewReader(listed(t, capture, func(w io.Writer) Printer {
			return d.form.printer(w, &field.Context{Wireshark: d.version})
		})))
		if err != nil {
			t.Fatal(err)
		}
		byMoment := map[string]document{}
		for _, got := range packetsOf(ours) {
			byMoment[moment(got)] = got
		}
		missing := 0
		for _, want := range theirs {
			if _, ok := byMoment[moment(want)]; !ok {
				missing++
			}
		}
		if missing > 0 {
			continue
		}
		d.captures++
		for _, want := range theirs {
			d.frame(filepath.Base(file), byMoment[moment(want)], want)
		}
		return
	}
	t.Fatalf("no capture has the frames of %s", file)
}

// moment tells a frame from those of other captures.
func moment(d document) string {
	frame := layers(d).at("frame")
	text := number(d)
	for _, k := range []string{"frame.len", "frame.time_epoch", "frame.protocols", "frame_frame_len", "frame_frame_time_epoch", "frame_frame_protocols"} {
		text += " " + frame.at(k).text
	}
	return text
}
