package figure

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"icmpsift/report"
	"icmpsift/report/inert"
)

var (
	style = regexp.MustCompile(`style="([^"]*)"`)
	head  = regexp.MustCompile(`(?s)^.*?<svg width="[^"]*" height="[^"]*" viewBox="([^"]*)"[^>]*>`)
	fonts = regexp.MustCompile(`font-family="[^"]*"`)
)

// tidy makes the canvas's SVG fit for a page with a strict Content-Security-Policy, which forbids style attributes: each becomes
// attributes of its own. A title and a description are added for those who listen. No text can hold a quotation mark, for the canvas
// escapes them.
func tidy(svg []byte, f report.Figure) []byte {
	svg = style.ReplaceAllFunc(svg, func(m []byte) []byte { return attributes(string(m[len(`style="`) : len(m)-1])) })
	svg = fonts.ReplaceAll(svg, []byte(`font-family="Liberation Sans, Arial, Helvetica, sans-serif"`))
	svg = head.ReplaceAllFunc(svg, func(m []byte) []byte {
		box := head.FindSubmatch(m)[1]
		id := identifier.ReplaceAllString(f.ID, "-")
		return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%s" role="img" aria-labelledby="t-%s d-%s">`+"\n"+`<title id="t-%s">%s</title>`+"\n"+`<desc id="d-%s">%s</desc>`,
			box, id, id, id, escape(f.Title), id, escape(f.Caption))
	})
	return bytes.ReplaceAll(svg, []byte("\n\t"), []byte(" "))
}

var identifier = regexp.MustCompile(`[^A-Za-z0-9-]+`)

func escape(s string) string { return html.EscapeString(inert.Prose(s)) }

// attributes turns declarations of a style into attributes, those that say what holds anyway left out.
func attributes(declarations string) []byte {
	var out []string
	for _, d := range strings.Split(declarations, ";") {
		name, value, ok := strings.Cut(d, ":")
		if !ok || value == "normal" || value == "" {
			continue
		}
		out = append(out, fmt.Sprintf(`%s="%s"`, strings.TrimSpace(name), strings.TrimSpace(value)))
	}
	return []byte(strings.Join(out, " "))
}
