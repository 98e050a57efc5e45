// Package wireshark hands rules and findings over to Wireshark: their conditions on single packets as buttons of the filter
// toolbar and as colouring rules, the files "dfilter_buttons" and "colorfilters" of a [Profile]. [Items] makes it of rules,
// [Of] of any filter.
//
// What counts, and fields that only we have, Wireshark cannot replay: a rule that loses conditions shows at least its
// packets, and is marked as partly said; one that loses all is left out.
package wireshark

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"icmpsift/ingest/field"
	"icmpsift/ingest/inert"
	"icmpsift/rules"
	"icmpsift/rules/filter"
)

// Item is a rule or a finding as Wireshark has it.
type Item struct {
	Rule     *rules.Rule // nil if it is none
	Title    string
	Level    rules.Level
	Filter   string // "" if the rule is left out
	Whole    bool   // no condition on single packets was dropped
	Reason   string // why it is left out, or what is not said
	NoColour string // why there is no colouring rule although there is a button
}

// Items says what Wireshark can of each rule, the most severe first: of colouring rules, the first that holds counts. The
// rules must be sound; errors are those of filters that do not compile.
func Items(list []*rules.Rule, c *field.Context, lists rules.Lists) (out []Item, err error) {
	for _, r := range list {
		own := *c
		own.Wireshark = r.Requires.Wireshark
		f, err := filter.Compile(r.Match, &own, lists)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", r.MatchAt.File, r.MatchAt.Line, err)
		}
		out = append(out, item(r, f))
	}
	slices.SortStableFunc(out, func(a, b Item) int { return int(b.Level) - int(a.Level) })
	return out, nil
}

var (
	texts = regexp.MustCompile(`"([^"\\]|\\.)*"|'([^'\\]|\\.)*'`)
	named = regexp.MustCompile(`in \$[a-z]`)
)

func item(r *rules.Rule, f *filter.Filter) Item {
	x := Of(r.Title, r.Level, f)
	x.Rule = r
	switch {
	case r.Refers():
		x.Reason = "left out: it correlates other rules, and has no condition on packets of its own"
	case x.Reason == "" && r.Correlation != nil:
		x.Reason = "single packets only: Wireshark does not count"
	}
	return x
}

// Of says what Wireshark can of a filter.
func Of(title string, level rules.Level, f *filter.Filter) Item {
	x := Item{Title: title, Level: level}
	x.Filter, x.Whole = f.Wireshark()
	switch {
	case x.Filter == "":
		x.Reason = "left out: Wireshark has none of the fields that its conditions use"
	case named.MatchString(texts.ReplaceAllString(x.Filter, `""`)):
		x.Filter, x.Whole, x.Reason = "", false, "left out: Wireshark has no named lists"
	case !x.Whole:
		x.Reason = "partly said: conditions on fields that Wireshark lacks are dropped"
	}
	switch {
	case strings.ContainsAny(x.Filter, "@\r\n"):
		x.NoColour = `no colour: a colouring rule cannot hold "@" or a line break`
	case inert.Verbatim(x.Filter) != x.Filter:
		x.NoColour = "no colour: its filter holds characters that do not show, and a colouring rule has no escapes"
	}
	return x
}

var slashes = regexp.MustCompile(`//+`)

// label is how the rule is called in Wireshark. "//" begins a menu and "@" ends a name there.
func (x Item) label() string {
	text := strings.ReplaceAll(slashes.ReplaceAllString(inert.Text(x.Title), "/ "), "@", " at ")
	if !x.Whole {
		text += " (partly)"
	}
	return text
}

// Profile is what is written, and for whom.
type Profile struct {
	Menu  string   // all buttons are in it
	About []string // lines of comment at the top of each file
	Items []Item
}

// Rules is the profile of rules.
func Rules(items []Item) Profile {
	return Profile{"ICMP", []string{"Made from rules of icmpsift."}, items}
}

// head is the first lines of a file.
func (p Profile) head(what string) string {
	lines := "# " + what + " for Wireshark.\n"
	for _, about := range p.About {
		lines += "# " + inert.Text(about) + "\n"
	}
	return lines
}

// Buttons writes a dfilter_buttons file.
func (p Profile) Buttons(w io.Writer) error {
	var b strings.Builder
	b.WriteString(p.head("Filter buttons"))
	for _, x := range p.Items {
		if x.Filter != "" {
			fmt.Fprintf(&b, "%s,%s,%s,%s\n", record("TRUE"), record(p.Menu+"//"+x.label()), record(x.Filter), record(x.comment()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (x Item) comment() string { return strings.TrimSuffix(x.Level.String()+"; "+x.Reason, "; ") }

// record quotes as Wireshark's user tables do (uat.c): quotes, backslashes and what is not printable ASCII as \x22.
func record(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c == '"' || c == '\\' || c < ' ' || c >= 0x7f {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

// Colour is red, green and blue, 16 bits each.
type Colour [3]uint16

// scale is back and front by level: from light to dark, so that the order also shows in grey.
var scale = [...]struct{ back, front Colour }{
	rules.Informational: {Colour{59881, 61937, 64507}, Colour{0, 0, 0}},
	rules.Low:           {Colour{65535, 58853, 37265}, Colour{0, 0, 0}},
	rules.Medium:        {Colour{64250, 44204, 16705}, Colour{0, 0, 0}},
	rules.High:          {Colour{46003, 10023, 7453}, Colour{65535, 65535, 65535}},
	rules.Critical:      {Colour{19275, 0, 27499}, Colour{65535, 65535, 65535}},
}

// Colours writes a colorfilters file. Filters that are only partly said are in it switched off: they would colour every
// ping as an alarm.
func (p Profile) Colours(w io.Writer) error {
	var b strings.Builder
	b.WriteString(p.head("Colouring rules"))
	for _, x := range p.Items {
		if x.Filter != "" && x.NoColour == "" {
			c := scale[x.Level]
			off := map[bool]string{false: "!"}[x.Whole]
			fmt.Fprintf(&b, "%s@%s@%s@%s%s\n", off, x.label(), x.Filter, c.back, c.front)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the form of colorfilters.
func (c Colour) String() string { return fmt.Sprintf("[%d,%d,%d]", c[0], c[1], c[2]) }
