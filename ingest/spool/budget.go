// Package spool keeps more data than memory should hold: a [Log] of bytes written once and read often, and [Slots],
// numbers that are set in any order. Both live in memory while their shared [Budget] lasts and beyond it in one private temporary
// file (mode 0600, removed when the last of them is closed), however many there are. Call [NewBudget] first.
package spool

import (
	"os"
	"sync/atomic"
)

// Budget is how much memory logs and slots may share. The zero value spools everything to the system's temporary folder.
type Budget struct {
	left atomic.Int64
	work int64
	dir  string
	disk disk
}

// usualWork is how much work on packets may hold where nothing else is said.
const usualWork = 512 << 20

// NewBudget allows bytes of memory; what exceeds it goes to a file in dir ("" is the system's temporary folder).
func NewBudget(bytes int64, dir string) *Budget {
	b := &Budget{dir: dir, work: usualWork}
	b.left.Store(bytes)
	return b
}

// Shares of a run's memory, one part in so many. The others are for tables, which have bounds of their own, and for the garbage
// that piles up between two collections.
const (
	spoolShare = 64 // files hold packets nearly as fast
	workShare  = 8  // recovery makes several times as much of it
	fragShare  = 32 // of each file that is read, and of the case
)

// Least is the memory that a run needs where evidence makes it, whatever it may use: the tables of state are made for it, and what
// they give up depends on the evidence alone.
const Least = 256 << 20

// Divide makes the budget of a run that may use so much memory in all.
func Divide(memory int64, dir string) *Budget {
	b := NewBudget(memory/spoolShare, dir)
	b.work = max(memory, Least) / workShare
	return b
}

// Work is how many bytes of packets may be held at once to work on them: what is to be recovered.
func (b *Budget) Work() int64 { return b.work }

// Fragments is how many bytes of unfinished datagrams one reassembly may hold.
func (b *Budget) Fragments() int { return int(b.work * workShare / fragShare) }

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
