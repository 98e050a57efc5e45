// Package fault keeps a panic, which is a bug of icmpsift, to the unit of work that it happened in: a [Log] notes what was lost, and the
// run goes on. Run units by [Log.Do]; where even that costs too much, defer a recover and call [Log.Add]. What cannot be kept to a unit
// becomes a [Bug], an error that ends the run. What Go itself cannot recover from, such as a stack that grows too large, still ends it.
package fault

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Unit is a piece of work that can be lost alone.
type Unit struct {
	Step string // what was being done: "recovery from icmp.seq"
	Rule string // name of the rule that it was done for, "" if it was for none
	At   Place
}

// Place is what a unit was about, as far as that is known.
type Place struct {
	Src, Dst string
	Evidence int   // place of the evidence file in the ledger; it counts only with a frame
	Frame    int64 // 0: not known
}

// Fault is what one bug cost in one kind of unit.
type Fault struct {
	Step, Rule string
	Cause      string // of the first time
	Where      string // function, file and line that panicked
	Times      int64
	Lost       []Place // the first of them, at most maxPlaces
}

// maxPlaces bounds what is listed of one fault: thousands of packets may meet it.
const maxPlaces = 20

// Log notes faults. The zero value is ready, and safe for concurrent use. A nil log keeps nothing: what panics goes on to do so.
type Log struct {
	mu  sync.Mutex
	all []*Fault
}

// Trip, if not nil, is called at the start of each unit that [Log.Do] runs. Tests set it, and panic in it.
var Trip func(Unit)

// Do runs a unit. It tells whether that came to its end; if not, the log knows.
func (l *Log) Do(u Unit, f func()) (ok bool) {
	if l == nil {
		f()
		return true
	}
	defer func() {
		if cause := recover(); cause != nil {
			l.Add(cause, u)
		}
	}()
	if Trip != nil {
		Trip(u)
	}
	f()
	return true
}

// Add notes a cause that the caller has just recovered, in the function that it deferred. The same bug in units of the same kind
// is one fault.
func (l *Log) Add(cause any, u Unit) {
	if l == nil {
		panic(cause)
	}
	b := Caught(cause)
	if b.Frame > 0 && u.At == (Place{}) {
		u.At = Place{Evidence: b.Evidence, Frame: b.Frame}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.all, func(f *Fault) bool { return f.Step == u.Step && f.Rule == u.Rule && f.Where == b.Where })
	if i < 0 {
		i = len(l.all)
		l.all = append(l.all, &Fault{Step: u.Step, Rule: u.Rule, Cause: b.Cause, Where: b.Where})
	}
	f := l.all[i]
	if f.Times++; len(f.Lost) < maxPlaces && u.At != (Place{}) && !slices.Contains(f.Lost, u.At) {
		f.Lost = append(f.Lost, u.At)
	}
}

// Try runs a unit as Do does; a [Bug] that it gives back is noted, too. Other errors are the caller's.
func (l *Log) Try(u Unit, f func() error) (ok bool, err error) {
	ok = l.Do(u, func() { err = f() })
	var bug *Bug
	if l != nil && errors.As(err, &bug) {
		l.Add(bug, u)
		return false, nil
	}
	return ok, err
}

// Faults gives copies of all that was noted, in an order that does not depend on which goroutine was faster.
func (l *Log) Faults() (out []Fault) {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.all {
		c := *f
		c.Lost = slices.Clone(f.Lost)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Where, b.Where))
	})
	return out
}

// Err is the first fault as an error, for who has no place to name what was lost; nil if there is none.
func (l *Log) Err() error {
	all := l.Faults()
	if len(all) == 0 {
		return nil
	}
	f := all[0]
	return &Bug{Cause: f.Cause, Where: f.Where + ", " + strings.TrimSpace(f.Step+" "+f.Rule)}
}

// Bug is a panic that ended the run.
type Bug struct {
	Cause, Where string
	Evidence     int    // of the packet in hand; it counts only with a frame
	Frame        int64  // 0: not known
	Path         string // of the evidence, "" if not known
}

// Caught makes an error of a cause that the caller has just recovered, in the function that it deferred.
func Caught(cause any) *Bug {
	if b, ok := cause.(*Bug); ok {
		return b
	}
	return &Bug{Cause: fmt.Sprint(cause), Where: origin()}
}

func (b *Bug) Error() string {
	at := ""
	if b.Path != "" {
		at = fmt.Sprintf(" at frame %d of %q", b.Frame, b.Path)
	}
	return fmt.Sprintf("this is a bug in icmpsift, not a fault of the evidence or of yours: it failed%s and has no result; please report this: %s (%s)", at, b.Cause, b.Where)
}

// origin finds the code that panicked: the first frame below the runtime's own.
func origin() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for panicked, more := false, true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked = true
		case panicked && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf("%s, %s:%d", path.Base(f.Function), path.Base(f.File), f.Line)
		}
	}
	return "place not known"
}
