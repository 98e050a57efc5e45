package engine

import (
	"strconv"
	"strings"
)

// wording is text as a monitor words it: the same words each time, and numbers among them, some of which count up.
type wording struct {
	words   string // with a sign in the place of each number
	numbers []float64
	steps   []float64 // the first step of each number that has risen
}

// mostNumbers bounds the numbers of a text that are looked at, mostRising those of them that change: a message number, times, a counter.
const mostNumbers, mostRising = 32, 4

// worded takes text apart; ok is false where it is none, or has no number.
func worded(b []byte) (w wording, ok bool) {
	var words strings.Builder
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < ' ' && c != '\n' && c != '\t' && c != '\r' || c >= 0x7f || c == '#':
			return w, false
		case !figure(c):
			words.WriteByte(c)
			continue
		}
		from := i
		for i+1 < len(b) && figure(b[i+1]) {
			i++
		}
		n, err := strconv.ParseFloat(string(b[from:i+1]), 64)
		if err != nil || len(w.numbers) >= mostNumbers {
			return w, false
		}
		words.WriteByte('#')
		w.numbers = append(w.numbers, n)
	}
	w.words = words.String()
	return w, len(w.numbers) > 0 && 2*len(w.numbers) < len(w.words)
}

// follows tells whether a text says the same as this one, with numbers that are the same or have risen as they rose before; it takes that text's place.
func (w *wording) follows(next wording) bool {
	if w.words != next.words || len(w.numbers) != len(next.numbers) {
		return false
	}
	if w.steps == nil {
		w.steps = make([]float64, len(w.numbers))
	}
	rising := 0
	for i, n := range next.numbers {
		step := n - w.numbers[i]
		if step > 0 && w.steps[i] == 0 {
			w.steps[i] = step
		}
		if first := w.steps[i]; step < 0 || step > alike*first || step > 0 && first > alike*step {
			return false
		}
		rising += int(min(1, w.steps[i]))
	}
	w.numbers = next.numbers
	return rising <= mostRising
}
