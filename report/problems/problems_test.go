package problems_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"icmpsift/report/problems"
	"icmpsift/rules/lint"
)

// hostile is what a rule file can make lint say: line breaks, terminal escapes, the characters of other formats.
var hostile = []lint.Problem{
	{Code: "bad-filter", Severity: lint.Error, Path: "a,b:c%\x1b/x y.yml", Line: 3, Column: 4, Length: 5, Source: "äß \x1b[31m\tred <x>", Message: "100%\n::error::\x1b[2J, \"quoted\" \u202e"},
	{Code: "no-test", Severity: lint.Warning, Path: "b.yml", Line: 1, Column: 1, Length: 1, Source: "title: A", Rule: "a", Message: "no tests"},
	{Code: "advised-elsewhere", Severity: lint.Note, Path: "c.yml", Message: "of the file as a whole"},
	{Code: "missing-date", Severity: lint.Warning, Path: "d.yml", Line: 1, Column: 1, Length: 1, Message: "let stand", Waived: "it is a sketch"},
}

func write(t *testing.T, format string, list []lint.Problem) string {
	t.Helper()
	var b bytes.Buffer
	if err := problems.Write(&b, list, problems.Options{Format: format, Version: "1.2.3", Rules: 2}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	want := `a,b:c%\x1b/x y.yml:3:4: error: 100% ::error::\x1b[2J, "quoted" \u{202e} [bad-filter]
    äß \x1b[31m red <x>
       ^~~~~~~~
b.yml:1:1: warning: no tests [no-test]
    title: A
    ^
c.yml: note: of the file as a whole [advised-elsewhere]
1 error, 1 warning, 1 note in 2 sound rules (1 waived)
`
	if got := write(t, "text", hostile); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestLongLine(t *testing.T) {
	p := lint.Problem{Path: "a.yml", Line: 1, Column: 5001, Length: 9000, Source: strings.Repeat("x", 5000) + "y" + strings.Repeat("z", 9000), Message: "m"}
	lines := strings.Split(write(t, "text", []lint.Problem{p}), "\n")
	if len(lines[1]) > 130 || lines[1][strings.IndexByte(lines[2], '^')] != 'y' {
		t.Errorf("got %q", lines)
	}
}

func TestGitHub(t *testing.T) {
	want := `::error file=a%2Cb%3Ac%25\x1b/x y.yml,line=3,col=4,endColumn=9,title=bad-filter::100%25 ::error::\x1b[2J, "quoted" \u{202e}
::warning file=b.yml,line=1,col=1,endColumn=2,title=no-test::no tests
::notice file=c.yml,title=advised-elsewhere::of the file as a whole
`
	if got := write(t, "github", hostile); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestJSON(t *testing.T) {
	var got struct {
		Errors, Warnings, Notes, Waived int
		Problems                        []struct {
			Code, Severity, File, Message, Waived string
			Line                                  int
		}
	}
	if err := json.Unmarshal([]byte(write(t, "json", hostile)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Errors != 1 || got.Warnings != 1 || got.Notes != 1 || got.Waived != 1 || got.Problems[3].Waived != "it is a sketch" || got.Problems[0].Message != hostile[0].Message || got.Problems[0].Line != 3 || got.Problems[1].Severity != "warning" {
		t.Errorf("got %+v", got)
	}
	if s := write(t, "json", nil); !strings.Contains(s, `"problems": []`) {
		t.Errorf("got %s", s)
	}
}

// What is written is SARIF 2.1.0 by the JSON schema of OASIS (sarif-schema-2.1.0.json, errata 01).
func TestSARIF(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]lint.Problem{hostile, nil} {
		text := write(t, "sarif", list)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	text := write(t, "sarif", hostile)
	for _, want := range []string{`"uri": "./a,b:c%25%1B/x%20y.yml"`, `"ruleIndex": -1`, `"startLine": 3`, `"endColumn": 9`, `"level": "error"`, `"kind": "inSource"`, `"justification": "it is a sketch"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	broken, _ := jsonschema.UnmarshalJSON(strings.NewReader(strings.ReplaceAll(text, `"startLine": 3`, `"startLine": 0`)))
	if schema.Validate(broken) == nil {
		t.Error("the schema lets line 0 pass")
	}
}
