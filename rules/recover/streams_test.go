package recover

import (
	"math/rand"
	"slices"
	"testing"

	"icmpsift/ingest/oracle"
)

// merged puts lists of packets together as they come, one from each in turn.
func merged(lists ...[]Candidate) (out []Candidate) {
	for i := 0; ; i++ {
		n := len(out)
		for _, l := range lists {
			if i < len(l) {
				out = append(out, l[i])
			}
		}
		if len(out) == n {
			return today(retime(out))
		}
	}
}

// Several files between one pair come back, each by itself.
func TestSeveralFiles(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	files := kinds(t, rnd)
	c := payloadCarrier(t)
	counts := func(i int) uint16 { return uint16(i + 1) }
	session := func(s byte) func(i, n, all, off int, p []byte) []byte {
		return func(i, n, all, off int, p []byte) []byte {
			return append([]byte{0xa1, s, byte(i >> 8), byte(i)}, p...)
		}
	}
	named := func(name string) func(i, n, all, off int, p []byte) []byte {
		return func(i, n, all, off int, p []byte) []byte {
			return slices.Concat([]byte{byte(len(name))}, []byte(name), []byte{0, 0, byte(i >> 8), byte(i)}, p)
		}
	}
	sent := func(kind string, frame func(i, n, all, off int, p []byte) []byte, ident uint16) []Candidate {
		list := carried(files[kind], 60, frame, [2]string{}, counts)
		for i := range list {
			list[i].Ident = ident
		}
		return list
	}
	pairs := [][2]string{{"png", "csv"}, {"zip", "prose"}, {"pdf", "tar.gz"}, {"text", "png"}, {"prose", "zip"}, {"png", "zip"}}
	for _, p := range pairs {
		a, b := p[0], p[1]
		cases := map[string][]Candidate{
			"at once, other identifiers":            merged(sent(a, framed["bare"], 7), sent(b, framed["bare"], 9)),
			"at once, other sessions":               merged(sent(a, session(3), 7), sent(b, session(4), 7)),
			"at once, other names":                  merged(sent(a, named("q1.bin"), 7), sent(b, named("plan.doc"), 7)),
			"one after the other, count anew":       merged(append(sent(a, framed["u32 index"], 7), sent(b, framed["u32 index"], 7)...)),
			"one after the other, numbers anew":     merged(append(sent(a, framed["bare"], 7), sent(b, framed["bare"], 7)...)),
			"one after the other, numbers going on": goingOn(append(sent(a, framed["bare"], 7), sent(b, framed["bare"], 7)...)),
			"twice, numbers anew":                   merged(append(sent(a, framed["bare"], 7), sent(a, framed["bare"], 7)...)),
			"twice, numbers going on":               goingOn(append(sent(a, framed["bare"], 7), sent(a, framed["bare"], 7)...)),
		}
		for how, list := range cases {
			found := Recover(list, c, Options{})
			other := files[b]
			if how[0] == 't' {
				other = files[a]
			}
			if !brought(found, files[a]) || !brought(found, other) {
				t.Errorf("%s and %s, %s: %v", a, b, how, tell(found))
			}
		}
	}
}

func goingOn(list []Candidate) []Candidate {
	list = today(retime(list))
	for i := range list {
		list[i].Seq = uint16(i)
	}
	return list
}

// A few bytes a packet are as good as many.
func TestSizes(t *testing.T) {
	rnd := rand.New(rand.NewSource(6))
	files, c := kinds(t, rnd), payloadCarrier(t)
	for kind, file := range files {
		for _, size := range oracle.Sample(t, []int{3, 1, 2, 4, 7, 1400, 4000}, 7) {
			for _, framing := range []string{"bare", "u32 index", "u16 index, total", "tag"} {
				if len(file) < 4*size {
					continue
				}
				if framing == "tag" && size < 4 || kind == "random" && size == 1 {
					continue
				}
				list := carried(file, size, framed[framing], [2]string{}, func(i int) uint16 { return uint16(i) })
				if found := Recover(list, c, Options{}); !brought(found, file) {
					t.Errorf("%s, %s, pieces of %d: %v", kind, framing, size, tell(found))
				}
			}
		}
	}
}
