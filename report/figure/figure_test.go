package figure

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"icmpsift/report"
	"icmpsift/report/sample"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func drawn(t *testing.T, r *report.Report, f report.Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// made lists the figures that have something to show, at least one of each kind.
func made(t *testing.T, r *report.Report) (out []report.Figure) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range r.Figures {
		if f.Missing == "" {
			out, seen[f.Kind] = append(out, f), true
		}
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("the sample has no figure of kind %s", kind)
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	r := sample.Incident(t)
	for _, f := range made(t, r) {
		t.Run(f.ID, func(t *testing.T) {
			got, path := drawn(t, r, f), filepath.Join("testdata", f.ID+".svg")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s; run go test -update and look at the picture", path)
			}
		})
	}
}

// shape is the elements of an SVG in order, and its texts; it fails for what a page with a strict policy would refuse.
func shape(t *testing.T, svg string) (elements []string, texts []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return elements, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			elements = append(elements, x.Name.Local)
			for _, a := range x.Attr {
				if name := a.Name.Local; name == "style" || name == "href" || strings.HasPrefix(name, "on") {
					t.Errorf("<%s %s=%q>", x.Name.Local, name, a.Value)
				}
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(x)); s != "" {
				texts = append(texts, s)
			}
		case xml.Comment, xml.Directive, xml.ProcInst:
			t.Errorf("%T in the figure", token)
		}
	}
}

// Text of the evidence changes no more than text, and no invisible character is left in it.
func TestHostileTextIsInert(t *testing.T) {
	clean := sample.Incident(t)
	for name, s := range sample.Texts {
		t.Run(name, func(t *testing.T) {
			r, harmless := sample.Incident(t), sample.Incident(t)
			for _, f := range made(t, clean) {
				if f.Finding != "" {
					f.Finding = r.Findings[1].ID
				}
				spoil(r, s)
				spoil(harmless, "two words")
				got, texts := shape(t, drawn(t, r, f))
				want, _ := shape(t, drawn(t, harmless, f))
				if strings.Join(got, " ") != strings.Join(want, " ") {
					t.Errorf("%s: other elements than with harmless text", f.ID)
				}
				for _, c := range strings.Join(texts, "") {
					if !unicode.IsPrint(c) {
						t.Errorf("%s: %U left in", f.ID, c)
					}
				}
			}
		})
	}
}

// spoil puts s where evidence puts text that figures show.
func spoil(r *report.Report, s string) {
	for i := range r.Contacts.Hosts {
		r.Contacts.Hosts[i].Name = s
		if r.Contacts.Hosts[i].Address != "" {
			r.Contacts.Hosts[i].Address = s
		}
	}
	for i := range r.Findings {
		r.Findings[i].Rule.Title, r.Findings[i].Src = s, s
	}
	for i := range r.Exchanges {
		r.Exchanges[i].Src = s
	}
	for i := range r.Types {
		r.Types[i].Name = s
	}
}

// What a figure shows can be told apart without colour.
func TestReadableInGrey(t *testing.T) {
	styles := map[string]bool{}
	for _, c := range classes {
		k := ""
		for _, d := range c.style.Dashes {
			k += fmt.Sprint(d, " ")
		}
		styles[k] = true
	}
	if len(styles) != len(classes) {
		t.Errorf("%d kinds of dashes for %d classes", len(styles), len(classes))
	}
	if glyphs[true].Shape == glyphs[false].Shape {
		t.Error("the two directions have the same mark")
	}
}

// Axes name their unit and their zone.
func TestAxes(t *testing.T) {
	r := sample.Incident(t)
	for id, want := range map[string][]string{
		"activity": {"ICMP packets in each 2 minutes", "Time on 2024-05-14 (UTC)", "requests", "replies", "errors", "other", "F-1a2b3c4d, high"},
		"contacts": {"From (packets)", "To", "ws-015, 10.20.0.15", "1,198 other hosts, inside", "48k"}, "round-trips": {"Time from echo request to reply (ms, logarithmic)"},
		"types": {"ICMP packets", "ICMP 8/0 Echo (ping) request", "3,204"}, "payload-F-92a3b4c5": {"Payload (bytes)", "Entropy (bits/byte)", "Time on 2024-05-14 (UTC)", "2001:db8:100::9 to 10.20.0.31"},
		"intervals-F-92a3b4c5": {"Time since the tick before (s)"},
	} {
		for _, f := range r.Figures {
			if f.ID != id {
				continue
			}
			_, texts := shape(t, drawn(t, r, f))
			all := "\n" + strings.Join(texts, "\n") + "\n"
			for _, w := range want {
				if !strings.Contains(all, "\n"+w+"\n") {
					t.Errorf("%s: no %q among\n%s", id, w, all)
				}
			}
		}
	}
}

var number = regexp.MustCompile(`NaN|Inf`)

// The least that there can be: a single packet, and times that are all the same.
func TestSmallest(t *testing.T) {
	zero := 0.0
	one := sample.Incident(t)
	one.Activity, one.Types, one.Exchanges = one.Activity[:1], one.Types[:1], one.Exchanges[1:2]
	one.Exchanges[0].RTTMin, one.Exchanges[0].RTTMean, one.Exchanges[0].RTTMax = &zero, &zero, &zero
	one.Findings[1].Payloads, one.Findings[1].Intervals = one.Findings[1].Payloads[:1], one.Findings[1].Intervals[:1]
	one.Contacts.Hosts, one.Contacts.Links = one.Contacts.Hosts[:1], []report.ContactSum{{Packets: 1}}
	for _, f := range made(t, one) {
		if svg := drawn(t, one, f); number.MatchString(svg) {
			t.Errorf("%s: a place that is no number", f.ID)
		}
	}
}

func TestNothingToShow(t *testing.T) {
	for _, f := range []report.Figure{{ID: "x", Kind: "no such kind"}, {ID: "payload", Kind: "payload", Finding: "F-00000000"}, {ID: "types", Kind: "types", Missing: "no packet"}} {
		if err := Write(io.Discard, sample.Incident(t), f); err == nil {
			t.Errorf("%s was drawn", f.ID)
		}
	}
}
