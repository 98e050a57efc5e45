package score

import (
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"icmpsift/ingest"
	"icmpsift/rules"
	"icmpsift/rules/engine"
)

func (e *Entry) hostile() bool { return e.Verdict == "" }

// least is the level that counts as detected.
func (e *Entry) least() rules.Level {
	if e.category == "recon" {
		return rules.Low
	}
	return rules.Medium
}

// sums are the SHA-256 values of what can be brought back.
func (e *Entry) sums() (out []string) {
	if e.Recovered != "" {
		out = append(out, e.Recovered)
	}
	for _, v := range e.Streams {
		if stream, ok := v.(map[string]any); ok {
			if sum, ok := stream["sha256"].(string); ok {
				out = append(out, sum)
			}
		}
	}
	return out
}

// streams is how many entries with something to bring back are between the entry's hosts.
func (c *Case) streams(e *Entry) (n int) {
	for i := range c.Entries {
		if o := &c.Entries[i]; slices.Equal(o.Src, e.Src) && slices.Equal(o.Dst, e.Dst) {
			n += len(o.sums())
		}
	}
	return n
}

// between tells whether two sides of a finding are the entry's.
func (e *Entry) between(src, dst string) bool {
	from := slices.Concat(e.Src, e.Scanner)
	if e.TrueSender != "" {
		from = append(from, e.TrueSender)
	}
	return from.name(src) && e.Dst.name(dst)
}

// name tells whether the words stand for an address, a network that goes with one of theirs, or anything.
func (w words) name(side string) bool {
	any := true
	for _, token := range strings.FieldsFunc(strings.Join(w, " "), func(r rune) bool { return r == ' ' || r == ',' }) {
		if !strings.ContainsAny(token, ".:") {
			continue
		}
		if any = false; token == side || overlap(token, side) {
			return true
		}
	}
	return any
}

// overlap tells whether one of two addresses or networks holds the other. The whole address space is no answer.
func overlap(a, b string) bool {
	p, ok := network(a)
	q, fine := network(b)
	return ok && fine && p.Bits() > 0 && q.Bits() > 0 && p.Overlaps(q)
}

func network(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	return netip.PrefixFrom(a, a.BitLen()), err == nil
}

// families are techniques that an analyst may call one for the other.
var families = [][]string{
	{"t1018", "t1046", "t1595", "t1590", "t1592", "t1016", "t1124"},
	{"t1498", "t1499"},
	{"t1557", "t1565"},
	{"t1048", "t1041", "t1030", "t1132", "t1001", "t1020", "t1029"},
	{"t1095", "t1572", "t1071", "t1059", "t1090", "t1573", "t1205", "t1008", "t1105"},
}

var techniqueTag = regexp.MustCompile(`^attack\.(t[0-9]{4})(\.[0-9]{3})?$`)

// technique tells whether the rule is of the entry's technique, or of a near one.
func (e *Entry) technique(r *rules.Rule) (exact, near bool) {
	want := strings.ToLower(e.Attack)
	base, _, _ := strings.Cut(want, ".")
	for _, tag := range r.Tags {
		m := techniqueTag.FindStringSubmatch(tag)
		if m == nil {
			continue
		}
		exact = exact || tag == "attack."+want
		near = near || m[1] == base || slices.ContainsFunc(families, func(f []string) bool { return slices.Contains(f, base) && slices.Contains(f, m[1]) })
	}
	return exact, near
}

// alarms are findings that call an ordinary thing hostile: most of their frames are its.
func (e *Entry) alarms(r *engine.Result, of *Case, ledger []*ingest.Evidence) (out []string) {
	if e.Verdict != benign {
		return nil
	}
	mine := ranges(e.Frames.Ranges)
	offset, base := map[string]int64{}, int64(0)
	for _, path := range e.captures {
		offset[filepath.Clean(path)] = base
		for _, x := range ledger {
			if sameFile(x.File, path) {
				base += x.Frames
			}
		}
	}
	for _, f := range r.Findings {
		var all, shared int64
		for _, s := range f.Frames {
			all += s.Ranges.Total()
			if at, ok := offset[filepath.Clean(file(ledger, s.Evidence))]; ok {
				for _, x := range s.Ranges {
					shared += mine.Between(x.First+at, x.Last+at)
				}
			}
		}
		if f.Level >= rules.Medium && 2*shared > all {
			out = append(out, e.Technique+" called "+f.Level.String()+": "+named(f))
		}
	}
	return out
}

func sameFile(a, b string) bool { return filepath.Clean(a) == filepath.Clean(b) }

func file(ledger []*ingest.Evidence, id int) string {
	for _, x := range ledger {
		if x.ID == id {
			return x.File
		}
	}
	return ""
}

// ranges reads "1-3,7".
func ranges(s string) (out rules.Ranges) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		first, last, ok := strings.Cut(part, "-")
		if !ok {
			last = first
		}
		a, err := strconv.ParseInt(first, 10, 64)
		b, other := strconv.ParseInt(last, 10, 64)
		if err == nil && other == nil {
			out = append(out, rules.Range{First: a, Last: b})
		}
	}
	return out
}
