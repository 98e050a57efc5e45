package field_test

import (
	"bytes"
	"testing"

	"icmpsift/ingest/field"
)

// Loose holds what options say that need not, and nothing of what routers and hosts write there.
func TestLoose(t *testing.T) {
	six := func(next byte, options ...byte) []byte { // a hop-by-hop or destination header of one option block
		return ip6(next, cat([]byte{58, byte((len(options)+2)/8 - 1)}, options, icmp6(128, 0, u32(1))))
	}
	four := func(options ...byte) []byte { return eth4(ip4With(1, options, icmp4(8, 0, u32(1)))) }
	for _, c := range []struct {
		what  string
		frame []byte
		holds []byte
	}{
		{"no options", eth4(ip4(1, icmp4(8, 0, u32(1)))), nil},
		{"an option of no standard", four(0x9e, 6, 'd', 'a', 't', 'a', 0, 0), []byte("data")},
		{"a security label, which no ping has", four(130, 4, 1, 2), []byte{1, 2}},
		{"router alert", four(148, 4, 0, 1), nil},
		{"a recorded route, half of it empty", four(7, 11, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0), nil},
		{"one whose empty slots are not", four(7, 11, 8, 10, 0, 0, 1, 'd', 'a', 't', 'a', 0), []byte("data")},
		{"one that is full", four(7, 11, 12, 10, 0, 0, 1, 10, 0, 0, 2, 0), nil},
		{"times, of which some are not written yet", four(68, 12, 9, 0, 0, 0, 0, 7, 0, 0, 0, 0), nil},
		{"padding", four(1, 1, 1, 0, 0, 0, 0, 0), nil},
		{"padding that says something", four(1, 0, 'n', 'o', 'd', 'a', 't', 'a'), []byte("nodata")},
		{"an option longer than the header", four(0x9e, 60, 'd', 'a'), nil},
		{"destination options", eth6(six(60, 0x1e, 4, 'd', 'a', 't', 'a')), []byte("data")},
		{"hop-by-hop padding that says something", eth6(six(0, 1, 4, 'd', 'a', 't', 'a')), []byte("data")},
		{"hop-by-hop router alert and padding", eth6(six(0, 5, 2, 0, 0, 1, 0)), nil},
		{"jumbo", eth6(six(0, 0xc2, 4, 0, 1, 0, 0)), nil},
	} {
		if got := field.Loose(decoded(t, c.frame)); !bytes.Equal(got, c.holds) {
			t.Errorf("%s: got %q, want %q", c.what, got, c.holds)
		}
	}
}
