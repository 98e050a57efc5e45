package evidence

import (
	"cmp"
	"slices"

	"icmpsift/ingest"
)

// MarkDuplicates sets DuplicateOf in all but one of the entries with the same bytes. The original is the one of the
// shortest path, then first by name; DuplicateOf is its index in the ledger. An extract only says which bytes it is of: it never
// stands for a file that was read itself, and of extracts that differ in what they hold none is a copy.
func MarkDuplicates(ledger []*ingest.Evidence) {
	same := map[string][]int{}
	for i, e := range ledger {
		e.DuplicateOf = -1
		if e.SHA256 != "" {
			same[e.SHA256] = append(same[e.SHA256], i)
		}
	}
	for _, copies := range same {
		original := slices.MinFunc(copies, func(a, b int) int {
			x, y := ledger[a].Path, ledger[b].Path
			return cmp.Or(cmp.Compare(rank(ledger[a]), rank(ledger[b])), cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
		})
		for _, i := range copies {
			if i != original && (ledger[original].Original() || ledger[i].Extract.Content == ledger[original].Extract.Content) {
				ledger[i].DuplicateOf = original
			}
		}
	}
}

// rank is 0 for files that were read themselves, 1 for what an extract tells.
func rank(e *ingest.Evidence) int {
	if e.Original() {
		return 0
	}
	return 1
}
