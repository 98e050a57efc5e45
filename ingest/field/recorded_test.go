package field_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest/field"
)

// TestRecorded44 compares with what tshark 4.4.18 said of some frames (-T json -2), so that the newest answers are
// checked where an older tshark is installed, or none.
func TestRecorded44(t *testing.T) {
	for name, capture := range map[string]string{"tshark-v44.json": "dfilter.pcap", "tshark-v44-mpls.json": "err4.pcap"} {
		packets := load(t, filepath.Join("testdata", capture))
		for _, record := range recorded(t, filepath.Join("testdata", name)) {
			n, err := strconv.Atoi(record["frame.number"][0])
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range field.All() {
				want := strings.Join(record[f.Name], ",")
				if f.Type == field.Protocol || f.Ours() || strings.HasPrefix(f.Name, "_ws.col.") || f.Name == "frame.time_delta_displayed" {
					continue // protocols are objects there, columns are not in JSON, and the export was filtered
				}
				var got []string
				for _, v := range f.Values(&field.Context{}, packets[n-1], nil) {
					got = append(got, string(f.AppendJSON(nil, nil, &v)))
				}
				if strings.Join(got, ",") != want {
					t.Errorf("%s: frame %d: %s is %q, tshark 4.4 says %q", name, n, f.Name, got, want)
				}
			}
		}
	}
}

// recorded reads the export: for each packet, the values of each field in the order they stand there.
func recorded(t *testing.T, name string) []map[string][]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d := json.NewDecoder(file)
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var out []map[string][]string
	for d.More() {
		values := map[string][]string{}
		collect(t, d, "", values)
		out = append(out, values)
	}
	return out
}

// collect reads one JSON value token by token, because keys repeat.
func collect(t *testing.T, d *json.Decoder, key string, into map[string][]string) {
	t.Helper()
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	f, known := field.Lookup(key)
	switch token {
	case json.Delim('{'):
		if known && f.Type == field.None {
			into[key] = append(into[key], "")
		}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			collect(t, d, name.(string), into)
		}
		_, err = d.Token()
	default:
		text, _ := token.(string)
		if known && f.Type == field.None {
			text = ""
		}
		into[key] = append(into[key], text)
	}
	if err != nil {
		t.Fatal(err)
	}
}
