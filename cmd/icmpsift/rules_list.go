package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"icmpsift/report/inert"
	"icmpsift/rules"
	"icmpsift/rules/attack"
)

const listUsage = `icmpsift rules list [flags]

Lists the rules that analyze would run: name, level, ATT&CK techniques, status, source (builtin, or file and line), title.

Examples:
  icmpsift rules list --level high
  icmpsift rules list --rules my-rules/ --tag attack.t1048 --format json`

// catalogue is what the flags of list say.
type catalogue struct {
	ruleset       ruleset
	format, level string
	tags          []string
	names         bool
	least         rules.Level
}

func (l *catalogue) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("rules list", pflag.ContinueOnError)
	f.StringVar(&l.format, "format", "text", "how to write: text, json")
	f.StringVar(&l.level, "level", "informational", "leave rules below this level out: "+strings.Join(rules.LevelNames(), ", "))
	f.StringSliceVar(&l.tags, "tag", nil, "only rules with this tag, or one that continues it: attack.t1048 takes attack.t1048.003 (repeatable: any of them)")
	f.BoolVar(&l.names, "names", false, "tell the names of the ATT&CK techniques")
	l.ruleset.flags(f)
	return f
}

func rulesList(d door, _ context.Context, args []string) error {
	l := &catalogue{}
	rest, err := d.parse(l.flags(), args, listUsage)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usagef("rules list takes no argument, but was given %q; --rules adds rule files", rest[0])
	}
	if err := oneOf("rules list", "--format", l.format, []string{"text", "json"}); err != nil {
		return err
	}
	if l.least, err = parseLevel("--level", l.level); err != nil {
		return err
	}
	set, _, err := loadRules(&l.ruleset, "rules list")
	if err != nil {
		return err
	}
	list := slices.DeleteFunc(slices.Clone(set.Rules), func(r *rules.Rule) bool { return !l.wants(r) })
	if l.format == "json" {
		return writeRules(d.stdout, list)
	}
	text := tabulate(list, columns(d.stdout))
	if l.names {
		text += "\n" + named(list)
	}
	_, err = io.WriteString(d.stdout, text)
	return err
}

// named tells the names of all techniques of the rules.
func named(list []*rules.Rule) string {
	lines := map[string]bool{}
	for _, r := range list {
		for _, t := range techniques(r) {
			lines[fmt.Sprintf("%-9s  %s\n", t.ID, cmp.Or(t.Name, "not in ATT&CK "+attack.Version))] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(lines)), "")
}

func (l *catalogue) wants(r *rules.Rule) bool {
	return r.Level >= l.least && (len(l.tags) == 0 || slices.ContainsFunc(l.tags, func(tag string) bool { return tagged(r, tag) }))
}

func tagged(r *rules.Rule, tag string) bool {
	tag = strings.ToLower(tag)
	return slices.ContainsFunc(r.Tags, func(t string) bool { t = strings.ToLower(t); return t == tag || strings.HasPrefix(t, tag+".") })
}

// technique is one of ATT&CK's; the name is "" where ATT&CK does not have it.
type technique struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// String gives id and name.
func (t technique) String() string { return strings.TrimSpace(t.ID + " " + t.Name) }

// techniques are those of ATT&CK among a rule's tags.
func techniques(r *rules.Rule) (out []technique) {
	for _, t := range r.Tags {
		if id, ok := strings.CutPrefix(t, "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			e, _ := attack.Of(t)
			out = append(out, technique{"T" + id, e.Name})
		}
	}
	return out
}

func techniqueIDs(r *rules.Rule) []string {
	out := []string{}
	for _, t := range techniques(r) {
		out = append(out, t.ID)
	}
	return out
}

// origin is where a rule comes from.
func origin(r *rules.Rule) string {
	if r.Builtin {
		return "builtin"
	}
	return fmt.Sprintf("%s:%d", r.At.File, r.At.Line)
}

var trailing = regexp.MustCompile(`(?m) +$`)

// cells are a rule's row; the last one, the title, wraps to what the others leave.
func cells(r *rules.Rule) []string {
	return []string{inert.Text(r.Name), r.Level.String(), strings.Join(techniqueIDs(r), "\n"), r.Status, inert.Text(origin(r)), inert.Prose(r.Title)}
}

var headings = table.Row{"name", "level", "ATT&CK", "status", "source", "title"}

// tabulate gives the table, for so many columns of a terminal.
func tabulate(list []*rules.Rule, width int) string {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header, style.Options = text.FormatDefault, table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	t.SetStyle(style)
	t.AppendHeader(headings)
	t.SetColumnConfigs(columnConfigs(list, width))
	for _, r := range list {
		var row table.Row
		for _, c := range cells(r) {
			row = append(row, c)
		}
		t.AppendRow(row)
	}
	return trailing.ReplaceAllString(t.Render(), "") + "\n"
}

// narrowest is the least a title gets.
const narrowest = 12

// columnConfigs fits the columns to the width: names and sources that leave the title too little are cut into lines.
func columnConfigs(list []*rules.Rule, width int) []table.ColumnConfig {
	name, source, title := 0, 4, 5
	rest := width - 2*len(headings) - longest(list, 1) - longest(list, 2) - longest(list, 3) // a blank on each side
	names, sources := longest(list, name), longest(list, source)
	if names+sources > rest-narrowest {
		half := max((rest-narrowest)/2, 1)
		names = min(names, max(half, rest-narrowest-sources))
		sources = min(sources, max(half, rest-narrowest-names))
	}
	return []table.ColumnConfig{
		{Number: name + 1, WidthMax: names, WidthMaxEnforcer: text.WrapHard},
		{Number: source + 1, WidthMax: sources, WidthMaxEnforcer: text.WrapHard},
		{Number: title + 1, WidthMax: max(rest-names-sources, narrowest), WidthMaxEnforcer: text.WrapSoft},
	}
}

// longest is the width of a column's longest line.
func longest(list []*rules.Rule, column int) int {
	most := text.LongestLineLen(headings[column].(string))
	for _, r := range list {
		most = max(most, text.LongestLineLen(cells(r)[column]))
	}
	return most
}

// columns is the width of a terminal, and wide where there is none.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok && terminal(w) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 160
}

// ruleEntry is a rule in JSON, as a list shows it.
type ruleEntry struct {
	Name       string   `json:"name"`
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Level      string   `json:"level"`
	Status     string   `json:"status,omitempty"`
	Techniques []string `json:"techniques"`
	Tags       []string `json:"tags"`
	Builtin    bool     `json:"builtin"`
	File       string   `json:"file"`
	Line       int      `json:"line"`

	Attack []technique `json:"attack"` // the techniques with their names
}

func newRuleEntry(r *rules.Rule) ruleEntry {
	return ruleEntry{r.Name, r.ID, r.Title, r.Level.String(), r.Status, techniqueIDs(r), append([]string{}, r.Tags...), r.Builtin, r.At.File, r.At.Line,
		append([]technique{}, techniques(r)...)}
}

func writeRules(w io.Writer, list []*rules.Rule) error {
	out := []ruleEntry{}
	for _, r := range list {
		out = append(out, newRuleEntry(r))
	}
	return writeJSON(w, &out)
}
