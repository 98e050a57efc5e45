package field

import (
	"bytes"
	"testing"
)

// Free holds nothing where a standard says what a message holds, however much text that looks like, and all of the rest.
func TestFree(t *testing.T) {
	text := []byte("Essen und Trinken halten Leib und Seele zusammen")
	datagram := append([]byte{0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 0, 53, 0, 53, 0, 8, 0, 0)
	datagram6 := append([]byte{0x60, 0, 0, 0, 0, 8, 17, 64}, make([]byte, 40)...)
	behind := func(n int, b []byte) []byte { return append(make([]byte, n), b...) }
	for _, c := range []struct {
		what  string
		v6    bool
		typ   byte
		rest  []byte // behind type, code and checksum
		holds []byte
	}{
		{"a type of no form", false, 253, text, text},
		{"one of ICMPv6", true, 200, text, text},
		{"an error that quotes text, of which the first letter is a version and a length", false, 3, behind(4, text), text},
		{"an error that quotes a datagram", false, 3, behind(4, datagram), nil},
		{"an error that quotes too little of one", false, 11, behind(4, datagram[:12]), nil},
		{"an ICMPv6 error with text that begins like a version", true, 1, behind(4, []byte("go home, all of you")), []byte("go home, all of you")},
		{"one that quotes a datagram", true, 3, behind(4, datagram6), nil},
		{"a timestamp", false, 13, behind(16, nil), nil},
		{"more behind a timestamp", false, 14, behind(16, text), text},
		{"a mask, which is withdrawn", false, 17, behind(8, text), behind(8, text)},
		{"an extended echo's extension", false, 42, behind(4, append([]byte{0x20, 0, 0, 0, 0, 8, 3, 1}, text...)), nil},
		{"something else there", false, 42, behind(4, text), text},
		{"an echo", false, 8, behind(4, text), nil},
		{"an ICMPv6 echo", true, 129, behind(4, text), nil},
		{"an option that is assigned", true, 135, behind(20, []byte{1, 1, 2, 0, 0, 0, 0, 1}), nil},
		{"one that is not, behind it", true, 135, behind(20, []byte{1, 1, 2, 0, 0, 0, 0, 1, 200, 1, 'a', 'b', 'c', 'd', 'e', 'f'}), []byte("abcdef")},
		{"what is no option", true, 136, behind(20, append([]byte{9, 0}, text...)), append([]byte{9, 0}, text...)},
	} {
		if got := Free(c.v6, append([]byte{c.typ, 0, 0, 0}, c.rest...)); !bytes.Equal(got, c.holds) {
			t.Errorf("%s: got %q, want %q", c.what, got, c.holds)
		}
	}
}
