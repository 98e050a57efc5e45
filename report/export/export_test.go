package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"icmpsift/report"
	"icmpsift/report/sample"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t testing.TB, f Format, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; run go test -update and look at the difference", path)
	}
}

func TestGolden(t *testing.T) {
	for name, r := range map[string]*report.Report{"incident": sample.Incident(t), "quiet": sample.Quiet(t), "nothing-read": {}} {
		for _, f := range Formats() {
			t.Run(name+" "+f.File, func(t *testing.T) {
				got := render(t, f, r)
				golden(t, filepath.Join(name, filepath.Base(f.File)), got)
				if !bytes.Equal(got, render(t, f, r)) {
					t.Error("two writes of the same report differ")
				}
			})
		}
	}
}

func TestSchemaIsPublished(t *testing.T) {
	b, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.schema.json", append(b, '\n'))
}

// load compiles a schema of testdata, with formats such as date-time and ipv4 held.
func load(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\nin %.300s", err, text)
	}
}

// judge holds what a format must be, whatever the report says.
type judge func(t *testing.T, out []byte)

func judges(t testing.TB) map[string]judge {
	whole := func(name string) judge {
		s := load(t, name)
		return func(t *testing.T, out []byte) { validate(t, s, out) }
	}
	lines := func(name string) judge {
		s := load(t, name)
		return func(t *testing.T, out []byte) {
			for text := range bytes.Lines(out) {
				validate(t, s, text)
			}
		}
	}
	stix := whole("stix.schema.json")
	return map[string]judge{
		"report.json": whole("report.schema.json"), "timeline.jsonl": lines("timeline.schema.json"), "navigator.json": whole("navigator.schema.json"),
		"findings.ndjson": lines("ecs.schema.json"), "indicators.csv": checkTable, "wireshark/dfilter_buttons": checkButtons, "wireshark/colorfilters": checkColours,
		"stix.json": func(t *testing.T, out []byte) { stix(t, out); checkBundle(t, out) },
	}
}

func TestAgainstSchemas(t *testing.T) {
	all := judges(t)
	redacted := sample.Incident(t)
	for i := range redacted.Findings {
		redacted.Findings[i].Preview, redacted.Findings[i].Pcap = "", ""
	}
	for i := range redacted.Artefacts {
		a := &redacted.Artefacts[i]
		a.Path, a.RawPath, a.Preview, a.Name, a.SHA256 = "", "", "", "", ""
	}
	for name, r := range map[string]*report.Report{"incident": sample.Incident(t), "quiet": sample.Quiet(t), "redacted": redacted} {
		for _, f := range Formats() {
			t.Run(name+" "+f.File, func(t *testing.T) { all[f.File](t, render(t, f, r)) })
		}
	}
}

// TestHostile has each file hold its form and show nothing that moves a cursor or misleads. A report whose closed words are
// hostile too has no sound report.json: its schema says so, and that it is JSON is all that is asked.
func TestHostile(t *testing.T) {
	all := judges(t)
	sound := all["report.json"]
	all["report.json"] = func(t *testing.T, out []byte) {
		if !json.Valid(out) {
			t.Error("not JSON")
		}
	}
	sample.Everywhere(t, func(t *testing.T, r, _ *report.Report) {
		for _, f := range Formats() {
			out := render(t, f, r)
			checkCharacters(t, f.File, out)
			all[f.File](t, out)
			if strings.Contains(t.Name(), "/free_") && f.Name == "json" {
				sound(t, out)
			}
		}
	})
}

func checkCharacters(t *testing.T, name string, out []byte) {
	t.Helper()
	if !utf8.Valid(out) {
		t.Errorf("%s is not UTF-8", name)
	}
	for _, r := range strings.ReplaceAll(string(out), "\r\n", "\n") {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%s: %U left in", name, r)
		}
	}
}

func checkTable(t *testing.T, out []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll() // refuses rows of another length than the first
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(`;,|"`, r) }) {
				if begins := strings.TrimLeft(part, " "); begins != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(begins)[0]) {
					t.Errorf("a formula may begin at %.60q", begins)
				}
			}
		}
	}
}

