package spool

import (
	"bytes"
	"io"
	"math/rand"
	"testing"
)

// Each budget makes the same data live elsewhere: in memory, across the border, in a file.
var budgets = map[string]int64{"memory": 64 << 20, "border": 300 << 10, "file": 0}

func TestLogReadsBackWhatWasWritten(t *testing.T) {
	for name, bytesAllowed := range budgets {
		t.Run(name, func(t *testing.T) {
			budget := NewBudget(bytesAllowed, t.TempDir())
			l := NewLog(budget)
			var all bytes.Buffer
			rnd := rand.New(rand.NewSource(1))
			for range 3000 {
				p := make([]byte, rnd.Intn(1000))
				rnd.Read(p)
				all.Write(p)
				if _, err := l.Write(p); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				r, err := l.Reader()
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if err != nil || !bytes.Equal(got, all.Bytes()) {
					t.Fatalf("read %d bytes, wrote %d, error %v", len(got), all.Len(), err)
				}
			}
			if l.Close(); budget.left.Load() != bytesAllowed {
				t.Errorf("budget after close: %d, want %d", budget.left.Load(), bytesAllowed)
			}
		})
	}
}

func TestSlotsHoldWhatWasSet(t *testing.T) {
	for name, bytesAllowed := range budgets {
		t.Run(name, func(t *testing.T) {
			budget := NewBudget(bytesAllowed, t.TempDir())
			s, want := NewSlots(budget), map[int64]int64{}
			rnd := rand.New(rand.NewSource(2))
			for range 20000 {
				i := rnd.Int63n(40 * pageSlots)
				s.Set(i, i*7+1)
				want[i] = i*7 + 1
			}
			for i := range int64(40 * pageSlots) {
				if s.Get(i) != want[i] {
					t.Fatalf("slot %d: %d, want %d", i, s.Get(i), want[i])
				}
			}
			if s.Err() != nil {
				t.Fatal(s.Err())
			}
			if s.Close(); budget.left.Load() != bytesAllowed {
				t.Errorf("budget after close: %d, want %d", budget.left.Load(), bytesAllowed)
			}
		})
	}
}

// Reading slots that were never set takes no memory, and none of them fails the run.
func TestReadingSlotsIsFree(t *testing.T) {
	budget := NewBudget(1<<20, t.TempDir())
	s := NewSlots(budget)
	s.Set(1, 1)
	left := budget.left.Load()
	for i := range int64(1000) {
		if got := s.Get(i * pageSlots); got != 0 {
			t.Fatalf("slot %d: %d", i*pageSlots, got)
		}
	}
	if budget.left.Load() != left || s.Get(1) != 1 {
		t.Errorf("%d bytes were taken", left-budget.left.Load())
	}
}

func TestNoPlaceForFiles(t *testing.T) {
	budget := NewBudget(0, t.TempDir()+"/missing")
	if _, err := NewLog(budget).Write([]byte("x")); err == nil {
		t.Error("the log has nowhere to write to, and says nothing")
	}
	s := NewSlots(budget)
	if s.Set(1, 1); s.Err() == nil {
		t.Error("the slots have nowhere to write to, and say nothing")
	}
}

// Moving from memory to a file takes time in proportion.
func TestLateSpill(t *testing.T) {
	const pages = 1 << 14 // 64 MiB
	s := NewSlots(NewBudget(pages*pageBytes, t.TempDir()))
	for i := range int64(pages + 10) {
		s.Set(i*pageSlots, i+1)
	}
	for i := range int64(pages + 10) {
		if got := s.Get(i * pageSlots); got != i+1 {
			t.Fatalf("slot %d: %d", i*pageSlots, got)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
