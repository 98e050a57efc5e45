package fault

import (
	"strings"
	"testing"
)

func index(list []int, i int) int { return list[i] }

func TestLog(t *testing.T) {
	var l Log
	u := Unit{Step: "step", Rule: "a"}
	for i := range 1000 {
		u.At = Place{Frame: int64(i + 1)}
		if l.Do(u, func() { index(nil, i) }) {
			t.Fatal("a unit that panics came to its end")
		}
	}
	if !l.Do(u, func() {}) {
		t.Error("a sound unit did not come to its end")
	}
	l.Do(u, func() { panic("another") })
	l.Do(Unit{Step: "step", Rule: "b"}, func() { panic("of another rule") })
	if err := l.Err(); err == nil || (&Log{}).Err() != nil {
		t.Errorf("a log with faults gives %v, one without %v", err, (&Log{}).Err())
	}
	all := l.Faults()
	if len(all) != 3 {
		t.Fatalf("%d faults, want 3: %+v", len(all), all)
	}
	times := map[string]int64{}
	for _, f := range all {
		times[f.Cause] += f.Times
		if f.Times == 1000 && (len(f.Lost) != maxPlaces || f.Lost[0].Frame != 1 || !strings.Contains(f.Where, "fault.index, fault_test.go:8")) {
			t.Errorf("got %+v", f)
		}
	}
	if times["another"] != 1 || times["of another rule"] != 1 || len(times) != 3 {
		t.Errorf("one fault hides another: %v", times)
	}
}

func TestBug(t *testing.T) {
	b := func() (b *Bug) {
		defer func() { b = Caught(recover()) }()
		counts := map[bool]map[string]int{}
		counts[true]["a"] = 1
		return nil
	}()
	if b.Path = "a.pcap"; !strings.Contains(b.Where, "fault_test.go") || !strings.Contains(b.Error(), "bug in icmpsift") || !strings.Contains(b.Error(), "nil map") {
		t.Errorf("got %v", b)
	}
	if again := Caught(b); again != b {
		t.Error("a bug that goes through two doors is another one")
	}
}
