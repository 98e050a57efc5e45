package main

import (
	"context"
	"fmt"
	"io"
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
	least         rules.Level
}

func (l *catalogue) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("rules list", pflag.ContinueOnError)
	f.StringVar(&l.format, "format", "text", "how to write: text, json")
	f.StringVar(&l.level, "level", "informational", "leave rules below this level out: "+strings.Join(rules.LevelNames(), ", "))
	f.StringSliceVar(&l.tags, "tag", nil, "only rules with this tag, or one that continues it: attack.t1048 takes attack.t1048.003 (repeatable: any of them)")
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
	return tabulate(d.stdout, list)
}

func (l *catalogue) wants(r *rules.Rule) bool {
	return r.Level >= l.least && (len(l.tags) == 0 || slices.ContainsFunc(l.tags, func(tag string) bool { return tagged(r, tag) }))
}

func tagged(r *rules.Rule, tag string) bool {
	tag = strings.ToLower(tag)
	return slices.ContainsFunc(r.Tags, func(t string) bool { t = strings.ToLower(t); return t == tag || strings.HasPrefix(t, tag+".") })
}

// techniques are the ATT&CK ids among a rule's tags.
func techniques(r *rules.Rule) (out []string) {
	for _, t := range r.Tags {
		if id, ok := strings.CutPrefix(t, "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			out = append(out, "T"+id)
		}
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

// tabulate writes the table; titles wrap to what the terminal leaves them.
func tabulate(w io.Writer, list []*rules.Rule) error {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header, style.Options = text.FormatDefault, table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	t.SetStyle(style)
	t.AppendHeader(table.Row{"name", "level", "ATT&CK", "status", "source", "title"})
	names, origins := 0, 0
	for _, r := range list {
		names, origins = max(names, text.StringWidthWithoutEscSequences(r.Name)), max(origins, text.StringWidthWithoutEscSequences(inert.Text(origin(r))))
	}
	const fixed = 13 + 9 + 12 + 12 // level, ATT&CK, status, padding
	names, origins = min(names, 40), min(origins, 40)
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: 40, WidthMaxEnforcer: text.WrapHard},
		{Number: 5, WidthMax: 40, WidthMaxEnforcer: text.WrapHard},
		{Number: 6, WidthMax: max(24, columns(w)-names-origins-fixed), WidthMaxEnforcer: text.WrapSoft},
	})
	for _, r := range list {
		t.AppendRow(table.Row{inert.Text(r.Name), r.Level.String(), strings.Join(techniques(r), "\n"), r.Status, inert.Text(origin(r)), inert.Prose(r.Title)})
	}
	_, err := io.WriteString(w, trailing.ReplaceAllString(t.Render(), "")+"\n")
	return err
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
}

func newRuleEntry(r *rules.Rule) ruleEntry {
	return ruleEntry{r.Name, r.ID, r.Title, r.Level.String(), r.Status, append([]string{}, techniques(r)...), append([]string{}, r.Tags...), r.Builtin, r.At.File, r.At.Line}
}

func writeRules(w io.Writer, list []*rules.Rule) error {
	out := []ruleEntry{}
	for _, r := range list {
		out = append(out, newRuleEntry(r))
	}
	return writeJSON(w, &out)
}
