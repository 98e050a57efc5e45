package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"icmpsift/rules"
)

// A full disk is told once, with what to do, and leaves no half file.
func TestFullDisk(t *testing.T) {
	full := fmt.Errorf("write x: %w", syscall.ENOSPC)
	if got := advised(errors.Join(full, full)).Error(); strings.Count(got, "write x") != 1 || !strings.Contains(got, "free some space") || !errors.Is(advised(full), syscall.ENOSPC) {
		t.Errorf("%q", got)
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := create(path, 0o600, func(w io.Writer) error { w.Write([]byte("half")); return full }); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("half a file is left")
	}
}

// Where one of several files cannot be written, recover leaves none.
func TestRecoverWritesAllOrNone(t *testing.T) {
	dir := t.TempDir()
	q := &carving{output: filepath.Join(dir, strings.Repeat("x", 253))} // with a number of two digits too long a name
	var found []*rules.Artefact
	for range 12 {
		found = append(found, &rules.Artefact{Bytes: []byte("bytes")})
	}
	if _, err := q.write(found); err == nil {
		t.Fatal("the last names are too long, and no error says so")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}
