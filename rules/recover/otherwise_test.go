package recover

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// wholeFiles are files that are whole by their own structure.
func wholeFiles(t *testing.T) map[string][]byte {
	out := kinds(t, rand.New(rand.NewSource(21)))
	for name, b := range out {
		if v := Judge(b); v.grade != entire || !provable[v.Format] {
			delete(out, name)
		}
	}
	if len(out) < 5 {
		t.Fatalf("%d files of known structure", len(out))
	}
	return out
}

// Packets that are in the way of a file, and orders that are not the likeliest, are found by the file's own structure.
func TestOtherwise(t *testing.T) {
	rnd := rand.New(rand.NewSource(22))
	stock := []byte("abcdefghijklmnopqrstuvwabcdefghi")
	for name, way := range map[string]struct {
		send func(list []Candidate) []Candidate
		says string
	}{
		"sent again under a new number": {func(list []Candidate) (out []Candidate) {
			for i, c := range list {
				out = append(out, c)
				for range i % 3 {
					out = append(out, c)
				}
			}
			for i := range out {
				out[i].Seq = uint16(i)
			}
			return out
		}, "sent again"},
		"counted by the identifier": {func(list []Candidate) []Candidate {
			out := slices.Clone(list)
			for i := range out {
				out[i].Ident, out[i].Seq = uint16(3000+3*i), 1
			}
			rnd.Shuffle(len(out)-1, func(a, b int) { out[a+1], out[b+1] = out[b+1], out[a+1] })
			return out
		}, "by identifier"},
		"with pings between": {func(list []Candidate) (out []Candidate) {
			for i, c := range list {
				if out = append(out, c); i%4 == 2 {
					out = append(out, Candidate{Value: stock, Wire: len(stock), Anchor: true, Ordinary: true, Ident: 7, Shape: c.Shape})
				}
			}
			for i := range out {
				out[i].Seq = uint16(i)
			}
			return out
		}, "ordinary pings"},
	} {
		for kind, file := range wholeFiles(t) {
			list := today(retime(way.send(pieced(file, 8+len(file)/20))))
			found := Recover(list, payloadCarrier(t), Options{})
			if !brought(found, file) || found[0].Refuted {
				t.Errorf("%s, %s: got %v", name, kind, tell(found))
			} else if why := fmt.Sprint(found[0].Why); !strings.Contains(why, way.says) && len(file) > 400 {
				t.Errorf("%s, %s: %s", name, kind, why)
			}
		}
	}
}

// A file that fails its own structure is told so; pieces that are alike are kept where the file is whole with them, and where nothing tells.
func TestRefuted(t *testing.T) {
	for kind, file := range wholeFiles(t) {
		switch Judge(file).Format {
		case "PNG", "ZIP", "gzip":
		default:
			continue // no check sum over its bytes
		}
		bad := bytes.Clone(file)
		for i := len(bad) / 3; i < len(bad)/3+len(bad)/20; i++ {
			bad[i] ^= 0x55
		}
		found := Recover(pieced(bad, 8+len(file)/20), payloadCarrier(t), Options{})
		if len(found) == 0 || !found[0].Refuted || found[0].Vouched {
			t.Errorf("%s: got %v, expected it to be refuted", kind, tell(found))
		}
		if found = Recover(pieced(file, 8+len(file)/20), payloadCarrier(t), Options{}); len(found) == 0 || found[0].Refuted {
			t.Errorf("%s: got %v, expected it to be whole", kind, tell(found))
		}
	}
	lines := slices.Concat(bytes.Repeat([]byte("the same line again and again..\n"), 6), []byte("and another line that is new ..\n"))
	if found := Recover(pieced(lines, 32), payloadCarrier(t), Options{}); !brought(found, lines) {
		t.Errorf("lines that are alike: got %v", tell(found))
	}
}
