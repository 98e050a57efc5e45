package file_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
	"icmpsift/rules/file"
)

var update = flag.Bool("update", false, "write the golden files")

func context(t testing.TB) *field.Context {
	t.Helper()
	table, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	return &field.Context{Stock: table}
}

// Every broken file has, beside it, what must be said about it.
func TestBrokenFiles(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join("testdata", "bad", "*.yml"))
	if len(paths) < 50 {
		t.Fatalf("only %d broken files", len(paths))
	}
	c := context(t)
	for _, path := range paths {
		_, err := file.Load(c, file.Path(path))
		var problems file.Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Errorf("%s: got %v, want problems", path, err)
			continue
		}
		got := strings.ReplaceAll(problems.Error(), "testdata/bad/", "") + "\n"
		golden := strings.TrimSuffix(path, ".yml") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, _ := os.ReadFile(golden); got != string(want) {
			t.Errorf("%s:\n got %s\nwant %s", path, got, want)
		}
	}
}

func TestGoodFiles(t *testing.T) {
	set, err := file.Load(context(t), file.Path(filepath.Join("testdata", "good")))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Rules) != 10 || len(set.Files) != 6 {
		t.Fatalf("got %d rules in %d files", len(set.Rules), len(set.Files))
	}
	one := 1
	zero := 0
	want := &rules.Rule{
		Title: "File in the ICMP type field", ID: "0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0d01", Name: "type-field_file", Status: "experimental",
		Level: rules.Critical, Description: "One byte of a file per packet.\nSecond line.", Author: "a, b", Date: "2026-11-22",
		Modified: "2026-11-23", License: "Apache-2.0", References: []string{"https://example.org/a"},
		Tags: []string{"attack.t1048.003", "attack.t1030", "detection.emerging"}, FalsePositives: []string{"fuzzers"},
		Response: []string{"isolate the sender"}, BlindSpots: []string{"lost packets"}, Explanations: []rules.Cause{{Text: "a fuzzer was run"}},
		Requires: rules.Requires{Icmpsift: ">=0.1", Wireshark: "4.0", Directions: "both", Bytes: true},
		Match:    "icmp.type and not icmp.type in {0, 3, 8, 11}", MatchAt: rules.Position{File: "testdata/good/full.yaml", Line: 24, Column: 3},
		Correlation: &rules.Correlation{Type: rules.ValueCount, GroupBy: []string{"sift.src", "sift.dst"}, Timespan: 7 * 24 * time.Hour,
			Condition: []rules.Condition{{Op: "gte", Value: 8}, {Op: "lt", Value: 1000}}, Field: "icmp.type"},
		Endpoints: rules.Endpoints{Src: "sift.src", Dst: "sift.dst"}, Roles: rules.Roles{Src: "sender", Dst: "receiver"},
		Recover: &rules.Recover{Field: "icmp.type", Scope: "icmp", Order: "time"},
		Tests: []rules.Test{
			{Capture: "captures/a.pcap", Expect: rules.Expect{Findings: &one, Src: "10.0.0.1", Dst: "10.0.0.0/24", Frames: "1-5,9",
				Recovered: []string{strings.Repeat("a", 64)}}},
			{Capture: "captures/b.pcap", Expect: rules.Expect{Findings: &zero}},
		},
		At: rules.Position{File: "testdata/good/full.yaml", Line: 3, Column: 1},
	}
	if got := set.Rules[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := set.Rules[1]; got.Match != `icmp.type == 8 && frame.comment == "x"` || got.ID != "0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0d02" ||
		got.Endpoints.Src != "sift.src" || got.Correlation != nil {
		t.Errorf("got %+v", got)
	}
}

// Lists come from documents, from files beside them, and from outside, which wins; suppressions name rules of any file.
func TestListsAndSuppressions(t *testing.T) {
	given := rules.Lists{"codes": {Name: "codes", Values: []string{"7"}}}
	set, err := file.Load(context(t), file.Path(filepath.Join("testdata", "good")), file.Given(given))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := set.Lists["monitors"].Values, []string{"10.0.0.5", "10.0.0.16/30", "2001:db8::5", "10.0.1.1 .. 10.0.1.9"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := set.Lists["codes"].Values; !reflect.DeepEqual(got, []string{"7"}) {
		t.Errorf("the given list was not taken: %q", got)
	}
	want := []*rules.Suppression{{Title: "The monitors may sweep", Rules: []string{"list-user", "0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0d02"},
		Match: "sift.src in $monitors", Reason: "SmokePing and Zabbix ping the whole network.", Owner: "network operations", Expires: "2027-06-30",
		At: rules.Position{File: "testdata/good/lists.yml", Line: 6, Column: 1}}}
	if !reflect.DeepEqual(set.Suppressions, want) {
		t.Errorf("got %+v\nwant %+v", set.Suppressions, want)
	}
	plain, err := file.Load(context(t), file.Path(filepath.Join("testdata", "good")))
	if err != nil || plain.SHA256() == set.SHA256() {
		t.Errorf("given lists do not count in the digest, or %v", err)
	}
	given["mnitors"] = &rules.List{Name: "mnitors"}
	if _, err = file.Load(context(t), file.Path(filepath.Join("testdata", "good")), file.Given(given)); err == nil ||
		err.Error() != `--list mnitors: no rule looks anything up in a list "mnitors"; did you mean "monitors"?` {
		t.Errorf("got %v", err)
	}
}

const echo = "title: Echo\nid: 0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0d0%s\nname: echo-%s\nlevel: low\nmatch: icmp\n"

func rule(n string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(strings.ReplaceAll(echo, "%s", n))}
}

