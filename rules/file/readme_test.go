package file_test

import (
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"icmpsift/ingest/field"
	"icmpsift/rules/file"
)

// The rule in the README loads as it stands.
func TestReadmeRule(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(b, -1)
	if len(examples) == 0 {
		t.Fatal("the README shows no rule")
	}
	for _, e := range examples {
		fsys := fstest.MapFS{"readme.yml": {Data: e[1]}}
		if _, err := file.Load(&field.Context{}, file.Source{FS: fsys, Root: "."}); err != nil {
			t.Error(err)
		}
	}
}
