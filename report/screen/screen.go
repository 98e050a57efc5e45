// Package screen writes the closing summary of a run for a terminal: what was read, what was found, which files were
// brought back, what could not be read and where the report is. Call [Write].
//
// It computes nothing, and no text of the report can control the terminal ([inert.Text]).
package screen

import (
	"cmp"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"icmpsift/report"
	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/rules"
)

// Options says how to write. Whether a terminal takes colour (NO_COLOR, not a terminal) is for the caller to find out.
type Options struct {
	Color   bool
	Width   int      // columns of the terminal; 0 is 100
	Folder  string   // where the report is
	Outputs []string // the files to name, relative to Folder, the first to read first

	EveryField bool // in a cross-check: a row for each field, also of protocols that agree
}

// Rows of a table at most.
const (
	maxRows  = 10
	minWidth = 40
)

// Write writes the summary. Errors are those of w.
func Write(w io.Writer, r *report.Report, o Options) error {
	if o.Width == 0 {
		o.Width = 100
	}
	p := &printer{Options: o}
	p.Width = max(p.Width, minWidth)
	p.verdict(r)
	p.read(r)
	p.levels(r)
	p.incidents(r)
	p.findings(r)
	p.artefacts(r)
	p.problems(r)
	p.crosscheck(r)
	p.folder()
	_, err := io.WriteString(w, p.String())
	return err
}

type printer struct {
	strings.Builder
	Options
}

var levelColors = map[string]text.Colors{
	"critical": {text.FgHiMagenta, text.Bold}, "high": {text.FgHiRed, text.Bold}, "medium": {text.FgYellow}, "low": {text.FgCyan}, "informational": {text.FgBlue},
}

// paint colours inert text.
func (p *printer) paint(c text.Colors, s string) string {
	if !p.Color || len(c) == 0 {
		return s
	}
	start, end := c.EscapeSeq(), text.EscapeReset
	return start + s + end
}

func (p *printer) level(l string) string { return p.paint(levelColors[l], clean(phrase.Title(l))) }

// line writes a label and a text, the text wrapped and indented below itself.
func (p *printer) line(label, s string) {
	const indent = 11
	words, used := strings.Fields(s), indent
	p.WriteString(p.paint(text.Colors{text.Bold}, text.Pad(label, indent, ' ')))
	for i, word := range words {
		word = inert.Cut(word, p.Width-indent)
		n := text.StringWidthWithoutEscSequences(word)
		if i > 0 && used+1+n > p.Width {
			p.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		} else if i > 0 {
			p.WriteString(" ")
			used++
		}
		p.WriteString(word)
		used += n
	}
	p.WriteString("\n")
}

func (p *printer) verdict(r *report.Report) {
	p.WriteString("\n")
	if r.Verdict == "" || r.Verdict == "none" {
		p.WriteString(p.paint(text.Colors{text.FgGreen, text.Bold}, "Nothing found"))
		if n := phrase.Suppressed(r); n > 0 {
			p.WriteString(", " + phrase.Plural(n, "finding", "findings") + " suppressed")
		}
	} else {
		p.WriteString(p.paint(levelColors[r.Verdict], clean(phrase.Verdict(inert.Cut(r.Verdict, 30)))) + ": " + phrase.Found(r))
	}
	p.WriteString("\n")
	for _, s := range r.Bottom {
		p.line("", clean(phrase.Sentence(s)))
	}
	p.WriteString("\n")
}

func (p *printer) read(r *report.Report) {
	t := r.Totals
	p.line("Read", phrase.Read(t)+", "+phrase.Size(t.Bytes)+", "+phrase.Plural(t.Frames+t.FramesAfter, "frame", "frames"))
	p.line("ICMP", phrase.Seen(t)+"; "+
		phrase.Plural(t.HostsTotal, "host", "hosts")+", "+phrase.Plural(t.ExchangesTotal, "conversation", "conversations"))
	p.line("Period", phrase.Period(r.Case.First, r.Case.Last))
	if m, scope := phrase.Mandate(r.Case); m != "" {
		p.line("Limits", clean("only "+m+scope+"; "+phrase.Outside(t)))
	}
	dormant := 0
	for _, x := range r.Rules {
		if x.Dormant != "" {
			dormant++
		}
	}
	p.line("Rules", phrase.Plural(int64(len(r.Rules)), "rule", "rules")+", of these could not have fired on this evidence: "+phrase.Count(int64(dormant)))
	if t.Incomplete > 0 {
		p.line("Not read", phrase.Of(t.Incomplete, t.Captures, "capture", "captures")+" could not be read to the end, see below")
	}
}

