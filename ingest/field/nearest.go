package field

import "iter"

// Nearest is the field whose name is most like the given one, for "did you mean"; "" when none is near.
func Nearest(name string) string {
	return Closest(name, func(yield func(string) bool) {
		for _, f := range table {
			if !yield(f.Name) {
				return
			}
		}
	})
}

// Closest is the word most like the given one, "" when none is near: more than a third of its letters would have to change.
func Closest(word string, words iter.Seq[string]) string {
	best, distance := "", max(2, len(word)/3)+1
	for w := range words {
		if d := edits(word, w, distance); d < distance {
			best, distance = w, d
		}
	}
	return best
}

// edits counts the insertions, deletions and replacements that turn a into b (Levenshtein), up to limit.
func edits(a, b string, limit int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) >= limit {
		return limit
	}
	line := make([]int, len(a)+1)
	for i := range line {
		line[i] = i
	}
	for j := range len(b) {
		diagonal, least := line[0], j+1
		line[0] = j + 1
		for i := range len(a) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = line[i+1]
			line[i+1] = min(cost, line[i]+1, diagonal+1)
			least = min(least, line[i+1])
		}
		if least >= limit {
			return limit
		}
	}
	return line[len(a)]
}
