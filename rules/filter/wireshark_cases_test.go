package filter

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/field"
)

// packets decodes a capture; with two passes the requests know their replies, as in tshark -2.
func packets(t testing.TB, path string, twoPasses bool) []*ingest.Packet {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var out []*ingest.Packet
	d := decode.New(decode.Options{})
	for {
		f, err := r.Next()
		if err == io.EOF {
			link(out, twoPasses)
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		var p ingest.Packet
		d.Decode(f, &p)
		out = append(out, p.Clone())
	}
}

// link pairs requests and replies; what a request knows of its reply takes a second pass.
func link(packets []*ingest.Packet, twoPasses bool) {
	pairs := &exchange.File{}
	for i, p := range packets {
		request, _ := p.Echo()
		p.Link.NoResp = twoPasses && request && exchange.Matchable(p) && exchange.Unicast(p.Dst())
		if m, ok := pairs.Add(p, int64(i)); ok {
			q := packets[m.Request.Place]
			p.Link = ingest.Link{RespTo: q.Number, RespTime: m.Time}
			if twoPasses {
				q.Link = ingest.Link{RespIn: p.Number, RespTime: m.Time}
			}
		}
	}
}

// recorded is one filter and what one version of Wireshark made of it.
type recorded struct {
	number, version, text string
	twoPasses, fails      bool
	frames                string
}

// readCases reads the table that was recorded with Wireshark 4.0, 4.2 and 4.4.
func readCases(t testing.TB, path string) []recorded {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []recorded
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		c := strings.Split(line, "\t")
		base := recorded{number: c[0], text: c[3], twoPasses: c[2] == "2"}
		for version, answer := range map[string]string{"4.0": "=", "4.2": c[8], "4.4": c[9]} {
			r := base
			r.version, r.fails, r.frames = version, c[4] != "0", c[5]
			if answer != "=" {
				ok, isOK := strings.CutPrefix(answer, "OK: ")
				r.fails, r.frames = !isOK, strings.TrimSuffix(ok, "(none)")
			}
			out = append(out, r)
		}
	}
	return out
}

func matching(f *Filter, packets []*ingest.Packet) string {
	var out []string
	for _, p := range packets {
		if f.Match(p) {
			out = append(out, strconv.FormatInt(p.Number, 10))
		}
	}
	return strings.Join(out, ",")
}

// check gives "" if icmpsift answers as recorded, else what it answers.
func (r *recorded) check(packets []*ingest.Packet) string {
	f, err := Compile(r.text, &field.Context{Wireshark: r.version}, nil)
	if err != nil {
		if e := (*Error)(nil); !errors.As(err, &e) {
			return "an error of another type: " + err.Error()
		} else if r.fails {
			return ""
		}
		return "refused: " + err.Error()
	}
	if r.fails {
		return "compiled, though Wireshark refuses it"
	} else if got := matching(f, packets); got != r.frames {
		return "frames " + got + " instead of " + r.frames
	}
	return ""
}

// differences are the recorded answers that are not given, and why.
var differences = map[string]string{
	"39 4.2":  "a defect of 4.2.2: a comparison with a negated value holds always",
	"358 4.2": "as 39",
}

// TestWiresharkCases runs filters that were recorded with Wireshark 4.0, 4.2 and 4.4 on dfilter.pcap.
func TestWiresharkCases(t *testing.T) {
	one, two := packets(t, "testdata/dfilter.pcap", false), packets(t, "testdata/dfilter.pcap", true)
	agree, asked := map[string]int{}, map[string]int{}
	for _, r := range readCases(t, "testdata/dfilter-cases.tsv") {
		data := one
		if r.twoPasses {
			data = two
		}
		asked[r.version]++
		got := r.check(data)
		reason := differences[r.number] + differences[r.number+" "+r.version]
		switch {
		case got == "":
			agree[r.version]++
		case reason == "":
			t.Errorf("#%s %s %s: %s", r.number, r.version, r.text, got)
		}
	}
	t.Logf("agreement: %v of %v", agree, asked)
}
