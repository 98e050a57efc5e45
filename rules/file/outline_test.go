package file_test

import (
	"testing"

	"icmpsift/rules"
	"icmpsift/rules/file"
)

func TestOutline(t *testing.T) {
	text := "# about\ntitle: A\ntags: attack.t1018\nmatch: >-\n  icmp and\n  icmp.code\n---\ntitle: B\ntests:\n  - capture: x\n  - {capture: y}\n"
	o := file.File{Path: "a.yml", Text: []byte(text)}.Outline()
	first, second := rules.Position{File: "a.yml", Line: 2, Column: 1}, rules.Position{File: "a.yml", Line: 8, Column: 1}
	for _, tt := range []struct {
		name         string
		got          rules.Position
		line, column int
	}{
		{"value", o.At(first, "title"), 2, 8},
		{"text as list", o.At(first, "tags", "0"), 3, 7},
		{"item", o.At(second, "tests", "1", "capture"), 11, 15},
		{"no such key", o.At(second, "level"), 8, 1},
		{"part of the way", o.At(second, "tests", "1", "expect"), 11, 5},
		{"within", o.Within(first, 9, "match"), 6, 3},
	} {
		if want := (rules.Position{File: "a.yml", Line: tt.line, Column: tt.column}); tt.got != want {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, want)
		}
	}
	if got := o.Line(5); got != "  icmp and" || o.Line(0) != "" || o.Line(99) != "" {
		t.Errorf("got line %q", got)
	}
	if got, line := o.Source(second); line != 8 || got != "title: B\ntests:\n  - capture: x\n  - {capture: y}" {
		t.Errorf("got %q from line %d", got, line)
	}
	if got, line := o.Source(first); line != 1 || got[:7] != "# about" {
		t.Errorf("got %q from line %d", got, line)
	}
	if !o.Has(second, "tests", "0") || o.Has(first, "tests") {
		t.Error("Has is wrong")
	}
}
