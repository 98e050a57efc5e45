package rules

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Range is an inclusive range of numbers.
type Range struct{ First, Last int64 }

// Ranges is a set of numbers as rising, disjoint, inclusive ranges. The zero value is empty.
type Ranges []Range

// Add puts n into the set; numbers that arrive in rising order cost no search.
func (r *Ranges) Add(n int64) {
	s := *r
	if k := len(s); k == 0 || n > s[k-1].Last+1 {
		*r = append(s, Range{n, n})
		return
	} else if n == s[k-1].Last+1 {
		s[k-1].Last = n
		return
	}
	r.insert(n)
}

func (r *Ranges) insert(n int64) {
	s := *r
	i := sort.Search(len(s), func(i int) bool { return s[i].Last >= n-1 })
	switch {
	case s[i].First <= n && n <= s[i].Last:
	case s[i].Last == n-1:
		s[i].Last = n
		if i+1 < len(s) && s[i+1].First == n+1 {
			s[i].Last = s[i+1].Last
			*r = append(s[:i+1], s[i+2:]...)
		}
	case s[i].First == n+1:
		s[i].First = n
	default:
		s = append(s, Range{})
		copy(s[i+1:], s[i:])
		s[i] = Range{n, n}
		*r = s
	}
}

// Has tells whether n is in the set.
func (r Ranges) Has(n int64) bool {
	i := sort.Search(len(r), func(i int) bool { return r[i].Last >= n })
	return i < len(r) && r[i].First <= n
}

// Total is how many numbers the set holds.
func (r Ranges) Total() int64 {
	var n int64
	for _, x := range r {
		n += x.Last - x.First + 1
	}
	return n
}

// Strings gives each range as text: "12-40", "57".
func (r Ranges) Strings() []string {
	out := make([]string, len(r))
	for i, x := range r {
		out[i] = strconv.FormatInt(x.First, 10)
		if x.Last != x.First {
			out[i] += "-" + strconv.FormatInt(x.Last, 10)
		}
	}
	return out
}

// String joins the ranges with commas.
func (r Ranges) String() string { return strings.Join(r.Strings(), ",") }

// Union is the numbers that are in any of the sets.
func (r Ranges) Union(others ...Ranges) Ranges {
	all := slices.Concat(append([]Ranges{r}, others...)...)
	slices.SortFunc(all, func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	var out Ranges
	for _, x := range all {
		if k := len(out); k > 0 && x.First <= out[k-1].Last+1 {
			out[k-1].Last = max(out[k-1].Last, x.Last)
			continue
		}
		out = append(out, x)
	}
	return out
}

// Shared is how many numbers are in both sets.
func (r Ranges) Shared(o Ranges) (n int64) {
	for i, k := 0, 0; i < len(r) && k < len(o); {
		n += max(0, min(r[i].Last, o[k].Last)-max(r[i].First, o[k].First)+1)
		if r[i].Last < o[k].Last {
			i++
		} else {
			k++
		}
	}
	return n
}

// Minus is the numbers of the set that are not in the other.
func (r Ranges) Minus(o Ranges) (out Ranges) {
	k := 0
	for _, x := range r {
		for ; k < len(o) && o[k].Last < x.First; k++ {
		}
		for i := k; i < len(o) && o[i].First <= x.Last; i++ {
			if o[i].First > x.First {
				out = append(out, Range{x.First, o[i].First - 1})
			}
			x.First = o[i].Last + 1
		}
		if x.First <= x.Last {
			out = append(out, x)
		}
	}
	return out
}

// Between is how many numbers of the set lie from first to last.
func (r Ranges) Between(first, last int64) (n int64) {
	for i := sort.Search(len(r), func(i int) bool { return r[i].Last >= first }); i < len(r) && r[i].First <= last; i++ {
		n += min(r[i].Last, last) - max(r[i].First, first) + 1
	}
	return n
}

// Until is the part of the set up to last.
func (r Ranges) Until(last int64) Ranges {
	i := sort.Search(len(r), func(i int) bool { return r[i].First > last })
	out := append(Ranges{}, r[:i]...)
	if i > 0 {
		out[i-1].Last = min(out[i-1].Last, last)
	}
	return out
}
