package file_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"icmpsift/rules/file"
)

// A pipe in a folder of rules, or named, is a problem and not waited for.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.yml")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Dir(path)} {
		if _, err := file.Load(context(t), file.Path(name)); err == nil || !strings.Contains(err.Error(), "pipe.yml: cannot read: not a regular file") {
			t.Errorf("got %v", err)
		}
	}
}
