package file

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"icmpsift/rules"
	"icmpsift/rules/recover"
	"icmpsift/rules/tunnel"
)

// Forms of what a test expects.
var (
	framesForm  = written(`^[0-9]+(-[0-9]+)?(, ?[0-9]+(-[0-9]+)?)*$`, `frame numbers such as "1-5,9"`)
	sha256Form  = written(`^[0-9a-f]{64}$`, "a SHA-256 in 64 small hexadecimal digits")
	addressForm = form{`^[0-9a-fA-F:./]+(%\S+)?$`, "", isAddress, "an address or a network"}
)

func (d *document) recovery(n ast.Node) *rules.Recover {
	r := &rules.Recover{Order: "auto"}
	before := len(d.problems)
	takesAlso(n, object{"anyOf": []object{{"required": []string{"field"}}, {"required": []string{"search"}}, {"required": []string{"tunnel"}}},
		"not": object{"required": []string{"field", "search"}}})
	d.mapping(n, "recover", []key{
		{"field", false, d.carrier(&r.Field)},
		{"otherwise", false, d.each("recover.otherwise", func(n ast.Node) {
			var c string
			d.carrier(&c)(n)
			r.Otherwise = append(r.Otherwise, c)
		})},
		{"search", false, d.boolean("recover.search", &r.Search)},
		{"tunnel", false, d.each("recover.tunnel", func(n ast.Node) {
			var way string
			d.oneOf("recover.tunnel", &way, tunnel.Kinds())(n)
			r.Tunnel = append(r.Tunnel, way)
		})},
		{"scope", false, func(n ast.Node) { r.Scope = d.filter(n, "recover.scope") }},
		{"order", false, d.oneOf("recover.order", &r.Order, []string{"time", "seq", "auto"})},
		{"decode", false, d.decoding(r)},
		{"required", false, d.boolean("recover.required", &r.Required)},
	})
	given := r.Field != "" || r.Search || len(r.Tunnel) > 0
	if len(d.problems) == before && (!given || r.Field != "" && r.Search) && !learning(n) {
		d.coded(MissingKey, placeOf(n), "", "recover needs one of field and search, or tunnel: expected field, the carrier; search: true to try every carrier; or tunnel, the ways to look into a tunnel")
	}
	return r
}

func (d *document) carrier(into *string) func(ast.Node) {
	return func(n ast.Node) {
		takesForm(n, form{expected: "a carrier such as sift.payload, or a part of one such as icmp.seq[1], sift.payload[8:4] or ip.ttl&0x0f; carriers are " + strings.Join(recover.Names(), ", ")})
		s, ok := d.text(n, "recover.field")
		if !ok {
			return
		}
		if _, err := recover.Lookup(s); err != nil {
			hint := ""
			if errors.Is(err, recover.ErrUnknown) {
				hint = suggest(s, recover.Names())
			}
			d.report(placeOf(n), s, fmt.Sprintf("recover.field %q: %v%s", shorten(s), err, hint))
			return
		}
		*into = s
	}
}

// decoding reads "auto", "none", or the encodings to undo.
func (d *document) decoding(r *rules.Recover) func(ast.Node) {
	words := append([]string{"auto", "none"}, recover.Encodings()...)
	return d.each("recover.decode", func(n ast.Node) {
		var word string
		d.oneOf("recover.decode", &word, words)(n)
		switch word {
		case "none":
			r.Plain = true
		case "auto", "":
		default:
			r.Decode = append(r.Decode, word)
		}
	})
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
