package builtin_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/trial"
)

// otherwise are packets on which causes are weighed otherwise than in the rules' own tests.
var otherwise = map[string][]wire{
	"icmp-amplified-replies": series(filled(amplified(3), ordinary), 1, 10, time.Second),
	"icmp-smurf":             series(filled(everybody("10.30.0.255"), ordinary), 1, 10, time.Second),
	"icmp-reflection":        asking(series(numbered, 1, 40, 5*time.Second)),
	"icmp-unasked-replies":   asking(series(unaskedFrom(nil), 1, 600, 20*time.Second)),
	"icmp-reflected-replies": series(filled(reflected, fping), 1, 15, 4*time.Second),
	"icmp-error-flood":       series(about(11, 0, 17), 1, 500, 4*time.Second),
	"icmp-error-loop":        series(func(g, _ int) []wire { return about(11, 0, 17)(g, 0) }, 1, 10, 8*time.Second),
	"icmp-irdp":              {{src: a4(1), dst: "224.0.0.1", message: message(9, 0, 0, make([]byte, 8))}},
	"icmp-pmtu-none":         series(tooBig(0, 576, false), 1, 30, time.Minute),
	"icmp-port-race":         series(refused(3, 3, 17, 40000, 30000), 1, 500, time.Second),
	"icmp-router-flood":      slices.Concat(series(routers(0, 255), 1, 2, time.Second), later(series(rival(2), 1, 50, 4*time.Second), 5*time.Second)),
	"icmp-router-kill":       series(killedBy(9), 1, 4, time.Minute),
	"icmp-source-quench":     about(4, 0, 6)(1, 0),
	"icmp-tcp-guess":         series(about(3, 3, 6), 1, 20, 40*time.Second),
	"icmp-tcp-reset":         about(3, 2, 6)(1, 0),
}

// asking puts a request of the host that the packets go to, to somebody else, in front of them.
func asking(list []wire) []wire {
	return append([]wire{{src: list[0].dst, dst: "192.0.2.77", message: echo(8, 3, 1, nil)}}, later(list, time.Second)...)
}

// filled are the messages of a group with another payload.
func filled(f group, body []byte) group {
	return func(g, i int) []wire {
		out := f(g, i)
		for k := range out {
			out[k].message = append(slices.Clone(out[k].message[:8]), body...)
		}
		return out
	}
}

// about are errors that tell a host of what another one sent.
func about(typ, code, proto byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram("192.0.2.7", b4(g), proto, 40000+i, 443))
	})
}

// killedBy is a router that is said to be none by another station.
func killedBy(station byte) group {
	return func(g, i int) []wire {
		return []wire{advertised("fe80::1", 1800, 0, 1, 1), later([]wire{advertised("fe80::1", 0, 0, station, 1)}, time.Millisecond)[0]}
	}
}

// Each innocent cause that packets can rule out is ruled out in one capture at least, and kept in another.
func TestCausesAreWeighed(t *testing.T) {
	c := context_(t)
	set := &rules.Set{Rules: pack(t, c)}
	for _, r := range set.Rules {
		var captures []string
		for _, x := range r.Tests {
			captures = append(captures, x.Capture)
		}
		if extra := otherwise[r.Name]; extra != nil {
			path := filepath.Join(t.TempDir(), r.Name+".pcap")
			if err := os.WriteFile(path, capture(extra), 0o600); err != nil {
				t.Fatal(err)
			}
			captures = append(captures, path)
		}
		kept, dropped := weighed(t, set, r, captures)
		for i, x := range r.Explanations {
			if x.Unless != "" && (kept[i] == 0 || dropped[i] == 0) {
				t.Errorf("%s: %q is kept %d times and ruled out %d times", r.Name, x.Text, kept[i], dropped[i])
			}
		}
	}
}

func weighed(t *testing.T, set *rules.Set, r *rules.Rule, captures []string) (kept, dropped []int) {
	t.Helper()
	kept, dropped = make([]int, len(r.Explanations)), make([]int, len(r.Explanations))
	for _, path := range captures {
		err := trial.Case(context.Background(), []string{path}, func(line *timeline.Timeline) error {
			found, err := engine.Analyze(context.Background(), line, &rules.Set{Rules: set.With(r), Lists: set.Lists}, context_(t), nil)
			if err != nil {
				return err
			}
			for _, f := range found.Findings {
				for i, x := range f.Explanations {
					if f.Rule == r && x.Kept {
						kept[i]++
					} else if f.Rule == r {
						dropped[i]++
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return kept, dropped
}
