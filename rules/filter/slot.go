package filter

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var slotPattern = regexp.MustCompile(`^(-?[0-9a-zA-Z]*)(?:([:-])(-?[0-9a-zA-Z]*))?$`)

// parseSlot reads "2", "0:4", "2-5", ":4" or "4:" as drange.c of Wireshark does.
func parseSlot(text string) (slot, error) {
	m := slotPattern.FindStringSubmatch(strings.Join(strings.Fields(text), ""))
	if m == nil || m[1] == "" && m[3] == "" || m[2] == "-" && (m[1] == "" || m[3] == "") {
		return slot{}, fmt.Errorf(`%q is not a range: expected "first:length", "first-last" or an index`, text)
	}
	s := slot{one: m[2] == "", size: m[2] == ":", rest: m[2] == ":" && m[3] == ""}
	var err error
	if s.first, err = slotNumber(m[1]); err != nil {
		return s, err
	}
	if s.last, err = slotNumber(m[3]); err != nil {
		return s, err
	}
	return s, s.check(text)
}

func (s *slot) check(text string) error {
	switch {
	case s.one:
		s.last = s.first
	case s.rest:
	case s.size && s.last <= 0:
		return fmt.Errorf("range %s: length %d is not positive", text, s.last)
	case !s.size && (s.first < 0 && s.last > 0 || s.first > 0 && s.last < 0):
		return fmt.Errorf("range %s: %d and %d have different signs", text, s.first, s.last)
	case !s.size && s.first >= s.last:
		return fmt.Errorf("range %s: %d is not less than %d", text, s.first, s.last)
	}
	return nil
}

func slotNumber(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 0, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q is too big", text)
	} else if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return int(n), nil
}

// bounds gives the half-open interval the slot means in a sequence of n elements; ok is false where it reaches outside.
func (s slot) bounds(n int) (from, to int, ok bool) {
	from = s.first
	if from < 0 {
		from += n
	}
	switch {
	case s.rest:
		to = n
	case s.size:
		to = from + s.last
	case s.last < 0:
		to = s.last + n + 1
	default:
		to = s.last + 1
	}
	return from, to, from >= 0 && from < to && to <= n
}

// hasLayer tells whether layer i of n, counted from 1, is in the slot. The last of a range counts from the front only, so
// that "-2--1" has none: Wireshark's way.
func (s slot) hasLayer(i, n int) bool {
	first, last := fromEnd(s.first, n), s.last
	switch {
	case s.one:
		last = first
	case s.rest:
		last = n
	case s.size:
		last = first + s.last - 1
	}
	return first <= i && i <= last
}

func fromEnd(i, n int) int {
	if i < 0 {
		return i + n + 1
	}
	return i
}

func (s slot) String() string {
	switch {
	case s.one:
		return strconv.Itoa(s.first)
	case s.rest:
		return fmt.Sprintf("%d:", s.first)
	case s.size:
		return fmt.Sprintf("%d:%d", s.first, s.last)
	}
	return fmt.Sprintf("%d-%d", s.first, s.last)
}
