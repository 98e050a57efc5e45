package tshark

import (
	"bytes"
	"strings"
)

// The formats, as [Reader.Format] and the ledger name them.
const (
	JSON = "tshark-json" // -T json and -T jsonraw
	EK   = "tshark-ek"   // -T ek: newline-delimited, for Elasticsearch
)

// Sniffed is how much of a file [Identify] wants to see.
const Sniffed = 16 << 10

var (
	openingJSON = [][]byte{[]byte(`"_index"`), []byte(`"_source"`)}
	openingEK   = [][]byte{[]byte(`"index"`), []byte(`"timestamp"`), []byte(`"layers"`)}
	bom         = []byte("\xef\xbb\xbf")
)

// Identify names the format of an export by its head, "" for other files. whole tells that head is all there is: an array
// without packets is an export only then.
func Identify(head []byte, whole bool) string {
	head = quiet(bytes.TrimPrefix(narrow(head), bom))
	array := bytes.HasPrefix(head, []byte{'['})
	inner := bytes.TrimLeft(bytes.TrimPrefix(head, []byte{'['}), " \t\r\n")
	if array && whole && string(bytes.TrimSpace(inner)) == "]" {
		return JSON
	}
	key, found := bytes.CutPrefix(inner, []byte{'{'})
	if key = bytes.TrimLeft(key, " \t\r\n"); !found || !bytes.Contains(head, []byte(`"layers"`)) {
		return ""
	}
	switch {
	case begins(key, openingJSON) && bytes.Contains(head, []byte(`"_source"`)):
		return JSON
	case begins(key, openingEK) && !array:
		return EK
	}
	return ""
}

func begins(b []byte, keys [][]byte) bool {
	for _, k := range keys {
		if bytes.HasPrefix(b, k) {
			return true
		}
	}
	return false
}

// quiet leaves out lines in front that are no JSON: the shell may have mixed in what tshark said on its standard error.
func quiet(head []byte) []byte {
	for range 100 {
		head = bytes.TrimLeft(head, " \t\r\n")
		if len(head) == 0 || head[0] == '{' || head[0] == '[' || head[0] < ' ' {
			break
		}
		_, head, _ = bytes.Cut(head, newline)
	}
	return head
}

// quoted is at most 60 bytes of b, made printable.
func quoted(b []byte) string {
	s := strings.ToValidUTF8(string(b[:min(len(b), 60)]), "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
}
