package recover

import (
	"encoding/binary"
	"strconv"
)

// script is a way to write a number in a header. Those in characters are as wide as the number is, unless width says more.
type script struct {
	name  string
	width int // bytes; 0: as many characters as there are
	base  int // of those in characters; 0: bytes
	read  func(b []byte) uint64
}

// scripts are tried in this order: of two that explain the same, the wider one comes first.
var scripts = func() []script {
	out := []script{
		{"64-bit", 8, 0, binary.BigEndian.Uint64},
		{"64-bit little-endian", 8, 0, binary.LittleEndian.Uint64},
		{"32-bit", 4, 0, func(b []byte) uint64 { return uint64(binary.BigEndian.Uint32(b)) }},
		{"32-bit little-endian", 4, 0, func(b []byte) uint64 { return uint64(binary.LittleEndian.Uint32(b)) }},
		{"24-bit", 3, 0, func(b []byte) uint64 { return uint64(b[0])<<16 | uint64(b[1])<<8 | uint64(b[2]) }},
		{"24-bit little-endian", 3, 0, func(b []byte) uint64 { return uint64(b[2])<<16 | uint64(b[1])<<8 | uint64(b[0]) }},
		{"16-bit", 2, 0, func(b []byte) uint64 { return uint64(binary.BigEndian.Uint16(b)) }},
		{"16-bit little-endian", 2, 0, func(b []byte) uint64 { return uint64(binary.LittleEndian.Uint16(b)) }},
		{"decimal", 0, 10, nil},
		{"hexadecimal", 0, 16, nil},
	}
	for _, width := range []int{10, 8, 6, 5, 4, 3, 2} {
		out = append(out, script{"decimal", width, 10, nil})
	}
	for _, width := range []int{8, 6, 4, 2} {
		out = append(out, script{"hexadecimal", width, 16, nil})
	}
	return append(out, script{"8-bit", 1, 0, func(b []byte) uint64 { return uint64(b[0]) }})
}()

// longestNumber is as many characters as a number has at most: those of 64 bits.
const longestNumber = 20

// at reads the number that begins at an offset: its value, and where it ends.
func (s script) at(b []byte, from int) (v uint64, end int, ok bool) {
	if from < 0 || from+max(1, s.width) > len(b) {
		return 0, 0, false
	}
	if s.base == 0 {
		return s.read(b[from : from+s.width]), from + s.width, true
	}
	end = from + s.width
	if s.width == 0 {
		for end < len(b) && digit(b[end], s.base) {
			end++
		}
	}
	if end == from || end-from > longestNumber || s.width > 0 && !digit(b[from], s.base) {
		return 0, 0, false
	}
	v, err := strconv.ParseUint(string(b[from:end]), s.base, 64)
	return v, end, err == nil
}

// bits is how much chance has to bring about for a number to be right.
func (s script) bits() float64 {
	switch {
	case s.base == 0:
		return min(8*float64(s.width), 24)
	case s.width == 0:
		return 10
	}
	return min(7*float64(s.width), 24)
}

func digit(c byte, base int) bool {
	return figure(c) || base == 16 && (c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
}
