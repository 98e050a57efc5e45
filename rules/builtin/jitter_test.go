package builtin_test

import (
	"fmt"
	"math"
	"time"
)

// wavers are n pings whose intervals are shorter than the period by a share, it, and longer by the same, in turn.
func wavers(by float64, period time.Duration, src, dst string, n int, payload func(i int) []byte) (out []sent) {
	at := time.Duration(0)
	for i, s := range beats(0, 0, src, dst, n, payload) {
		s.at = at
		out = append(out, s)
		at += period + time.Duration(i%3-1)*time.Duration(math.Round(by*float64(period)))
	}
	return out
}

// jitterHit are beacons of each class, in twenty beats, as slow, as fast, as even and as uneven as can be.
func jitterHit() (out []sent) {
	kinds := []func(i int) []byte{always("here is ws57"), classes[1], classes[2], classes[3], classes[4], classes[5], unknown}
	for k, kind := range kinds {
		first := kind(1)
		out = append(out, wavers(0.1, 7*day*3/4/19, fmt.Sprintf("10.20.3.%d", k), fmt.Sprintf("198.51.100.%d", k), 20, func(int) []byte { return first })...)
	}
	long := []byte(repeat(sentence, 256)[:256])
	out = append(out, wavers(0.03, 5*time.Second, inside, outside, 20, func(int) []byte { return long })...)
	out = append(out, wavers(0.25, 45*time.Second, inside6, outside6, 20, func(i int) []byte { return fmt.Appendf(nil, "beat %06d of ws57", i) })...)
	for i, s := range wavers(0.1, time.Minute, inside2, outside, 20, always("here is ws57")) { // two each time
		s.message = echo(8, 7, uint16(2*i), []byte("here is ws57"))
		out = append(out, s, sent{s.at + 2900*time.Millisecond, s.src, s.dst, s.message})
	}
	return append(out, wavers(0.1, time.Minute, inside3, outside, 20, func(int) []byte { return []byte{0xde, 0xad, 0xbe, 0xef} })...)
}

func jitterMiss() (out []sent) {
	here := always("here is ws57")
	many := func(src, dst string, payload func(i int) []byte) {
		out = append(out, wavers(0.1, time.Minute, src, dst, 30, payload)...)
	}
	for k, kind := range []func(i int) []byte{innerIP, classes[8], windowsBody, bytesOf(0, 60), ramp, always(repeat(sentence, 257)[:257])} {
		many(fmt.Sprintf("10.20.5.%d", k+1), outside, kind)
	}
	many(inside, inside2, here)
	many(outside, inside, here)
	many(outside, outside2, here)
	for _, p := range [][2]string{{inside, outside}, {inside, outside2}, {inside2, outside}} {
		out = append(out, wavers(0.1, time.Minute, p[0], p[1], 19, here)...)
	}
	out = append(out, wavers(0.1, 14*day/19, inside3, outside, 20, here)...)
	out = append(out, wavers(0.1, 4900*time.Millisecond, inside3, outside2, 40, here)...)
	out = append(out, wavers(0.029, time.Minute, "10.20.6.1", outside, 40, here)...)
	out = append(out, wavers(0.255, time.Minute, "10.20.6.2", outside, 40, here)...)
	for i, s := range wavers(0.1, time.Minute, "10.20.6.3", outside, 40, here) { // answers
		s.message = echo(0, 7, uint16(i), here(i))
		out = append(out, s)
	}
	for i, s := range wavers(0.1, time.Minute, "10.20.6.5", outside, 36, here) { // half of them to another host
		if i >= 18 {
			s.dst = outside2
		}
		out = append(out, s)
	}
	late := beats(0, time.Minute, "10.20.6.4", outside, 40, here) // a clock that was late twice
	late[12].at += 20 * time.Second
	late[31].at += 25 * time.Second
	return append(out, late...)
}
