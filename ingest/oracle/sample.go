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

// Trials gives the number of trials of a long test, a fraction of it under the race detector, as [Sample] does.
func Trials(t testing.TB, n, fraction int) int {
	t.Helper()
	return len(Sample(t, make([]struct{}, n), fraction))
}
