package timeline

import (
	"cmp"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"icmpsift/ingest"
	"icmpsift/ingest/exchange"
)

// breath is how long a rotated capture may be silent between two of its files.
const breath = time.Second

// never is the start of a file without times.
const never = math.MaxInt64 / 2

// recordings tells which evidence files belong together: those that one capture program wrote one after another. Such
// files lie in one folder, have names that differ in digits only, and the same link types; each begins where one other,
// and only one, ends.
func recordings(files []*ingest.Evidence) func(evidence int) exchange.Recording {
	of := map[int]exchange.Recording{}
	before := map[string][]*ingest.Evidence{}
	for _, e := range slices.SortedFunc(slices.Values(files), byFirst) {
		name := series(e)
		of[e.ID] = exchange.Recording{ID: e.ID, Start: e.First - e.ClockOffset}
		switch f := predecessor(before[name], e); {
		case e.First == 0:
			of[e.ID] = exchange.Recording{ID: e.ID, Start: never}
		case f != nil:
			of[e.ID] = of[f.ID]
		}
		before[name] = append(before[name], e)
	}
	return func(evidence int) exchange.Recording { return of[evidence] }
}

func byFirst(a, b *ingest.Evidence) int {
	return cmp.Or(cmp.Compare(a.First-a.ClockOffset, b.First-b.ClockOffset), cmp.Compare(a.ID, b.ID))
}

// predecessor is the only one of the files before e that ends where e begins.
func predecessor(before []*ingest.Evidence, e *ingest.Evidence) (found *ingest.Evidence) {
	for _, f := range before {
		gap := e.First - e.ClockOffset - (f.Last - f.ClockOffset)
		if f.First == 0 || gap < -int64(breath) || gap > int64(breath) {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	return found
}

// series is the same for the files of a rotated capture.
func series(e *ingest.Evidence) string {
	dir, name := path.Split(filepath.ToSlash(e.File) + strings.TrimSuffix("/"+e.Member, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, name)
	for _, l := range e.LinkTypes() {
		name += "/" + strconv.Itoa(int(l))
	}
	return dir + name
}
