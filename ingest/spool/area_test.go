package spool

import (
	"bytes"
	"io"
	"math/rand"
	"os"
	"sync"
	"testing"
)

// openSpools counts the files that logs and slots have open, where the system tells.
func openSpools(t *testing.T) (n int) {
	const open = "/proc/self/fd"
	entries, err := os.ReadDir(open)
	if err != nil {
		t.Skip("the system does not tell which files are open")
	}
	for _, e := range entries {
		if name, err := os.Readlink(open + "/" + e.Name()); err == nil && bytes.Contains([]byte(name), []byte(t.Name())) {
			n++
		}
	}
	return n
}

// However many logs and slots spill, written in turn and by several goroutines, one file is open, and none when the last is closed.
func TestOneFileForAll(t *testing.T) {
	const many = 500
	budget := NewBudget(0, t.TempDir())
	logs, slots, want := make([]*Log, many), make([]*Slots, many), make([][]byte, many)
	var at sync.WaitGroup
	for worker := range 2 {
		at.Go(func() {
			rnd := rand.New(rand.NewSource(int64(worker)))
			for i := worker; i < many; i += 2 {
				logs[i], slots[i] = NewLog(budget), NewSlots(budget)
			}
			for range 6 {
				for i := worker; i < many; i += 2 {
					p := make([]byte, rnd.Intn(3*pageBytes))
					rnd.Read(p)
					want[i] = append(want[i], p...)
					if _, err := logs[i].Write(p); err != nil {
						t.Error(err)
					}
					if err := logs[i].Rest(); err != nil {
						t.Error(err)
					}
					slots[i].Set(int64(i)*pageSlots, int64(i)+1)
					slots[i].Rest()
				}
			}
		})
	}
	at.Wait()
	if n := openSpools(t); n != 1 {
		t.Errorf("%d files are open, want 1", n)
	}
	for i, l := range logs {
		r, err := l.Reader()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want[i]) {
			t.Fatalf("log %d: read %d bytes, wrote %d, error %v", i, len(got), len(want[i]), err)
		}
		if got := slots[i].Get(int64(i) * pageSlots); got != int64(i)+1 || slots[i].Err() != nil {
			t.Fatalf("slots %d: %d, error %v", i, got, slots[i].Err())
		}
	}
	for i := range logs {
		if err := logs[i].Close(); err != nil {
			t.Error(err)
		}
		if err := slots[i].Close(); err != nil {
			t.Error(err)
		}
	}
	if n := openSpools(t); n != 0 {
		t.Errorf("%d files are open behind the last, want none", n)
	}
}

// The room of what was closed is used again, and shows nothing of what stood there.
func TestRoomIsUsedAgain(t *testing.T) {
	budget := NewBudget(0, t.TempDir())
	stays := NewLog(budget)
	if _, err := stays.Write([]byte("stays")); err != nil {
		t.Fatal(err)
	}
	var end int64
	for round := range 5 {
		l := NewLog(budget)
		if _, err := l.Write(bytes.Repeat([]byte{0xff}, 3<<20)); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			end = budget.disk.end
		}
	}
	s := NewSlots(budget)
	s.Set(100*pageSlots+1, 7)
	s.Rest()
	for i := range int64(128 * pageSlots) {
		if got := s.Get(i); got != 0 && i != 100*pageSlots+1 {
			t.Fatalf("slot %d: %#x, want what was never set", i, got)
		}
	}
	if budget.disk.end != end {
		t.Errorf("the file grew from %d bytes to %d", end, budget.disk.end)
	}
	r, err := stays.Reader()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "stays" {
		t.Errorf("%q, error %v", got, err)
	}
}

// Blocks follow each other without a gap, whatever their size.
func TestBlocks(t *testing.T) {
	number, end := int64(-1), int64(0)
	for page := range int64(5 * mostPages) {
		n, first, pages := blockOf(page)
		if page < first || page >= first+pages || pages > mostPages {
			t.Fatalf("page %d is not among the %d from %d", page, pages, first)
		}
		if n != number {
			if first != page || first != end || n < number {
				t.Fatalf("block %d begins at page %d, want %d", n, first, end)
			}
			number, end = n, first+pages
		}
	}
}

// An area does what a file does that is as large as need be and empty.
func TestAreaIsAFile(t *testing.T) {
	budget, model := NewBudget(0, t.TempDir()), make([]byte, 2<<20)
	a, err := budget.area()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	rnd := rand.New(rand.NewSource(4))
	for range 300 {
		off := rnd.Intn(len(model))
		p := make([]byte, rnd.Intn(min(len(model)-off, 300<<10)+1))
		if rnd.Intn(3) == 0 {
			rnd.Read(p)
			copy(model[off:], p)
			if n, err := a.WriteAt(p, int64(off)); n != len(p) || err != nil {
				t.Fatalf("wrote %d of %d, error %v", n, len(p), err)
			}
		}
		if n, err := a.ReadAt(p, int64(off)); n != len(p) || err != nil || !bytes.Equal(p, model[off:off+len(p)]) {
			t.Fatalf("%d bytes from %d are other than was written; read %d, error %v", len(p), off, n, err)
		}
	}
}
