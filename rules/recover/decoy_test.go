package recover

import (
	"strings"
	"testing"
)

// among puts an ordinary ping behind every third packet: with the sender's own count, or in it.
func among(list []Candidate, inCount bool) (out []Candidate) {
	ping, n, pings := []byte("abcdefghijklmnopqrstuvwabcdefghi"), list[0].Seq, uint16(0)
	for i, c := range list {
		if inCount {
			c.Seq, n = n, n+1
		}
		if out = append(out, c); i%3 != 1 {
			continue
		}
		p := Candidate{Value: ping, Wire: len(ping), Ordinary: true, Ident: c.Ident, Seq: pings, Shape: c.Shape}
		if inCount {
			p.Seq, n = n, n+1
		}
		out, pings = append(out, p), pings+1
	}
	return today(retime(out))
}

// Ordinary pings among the pieces are no part of the file, and leave no hole in it.
func TestDecoys(t *testing.T) {
	c := payloadCarrier(t)
	for kind, file := range samples(t) {
		for _, inCount := range []bool{true, false} {
			for _, size := range []int{16, 40, 120} {
				if len(file) < 6*size {
					continue
				}
				found := Recover(among(send(file, size), inCount), c, Options{})
				if !brought(found, file) || len(found[0].Gaps) > 0 || !strings.HasPrefix(found[0].Why[0], "Left out: ") {
					t.Errorf("%s in pieces of %d, in one count %v: got %v", kind, size, inCount, tell(found))
				}
			}
		}
	}
}

// A piece that looks like an ordinary ping is none where the file is whole with it alone.
func TestPieceLikePing(t *testing.T) {
	file := samples(t)["zip"]
	list := today(each(send(file, 64), func(i int, c *Candidate) { c.Ordinary = i == 5; c.Anchor = i != 5 }))
	if found := Recover(list, payloadCarrier(t), Options{}); !brought(found, file) {
		t.Errorf("got %v", tell(found))
	}
}
