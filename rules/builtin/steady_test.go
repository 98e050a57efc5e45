package builtin_test

import (
	"fmt"
	"slices"
	"time"
)

// heard is a host that answers another: the capture holds both directions.
func heard(host string) []sent {
	return answered(0, "10.20.9.1", host, 1, windowsBody(0), windowsBody(0))
}

// fieldsOf are texts of several fields, for each way to part them.
var fieldsOf = []func(i int) []byte{always("ws57|jdoe|up"), always("ws57;jdoe;up"), always("h=ws57&u=jdoe&n=1"), always(`{"host": "ws57"}`), always(`{"run" :7}`)}

// constants say the same each time, in each class.
func constants() (out []func(i int) []byte) {
	for _, kind := range append([]func(i int) []byte{always("here is ws57")}, classes[1], classes[2], classes[3], classes[4], classes[5], unknown) {
		first := kind(1)
		out = append(out, func(int) []byte { return first })
	}
	return out
}

// evenHit are beacons of each kind, in twenty beats, as slow, as fast, as long and as uneven as can be.
func evenHit(kinds []func(i int) []byte) []sent {
	out := heard("10.20.9.2")
	for k, kind := range kinds {
		out = append(out, beats(time.Duration(k)*time.Second, 7*day*9/10/19, fmt.Sprintf("10.20.3.%d", k), fmt.Sprintf("198.51.100.%d", k), 20, kind)...)
	}
	long := append(kinds[0](0), " "+repeat(sentence, 256)...)[:256]
	out = append(out, beats(0, 5*time.Second, inside, outside, 20, func(int) []byte { return long })...)
	out = append(out, unevenOf(0.4, inside2, outside, 9, 5, kinds[0])...)
	for i := range 20 { // two each time
		out = append(out, beats(time.Duration(i)*time.Minute, 2900*time.Millisecond, inside3, outside, 2, kinds[0])...)
	}
	return out
}

// evenMiss are those of a kind that fall short of one thing each, and other kinds.
func evenMiss(kind func(i int) []byte, others ...func(i int) []byte) []sent {
	out := heard("10.20.9.2")
	minutes := func(src, dst string, n int, kind func(i int) []byte) {
		out = append(out, beats(time.Second, time.Minute, src, dst, n, kind)...)
	}
	long := append(kind(0), " "+repeat(sentence, 257)...)[:257]
	for k, other := range append(others, func(int) []byte { return long }) {
		minutes(fmt.Sprintf("10.20.5.%d", k+1), outside, 30, other)
	}
	minutes(inside, inside2, 30, kind)
	minutes(outside, inside, 30, kind)
	minutes(outside, outside2, 30, kind)
	minutes(inside, outside, 19, kind)
	minutes(inside, outside2, 19, kind)
	minutes(inside2, outside, 19, kind)
	out = append(out, beats(0, 14*day/19, inside3, outside, 20, kind)...)
	out = append(out, beats(0, 4*time.Second, inside3, outside2, 40, kind)...)
	out = append(out, unevenOf(0.43, "10.20.6.4", outside, 8, 0, kind)...)
	for i, s := range beats(0, time.Minute, "10.20.6.7", outside, 36, kind) { // half of them to another host
		if i >= 18 {
			s.dst = outside2
		}
		out = append(out, s)
	}
	for i := range 30 {
		out = append(out, sent{time.Duration(i) * time.Minute, "10.20.6.5", outside, echo(0, 7, uint16(i), kind(i))})
	}
	return out
}

// notOf are payloads of other classes than a beacon's.
var notOf = []func(i int) []byte{innerIP, classes[8], windowsBody, bytesOf(0, 60), ramp}

func fieldsMiss() []sent {
	wordy := func(text string) func(i int) []byte { return always(text) }
	noisy := append(noise(40, 1), "|ws57|jdoe|"...)
	return evenMiss(fieldsOf[0], wordy("all is well, says ws57"), wordy("ws57|jdoe"), wordy("h=ws57&u"), func(int) []byte { return noisy })
}

// muteMiss has a beacon to one that answered somebody, once.
func muteMiss() []sent {
	kind := constants()[0]
	return slices.Concat(evenMiss(kind, notOf...), heard(outside3), beats(time.Second, time.Minute, "10.20.6.6", outside3, 30, kind))
}
