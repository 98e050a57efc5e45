package recover

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// Bounds of the search for keys.
const (
	longestKey   = 16
	longestGuess = 4        // under longer ones, the few first bytes of a compressed file say too little
	sampled      = 64 << 10 // bytes that a key is looked for in

	legibleSample = 768 // of them, how text reads is looked at in
)

// crib is known text at a place: from the front, or from the end where at is negative.
type crib struct {
	at   int
	text string
}

// cribs are sets of known text, by format. A set gives a key of up to as many bytes as it covers but two, which check it.
var cribs = [][]crib{
	{{0, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"}, {-12, "\x00\x00\x00\x00IEND\xaeB`\x82"}},
	{{0, "PK\x03\x04\x14\x00\x00\x00\x08\x00"}, {-22, "PK\x05\x06\x00\x00\x00\x00"}},
	{{0, "PK\x03\x04\x14\x00\x06\x00\x08\x00"}, {-22, "PK\x05\x06\x00\x00\x00\x00"}},
	{{0, "PK\x03\x04\x14\x00\x08\x00\x08\x00"}, {-22, "PK\x05\x06\x00\x00\x00\x00"}},
	{{0, "PK\x03\x04\x0a\x00\x00\x00\x00\x00"}, {-22, "PK\x05\x06\x00\x00\x00\x00"}},
	{{0, "PK\x03\x04"}, {-22, "PK\x05\x06\x00\x00\x00\x00"}},
	{{0, "%PDF-1."}, {-6, "%%EOF\n"}},
	{{0, "%PDF-1."}, {-5, "%%EOF"}},
	{{0, "%PDF-1."}, {-7, "%%EOF\r\n"}},
	{{0, "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"}, {-2, "\xff\xd9"}},
	{{0, "\xff\xd8\xff\xdb\x00\x84\x00"}, {-2, "\xff\xd9"}},
	{{0, "\xff\xd8\xff\xdb\x00\x43\x00"}, {-2, "\xff\xd9"}},
	{{0, "\xff\xd8\xff"}, {6, "Exif\x00\x00"}, {-2, "\xff\xd9"}},
	{{0, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"}},
	{{0, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"}},
	{{0, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"}},
	{{0, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"}},
	{{0, "\x1f\x8b\x08\x00"}, {8, "\x00\xff"}},
	{{0, "\x1f\x8b\x08\x00"}, {8, "\x02\x03"}},
	{{0, "\x1f\x8b\x08\x08"}, {8, "\x02\x03"}},
	{{0, "\x1f\x8b\x08\x00"}, {8, "\x00\x03"}},
	{{0, "\x1f\x8b\x08\x00"}, {8, "\x02\xff"}},
	{{0, "\x1f\x8b\x08\x08"}, {8, "\x00\x03"}},
	{{0, "BZh91AY&SY"}},
	{{0, "\xfd7zXZ\x00\x00\x04"}, {-2, "YZ"}},
	{{0, "\xfd7zXZ\x00\x00\x01"}, {-2, "YZ"}},
	{{0, "7z\xbc\xaf\x27\x1c\x00\x04"}},
	{{0, "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"}},
	{{0, "\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"}},
	{{0, "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8\x00\x00\x00"}},
	{{0, "GIF89a"}, {-1, "\x3b"}},
	{{0, "SQLite format 3\x00"}},
	{{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00\x00\x00\x00\x00"}},
	{{0, "Rar!\x1a\x07"}},
	{{0, "-----BEGIN "}},
	{{0, "<?xml version="}},
	{{0, "<!DOCTYPE html"}},
}

// unxor finds the key, if what it gives is beyond doubt; one of a single byte, if no other is asked for. The note is the key in hexadecimal
// digits.
func unxor(b []byte, single bool) (out []byte, note string, ok bool) {
	if len(b) < leastText {
		return nil, "", false
	}
	best := -1.0
	var key []byte
	try := func(k []byte) {
		if k = primitive(k); len(bytes.Trim(k, "\x00")) == 0 {
			return
		}
		sample := xored(b[:min(len(b), sampled)], k)
		v := Judge(sample)
		if !v.Believable() || v.grade == text && !surely(sample, k) || v.grade == opened && v.packed() && len(k) > longestGuess {
			return
		}
		if len(sample) < len(b) {
			v = Judge(xored(b, k))
		}
		got := v.score() - 0.1*float64(len(k))
		if v.grade == text {
			got += reads(sample) / float64(len(sample))
		}
		if v.Believable() && got > best {
			best, key = got, k
		}
	}
	for _, k := range cribKeys(b) {
		try(k)
	}
	if best < 0 && !uniform(b[:min(len(b), sampled)]) {
		keys := statisticalKeys
		if single {
			keys = singleKeys
		}
		for _, k := range keys(b) {
			try(k)
		}
	}
	if key == nil {
		return nil, "", false
	}
	return xored(b, key), fmt.Sprintf("%x", key), true
}

func xored(b, key []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = b[i] ^ key[i%len(key)]
	}
	return out
}

// primitive is the shortest key that repeats to the same.
func primitive(k []byte) []byte {
	for n := 1; n < len(k); n++ {
		if len(k)%n == 0 && bytes.Equal(k[n:], k[:len(k)-n]) {
			return k[:n]
		}
	}
	return k
}

// surely tells whether text is more than the freedom in the key could have made: eight bits for each of its bytes.
func surely(b, key []byte) bool {
	n := min(len(b), sampled)
	return prose(b[:n]) > 16+12*float64(len(key)) && prose(b[:n]) > 1.2*float64(n) && len(b) >= 6*len(key)
}

// cribKeys derives keys from known text. Bytes of the key that two places give must agree, and all must be given.
func cribKeys(b []byte) (out [][]byte) {
	for _, set := range cribs {
		for n := 1; n <= longestKey; n++ {
			if k := keyFrom(b, set, n); k != nil && !slices.ContainsFunc(out, func(o []byte) bool { return bytes.Equal(o, k) }) {
				out = append(out, k)
			}
		}
	}
	return out
}

func keyFrom(b []byte, set []crib, n int) []byte {
	key, known, checks := make([]byte, n), make([]bool, n), 0
	for _, c := range set {
		at := c.at
		if at < 0 {
			at += len(b)
		}
		if at < 0 || at+len(c.text) > len(b) {
			return nil
		}
		if len(bytes.Trim(b[at:at+len(c.text)], "\x00")) == 0 {
			return nil // the key would be the known text itself
		}
		for i := range len(c.text) {
			k, v := (at+i)%n, b[at+i]^c.text[i]
			switch {
			case !known[k]:
				key[k], known[k] = v, true
			case key[k] != v:
				return nil
			default:
				checks++
			}
		}
	}
	if slices.Contains(known, false) || checks < 2 {
		return nil
	}
	return key
}

// statisticalKeys derives keys from what text and binary files have most of: each byte of the key by itself, and then those of text
// against each other, by how they read.
func statisticalKeys(b []byte) (out [][]byte) {
	sample := b[:min(len(b), sampled)]
	for n := 1; n <= longestKey/2 && 8*n <= len(sample); n++ {
		zeros, ranked := make([]byte, n), make([][]byte, n)
		for c := range n {
			h := histogram(sample, c, n)
			zeros[c], ranked[c] = commonest(h), likelyBytes(h)
			if n == 1 {
				ranked[c] = everyKey
			}
		}
		out = append(out, refined(sample[:min(len(sample), legibleSample)], ranked), zeros)
	}
	return out
}

// everyKey are all keys of one byte.
var everyKey = func() (out []byte) {
	for k := 1; k < 256; k++ {
		out = append(out, byte(k))
	}
	return out
}()

// singleKeys are the keys of one byte under which the bytes are most like text.
func singleKeys(b []byte) (out [][]byte) {
	for _, k := range likelyBytes(histogram(b[:min(len(b), sampled)], 0, 1)) {
		out = append(out, []byte{k})
	}
	return out
}

// refined chooses among the likely bytes of a key those under which the text reads best.
func refined(b []byte, ranked [][]byte) (best []byte) {
	top := -1e18
	for first := range 2 {
		key := make([]byte, len(ranked))
		for c := range key {
			key[c] = ranked[c][first]
		}
		for range 2 {
			for c := range key {
				key[c] = bestAt(b, key, c, ranked[c])
			}
		}
		if got := reads(xored(b, key)); got > top {
			top, best = got, key
		}
	}
	return turned(b, best)
}

// turned is the key with the same bits changed in each of its bytes, where that reads better: letters in the place of figures are what
// bytes judged one by one settle on together.
func turned(b, key []byte) []byte {
	by := bestAt(xored(b, key), []byte{0}, 0, append([]byte{0}, everyKey...))
	if by == 0 {
		return key
	}
	out := bytes.Clone(key)
	for i := range out {
		out[i] ^= by
	}
	for i := range out {
		out[i] = bestAt(b, out, i, everyKey)
	}
	return out
}

// bestAt is the byte of a list that reads best in one place of a key.
func bestAt(b, key []byte, at int, list []byte) (best byte) {
	top, trial := -1e18, bytes.Clone(key)
	plain := xored(b, key)
	for _, k := range list {
		trial[at] = k
		var got float64
		if len(key) == 1 {
			got = reads(xored(b, trial))
		} else {
			got = readsAt(plain, at, len(key), k^key[at])
		}
		if got > top {
			top, best = got, k
		}
	}
	return best
}

// readsAt is what every n-th character from a place on adds to how text reads, if bits of it are changed.
func readsAt(b []byte, at, n int, change byte) (bits float64) {
	for i := at; i < len(b); i += n {
		c := b[i] ^ change
		bits += weight[c]
		if i > 0 {
			bits += float64(following[int(b[i-1])<<8|int(c)])
		}
		if i+1 < len(b) {
			bits += float64(following[int(c)<<8|int(b[i+1])])
		}
	}
	return bits
}

func histogram(b []byte, from, step int) (h [256]int) {
	for i := from; i < len(b); i += step {
		h[b[i]]++
	}
	return h
}

// rankedBytes is how many likely bytes are tried in each place of a key.
const rankedBytes = 8

// likelyBytes are the key bytes under which a column reads most like text, the likeliest first.
func likelyBytes(h [256]int) []byte {
	var sums [256]float64
	keys := make([]byte, 256)
	for k := range 256 {
		keys[k] = byte(k)
		for v, n := range h {
			if n > 0 {
				sums[k] += float64(n) * weight[v^k]
			}
		}
	}
	slices.SortStableFunc(keys, func(a, b byte) int { return cmp.Compare(sums[b], sums[a]) })
	return keys[:rankedBytes]
}

// commonest is the byte that a column has most of: zero in most binary files.
func commonest(h [256]int) (at byte) {
	for v, n := range h {
		if n > h[at] {
			at = byte(v)
		}
	}
	return at
}

// keyed undoes a key that begins anew in each packet, where the pieces are no multiple of it: the first piece tells it, or how the fronts of all
// pieces read.
func keyed(t transfer) []transfer {
	length, _ := commonLength(t.members)
	if len(t.members) < 3 || length < 2*longestKey/2 || uniform(t.start(0)) && len(t.start(0)) >= 256 && !t.opensUnder() {
		return nil
	}
	if name, _ := structureOf(t.start(0)); name != "" || legible(t.start(0)) || clear(t.start(0)) {
		return nil
	}
	var keys [][]byte
	first := t.opening()
	for _, set := range cribs {
		for n := 2; n <= longestKey/2; n++ {
			if k := keyFrom(first, ofFront(set), n); k != nil && length%n != 0 {
				keys = append(keys, k)
			}
		}
	}
	for n := 2; n <= longestKey/2; n++ {
		if length%n != 0 {
			keys = append(keys, t.frontKey(n))
		}
	}
	return t.under(keys)
}

// ofFront are those of a set that stand at the file's front, which the first piece alone holds.
func ofFront(set []crib) []crib {
	return slices.DeleteFunc(slices.Clone(set), func(c crib) bool { return c.at < 0 })
}

// opensUnder tells whether some key makes the first piece a known file's.
func (t transfer) opensUnder() bool {
	for _, set := range cribs {
		for n := 2; n <= longestKey/2; n++ {
			if keyFrom(t.opening(), ofFront(set), n) != nil {
				return true
			}
		}
	}
	return false
}

// frontKey is the key of n bytes under which whole multiples of it from the front of each piece read best.
func (t transfer) frontKey(n int) []byte {
	var b []byte
	for _, c := range t.members {
		if b = append(b, c.Value[:len(c.Value)/n*n]...); len(b) >= 4*legibleSample {
			break
		}
	}
	ranked := make([][]byte, n)
	for c := range n {
		ranked[c] = likelyBytes(histogram(b, c, n))
	}
	return refined(b[:min(len(b), legibleSample)], ranked)
}

// under gives the pieces under the first key that makes a file of them, else under the one that they read best under.
func (t transfer) under(keys [][]byte) (best []transfer) {
	top := 0.0
	for _, k := range keys {
		out := transfer{name: t.name, place: t.place, members: slices.Clone(t.members)}
		for i := range out.members {
			out.members[i].Value = xored(out.members[i].Value, k)
		}
		b := sequenced(out.members, out.place, Auto).stream().Bytes
		switch v := Judge(b); {
		case v.grade > text && v.good > 0.2:
			return []transfer{out}
		case v.grade == text && fluent(b, 60, 8) && surely(b, k):
			if r := reads(b); best == nil || r > top {
				best, top = []transfer{out}, r
			}
		}
	}
	return best
}
