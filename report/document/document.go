// Package document says what a report says, in its order, without the marks of a language: report/markdown and report/html write the
// same document down. It computes nothing: numbers come from the [report.Report] as they are. Call [Of].
//
// Text of the report counts as hostile. It stands in a document as [Prose] or [Code], which each language has to make inert; [Plain]
// is words of our own, and [Block] is inert already.
package document

import "icmpsift/report"

// Document is a report in its reading order.
type Document struct {
	Marking Text // the TLP label that FIRST asks for at the top and the bottom; nil if there is none
	Title   Text
	Verdict string // level of the worst finding, "" or "none"
	Body    []any  // Heading, Paragraph, Facts, Table, List, Block, Dump, Picture or Card
}

// Text is running text, made of the spans below.
type Text []any

// Spans.
type (
	Plain  string // words of our own
	Prose  string // running text of the report
	Code   string // a single value of the report
	Strong Text
	Emph   Text
	Link   struct {
		To   string // "#method", a file of the report folder, or an address that icmpsift made
		Text Text
	}
	Place struct { // what links lead to
		ID   string
		Text Text
	}
)

// Heading begins a section.
type Heading struct {
	Level int
	ID    string
	Text  Text
}

// Paragraph is a paragraph; Main is what a manager reads first.
type Paragraph struct {
	Text Text
	Main bool
}

// Facts are names and their values.
type Facts struct {
	Rows []Fact
}

// Fact is one of [Facts].
type Fact struct {
	Name  Text
	Value Text
}

// Table has a row for each thing.
type Table struct {
	About   string // what it lists, for those who cannot see it
	Columns []Column
	Rows    [][]Cell
}

// Column is the head of a column; numbers stand right.
type Column struct {
	Name  string
	Right bool
}

// Cell is one value of a table.
type Cell struct {
	Text  Text
	Key   *float64 // to sort by; nil: by the text
	Tight bool     // on one line where there is room
}

// List is a list, with what it lists in front.
type List struct {
	Label    Text
	Items    []Text
	Numbered bool
}

// Block is a text to be shown and copied as it is, Dump are lines whose columns stand below one another; both are inert.
type (
	Block string
	Dump  string
)

// Picture is a figure.
type Picture struct{ Figure report.Figure }

// Card is a section on one finding.
type Card struct {
	ID         string // "" where it cannot be pointed at
	Level      string
	Suppressed bool
	Title      Text
	Hint       Text // who and how much, for those who see the title alone
	Body       []any
}

// Characters of one text at most; whole texts are in report.json.
const (
	ProseLimit  = 2000
	CodeLimit   = 300
	filterLimit = 6000
)

// Rows and sections at most; everything is in report.json and the workbook.
const (
	maxEvents   = 25
	MaxFindings = 40
	maxHosts    = 20
	MaxRows     = 100
	maxList     = 5
	maxRanges   = 12
)

// Of makes the document.
func Of(r *report.Report) *Document {
	d := &doc{}
	for _, section := range []func(*doc, *report.Report){
		head, bottomLine, incidents, actions, timeline, pictures, findings, hosts, artefacts, evidence, crosscheck, traffic, method, definitions, indicators, custody, terms,
	} {
		section(d, r)
	}
	return &Document{Marking: marking(r), Title: title(r), Verdict: r.Verdict, Body: d.body}
}
