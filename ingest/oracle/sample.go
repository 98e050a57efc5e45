package oracle

import "testing"

// Sample gives all cases of a long test or, when the race detector makes each take several times as long, every nth of them.
// Continuous integration runs the tests both ways.
func Sample[T any](t testing.TB, all []T, nth int) (some []T) {
	t.Helper()
	if !Raced {
		return all
	}
	for i := 0; i < len(all); i += nth {
		some = append(some, all[i])
	}
	t.Logf("with the race detector %d of %d cases are run", len(some), len(all))
	return some
}
