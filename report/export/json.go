package export

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"icmpsift/report"
	"icmpsift/report/inert"
)

// JSON writes report.json, the contract [report.Schema]: the whole report, texts as they are.
func JSON(w io.Writer, r *report.Report) error { return document(w, r) }

// document writes indented JSON. Lists are never null.
func document(w io.Writer, v any) error { return encode(w, v, jsontext.WithIndent("  ")) }

// line writes JSON on one line.
func line(w io.Writer, v any) error { return encode(w, v) }

// encode writes the same bytes for the same value. Bytes that are not UTF-8 become U+FFFD: JSON has no other way.
func encode(w io.Writer, v any, options ...json.Options) error {
	b, err := json.Marshal(v, append(options, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))...)
	if err != nil {
		return err
	}
	_, err = w.Write(append(printable(b), '\n'))
	return err
}

// printable writes what a terminal might act upon, or what would mislead, as \u escapes, which mean the same to whoever
// parses it. Such characters can stand in strings only.
func printable(b []byte) []byte {
	if !bytes.ContainsFunc(b, unprintable) {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if unprintable(r) {
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}

func unprintable(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }

// maxText is how many bytes a text holds at most: OpenSearch refuses keywords of more than 32,766.
const maxText = 32_000

// text is a text of the report made inert, and cut visibly where it is too long for search engines.
func text(s string) string {
	s = inert.Text(s)
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "… [cut here, see report.json]"
}

// texts are a list of them.
func texts(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = text(s)
	}
	return out
}

// first is as much of a list as a search engine takes in one field.
func first[T any](list []T) []T { return list[:min(len(list), 100)] }
