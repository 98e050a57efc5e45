package custody

import (
	"path/filepath"
	"strings"
	"testing"
)

// FuzzManifest: no name leads out of the folder, and what was read is what a manifest says.
func FuzzManifest(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	for _, text := range []string{sum + "  report.md\n", sum + " *recovered/F1.bin\r\n" + sum + "  custody.json", sum + "  ../secret", sum + "  /etc/passwd", sum + " x", "", "0a  x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := parse("manifest.sha256", []byte(text))
		if err != nil && !strings.HasPrefix(err.Error(), "manifest.sha256:") {
			t.Errorf("%q: %v names no place", text, err)
		}
		for _, l := range lines {
			if !filepath.IsLocal(l.name) || len(l.sum) != 64 || !strings.Contains(text, l.name) {
				t.Errorf("%q: %+v", text, l)
			}
		}
	})
}
