package recover

import (
	"bytes"
	"testing"
)

// A packet too short for the longest pattern of the others gives a copy of its own.
func TestShortRepeat(t *testing.T) {
	var list []Candidate
	for i, pattern := range []string{"A", "sixteen letters.", "B", "other 16 letters"} {
		value := append(bytes.Repeat([]byte{byte(i)}, stampOfLinux), bytes.Repeat([]byte(pattern), max(2, 8/len(pattern)))...)
		list = append(list, Candidate{Value: value, Wire: len(value)})
	}
	got := repeated(transfer{members: list})
	if len(got) != 1 || string(got[0].members[0].Value) != "A" || string(got[0].members[1].Value) != "sixteen letters." {
		t.Errorf("%+v", got)
	}
}

// What a framing leaves no piece of shares nothing, and looking for more ends.
func TestNoPieceSharesNothing(t *testing.T) {
	if n := sharedFrom(nil, 0); n != 0 {
		t.Errorf("%d bytes", n)
	}
	if got := sharing(transfer{}); len(got) > 1 {
		t.Errorf("%+v", got)
	}
}
