package file

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/rules"
	"icmpsift/rules/recover"
)

// carriers are the fields that bytes can be brought back from.
var carriers = recover.Names()

// Forms of what a test expects.
var (
	framesForm  = written(`^[0-9]+(-[0-9]+)?(, ?[0-9]+(-[0-9]+)?)*$`, `frame numbers such as "1-5,9"`)
	sha256Form  = written(`^[0-9a-f]{64}$`, "a SHA-256 in 64 small hexadecimal digits")
	addressForm = form{`^[0-9a-fA-F:./]+(%\S+)?$`, "", isAddress, "an address or a network"}
)

func (d *document) recovery(n ast.Node) *rules.Recover {
	r := &rules.Recover{Order: "auto"}
	d.mapping(n, "recover", []key{
		{"field", true, d.carrier(&r.Field)},
		{"scope", false, func(n ast.Node) { r.Scope = d.filter(n, "recover.scope") }},
		{"order", false, d.oneOf("recover.order", &r.Order, []string{"time", "seq", "auto"})},
		d.unsupported("decode", ": bytes come back as they were sent"),
		d.unsupported("search", ": expected field, the carrier"),
	})
	return r
}

func (d *document) carrier(into *string) func(ast.Node) {
	return func(n ast.Node) {
		takesWords(n, carriers)
		s, ok := d.text(n, "recover.field")
		switch {
		case !ok:
		case slices.Contains(carriers, s):
			*into = s
		case strings.ContainsAny(s, "[&"):
			d.report(placeOf(n), s, fmt.Sprintf("recover.field %q: narrowed carriers are not supported by this version: expected one of %s", shorten(s), strings.Join(carriers, ", ")))
		default:
			d.wrong(n, "recover.field", "a carrier this version supports: one of "+strings.Join(carriers, ", ")+suggest(s, carriers))
		}
	}
}

func (d *document) test(n ast.Node) rules.Test {
	var t rules.Test
	d.mapping(n, "test", []key{
		{"capture", true, d.str("test.capture", &t.Capture)},
		{"expect", true, func(n ast.Node) { d.expect(n, &t.Expect) }},
	})
	return t
}

func (d *document) expect(n ast.Node, e *rules.Expect) {
	d.mapping(n, "expect", []key{
		{"findings", false, d.count("expect.findings", &e.Findings)},
		{"src", false, d.checked("expect.src", &e.Src, addressForm)},
		{"dst", false, d.checked("expect.dst", &e.Dst, addressForm)},
		{"frames", false, d.checked("expect.frames", &e.Frames, framesForm)},
		{"recovered", false, d.each("expect.recovered", func(n ast.Node) {
			var sum string
			d.checked("expect.recovered", &sum, sha256Form)(n)
			e.Recovered = append(e.Recovered, sum)
		})},
		{"suppressed", false, d.count("expect.suppressed", &e.Suppressed)},
	})
}

// count reads a number of findings.
func (d *document) count(what string, into **int) func(ast.Node) {
	return func(n ast.Node) {
		takesAlso(n, object{"type": "integer", "minimum": 0})
		v, ok := d.number(n, what)
		if ok && (v < 0 || v != float64(int32(v))) {
			d.wrong(n, what, "a count of findings")
		}
		count := int(v)
		*into = &count
	}
}

// isAddress takes what a finding's src and dst can hold, an Ethernet address (of a spoofer) included.
func isAddress(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	return macForm.MatchString(s)
}

var macForm = regexp.MustCompile(`^[0-9a-f]{2}(:[0-9a-f]{2}){5}$`)
