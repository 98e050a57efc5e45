// Package attack knows what MITRE ATT&CK (Enterprise) calls its tactics, techniques and sub-techniques, and which of them
// it no longer has. Rules name them in Sigma's tags: [Of] says what a tag means, [Nearest] what it may have been meant to be.
package attack

import (
	_ "embed"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"icmpsift/ingest/field"
)

// Version is the version of ATT&CK that the names are from.
const Version = "19.1"

//go:embed enterprise.tsv
var table string

// Entry is a tactic, a technique or a sub-technique.
type Entry struct {
	ID, Name string // "T1048.003", "TA0010"
	Retired  bool   // ATT&CK has it no longer, or under another id
	Instead  string // id of what stands in the place of a retired one; "" if nothing does
}

// Tag is the entry's tag in Sigma: the id of a technique, the name of a tactic.
func (e Entry) Tag() string {
	if strings.HasPrefix(e.ID, "TA") {
		return prefix + slug(e.Name)
	}
	return prefix + strings.ToLower(e.ID)
}

const prefix = "attack."

// entries are all of the table by tag; what is there today wins over what is retired.
var entries = sync.OnceValue(func() map[string]Entry { return read(table) })

func read(table string) map[string]Entry {
	out := map[string]Entry{}
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(columns) < 2 {
			continue
		}
		e := Entry{ID: columns[0], Name: columns[1]}
		if e.Retired = len(columns) > 2; e.Retired && columns[2] != "-" {
			e.Instead = columns[2]
		}
		out[e.Tag()] = e
	}
	return out
}

// Of gives what a tag such as "attack.t1048.003" or "attack.exfiltration" stands for; ok is false where ATT&CK has nothing
// of the kind.
func Of(tag string) (e Entry, ok bool) {
	e, ok = entries()[strings.ToLower(tag)]
	return e, ok
}

// Technique gives a technique by its id, such as "T1048.003".
func Technique(id string) (e Entry, ok bool) {
	e, ok = Of(prefix + id)
	return e, ok && e.ID == id
}

// Current gives what stands today in the place of a retired entry; ok is false if nothing does.
func (e Entry) Current() (now Entry, ok bool) {
	for _, now := range entries() {
		if now.ID == e.Instead && !now.Retired {
			return now, true
		}
	}
	return Entry{}, false
}

var techniqueTag = regexp.MustCompile(`^attack\.t([0-9]{4})(?:\.([0-9]{3}))?$`)

// words are what today's entries are called behind the prefix of tags, by tag, id and name; numbered are the techniques by
// number, in order.
var (
	words    = sync.OnceValue(func() map[string]Entry { return called(entries()) })
	order    = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(words())) })
	numbered = sync.OnceValue(func() []Entry { return numbers(entries()) })
)

func called(entries map[string]Entry) map[string]Entry {
	out := map[string]Entry{}
	for tag, e := range entries {
		if !e.Retired {
			out[strings.TrimPrefix(tag, prefix)], out[strings.ToLower(e.ID)], out[slug(e.Name)] = e, e, e
		}
	}
	return out
}

func numbers(entries map[string]Entry) (out []Entry) {
	for _, tag := range slices.Sorted(maps.Keys(entries)) {
		if !entries[tag].Retired && techniqueTag.MatchString(tag) {
			out = append(out, entries[tag])
		}
	}
	return out
}

// slug is a name as tags are written.
func slug(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// Nearest gives the entry of today that an unknown tag was most likely meant to be: of a technique's tag the sub-technique or
// technique next in number, else what is spelled most alike, by tag, id or name; ok is false if nothing is near.
func Nearest(tag string) (e Entry, ok bool) {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	if part := techniqueTag.FindStringSubmatch(tag); part != nil {
		return nextTo("T"+part[1], part[1]+(part[2] + "000")[:3]), true
	}
	e, ok = words()[field.Closest(strings.TrimPrefix(tag, prefix), slices.Values(order()))]
	return e, ok
}

// nextTo finds the technique with the nearest number: in the family of an unknown sub-technique, else among all.
func nextTo(family, number string) (best Entry) {
	_, known := Technique(family)
	least := math.MaxInt
	for _, e := range numbered() {
		if known && !strings.HasPrefix(e.ID, family) {
			continue
		}
		if by := distance(number, figures(e.ID)); by < least {
			best, least = e, by
		}
	}
	return best
}

// distance counts first how many figures differ, then how far the numbers are apart.
func distance(a, b string) (by int) {
	for i := range a {
		if a[i] != b[i] {
			by += 1 << 32
		}
	}
	m, _ := strconv.Atoi(a)
	n, _ := strconv.Atoi(b)
	return by + max(m-n, n-m)
}

// figures is a technique's number in seven figures, "000" last where it is no sub-technique.
func figures(id string) string { return id[1:5] + (strings.TrimPrefix(id[5:], ".") + "000")[:3] }