func TestSources(t *testing.T) {
	pack := fstest.MapFS{"b/one.yml": rule("1"), "a.YAML": rule("2"), "readme.md": rule("3"), ".git/x.yml": rule("4"), "embed.go": rule("5")}
	folder := t.TempDir()
	named := filepath.Join(folder, "rule.txt")
	if err := os.WriteFile(named, rule("6").Data, 0o644); err != nil {
		t.Fatal(err)
	}
	set, err := file.Load(context(t), file.Embedded(pack), file.Path(named))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range set.Rules {
		got = append(got, r.Name+" "+r.At.File+" "+map[bool]string{true: "builtin"}[r.Builtin])
	}
	want := []string{"echo-2 builtin/a.YAML builtin", "echo-1 builtin/b/one.yml builtin", "echo-6 " + filepath.ToSlash(named) + " "}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Documents that hold nothing do not end the file: at one the YAML parser stops.
func TestEmptyDocuments(t *testing.T) {
	one, two := string(rule("1").Data), string(rule("2").Data)
	for _, text := range []string{
		one + "---\n" + two, one + "---\n---\n" + two, "---\n---\n" + one + "---\n" + two, one + "---\n# c\n\n--- # d\n" + two, one + "...\n---\n...\n---\n" + two,
		one + "---\n...\n" + two + "---\n", "%YAML 1.2\n---\n" + one + "---\n---\t# x\n---\n" + two + "---", "# c\r\n---\r\n# d\r\n---\r\n" + one + "---\n" + two,
	} {
		set, err := file.Load(context(t), file.Embedded(fstest.MapFS{"x.yml": {Data: []byte(text)}}))
		if err != nil || len(set.Rules) != 2 {
			t.Errorf("%d rules, %v in\n%s", len(set.Rules), err, text)
		}
	}
}

func TestSourceProblems(t *testing.T) {
	empty := t.TempDir()
	broken := fstest.MapFS{"good.yml": rule("1"), "again.yml": rule("1"), "bad.yml": {Data: []byte("title: x\n")}, "huge.yml": {Data: make([]byte, 2<<20)}}
	missing := filepath.Join(empty, "none.yml")
	set, err := file.Load(context(t), file.Embedded(broken), file.Path(missing), file.Path(empty), file.Path(""))
	var problems file.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		`builtin/good.yml:2:5: id "0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0d01" is taken by the rule at builtin/again.yml:1: expected one of its own`,
		"builtin/bad.yml:1:1: the rule has no id",
		"builtin/huge.yml: cannot read: more than 262144 bytes",
		filepath.ToSlash(missing) + ": cannot read: no such file",
		filepath.ToSlash(empty) + ": no rule files: expected files named *.yml or *.yaml",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	if len(set.Rules) != 1 {
		t.Errorf("the sound rule is lost: %v", set.Rules)
	}
}

func TestSHA256(t *testing.T) {
	digest := func(fsys fstest.MapFS) string {
		set, err := file.Load(context(t), file.Embedded(fsys))
		if err != nil {
			t.Fatal(err)
		}
		return set.SHA256()
	}
	one := digest(fstest.MapFS{"a.yml": rule("1"), "b.yml": rule("2")})
	if same := digest(fstest.MapFS{"b.yml": rule("2"), "a.yml": rule("1"), "c.md": rule("3")}); same != one || len(one) != 64 {
		t.Errorf("got %s and %s", one, same)
	}
	if other := digest(fstest.MapFS{"a.yml": rule("2"), "b.yml": rule("1")}); other == one {
		t.Error("order does not count")
	}
}

// Whatever a file holds: no panic, no problem without a place in the file, and rules that hold what they must.
func FuzzLoad(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		paths, _ := filepath.Glob(filepath.Join("testdata", folder, "*.y*ml"))
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	c := context(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := file.Load(c, file.Embedded(fstest.MapFS{"x.yml": {Data: data}}))
		var problems file.Problems
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("%T %v", err, err)
		}
		lines := strings.Count(strings.ReplaceAll(string(data), "\r", "\n"), "\n") + 1
		for _, p := range problems {
			if p.Path != "builtin/x.yml" || p.Message == "" || p.Line < 0 || p.Line > lines+1 || (p.Line == 0) != (p.Column == 0) {
				t.Errorf("%+v", p)
			}
		}
		parts := set.Parts()
		for _, r := range set.Rules {
			known := len(r.ID) == 36 || r.ID == "" && (err != nil || parts[r] != nil)
			if r.Title == "" || r.Name == "" || !known || (r.Match == "" || r.MatchAt.Line < 1) != r.Refers() {
				t.Errorf("%+v", r)
			}
		}
		if err == nil && len(set.Rules)+len(set.Lists)+len(set.Suppressions) == 0 {
			t.Error("neither a document nor a problem")
		}
	})
}

// TestText: a file in memory loads as one on disk does, and cannot name others.
func TestText(t *testing.T) {
	set, err := file.Load(&field.Context{}, file.Text("x.yml", []byte("title: T\nid: 7d0e7f0c-2b61-4f9e-9d58-0f6c8a8c1e55\nname: t\nstatus: test\nlevel: low\ndescription: D.\nmatch: icmp.type == 8\n")))
	if err != nil || len(set.Rules) != 1 || set.Files[0].Path != "x.yml" {
		t.Errorf("%v, error %v", set, err)
	}
	_, err = file.Load(&field.Context{}, file.Text("x.yml", []byte("kind: list\nname: l\nfile: other.txt\n")))
	if err == nil || !strings.Contains(err.Error(), "no folder to read it from") {
		t.Errorf("error %v", err)
	}
}