func (p *printer) levels(r *report.Report) {
	names, parts := rules.LevelNames(), []string{}
	for i := len(names) - 1; i >= 0; i-- {
		if n := r.Totals.FindingsByLevel[names[i]]; n > 0 {
			parts = append(parts, p.paint(levelColors[names[i]], phrase.Count(n)+" "+names[i]))
		}
	}
	found := "nothing"
	if len(parts) > 0 {
		found = strings.Join(parts, ", ")
	}
	p.WriteString(p.paint(text.Colors{text.Bold}, text.Pad("Found", 11, ' ')) + found + "\n")
}

func (p *printer) incidents(r *report.Report) {
	t := p.table("Incident", "Level", "What", "First (UTC)", "Out")
	for _, i := range r.Incidents[:min(maxRows, len(r.Incidents))] {
		t.AppendRow(table.Row{name(i.ID), p.level(i.Level), clean(i.Title), phrase.Clock(i.First), phrase.Size(i.BytesOut)})
	}
	p.show(t, len(r.Incidents), "incidents")
}

func (p *printer) findings(r *report.Report) {
	t := p.table("Finding", "Level", "What", "From → to", "Packets")
	for _, f := range r.Findings[:min(maxRows, len(r.Findings))] {
		level := p.level(f.Level)
		if f.SuppressedBy != "" {
			level = "suppressed"
		}
		t.AppendRow(table.Row{name(f.ID), level, clean(f.Rule.Title), name(phrase.Place(f.Src)) + " → " + name(phrase.Place(f.Dst)), phrase.Count(f.Packets)})
	}
	p.show(t, len(r.Findings), "findings")
}

func (p *printer) artefacts(r *report.Report) {
	t := p.table("File", "Complete", "Type", "Stored as", "Size")
	for _, a := range r.Artefacts[:min(maxRows, len(r.Artefacts))] {
		t.AppendRow(table.Row{name(a.ID), phrase.Complete(a.Complete, a.Vouched), fileType(a.MediaType), name(cmp.Or(a.Path, phrase.Withheld)), phrase.Size(a.Size)})
	}
	p.show(t, len(r.Artefacts), "recovered files")
}

func fileType(media string) string {
	if words := phrase.FileType(media); words != "" {
		return words
	}
	return clean(media)
}

// problems lists evidence that was not read to its end.
func (p *printer) problems(r *report.Report) {
	shown, all := 0, 0
	t := p.table("Evidence", "State", "File", "Problem", "Frames")
	for _, e := range r.Evidence {
		if e.Status == "complete" || e.Status == "empty" || e.Status == "not-capture" {
			continue
		}
		if all++; shown < maxRows {
			shown++
			t.AppendRow(table.Row{name(e.ID), p.paint(levelColors["high"], clean(phrase.Word(e.Status))), name(e.Path), clean(e.Problem), phrase.Count(e.Frames)})
		}
	}
	p.show(t, all, "files that could not be read to the end")
}

func (p *printer) folder() {
	if p.Folder == "" {
		return
	}
	p.WriteString("\n")
	p.line("Report", inert.Text(p.Folder))
	for i, o := range p.Outputs {
		if note := ""; i == 0 {
			note = " (read this first)"
			p.line("", inert.Text(o)+note)
		} else {
			p.line("", inert.Text(o))
		}
	}
}

// clean is a sentence made inert, short enough for a table.
func clean(s string) string { return inert.Cut(inert.Prose(s), 400) }

// name is a single value made inert, short enough for a table.
func name(s string) string { return inert.Cut(inert.Text(s), 120) }
