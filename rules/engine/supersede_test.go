package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"icmpsift/rules"
)

// A specific rule's finding takes the place of a general one's where it explains its packets, and only there.
func TestSupersedes(t *testing.T) {
	general := rule("sift.echo.request == 1 && sift.id == 9 || sift.echo.reply == 1", counting(rules.EventCount, "", 10, "sift.version"))
	general.Endpoints = rules.Endpoints{Src: "sift.src", Dst: "sift.dst"}
	for name, tt := range map[string]struct {
		match     string // of the specific rule
		sent      []sent
		names     []string // rules that are left, and the last of each one's notes
		suppress  bool
		otherwise string // what the specific rule supersedes instead
	}{
		"its packets":         {"sift.seq >= 0", pings(20, inside, outside), []string{"special: More general rules see it, too: test in 20 packets."}, false, ""},
		"by id":               {"sift.seq >= 0", pings(20, inside, outside), []string{"special: More general rules see it, too: test in 20 packets."}, false, general.ID},
		"another rule":        {"sift.seq >= 0", pings(20, inside, outside), []string{"special", "test"}, false, "other"},
		"its time":            {"sift.seq in {0, 19}", pings(20, inside, outside), []string{"special: More general rules see it, too: test in 20 packets."}, false, ""},
		"begins long before":  {"sift.seq >= 100", pings(200, inside, outside), []string{"special", "test: Besides, 100 packets that match are left to the finding of the more specific rule special."}, false, ""},
		"just before":         {"sift.seq >= 100 && sift.id == 9", slices.Concat(pings(20, inside, outside), shift(pings(110, inside, outside)[100:], -time.Minute)), []string{"special", "test: Besides, 10 packets that match are left to the finding of the more specific rule special."}, false, ""},
		"suppressed, packets": {"sift.seq >= 0", pings(20, inside, outside), nil, true, ""},
		"suppressed, time":    {"sift.seq in {0, 19}", pings(20, inside, outside), []string{"test"}, true, ""},
		"other hosts": {"sift.src == " + insideB, slices.Concat(pings(20, inside, outside), shift(pings(20, insideB, outside), time.Hour)),
			[]string{"special: More general rules see it, too: test in 20 packets.", "test"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			special := rule(tt.match, counting(rules.EventCount, "", 2, "sift.src"))
			special.Name, special.ID, special.Level = "special", "00000000-0000-4000-8000-000000000002", rules.Critical
			special.Supersedes = []rules.Reference{{Name: "test"}}
			if tt.otherwise != "" {
				special.Supersedes[0].Name = tt.otherwise
			}
			set := &rules.Set{Rules: []*rules.Rule{general, special}}
			if tt.suppress {
				set.Suppressions = []*rules.Suppression{{Rules: []string{"special"}, Owner: "ops", Expires: expiry}}
			}
			var got []string
			for _, f := range judgeSet(t, set, facts(t), write(t, tt.sent)).Findings {
				got = append(got, f.Rule.Name)
				for _, note := range f.Notes {
					got[len(got)-1] += ": " + note
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.names) {
				t.Errorf("got %q, want %q", got, tt.names)
			}
		})
	}
}

// What a general rule brought back is not lost with its finding.
func TestSupersedesKeepsArtefacts(t *testing.T) {
	var messages [][]byte
	for i, c := range chunks(random(2000, 7), 100) {
		messages = append(messages, echo(8, 9, uint16(i), c))
	}
	general := rule("sift.echo.request == 1", counting(rules.EventCount, "", 10, "sift.src"))
	general.Recover = &rules.Recover{Field: "sift.payload"}
	special := rule("sift.seq == 3", counting(rules.EventCount, "", 1, "sift.src"))
	special.Name, special.ID, special.Supersedes = "special", "00000000-0000-4000-8000-000000000002", []rules.Reference{{Name: "test"}}
	j := judge(t, []*rules.Rule{general, special}, facts(t), write(t, every(time.Second, inside, outside, messages)))
	if f := only(t, j); f.Rule != special || len(f.Artefacts) != 1 || len(f.Artefacts[0].Bytes) != 2000 || f.Artefacts[0].Finding != f {
		t.Errorf("%s with %d artefacts", f.Rule.Name, len(f.Artefacts))
	}
}

// Rules that supersede each other in a circle do not; of a row of three the first is left.
func TestSupersedesInRows(t *testing.T) {
	for name, tt := range map[string]struct {
		of   [3]string
		want string
	}{
		"row":    {[3]string{"", "r0", "r1"}, "r2 1"},
		"back":   {[3]string{"r1", "r2", ""}, "r0 1"},
		"circle": {[3]string{"r1", "r0", ""}, "r0 0, r1 0, r2 0"},
	} {
		t.Run(name, func(t *testing.T) {
			var list []*rules.Rule
			for i, of := range tt.of {
				r := rule("icmp", counting(rules.EventCount, "", 5, "sift.src"))
				r.Name, r.ID = fmt.Sprint("r", i), fmt.Sprint("00000000-0000-4000-8000-00000000000", i)
				if of != "" {
					r.Supersedes = []rules.Reference{{Name: of}}
				}
				list = append(list, r)
			}
			got := ""
			for i, f := range judge(t, list, facts(t), write(t, pings(10, inside, outside))).Findings {
				if i > 0 {
					got += ", "
				}
				got += fmt.Sprint(f.Rule.Name, " ", len(f.Notes))
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A flood whose packets count is told as a flood, though what they carry is a monitor's.
func TestCountingFloodIsAFlood(t *testing.T) {
	c := facts(t)
	var list []sent
	for i := range 3000 {
		list = append(list, sent{at: time.Duration(i) * 2 * time.Millisecond, src: outside, dst: inside, message: echo(8, 7, uint16(i), fmt.Appendf(nil, "number %06d of many", i))})
	}
	j := judge(t, pack(t, c), c, write(t, list))
	if n := count(j, "icmp-flood"); n != 1 {
		t.Errorf("%d floods", n)
	}
	for _, f := range j.Findings {
		if f.Rule.Name == "icmp-flood" && (f.Level != rules.High || f.Packets != 3000 || f.Src != outside) {
			t.Errorf("%s, %d packets, from %s", f.Level, f.Packets, f.Src)
		}
	}
}
