package tshark_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/tshark"
)

// frames reads a capture or an export to its end.
func frames(t testing.TB, in io.Reader) (out []ingest.Frame, r *capture.Reader) {
	t.Helper()
	r, err := capture.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	for {
		f, err := r.Next()
		if err != nil {
			return out, r
		}
		c := *f
		c.Data = bytes.Clone(f.Data)
		out = append(out, c)
	}
}

func file(t testing.TB, path string) ([]ingest.Frame, *capture.Reader) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return frames(t, f)
}

// Every spelling of every version gives the frames of the capture: with -x its bytes, and without it bytes that are the
// same, though no export holds them.
func TestSpellings(t *testing.T) {
	original, _ := file(t, "testdata/dfilter.pcap")
	few, more := []int64{1, 2, 4, 6, 17}, []int64{1, 2, 4, 6, 9, 12, 17, 20, 23}
	for name, tt := range map[string]struct {
		frames []int64
		notes  []string // parts of the limits, in order
	}{
		"v36.json":            {few, []string{"an export", "12 of the capture's", "5 frames have no raw"}},
		"v36.ek":              {few, []string{"an export", "12 of the capture's", "5 frames have no raw"}},
		"v42.json":            {few, []string{"an export", "12 of the capture's", "5 frames have no raw"}},
		"v42.ek":              {few, []string{"an export", "12 of the capture's", "5 frames have no raw"}},
		"v40.json":            {more, []string{"an export", "14 of the capture's", "9 frames have no raw", "3 ICMP messages hold bytes that tshark does not show"}},
		"v40.ek":              {more, []string{"an export", "14 of the capture's", "9 frames have no raw", "3 ICMP messages hold bytes that tshark does not show"}},
		"v40-nodup.json":      {more, []string{"an export", "14 of the capture's", "9 frames have no raw", "3 ICMP messages hold bytes that tshark does not show"}},
		"v44.json":            {more, []string{"an export", "14 of the capture's", "9 frames have no raw", "3 ICMP messages hold bytes that tshark does not show"}},
		"v44.ek":              {more, []string{"an export", "14 of the capture's", "9 frames have no raw", "3 ICMP messages hold bytes that tshark does not show"}},
		"v44-nodup.json":      {more, []string{"an export", "14 of the capture's", "9 frames have no raw", "3 ICMP messages hold bytes that tshark does not show"}},
		"v40-x.json.gz":       {more, []string{"an export", "14 of the capture's"}},
		"v40-x.ek":            {more, []string{"an export", "14 of the capture's"}},
		"v44-x.json.gz":       {more, []string{"an export", "14 of the capture's"}},
		"v44-x.ek":            {more, []string{"an export", "14 of the capture's"}},
		"v44-x-nodup.json.gz": {more, []string{"an export", "14 of the capture's"}},
	} {
		got, r := file(t, filepath.Join("testdata", name))
		var numbers []int64
		for _, f := range got {
			numbers = append(numbers, f.Number)
			if want := original[f.Number-1]; !equal(f, want, bytes.Equal) {
				t.Errorf("%s, frame %d:\n got %s\nwant %s", name, f.Number, show(f), show(want))
			}
		}
		if !slices.Equal(numbers, tt.frames) {
			t.Errorf("%s: frames %v, want %v", name, numbers, tt.frames)
		}
		wantLimits(t, name, r.State().Limits, tt.notes)
	}
}

func wantLimits(t *testing.T, name string, got, want []string) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("%s: limits %q, want %q", name, got, want)
	}
}

// equal compares frames; captures hold what exports do not, such as offsets.
func equal(a, b ingest.Frame, data func(a, b []byte) bool) bool {
	return a.Number == b.Number && a.Time == b.Time && a.Since == b.Since && a.Elapsed == b.Elapsed && a.NoTime == b.NoTime && a.Wire == b.Wire && a.Link == b.Link &&
		a.Section == b.Section && a.Interface == b.Interface && slices.Equal(a.Comments, b.Comments) && data(a.Data, b.Data)
}

func show(f ingest.Frame) string {
	return fmt.Sprintf("%d at %d since %d elapsed %d on %d.%d %s, %d bytes %x %q", f.Number, f.Time, f.Since, f.Elapsed, f.Section, f.Interface, f.Link, f.Wire, f.Data, f.Comments)
}

