package file

import (
	"encoding/json"
	"os"
	"path/filepath"
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

// documents gives a file's documents as JSON has them.
func documents(t *testing.T, path string) (out []any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+strings.ReplaceAll(string(text), "\n...", ""), "\n---") {
		var v any
		if err := yaml.Unmarshal([]byte(part), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if v == nil {
			continue
		}
		if m, ok := v.(map[string]any); ok && m["kind"] != nil {
			continue // not a rule
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		j, err := jsonschema.UnmarshalJSON(strings.NewReader(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, j)
	}
	return out
}

// The schema takes every rule that loads.
func TestSchemaTakesGoodRules(t *testing.T) {
	s, rules := schema(t), 0
	for _, pattern := range []string{"testdata/good/*.y*ml", "../builtin/*.yml"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			for _, v := range documents(t, path) {
				rules++
				if err := s.Validate(v); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		}
	}
	if rules < 10 {
		t.Errorf("only %d rules", rules)
	}
}

// The schema refuses what is wrong in structure.
func TestSchemaRefusesBrokenRules(t *testing.T) {
	s := schema(t)
	for _, name := range []string{"a-list", "a-text", "unknown-key", "unknown-key-far", "missing", "match-map", "misplaced-condition", "misplaced-title",
		"condition-text", "condition-operator", "condition-sigma-1", "recover", "requires", "roles", "sigma-detection", "type-unknown"} {
		broken := documents(t, filepath.Join("testdata", "bad", name+".yml"))
		if len(broken) == 0 {
			t.Errorf("%s holds no document", name)
		}
		if !slices.ContainsFunc(broken, func(v any) bool { return s.Validate(v) != nil }) {
			t.Errorf("the schema takes %s", name)
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
