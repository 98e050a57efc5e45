package filter

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// automaton tells whether bytes match a regular expression, with one look into a table for each byte: its states are the
// places in the expression where a match can have come to, and are made when bytes first lead there (as RE2 does it). Where
// there would be too many of them the expression itself is asked. It may be used from several goroutines.
type automaton struct {
	re       *regexp.Regexp
	prog     *syntax.Prog
	anchored bool       // a match can only begin at the start
	kind     [256]uint8 // of bytes that the expression does not tell apart; the last kind is the end
	sample   []rune     // a rune of each kind
	states   []*state   // the first made of them are there
	mu       sync.Mutex // for what follows
	made     int32
	known    map[string]int32
}

// maxTable bounds the memory of an automaton's table, maxPlaces the work to make a state.
const (
	maxTable  = 1 << 14 // entries
	maxPlaces = 1 << 10
)

// state is a set of places before which a match stands, and what kind of rune was the last.
type state struct {
	at   []uint32
	last rune           // -1 at the start
	next []atomic.Int32 // by kind of the byte that follows
}

// Where a byte leads to beside states: they are numbered from 1.
const (
	unmade  = 0
	matched = -1
	lost    = -2 // no byte that follows makes it match
	toomany = -3
)

// automatonOf makes the automaton of an expression.
func automatonOf(re *regexp.Regexp) *automaton {
	a := &automaton{re: re, known: map[string]int32{}}
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return a
	}
	if a.prog, err = syntax.Compile(tree.Simplify()); err != nil || len(a.prog.Inst) > maxPlaces {
		a.prog = nil
		return a
	}
	a.sort()
	a.anchored = a.beginsOnce()
	a.states = make([]*state, 1+maxTable/(len(a.sample)+1))
	a.state([]uint32{uint32(a.prog.Start)}, -1)
	return a
}

// sort puts bytes into kinds.
func (a *automaton) sort() {
	known := map[string]uint8{}
	for c := range a.kind {
		r := wide(byte(c))
		look := []byte{byte(syntax.EmptyOpContext(r, -1)), byte(syntax.EmptyOpContext(-1, r))}
		for i := range a.prog.Inst {
			if x := &a.prog.Inst[i]; consumes(x) {
				look = strconv.AppendBool(look, x.MatchRune(r))
			}
		}
		k, ok := known[string(look)]
		if !ok {
			k = uint8(len(known))
			known[string(look)] = k
			a.sample = append(a.sample, r)
		}
		a.kind[c] = k
	}
}

func consumes(x *syntax.Inst) bool {
	return x.Op == syntax.InstRune || x.Op == syntax.InstRune1 || x.Op == syntax.InstRuneAny || x.Op == syntax.InstRuneAnyNotNL
}

// matches tells whether the bytes match.
func matches[T string | []byte](a *automaton, m *machine, b T) bool {
	if a.prog == nil {
		return a.re.Match(m.widened([]byte(b)))
	}
	s := a.states[1]
	for i := 0; i <= len(b); i++ {
		kind := len(a.sample)
		if i < len(b) {
			kind = int(a.kind[b[i]])
		}
		to := s.next[kind].Load()
		if to == unmade {
			to = a.step(s, kind)
		}
		switch to {
		case matched, lost:
			return to == matched
		case toomany:
			return a.re.Match(m.widened([]byte(b)))
		}
		s = a.states[to]
	}
	return false
}

// beginsOnce tells whether no match can begin behind the start.
func (a *automaton) beginsOnce() bool {
	for _, last := range "a \n" {
		for _, r := range append(a.sample, -1) {
			if before, match := a.before(&state{last: last}, r); match || len(before) > 0 {
				return false
			}
		}
	}
	return true
}

// step finds where a kind of byte, or the end, leads from a state.
func (a *automaton) step(s *state, kind int) (to int32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := rune(-1)
	if kind < len(a.sample) {
		r = a.sample[kind]
	}
	before, match := a.before(s, r)
	var at []uint32
	for _, pc := range before {
		if x := &a.prog.Inst[pc]; r >= 0 && x.MatchRune(r) && !slices.Contains(at, x.Out) {
			at = append(at, x.Out)
		}
	}
	switch slices.Sort(at); {
	case match:
		to = matched
	case r < 0, len(at) == 0 && a.anchored:
		to = lost
	default:
		to = a.state(at, last(r))
	}
	s.next[kind].Store(to)
	return to
}

// last is all that counts of a rune for what follows it.
func last(r rune) rune {
	switch {
	case r == '\n':
		return r
	case syntax.IsWordChar(r):
		return 'a'
	}
	return ' '
}

// before gives the instructions that consume a rune which a match may stand before if r comes next, and whether there is a match already.
func (a *automaton) before(s *state, r rune) (out []uint32, match bool) {
	looks := syntax.EmptyOpContext(s.last, r)
	todo, seen := slices.Clone(s.at), map[uint32]bool{}
	if !a.anchored {
		todo = append(todo, uint32(a.prog.Start))
	}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		if todo = todo[:len(todo)-1]; seen[pc] {
			continue
		}
		seen[pc] = true
		switch x := &a.prog.Inst[pc]; {
		case consumes(x):
			out = append(out, pc)
		case x.Op == syntax.InstMatch:
			return nil, true
		case x.Op == syntax.InstAlt, x.Op == syntax.InstAltMatch:
			todo = append(todo, x.Out, x.Arg)
		case x.Op == syntax.InstCapture, x.Op == syntax.InstNop, x.Op == syntax.InstEmptyWidth && syntax.EmptyOp(x.Arg)&^looks == 0:
			todo = append(todo, x.Out)
		}
	}
	return out, false
}

// state gives the number of a state, which may be new.
func (a *automaton) state(at []uint32, last rune) int32 {
	key := []byte{byte(last)}
	for _, pc := range at {
		key = append(key, byte(pc>>8), byte(pc))
	}
	if n, ok := a.known[string(key)]; ok {
		return n
	}
	if int(a.made)+1 == len(a.states) {
		return toomany
	}
	a.made++
	a.states[a.made] = &state{at, last, make([]atomic.Int32, len(a.sample)+1)}
	a.known[string(key)] = a.made
	return a.made
}
