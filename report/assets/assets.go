// Package assets knows the hosts of a case by name. [Parse] reads the table that an analyst has of them; [Table.Of] then tells who
// an address is.
package assets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/report/phrase"
)

// Asset is a host, or all hosts of a network.
type Asset struct {
	Net  netip.Prefix // of one address, for a host
	Name string
	Role string // what it is there for, in the analyst's words: "mail server"; may be ""
}

// Table is the assets of a case. The zero Table, and nil, know nobody.
type Table struct {
	by   map[netip.Prefix]Asset
	bits []int // lengths of prefixes that occur, longest first
}

// Of tells who an address is: of networks that hold it, the smallest says so.
func (t *Table) Of(a netip.Addr) (Asset, bool) {
	return t.holding(netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
}

// OfText is [Table.Of] for an address or a network as a report writes it: who a network is says what holds all of it.
func (t *Table) OfText(s string) (Asset, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return t.Of(a.WithZone(""))
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return Asset{}, false
	}
	return t.holding(p)
}

func (t *Table) holding(p netip.Prefix) (Asset, bool) {
	if t == nil {
		return Asset{}, false
	}
	for _, bits := range t.bits {
		if bits > p.Bits() {
			continue
		}
		larger, err := p.Addr().Prefix(bits)
		if x, ok := t.by[larger]; err == nil && ok {
			return x, true
		}
	}
	return Asset{}, false
}

// Len is how many assets there are.
func (t *Table) Len() int { return len(t.by) }

// maxProblems bounds the mistakes told at once.
const maxProblems = 20

// Parse reads a table: CSV with address or network, name and role in each line. A first line that names its columns (address, name,
// role) may put them in another order, and have others besides. Lines that begin with # say nothing. name is the file's, for
// errors, which name line and column; all mistakes are told at once.
func Parse(name string, data []byte) (*Table, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace = '#', -1, true
	p := &parser{file: name, table: &Table{by: map[netip.Prefix]Asset{}}, lines: map[netip.Prefix]int{}, reader: r}
	for len(p.problems) < maxProblems {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			p.problems = append(p.problems, fmt.Errorf("%s:%d:%d: %w", name, syntax.Line, syntax.Column, syntax.Err))
			break
		}
		if err != nil {
			return nil, err
		}
		p.line(fields)
	}
	if len(p.problems) > 0 {
		return nil, errors.Join(p.problems...)
	}
	return p.table, nil
}

// parser reads line by line.
type parser struct {
	file     string
	table    *Table
	lines    map[netip.Prefix]int
	reader   *csv.Reader
	began    bool
	columns  map[string]int // by name, where a first line has them
	problems []error
}

var columnNames = []string{"address", "name", "role"}

func (p *parser) line(fields []string) {
	first := !p.began
	p.began = true
	if first && slices.ContainsFunc(fields, isAddressColumn) {
		p.head(fields)
		return
	}
	if p.columns == nil && (len(fields) < 2 || len(fields) > 3) {
		p.wrong(0, "%s: expected an address or network, a name and, if you like, a role, with commas between them", phrase.Plural(int64(len(fields)), "field", "fields"))
		return
	}
	p.asset(fields)
}

func isAddressColumn(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "address") }

func (p *parser) head(fields []string) {
	p.columns = map[string]int{}
	for i, f := range fields {
		f = strings.ToLower(strings.TrimSpace(f))
		if _, twice := p.columns[f]; twice && slices.Contains(columnNames, f) {
			p.wrong(i, "a second column %q", f)
		}
		p.columns[f] = i
	}
	if _, ok := p.columns["name"]; !ok {
		p.wrong(0, "no column \"name\": expected the columns address, name and, if you like, role")
	}
}

// field is a column of a line, and its place.
func (p *parser) field(fields []string, name string) (text string, at int) {
	at = slices.Index(columnNames, name)
	if p.columns != nil {
		var ok bool
		if at, ok = p.columns[name]; !ok {
			return "", 0
		}
	}
	if at >= len(fields) {
		return "", len(fields) - 1
	}
	return strings.TrimSpace(fields[at]), at
}

func (p *parser) asset(fields []string) {
	address, at := p.field(fields, "address")
	network, ok := parseNet(address)
	if !ok {
		p.wrong(at, "%q: expected an address or a network such as 10.20.0.12 or 10.20.30.0/24", address)
		return
	}
	name, where := p.field(fields, "name")
	if name == "" {
		p.wrong(where, "%s has no name", address)
		return
	}
	line, _ := p.reader.FieldPos(0)
	if before, twice := p.lines[network]; twice {
		p.wrong(at, "%s stands in line %d already: one of the two has to go", address, before)
		return
	}
	role, _ := p.field(fields, "role")
	p.lines[network] = line
	p.table.add(Asset{network, name, role})
}

func (t *Table) add(a Asset) {
	t.by[a.Net] = a
	if !slices.Contains(t.bits, a.Net.Bits()) {
		t.bits = append(t.bits, a.Net.Bits())
		slices.SortFunc(t.bits, func(a, b int) int { return b - a })
	}
}

func parseNet(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

func (p *parser) wrong(field int, format string, a ...any) {
	line, column := p.reader.FieldPos(max(0, field))
	p.problems = append(p.problems, fmt.Errorf("%s:%d:%d: %s", p.file, line, column, fmt.Sprintf(format, a...)))
}
