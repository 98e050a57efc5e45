package recover

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"regexp"
	"slices"
)

// digestForm is a line with the digest of a file, perhaps labelled, and what may stand before it: an end mark, the file's name.
var digestForm = regexp.MustCompile(`(?i)^(?:[\w .\-/#$*^~]{0,64}[:=| ]+){0,4}([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})\W{0,8}$`)

// digested takes away a first or last packet that holds the digest of all others, in hexadecimal or as bytes: of what they carried, or of
// what comes of it. One that is labelled as a digest goes even where it is not theirs, if they are no hexadecimal themselves.
func digested(t transfer) []transfer {
	members := t.inOrder()
	if len(members) < 3 || t.place != nil {
		return nil
	}
	last := len(members) - 1
	for _, at := range []int{last, 0} {
		sum, labelled := digestIn(members[at].Value)
		if sum == nil || members[at].Wire != len(members[at].Value) {
			continue
		}
		rest := slices.Delete(slices.Clone(members), at, at+1)
		out := []transfer{{members: rest, name: nameOf(members[at : at+1])}}
		if digestOf(rest, sum) {
			return out
		}
		if _, hexadecimal := unhex(rest[0].Value); labelled && !hexadecimal {
			return out
		}
	}
	return nil
}

// digestIn reads a digest, as text or as bytes.
func digestIn(b []byte) (sum []byte, labelled bool) {
	text := bytes.Trim(b, "\x00\r\n ")
	if m := digestForm.FindSubmatch(text); m != nil && len(text) <= longestMark {
		sum, _ = hex.DecodeString(string(m[1]))
		return sum, len(text) > len(m[1])
	}
	switch len(b) {
	case md5.Size, sha1.Size, sha256.Size, sha512.Size:
		return b, false
	}
	return nil, false
}

// digestOf tells whether the pieces have the digest, joined as they came or with their encodings undone.
func digestOf(members []Candidate, sum []byte) bool {
	joined := transfer{members: members}
	ways := [][]Candidate{members}
	if each := joined.inText(); each != nil {
		ways = append(ways, each)
	}
	for _, way := range ways {
		s := sequenced(way, nil, Auto).stream()
		layers, _ := unwrap(s.Bytes, s.Gaps, nil)
		for _, l := range layers {
			if hasDigest(l.bytes, sum) {
				return true
			}
		}
	}
	return false
}

func hasDigest(b, sum []byte) bool {
	switch len(sum) {
	case md5.Size:
		x := md5.Sum(b)
		return bytes.Equal(x[:], sum)
	case sha1.Size:
		x := sha1.Sum(b)
		return bytes.Equal(x[:], sum)
	case sha256.Size:
		x := sha256.Sum256(b)
		return bytes.Equal(x[:], sum)
	}
	x := sha512.Sum512(b)
	return bytes.Equal(x[:], sum)
}
