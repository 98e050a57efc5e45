package file

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rule.json", v); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rule.json") // checks it against the meta-schema of its dialect
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// documents gives the documents of a text as JSON has them.
func documents(text string) (out []any, err error) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n...", "")
	for _, part := range strings.Split("\n"+text, "\n---") {
		var v any
		if err := yaml.Unmarshal([]byte(part), &v); err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		j, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	return out, nil
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// yamlBlock is a fenced block of YAML in Markdown.
var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")

// The schema takes every document that loads: the builtin rules, those of tests, and the examples in the guide and README.
func TestSchemaTakesGoodRules(t *testing.T) {
	s, texts, taken := schema(t), map[string]string{}, 0
	for _, pattern := range []string{"testdata/good/*.y*ml", "../builtin/*.yml", "../../cmd/icmpsift/testdata/lint/weak/*.yml"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			texts[path] = contents(t, path)
		}
	}
	for _, path := range []string{"../README.md", "../../README.md"} {
		for i, block := range yamlBlock.FindAllStringSubmatch(contents(t, path), -1) {
			texts[fmt.Sprintf("%s block %d", path, i+1)] = strings.ReplaceAll(block[1], "lenght", "length")
		}
	}
	for name, text := range texts {
		list, err := documents(text)
		if err != nil || len(list) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range list {
			taken++
			if err := s.Validate(v); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if taken < 40 {
		t.Errorf("only %d documents", taken)
	}
}

// beyond are the broken files that no schema can refuse, and why.
var beyond = map[string]string{
	"list-use": "what the values of a list mean", "duplicates": otherDocuments, "correlation-unknown-rule": otherDocuments,
	"correlation-circle": otherDocuments, "parts": otherDocuments, "recover-narrowed": "how a carrier is narrowed", "correlation-groups": otherDocuments, "empty": "there is no document", "pinned-wireshark": filters,
	"match-crlf": filters, "match-double": filters, "match-end": filters, "match-flow": filters, "match-folded": filters, "match-literal": filters,
	"match-plain-folded": filters, "match-plain": filters, "match-single": filters, "match-umlaut": filters, "second-document": filters,
	"unquoted-bang": yamlAlone, "merge-key": yamlAlone, "invisible": filters, "no-break-space": filters, "smart-quotes": filters,
}

// notYAML tells a file that is not even that: there is nothing for a schema to look at.
func notYAML(path string) bool {
	_, err := Load(nil, Path(path))
	problems, _ := err.(Problems)
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == NotYAML })
}

const (
	filters        = "a display filter"
	otherDocuments = "what stands in other documents"
	yamlAlone      = "how the YAML is written"
)

// The schema refuses each broken file that is wrong in structure, in a word of a closed list, or in the form of a text.
func TestSchemaRefusesBrokenRules(t *testing.T) {
	s := schema(t)
	paths, _ := filepath.Glob("testdata/bad/*.yml")
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yml")
		list, err := documents(contents(t, path))
		refused := slices.ContainsFunc(list, func(v any) bool { return s.Validate(v) != nil })
		switch why := beyond[name]; {
		case err != nil || notYAML(path): // nothing to show to a schema
		case why == "" && !refused:
			t.Errorf("the schema takes %s", name)
		case why != "" && refused:
			t.Errorf("the schema refuses %s, which was thought beyond it: %s", name, why)
		}
	}
	for name := range beyond {
		if !slices.Contains(paths, filepath.Join("testdata", "bad", name+".yml")) {
			t.Errorf("no file %s", name)
		}
	}
}

// Every key that is read is documented, and no other.
func TestDocs(t *testing.T) {
	read := map[string]bool{}
	var visit func(s *shape, path string)
	visit = func(s *shape, path string) {
		if s.item != nil {
			visit(s.item, path)
		}
		for _, m := range s.members {
			at := strings.TrimPrefix(path+"."+m.name, ".")
			if m.shape.empty() {
				continue
			}
			read[at] = true
			if doc(strings.Split(at, ".")) == "" {
				t.Errorf("key %s has no documentation", at)
			}
			visit(m.shape, at)
		}
	}
	for _, k := range kindsOfDocument {
		visit(learn(k.read), strings.Join(k.path, "."))
	}
	for at := range docs {
		if !read[at] {
			t.Errorf("documentation of key %s, which is not read", at)
		}
	}
}
