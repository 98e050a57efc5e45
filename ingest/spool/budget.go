// Package spool keeps more data than memory should hold: a [Log] of bytes written once and read often, and [Slots],
// numbers that are set in any order. Both live in memory while their shared [Budget] lasts and in private temporary
// files (mode 0600, removed on Close) beyond it. Call [NewBudget] first.
package spool

import (
	"os"
	"sync/atomic"
)

// Budget is how much memory logs and slots may share. The zero value spools everything to the system's temporary folder.
type Budget struct {
	left atomic.Int64
	dir  string
}

// NewBudget allows bytes of memory; what exceeds it goes to files in dir ("" is the system's temporary folder).
func NewBudget(bytes int64, dir string) *Budget {
	b := &Budget{dir: dir}
	b.left.Store(bytes)
	return b
}

// Take asks for n bytes of memory that the caller holds itself; false means that there are none left.
func (b *Budget) Take(n int) bool {
	if b.left.Add(-int64(n)) >= 0 {
		return true
	}
	b.left.Add(int64(n))
	return false
}

// Give gives back what was taken.
func (b *Budget) Give(n int) { b.left.Add(int64(n)) }

// file makes a temporary file. It is unlinked at once where the system allows, so that a killed run leaves nothing behind.
func (b *Budget) file() (*tempFile, error) {
	f, err := os.CreateTemp(b.dir, ".icmpsift-spool-*")
	if err != nil {
		return nil, err
	}
	return &tempFile{File: f, gone: os.Remove(f.Name()) == nil}, nil
}

type tempFile struct {
	*os.File
	gone bool
}

func (t *tempFile) Close() error {
	err := t.File.Close()
	if !t.gone {
		os.Remove(t.Name())
	}
	return err
}
