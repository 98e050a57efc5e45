package file

import (
	"fmt"
	"slices"
	"strings"

	"icmpsift/ingest/field"
)

// suggest ends a message with the word that was probably meant, if one is near.
func suggest(word string, words []string) string {
	if near := nearest(word, words); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// nearest is the word most like the given one, "" if none is near.
func nearest(word string, words []string) string {
	return field.Closest(strings.ToLower(word), slices.Values(words))
}
