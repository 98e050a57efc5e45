package diff

import (
	"fmt"
	"io"
	"strings"

	"icmpsift/report/inert"
	"icmpsift/report/phrase"
)

// maxItems bounds what is listed of one kind.
const maxItems = 200

// Write tells what differs, in lines. Errors are those of w.
func Write(w io.Writer, r *Result) error {
	var b strings.Builder
	if len(r.Basis) > 0 {
		b.WriteString("The reports were not made alike:\n")
		told(&b, r.Basis)
	}
	kind(&b, "Findings", r.Findings)
	kind(&b, "Evidence", r.Evidence)
	kind(&b, "Recovered files", r.Artefacts)
	if r.Same {
		b.WriteString("Nothing differs.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func kind(b *strings.Builder, name string, l List) {
	count := map[State]int64{}
	for _, i := range l.Items {
		count[i.State]++
	}
	fmt.Fprintf(b, "%s: %s before, %s now; %s new, %s gone, %s changed, %s the same\n", name, phrase.Count(l.Old), phrase.Count(l.New),
		phrase.Count(count[New]), phrase.Count(count[Gone]), phrase.Count(count[Changed]), phrase.Count(l.Same))
	for _, i := range l.Items[:min(maxItems, len(l.Items))] {
		line := fmt.Sprintf("  %-8s %s", strings.ToUpper(string(i.State)), inert.Text(i.ID))
		if i.OldID != "" {
			line += " (was " + inert.Text(i.OldID) + ")"
		}
		if i.Level != "" {
			line += " " + inert.Text(i.Level)
		}
		fmt.Fprintf(b, "%s  %s\n", line, inert.Text(i.Title))
		told(b, i.Changes)
	}
	if more := len(l.Items) - maxItems; more > 0 {
		fmt.Fprintf(b, "  and %s more\n", phrase.Count(int64(more)))
	}
}

func told(b *strings.Builder, list []Change) {
	for _, c := range list {
		fmt.Fprintf(b, "           %s: %s -> %s\n", c.What, value(c.Old), value(c.New))
	}
}

func value(s string) string {
	if s == "" {
		return "none"
	}
	return inert.Cut(inert.Text(s), 200)
}
