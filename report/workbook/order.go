package workbook

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"slices"
	"strings"
)

// ordered says which children an element may have, and in which order: Office Open XML fixes both, and the library keeps to neither in
// fonts and in the series of charts, which strict readers take for a damaged file. Elements are named by their parent and themselves.
var ordered = map[string][]string{
	"fonts/font":    fontParts,
	"dxf/font":      fontParts,
	"barChart/ser":  {"idx", "order", "tx", "spPr", "invertIfNegative", "pictureOptions", "dPt", "dLbls", "trendline", "errBars", "cat", "val", "shape", "extLst"},
	"lineChart/ser": {"idx", "order", "tx", "spPr", "marker", "dPt", "dLbls", "trendline", "errBars", "cat", "val", "smooth", "extLst"},
}

var fontParts = []string{"b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family", "charset", "scheme"}

// reorders tells whether a part of the workbook holds elements of [ordered]; such parts are small.
func reorders(name string) bool {
	return name == "xl/styles.xml" || strings.HasPrefix(name, "xl/charts/chart")
}

// element is a stretch of XML with the elements in it.
type element struct {
	name       string
	start, end int64 // its own bytes, tags included
	children   []*element
}

// inOrder puts the children of the elements of [ordered] in their order, and leaves out those that may not be there.
func inOrder(part []byte) ([]byte, error) {
	root := &element{end: int64(len(part))}
	open, d := []*element{root}, xml.NewDecoder(bytes.NewReader(part))
	for {
		at := d.InputOffset()
		token, err := d.RawToken()
		if err == io.EOF {
			var out bytes.Buffer
			root.write(&out, part, "")
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		parent := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, start: at}
			parent.children, open = append(parent.children, e), append(open, e)
		case xml.EndElement:
			parent.end, open = d.InputOffset(), open[:len(open)-1]
		}
	}
}

// write copies an element. What lies between children goes before them where their order changes.
func (e *element) write(out *bytes.Buffer, part []byte, parent string) {
	allowed, fixed := ordered[parent+"/"+e.name]
	at, tail := e.start, []*element(nil)
	for _, c := range e.children {
		out.Write(part[at:c.start])
		if at = c.end; !fixed {
			c.write(out, part, e.name)
			continue
		}
		if slices.Contains(allowed, c.name) {
			tail = append(tail, c)
		}
	}
	slices.SortStableFunc(tail, func(a, b *element) int {
		return cmp.Compare(slices.Index(allowed, a.name), slices.Index(allowed, b.name))
	})
	for _, c := range tail {
		c.write(out, part, e.name)
	}
	out.Write(part[at:e.end])
}
