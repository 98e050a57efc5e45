package engine_test

import (
	"fmt"
	"testing"
	"time"

	"icmpsift/rules"
)

// An innocent cause is ruled out by packets, or by what came back, and the reason says by how many.
func TestExplanations(t *testing.T) {
	text := []byte("The quick brown fox jumps over the lazy dog, again and again, until the evening comes and everybody goes home to sleep. Good night.")
	for name, tt := range map[string]struct {
		cause rules.Cause
		data  []byte
		want  string
	}{
		"a text alone":         {rules.Cause{Text: "x"}, text, "x true "},
		"one packet":           {rules.Cause{Text: "x", Unless: "sift.seq == 0", Because: "why"}, text, "x false why (1 of 13 packets)"},
		"no packet":            {rules.Cause{Text: "x", Unless: "sift.seq == 99", Because: "why"}, text, "x true "},
		"a share":              {rules.Cause{Text: "x", Unless: "sift.seq < 7", Share: 0.5, Because: "why"}, text, "x false why (7 of 13 packets)"},
		"too small a share":    {rules.Cause{Text: "x", Unless: "sift.seq < 6", Share: 0.5, Because: "why"}, text, "x true "},
		"something came back":  {rules.Cause{Text: "x", Recovered: true, Because: "why"}, text, "x false why"},
		"nothing to believe":   {rules.Cause{Text: "x", Recovered: true, Because: "why"}, random(130, 3), "x true "},
		"came back, or packet": {rules.Cause{Text: "x", Recovered: true, Unless: "sift.seq == 0", Because: "why"}, random(130, 3), "x false why (1 of 13 packets)"},
	} {
		t.Run(name, func(t *testing.T) {
			var messages [][]byte
			for i, c := range chunks(tt.data[:130], 10) {
				messages = append(messages, echo(8, 9, uint16(i), c))
			}
			r := rule("sift.echo.request == 1", counting(rules.EventCount, "", 5, "sift.src", "sift.dst"))
			r.Explanations, r.Recover = []rules.Cause{tt.cause}, &rules.Recover{Field: "sift.payload"}
			f := only(t, judge(t, []*rules.Rule{r}, facts(t), write(t, every(time.Second, inside, outside, messages))))
			e := f.Explanations[0]
			if got := fmt.Sprint(e.Text, " ", e.Kept, " ", e.Reason); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
