package recover

import (
	"strings"
	"testing"
)

func TestJoinedNames(t *testing.T) {
	for name, want := range map[string]string{
		"sift.id+sift.seq":             "",
		"icmp.type[0]+ip.ttl":          "",
		"sift.id+sift.sqe":             "no such carrier",
		"sift.payload+sift.seq":        "cannot be joined",
		"sift.payload.length+sift.seq": "cannot be joined",
		"ip.ttl&0x0f+sift.seq":         "cannot be joined",
	} {
		c, err := Lookup(name)
		if err == nil && (want != "" || c.Name != name) || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %q, %v, want %q", name, c.Name, err, want)
		}
	}
}