// What does not reach as far as a frame is said, and lost packets do not number anew.
func TestPoor(t *testing.T) {
	for name, tt := range map[string]struct {
		frames int
		notes  []string
	}{
		"v40-e.json":     {6, []string{"an export", "11 of the", "6 packets lack the fields"}},
		"v40-e.ek":       {8, []string{"an export", "8 packets lack the fields"}},
		"v40-j.json":     {1, []string{"an export", "1 packet has no frame number", "1 packet lacks the fields"}},
		"v40.jsonraw.gz": {9, []string{"an export", "9 packets have no frame number"}},
	} {
		got, r := file(t, filepath.Join("testdata", name))
		if s := r.State(); len(got) != tt.frames || s.Frames != int64(tt.frames) || s.Status != ingest.Complete {
			t.Errorf("%s: %d frames, %+v", name, len(got), s)
		}
		wantLimits(t, name, r.State().Limits, tt.notes)
	}
}

// packet is one packet with a frame layer of number, time and length around others.
func packet(number int, layers string) string {
	return fmt.Sprintf(`{"_index":"packets","_source":{"layers":{"frame":{"frame.encap_type":"1","frame.time_epoch":"%d.000000001","frame.number":"%d"},%s}}}`, number, number, layers)
}

func TestNumbers(t *testing.T) {
	in := "[" + strings.Join([]string{packet(2, `"a":{}`), packet(3, `"a":{}`), strings.Replace(packet(0, `"a":{}`), `"frame.number":"0"`, `"x":"1"`, 1), packet(9, `"a":{}`)}, ",") + "][" + packet(1, `"a":{}`) + "," + packet(2, `"a":{}`) + "]"
	got, r := frames(t, strings.NewReader(in))
	var numbers []int64
	for _, f := range got {
		numbers = append(numbers, f.Number)
	}
	if want := []int64{2, 3, 4, 9, 10, 11}; !slices.Equal(numbers, want) {
		t.Errorf("frames %v, want %v", numbers, want)
	}
	if got[1].Time != 3e9+1 || got[1].Since != 1e9 || got[1].Elapsed != 1e9 {
		t.Errorf("times of frame 3: %+v", got[1])
	}
	wantLimits(t, "joined", r.State().Limits, []string{"an export", "5 of the capture's frames", "1 packet has no frame number", "1 time frame numbers begin again", "6 packets lack"})
}

// Interfaces, sections and comments are the capture's.
func TestInterfaces(t *testing.T) {
	in := "[" + strings.Replace(packet(1, `"a":{}`), `"frame.number"`, `"frame.section_number":"2","frame.interface_id":"1","frame.interface_id_tree":{"frame.interface_name":"lan"},"frame.comment":"a","frame.comment":"b","frame.number"`, 1) +
		"," + strings.Replace(packet(2, `"a":{}`), `"1","frame.time`, `"25","frame.interface_id":"3","frame.time`, 1) + "]"
	got, r := frames(t, strings.NewReader(in))
	if f := got[0]; f.Section != 1 || f.Interface != 1 || f.On == nil || f.On.Name != "lan" || !slices.Equal(f.Comments, []string{"a", "b"}) {
		t.Errorf("%+v", f)
	}
	if list := r.Interfaces(); len(list) != 2 || list[0].Name != "lan" || list[1].Link != ingest.LinkSLL || list[1].ID != 3 {
		t.Errorf("%+v", list)
	}
}

// Identification goes by content, and other JSON stays what it is.
func TestIdentify(t *testing.T) {
	for in, want := range map[string]string{`[{"a":1}]`: "application/json", `{"_index":"x","hits":[]}`: "application/json", "[]": "tshark-json"} {
		r, err := capture.NewReader(strings.NewReader(in))
		var got string
		if err == nil {
			got = r.Format()
		} else if not, ok := err.(*capture.NotCapture); ok {
			got = not.MediaType
		}
		if got != want {
			t.Errorf("%s is %q, want %q (error %v)", in, got, want, err)
		}
	}
	if got := tshark.Identify([]byte("[]"), false); got != "" {
		t.Errorf("an empty array that goes on is %q", got)
	}
}
