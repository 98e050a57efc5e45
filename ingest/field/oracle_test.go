package field_test

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
)

// load decodes a capture with file scope resolved.
func load(t testing.TB, path string) []*ingest.Packet {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	d := decode.New(decode.Options{})
	var out []*ingest.Packet
	for {
		frame, err := r.Next()
		if err == io.EOF {
			break
		}
		var p ingest.Packet
		d.Decode(frame, &p)
		if !p.Salvaged {
			out = append(out, p.Clone())
		}
	}
	match(out)
	return out
}

func match(packets []*ingest.Packet) {
	var x exchange.File
	for i, p := range packets {
		for d := p.Whole; d != nil; d = d.Inner {
			for _, n := range d.Frames {
				if n != p.Number {
					packets[n-1].Link.ReassembledIn = p.Number
				}
			}
		}
		request, _ := p.Echo()
		if request && exchange.Matchable(p) && exchange.Unicast(p.Dst()) {
			p.Link.NoResp = true
		}
		if m, ok := x.Add(p, int64(i)); ok {
			asked := packets[m.Request.Place]
			asked.Link.RespIn, asked.Link.RespTime, asked.Link.NoResp = p.Number, m.Time, false
			p.Link.RespTo, p.Link.RespTime = m.Request.Frame, m.Time
		}
	}
}

// tshark finds the installed tshark and its version as "4.0".
func tshark(t testing.TB) (path, version string) {
	t.Helper()
	path = oracle.Tshark(t)
	return path, oracle.Version(t, path)
}

// knownTo lists the fields of the table that the installed tshark has.
func knownTo(t testing.TB, tshark string) []*field.Field {
	t.Helper()
	out, err := exec.Command(tshark, "-G", "fields").Output()
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for line := range bytes.Lines(out) {
		if cells := strings.Split(string(line), "\t"); len(cells) > 2 {
			has[strings.TrimSpace(cells[2])] = true
		}
	}
	var fields []*field.Field
	for _, f := range field.All() {
		if has[f.Name] || columnNames[f.Name] != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// columnNames are the columns' names before 4.2, which later versions take as well.
var columnNames = map[string]string{"_ws.col.protocol": "_ws.col.Protocol", "_ws.col.info": "_ws.col.Info"}

// ask has tshark print the fields of every frame: a row per frame, a cell per field.
func ask(t testing.TB, tshark, path string, fields []*field.Field) [][]string {
	t.Helper()
	args := []string{"-n", "-2", "-r", path, "-T", "fields", "-E", "separator=/t"}
	for _, f := range fields {
		args = append(args, "-e", cmp.Or(columnNames[f.Name], f.Name))
	}
	cmd := exec.Command(tshark, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Skipf("%s: tshark: %v", path, err)
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// answer prints a field of a packet as tshark's cell.
func answer(f *field.Field, c *field.Context, p *ingest.Packet) string {
	var text []byte
	for i, v := range f.Values(c, p, nil) {
		if i > 0 {
			text = append(text, ',')
		}
		text = f.Append(text, c, v)
	}
	return string(text)
}