func TestGuarded(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "-x": "'-x", "@SUM(A1)": "'@SUM(A1)", "\t=1": `\x09=1`, " =1": `\x20=1`, "＝1": "'＝1", "a;=1": "a;'=1", `a","=1`: `a","'=1`, "a | +1": "a | '+1",
		"a-b": "a-b", "2001:db8::1": "2001:db8::1", "": "", "'=1": "''=1",
	} {
		if got := guarded(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

var buttonLine = regexp.MustCompile(`^"TRUE","Findings//[^"/]*(/[^"/]+)*","[^"]+","[^"]*"$`)

func checkButtons(t *testing.T, out []byte) {
	t.Helper()
	for text := range strings.Lines(string(out)) {
		if text = strings.TrimSuffix(text, "\n"); !strings.HasPrefix(text, "#") && !buttonLine.MatchString(text) {
			t.Errorf("%.200q", text)
		}
	}
}

var colouringLine = regexp.MustCompile(`^!?@[^@]+@[^@]+@(\[\d+,\d+,\d+\]){2}$`)

func checkColours(t *testing.T, out []byte) {
	t.Helper()
	for text := range strings.Lines(string(out)) {
		if text = strings.TrimSuffix(text, "\n"); !strings.HasPrefix(text, "#") && !colouringLine.MatchString(text) {
			t.Errorf("%.200q", text)
		}
	}
}

// checkBundle holds what a schema cannot say: ids are unique, made as the standard says and lead somewhere; times have an order.
func checkBundle(t *testing.T, out []byte) {
	t.Helper()
	var b struct{ Objects []map[string]any }
	if err := json.Unmarshal(out, &b); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, o := range b.Objects {
		id := o["id"].(string)
		if known[id] {
			t.Errorf("%s twice", id)
		}
		known[id] = true
		if !strings.HasPrefix(id, o["type"].(string)+"--") {
			t.Errorf("%s is a %s", id, o["type"])
		}
		ordered(t, o, "first_observed", "last_observed")
		ordered(t, o, "start", "end")
		ordered(t, o, "created", "modified")
	}
	for _, o := range b.Objects {
		for key, v := range o {
			if list, ok := v.([]any); ok && strings.HasSuffix(key, "_refs") {
				for _, ref := range list {
					leads(t, known, o, ref)
				}
			} else if strings.HasSuffix(key, "_ref") {
				leads(t, known, o, v)
			}
		}
	}
}

func leads(t *testing.T, known map[string]bool, o map[string]any, ref any) {
	t.Helper()
	if !known[ref.(string)] {
		t.Errorf("%s refers to %s, which is not there", o["id"], ref)
	}
}

func ordered(t *testing.T, o map[string]any, from, to string) {
	t.Helper()
	if o[from] == nil || o[to] == nil { // the schema says which are required
		return
	}
	a, aerr := time.Parse(time.RFC3339Nano, o[from].(string))
	b, berr := time.Parse(time.RFC3339Nano, o[to].(string))
	if aerr != nil || berr != nil || b.Before(a) {
		t.Errorf("%s: %s %v, %s %v", o["id"], from, o[from], to, o[to])
	}
}

// The ids of what was observed are those that everybody else makes: the first two are published examples, the others those of another
// implementation, the npm package @security-alliance/stix 0.1.1.
func TestObservableIDs(t *testing.T) {
	for _, x := range []struct {
		o    object
		from []string
		want string
	}{
		{object{"value": "198.51.100.3"}, []string{"value"}, "28bb3599-77cd-5a82-a950-b5bc3caf07c4"},
		{object{"value": "2001:db8::1"}, []string{"value"}, "6469e3a9-b053-5e34-a025-9396ae051d26"},
		{object{"value": "02:42:0a:14:00:0f"}, []string{"value"}, "1b0c32d5-84ea-5f8a-897f-5835bc6d06a3"},
		{object{"hashes": map[string]string{"SHA-256": "fe90a7e910cb3a4739bed9180e807e93fa70c90f25a8915476f5e4bfbac681db"}}, []string{"hashes", "name"}, "b91bcf06-0d11-5a89-9c3a-8d4279aefe56"},
		{object{"src_ref": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd", "protocols": []string{"ipv4", "icmp"}, "start": "2024-05-14T09:10:00.123456789Z"}, []string{"start", "src_ref", "dst_ref", "protocols"},
			"eaf906d8-e208-558d-a276-04cb1f76fb6a"},
	} {
		if got := observableID(x.o, x.from); got != x.want {
			t.Errorf("%v: %s, want %s", x.o, got, x.want)
		}
	}
	if a, b := observableID(object{"name": "a", "size": 1}, []string{"hashes", "name"}), observableID(object{"name": "a", "size": 2}, []string{"hashes", "name"}); a != b {
		t.Error("a property that does not contribute changes the id")
	}
}

func TestPatterns(t *testing.T) {
	for _, x := range []struct {
		kind, value, want string
	}{
		{"ipv4-addr", "203.0.113.7", "[ipv4-addr:value = '203.0.113.7']"}, {"ipv4-addr", "2001:db8::1", ""}, {"ipv6-addr", "fe80::1%eth0", ""}, {"ipv6-addr", "' OR 1", ""},
		{"mac-addr", "02-00-00-00-00-0A", "[mac-addr:value = '02:00:00:00:00:0a']"}, {"sha256", "zz", ""}, {"file-name", `it's a\b`, `[file:name = 'it\'s a\\b']`},
		{"file-name", "gpj\u202eexe", ""}, {"something", "x", ""},
	} {
		if got, _ := pattern(&report.Indicator{Type: x.kind, Value: x.value}); got != x.want {
			t.Errorf("%s %q: %q, want %q", x.kind, x.value, got, x.want)
		}
	}
}

// Suppressed findings are told, but nobody is sent after them.
func TestSuppressedFindings(t *testing.T) {
	r := sample.Incident(t)
	hidden := r.Findings[len(r.Findings)-1]
	if hidden.SuppressedBy == "" {
		t.Fatal("the last finding of the sample is not suppressed")
	}
	for _, f := range Formats() {
		told := bytes.Contains(render(t, f, r), []byte(hidden.ID))
		if want := slices.Contains([]string{"json", "timeline", "ecs"}, f.Name); told != want {
			t.Errorf("%s tells of it: %v", f.File, told)
		}
	}
}

func TestJSONLosesNothing(t *testing.T) {
	r := sample.Free(t, "\x1b[31m\u202e\u009b\U0001F600\U000E0001 \\ \" <&>")
	var back report.Report
	if err := json.Unmarshal(render(t, Formats()[0], r), &back); err != nil {
		t.Fatal(err)
	}
	if back.Case.ID != r.Case.ID || back.Findings[0].Summary != r.Findings[0].Summary {
		t.Errorf("%q came back as %q", r.Case.ID, back.Case.ID)
	}
}
