package export

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"icmpsift/report"
	"icmpsift/report/phrase"
	"icmpsift/rules"
	"icmpsift/rules/attack"
)

// layer is a layer of the ATT&CK Navigator, format 4.5 (LAYERFORMATv4_5.md of mitre-attack/attack-navigator).
type layer struct {
	Name        string      `json:"name"`
	Versions    versions    `json:"versions"`
	Domain      string      `json:"domain"`
	Description string      `json:"description"`
	Sorting     int         `json:"sorting"`
	Techniques  []technique `json:"techniques"`
	Gradient    gradient    `json:"gradient"`
	Legend      []legend    `json:"legendItems"`
	Metadata    []metadata  `json:"metadata"`
}

type versions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

type technique struct {
	ID       string     `json:"techniqueID"`
	Score    int        `json:"score"`
	Comment  string     `json:"comment"`
	Enabled  bool       `json:"enabled"`
	Metadata []metadata `json:"metadata"`
}

type gradient struct {
	Colors []string `json:"colors"`
	Min    int      `json:"minValue"`
	Max    int      `json:"maxValue"`
}

type legend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

type metadata struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The versions that layers are made for: 4.5 needs a Navigator of 4.9.0 or later.
const (
	layerVersion     = "4.5"
	navigatorVersion = "4.9.0"
)

// shades are the colours of levels, rising, as the workbook has them.
var shades = []string{"#d9e1f2", "#ffd966", "#ed7d31", "#c00000", "#7030a0"}

// Navigator writes navigator.json: the techniques of findings that are not suppressed, scored by the worst level.
func Navigator(w io.Writer, r *report.Report) error {
	edition, _, _ := strings.Cut(attack.Version, ".")
	l := layer{Name: text(cmp.Or(r.Case.ID, "ICMP incident report")), Versions: versions{edition, navigatorVersion, layerVersion}, Domain: "enterprise-attack",
		Description: text(strings.Join(r.Bottom, " ")), Sorting: 3, Techniques: techniques(r), Gradient: gradient{shades, 1, len(shades)}, Metadata: about(r)}
	for i, name := range rules.LevelNames() {
		l.Legend = append(l.Legend, legend{phrase.Title(name), shades[i]})
	}
	return document(w, l)
}

func about(r *report.Report) (out []metadata) {
	for _, x := range []metadata{{"Case", r.Case.ID}, {"Organization", r.Case.Organization}, {"TLP", r.Case.TLP}, {"Made by", r.Tool.Name + " " + r.Tool.Version}} {
		if x.Value = text(strings.TrimSpace(x.Value)); x.Value != "" {
			out = append(out, x)
		}
	}
	return out
}

func techniques(r *report.Report) []technique {
	by := map[string][]*report.Finding{}
	for i := range r.Findings {
		f := &r.Findings[i]
		for _, id := range f.Attack {
			if _, ok := phrase.TechniqueURL(id); ok && f.SuppressedBy == "" {
				by[id] = append(by[id], f)
			}
		}
	}
	out := make([]technique, 0, len(by))
	for _, id := range slices.Sorted(maps.Keys(by)) {
		out = append(out, shown(id, by[id]))
	}
	return out
}

// shown is a technique with the findings that show it.
func shown(id string, findings []*report.Finding) technique {
	x := technique{ID: id, Enabled: true, Metadata: []metadata{}}
	var ids []string
	for _, f := range findings {
		x.Score = max(x.Score, score(f.Level))
		ids = append(ids, text(f.ID))
	}
	for _, f := range findings[:min(len(findings), maxFindings)] {
		x.Metadata = append(x.Metadata, metadata{text(f.ID), text(f.Rule.Title + ": " + f.Src + " to " + f.Dst)})
	}
	x.Comment = phrase.Plural(int64(len(findings)), "finding", "findings") + ": " + phrase.List(ids, maxFindings)
	return x
}

// maxFindings is how many findings a technique names; the comment says how many more there are.
const maxFindings = 50

// score is a level as a number from 1; 0 is no level.
func score(level string) int { return slices.Index(rules.LevelNames(), level) + 1 }
