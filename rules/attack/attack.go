// Package attack knows what MITRE ATT&CK (Enterprise) calls its tactics, techniques and sub-techniques, and which of them
// it no longer has. Rules name them in Sigma's tags: [Of] says what a tag means, [Nearest] what it may have been meant to be.
package attack

import (
	_ "embed"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
		return prefix + strings.ReplaceAll(strings.ToLower(e.Name), " ", "-")
	}
	return prefix + strings.ToLower(e.ID)
}

const prefix = "attack."

// entries are all of the table by tag; what is there today wins over what is retired.
var entries = read(table)

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
	e, ok = entries[strings.ToLower(tag)]
	return e, ok
}

// Technique gives a technique by its id, such as "T1048.003".
func Technique(id string) (e Entry, ok bool) {
	e, ok = Of(prefix + id)
	return e, ok && e.ID == id
}

// Current gives what stands today in the place of a retired entry; ok is false if nothing does.
func (e Entry) Current() (now Entry, ok bool) {
	for _, now := range entries {
		if now.ID == e.Instead && !now.Retired {
			return now, true
		}
	}
	return Entry{}, false
}

var techniqueTag = regexp.MustCompile(`^attack\.t([0-9]{4})(?:\.([0-9]{3}))?$`)

// Nearest gives the entry of today that an unknown tag was most likely meant to be: of a technique's tag the sub-technique or
// technique next in number, else what is spelled most alike, by tag or by name; ok is false if nothing is near.
func Nearest(tag string) (e Entry, ok bool) {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	if techniqueTag.MatchString(tag) {
		return nextTo(tag)
	}
	words := map[string]Entry{}
	for t, e := range entries {
		if !e.Retired {
			words[t] = e
			words[prefix+strings.ReplaceAll(strings.ToLower(e.Name), " ", "-")] = e
		}
	}
	e, ok = words[field.Closest(tag, sorted(words))]
	return e, ok
}

func sorted(words map[string]Entry) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(words)))
}

// nextTo finds the technique with the nearest number: among the siblings of an unknown sub-technique, else among all.
func nextTo(tag string) (best Entry, ok bool) {
	family, _, _ := strings.Cut(strings.TrimPrefix(tag, prefix), ".")
	_, known := entries[prefix+family]
	least := 0
	for t := range sorted(entries) {
		if entries[t].Retired || !techniqueTag.MatchString(t) || known && !strings.HasPrefix(t, prefix+family) {
			continue
		}
		if by := distance(tag, t); !ok || by < least {
			best, least, ok = entries[t], by, true
		}
	}
	return best, ok
}

// distance counts first how many figures differ, then how far the numbers are apart.
func distance(a, b string) (by int) {
	x, y := number(a), number(b)
	for i := range x {
		if x[i] != y[i] {
			by += 1 << 32
		}
	}
	m, _ := strconv.Atoi(x)
	n, _ := strconv.Atoi(y)
	return by + max(m-n, n-m)
}

// number is a technique's number in seven figures, "000" where it is no sub-technique.
func number(tag string) string {
	part := techniqueTag.FindStringSubmatch(tag)
	return part[1] + (part[2] + "000")[:3]
}
