package engine

import (
	"fmt"
	"testing"
)

// Values are one form where a quarter of their bytes never changes.
func TestForm(t *testing.T) {
	for name, tt := range map[string]struct {
		value func(i int) string
		want  bool
	}{
		"a form filled in":        {func(i int) string { return fmt.Sprintf("host=DESK40 load=%02d", 17*i%100) }, true},
		"a form of many lengths":  {func(i int) string { return fmt.Sprintf("host=DESK40 n=%d", 7<<i) }, true},
		"pieces of a text":        {func(i int) string { return "The minutes of the board meeting are here."[7*i : 7*i+7] }, false},
		"a mark, and other bytes": {func(i int) string { return fmt.Sprintf("#%c%c%c%c", 'a'+i, 'b'+i, 'c'+i, 'd'+i) }, false},
		"always the same":         {func(int) string { return "ping" }, true},
	} {
		var f form
		for i := range 6 {
			f.add([]byte(tt.value(i)))
		}
		if f.alike() != tt.want {
			t.Errorf("%s: got %v, want %v", name, f.alike(), tt.want)
		}
	}
}
