package filter

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
)

// server is Wireshark's sharkd with one capture loaded: it answers hundreds of filters a second.
type server struct {
	t       *testing.T
	version string
	capture string
	in      io.Writer
	out     *bufio.Reader
	id      int
}

// sharkd is the one to ask, if its filters are known.
func sharkd(t *testing.T) (path, version string) {
	t.Helper()
	path = oracle.Sharkd(t)
	version = oracle.Version(t, path)
	if _, ok := profiles[version]; !ok {
		t.Skipf("the filters of Wireshark %s are not known", version)
	}
	return path, version
}

// ask starts sharkd on a capture.
func ask(t *testing.T, capture string) *server {
	t.Helper()
	path, version := sharkd(t)
	cmd := exec.Command(path, "-")
	cmd.Env = append(os.Environ(), "TZ=UTC")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	o := &server{t: t, version: version, capture: capture, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	if answer := o.call("load", map[string]any{"file": capture}); answer.Error.Code != 0 {
		t.Fatalf("%s: %s", capture, answer.Error.Message)
	}
	return o
}

type answer struct {
	Result json.RawMessage
	Error  struct {
		Code    int
		Message string
	}
}

func (o *server) call(method string, params map[string]any) (a answer) {
	o.t.Helper()
	o.id++
	request, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": o.id, "method": method, "params": params})
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.in.Write(append(request, '\n')); err != nil {
		o.t.Fatal(err)
	}
	line, err := o.out.ReadBytes('\n')
	if err == io.EOF && method == "frames" { // some mistakes end sharkd
		*o = *ask(o.t, o.capture)
		a.Error.Code, a.Error.Message = -1, "sharkd died"
		return a
	}
	if err == nil {
		err = json.Unmarshal(line, &a)
	}
	if err != nil {
		o.t.Fatalf("%s: %v in %q", request, err, line)
	}
	return a
}

// frames gives the frames that pass, or ok false where Wireshark refuses the filter.
func (o *server) frames(text string) (numbers string, count int, ok bool) {
	o.t.Helper()
	a := o.call("frames", map[string]any{"filter": text})
	if a.Error.Code != 0 {
		return a.Error.Message, 0, false
	}
	var rows []struct{ Num int }
	if err := json.Unmarshal(a.Result, &rows); err != nil {
		o.t.Fatalf("%s: %v", text, err)
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprint(r.Num)
	}
	return strings.Join(out, ","), len(rows), true
}

// generator makes filters over what a capture holds, by the productions of the grammar.
type generator struct {
	*rand.Rand
	version string
	fields  []held
	used    map[string]int // productions
}

// held is a field and values it has in the capture.
type held struct {
	*field.Field
	values []field.Value
}

// left out: what sharkd computes otherwise than tshark, what depends on more than the capture, headers whose length Wireshark
// sets later, and options that it knows by one name and two types.
var leftOut = regexp.MustCompile(`^(frame\.(time_delta_displayed|ref_time|file_off|time_utc|section_number|interface.*|protocols|marked|ignored|coloring.*)|_ws\..*|.*_resolved|.*\.(host|src_host|dst_host)|ip\.geoip.*|arp|mpls.*|tcp\.(seq|option.*)|icmpv6\.reserved|ipv6\.(hopopts|dstopts|routing|fraghdr)|icmpv6\.opt\.(src_|target_)?linkaddr)$`)

func newGenerator(seed int64, version string, all []*ingest.Packet) *generator {
	return generatorOf(seed, &field.Context{Wireshark: version}, all, func(f *field.Field) bool { return !f.Ours() && !leftOut.MatchString(f.Name) })
}

// generatorOf makes filters of the fields to use that have values in the packets.
func generatorOf(seed int64, c *field.Context, all []*ingest.Packet, use func(*field.Field) bool) *generator {
	g := &generator{Rand: rand.New(rand.NewSource(seed)), version: c.Wireshark, used: map[string]int{}}
	for _, f := range field.All() {
		if !use(f) {
			continue
		}
		h := held{Field: f}
		for _, p := range all {
			h.values = append(h.values, f.Values(c, p, nil)...)
		}
		if len(h.values) > 0 {
			g.fields = append(g.fields, h)
		}
	}
	return g
}

// drop leaves out fields that the decoder does not find in the same frames: those are not this test's.
func (g *generator) drop(o *server, all []*ingest.Packet) (dropped []string) {
	g.fields = slices.DeleteFunc(g.fields, func(h held) bool {
		want, _, ok := o.frames(h.Name)
		f, err := Compile(h.Name, &field.Context{Wireshark: o.version}, nil)
		differs := !ok || err != nil || matching(f, all) != want
		if differs {
			dropped = append(dropped, h.Name)
		}
		return differs
	})
	return dropped
}

func oneOf[T any](g *generator, from ...T) T { return from[g.Intn(len(from))] }

// note counts a production.
func (g *generator) note(production string) { g.used[production]++ }

// field is any that fits; some other if the capture has none.
func (g *generator) field(fits func(f held) bool) *held {
	for range 60 {
		if f := &g.fields[g.Intn(len(g.fields))]; fits(*f) {
			return f
		}
	}
	return &g.fields[0] // which is then used wrongly: both must refuse that
}

func hasValue(f held) bool { return f.Type != field.None && f.Type != field.Protocol }
func isNumber(f held) bool { return isInteger(f.Type) && f.Type != field.Frame }
func isAddr(f held) bool   { return f.Type == field.IPv4 || f.Type == field.IPv6 }
func isRaw(f held) bool {
	return f.Type == field.Bytes || f.Type == field.Ether || f.Type == field.Protocol
}
func isString(f held) bool   { return f.Type == field.String }
func isAnything(held) bool   { return true }
func isMoment(f held) bool   { return f.Type == field.AbsoluteTime }
func isDuration(f held) bool { return f.Type == field.RelativeTime }

func (g *generator) value(f *held) field.Value { return f.values[g.Intn(len(f.values))] }

// literal writes a value of the field as a filter may.
func (g *generator) literal(f *held) string {
	v := g.value(f)
	switch {
	case isInteger(f.Type):
		return g.number(f, v.Int)
	case f.Type == field.Boolean:
		g.note("boolean")
		return oneOf(g, "0", "1", "True", "False", "TRUE", "true")
	case isAddressType(f.Type):
		return g.address(v)
	case isBytes(f.Type):
		return g.bytes(v.Bytes, f.Type == field.Ether)
	case f.Type == field.String:
		return g.quoted(v.Text)
	case isTime(f.Type):
		return g.time(f, v.Int)
	}
	return "1"
}

func (g *generator) number(f *held, n int64) string {
	if text, ok := f.Names[n]; ok && g.Intn(3) == 0 && printableText(text) {
		g.note("value string")
		return `"` + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), `"`, `\"`) + `"`
	}
	if g.Intn(6) == 0 {
		n += int64(g.Intn(3) - 1)
	}
	switch g.Intn(6) {
	case 0:
		if n >= 0 {
			g.note("hexadecimal")
			return fmt.Sprintf("%#x", n)
		}
	case 1:
		if n >= 0 {
			g.note("octal")
			return fmt.Sprintf("0%o", n)
		}
	case 2:
		if n >= '0' && n <= 'z' && n != '\\' && n != '\'' {
			g.note("character")
			return fmt.Sprintf("'%c'", n)
		}
		if n >= 0 && n < 256 {
			g.note("character")
			return fmt.Sprintf(`'\x%02x'`, n)
		}
	}
	g.note("decimal")
	return fmt.Sprint(n)
}

func printableText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) && s != ""
}

func (g *generator) address(v field.Value) string {
	if g.Intn(3) == 0 {
		g.note("CIDR")
		return fmt.Sprintf("%s/%d", v.Addr, g.Intn(v.Addr.BitLen()+1))
	}
	g.note("address")
	return v.Addr.String()
}

func (g *generator) bytes(b []byte, whole bool) string {
	if !whole && len(b) > 0 {
		from := g.Intn(len(b))
		b = b[from : from+1+g.Intn(min(4, len(b)-from))]
	}
	if len(b) == 0 || len(b) == 1 && (b[0] == 0xff || b[0] == 0xfc || b[0] == 0x0b) { // ff and fc are protocols, 0b a number without digits
		b = []byte{0}
	}
	form := oneOf(g, "%02x", "%02x", "%02x", "%x")
	var pairs []string
	for _, c := range b {
		pairs = append(pairs, fmt.Sprintf(form, c))
	}
	switch {
	case !whole && g.Intn(4) == 0:
		g.note("bytes as text")
		return `"\x` + strings.Join(pairs, `\x`) + `"`
	case !whole && len(b) > 1 && b[0] != 0x0b && g.Intn(4) == 0: // 0b begins a number
		g.note("bytes without separator")
		return strings.Join(pairs, "")
	case len(b) > 1 && g.Intn(4) == 0:
		g.note("bytes with dashes")
		return strings.Join(pairs, oneOf(g, "-", "."))
	}
	g.note("bytes")
	return strings.Join(pairs, ":")
}

func (g *generator) quoted(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if len(s) > 4 && g.Intn(3) == 0 {
		from := g.Intn(len(s) - 2)
		s = s[from : from+2+g.Intn(len(s)-from-2)]
	}
	if g.Intn(3) == 0 && !strings.ContainsAny(s, `"\`) {
		g.note("raw string")
		return `r"` + s + `"`
	}
	g.note("string")
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func (g *generator) time(f *held, ns int64) string {
	if f.Type == field.RelativeTime {
		g.note("time offset")
		return fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9)
	}
	g.note("date and time")
	return `"` + asTime(ns).Format(oneOf(g, "2006-01-02 15:04:05", "2006-01-02 15:04:05.000000000", "2006-01-02T15:04:05Z", "Jan _2, 2006 15:04:05.000000000", "2006-01-02 15:04")) + `"`
}

var comparisonWords = [][]string{{"==", "eq", "any_eq"}, {"!=", "ne", "all_ne"}, {"===", "all_eq"}, {"!==", "any_ne"}, {"<", "lt"}, {"<=", "le"}, {">", "gt"}, {">=", "ge"}}

func (g *generator) operator() string {
	words := comparisonWords[oneOf(g, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7)]
	g.note(words[0])
	w := words[g.Intn(len(words))]
	g.note(w)
	return w
}

func (g *generator) quantifier() string {
	q := oneOf(g, "", "", "", "", "any ", "all ")
	if q != "" {
		g.note(strings.TrimSpace(q))
	}
	return q
}

// layers puts the layer operator behind a name, at times.
func (g *generator) layers(name string) string {
	if g.Intn(4) != 0 {
		return name
	}
	form := oneOf(g, "#%d", "#[%d]", "#[-%d]", "#[%d-2]", "#[-2--%d]", "#[%d:1]", "#[%d:]", "#[1,%d]")
	g.note("layer " + form)
	return name + fmt.Sprintf(form, 1+g.Intn(2))
}

// relation makes one test, by a production that is chosen at random.
func (g *generator) relation() string {
	for {
		p := productions[g.Intn(len(productions))]
		if p.since > g.version {
			continue
		}
		if text := p.make(g); text != "" {
			g.note(p.name)
			return text
		}
	}
}

type production struct {
	name, since string
	make        func(g *generator) string
}

var productions []production

func init() {
	productions = []production{
		{"existence", "", func(g *generator) string { return g.layers(g.field(isAnything).Name) }},
		{"forced field", "", func(g *generator) string { return "." + g.field(isAnything).Name }},
		{"comparison", "", (*generator).comparison}, {"comparison", "", (*generator).comparison}, {"comparison", "", (*generator).comparison},
		{"field with field", "", (*generator).pair},
		{"literal on the left", "4.2", func(g *generator) string {
			f := g.field(isNumber)
			return fmt.Sprint(max(0, g.value(f).Int)) + " " + g.operator() + " " + f.Name
		}},
		{"chain", "", (*generator).chain},
		{"membership", "", (*generator).set}, {"membership", "", (*generator).set},
		{"contains", "", (*generator).contains}, {"contains", "", (*generator).contains},
		{"matches", "", (*generator).matches},
		{"slice", "", (*generator).slice}, {"slice", "", (*generator).slice},
		{"raw field", "4.2", (*generator).raw},
		{"arithmetic", "", (*generator).arithmetic}, {"arithmetic", "", (*generator).arithmetic},
		{"bitwise and", "", (*generator).bitwise},
		{"negative", "", (*generator).negative},
		{"function", "", (*generator).function}, {"function", "", (*generator).function},
		{"function of 4.4", "4.4", (*generator).function44},
		{"function alone", "4.4", func(g *generator) string { return "len(" + g.field(isRaw).Name + ")" }},
		{"time", "", (*generator).times},
		{"epoch time", "4.2", func(g *generator) string {
			f := g.field(isMoment)
			if f == nil {
				return ""
			}
			ns := g.value(f).Int
			return f.Name + " " + g.operator() + " " + oneOf(g, fmt.Sprintf("%d", ns/1e9), fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9), asTime(ns).Format("2006-01-02T15:04:05.000000000Z"))
		}},
	}
}

func (g *generator) comparison() string {
	f := g.field(hasValue)
	return g.quantifier() + g.layers(f.Name) + " " + g.operator() + " " + g.literal(f)
}

func (g *generator) pair() string {
	x := g.field(hasValue)
	y := g.field(func(f held) bool { return f.Type == x.Type || isNumber(*x) && isNumber(f) })
	if y == nil {
		return ""
	}
	return g.quantifier() + g.layers(x.Name) + " " + g.operator() + " " + g.layers(y.Name)
}

func (g *generator) chain() string {
	f := g.field(isNumber)
	h := g.field(isNumber)
	return f.Name + oneOf(g, " > ", " >= ", " == ", " <= ", " < ") + g.literal(f) + oneOf(g, " < ", " <= ", " != ") + h.Name
}

func (g *generator) set() string {
	f := g.field(hasValue)
	var items []string
	for range 1 + g.Intn(4) {
		item := g.literal(f)
		if g.Intn(4) == 0 && !strings.Contains(item, "/") {
			g.note("range in a set")
			item += oneOf(g, "..", " .. ") + g.literal(f)
		}
		items = append(items, item)
	}
	in := " in "
	if g.Intn(4) == 0 {
		in = " not in "
		g.note("not in")
	}
	return g.quantifier() + g.layers(f.Name) + in + "{" + strings.Join(items, oneOf(g, ",", ", ")) + "}"
}

func (g *generator) contains() string {
	f := g.field(func(f held) bool { return isRaw(f) || isString(f) })
	if g.Intn(4) == 0 {
		g.note("field in field")
		return g.quantifier() + g.sides(*f, " contains ")
	}
	if isString(*f) {
		return g.quantifier() + g.layers(f.Name) + " contains " + g.quoted(g.value(f).Text)
	}
	return g.quantifier() + g.layers(f.Name) + " contains " + g.bytes(g.value(f).Bytes, false)
}

// patterns are regular expressions, to be matched against bytes or text.
var patterns = []string{`^\x08`, `^[\x00-\x08]`, `\x00\x00`, `.`, `^..\x00`, `[^\x00]{4}`, `abc`, `ABC`, `(?-i)ABC`, `a.c`, `\d+`, `[0-9a-f]{2}:`, `x$`, `\s`, `\w{5}`, `\Aabc`,
	`(abc|xyz|\x45)`, `[[:alpha:]]{3}`, `\x7f|\xff`, `^.{20,60}$`, `(?s)^.{8}abc`, `e+`, `[\x80-\xff]`, `\xe9`, `a?b*c+`, `\bip\b`, `^(?:eth|icmp)`, `[^a-z]`, `\D{3}`, `\S\s\S`, `\W`}

func (g *generator) matches() string {
	f := g.field(func(f held) bool { return isRaw(f) || isString(f) })
	pattern := patterns[g.Intn(len(patterns))]
	if g.Intn(2) == 0 {
		g.note("raw string")
		return g.quantifier() + g.layers(f.Name) + oneOf(g, " matches ", " ~ ") + `r"` + pattern + `"`
	}
	return g.quantifier() + g.layers(f.Name) + " matches " + `"` + strings.ReplaceAll(pattern, `\`, `\\`) + `"`
}

// cut is a slice in brackets.
func (g *generator) cut() string {
	form := oneOf(g, "[%d]", "[%d:2]", "[%d-%d]", "[%d--%d]", "[-%d-%d]", "[-%d--%d]", "[:%d]", "[%d:]", "[-%d]", "[-%d:1]", "[%d,%d]", "[%d:1,%d-%d]", "[%d:2,-1]")
	g.note("slice " + form)
	n := g.Intn(6)
	switch strings.Count(form, "%d") {
	case 1:
		return fmt.Sprintf(form, max(n, strings.Count(form, "-%")))
	case 2:
		return fmt.Sprintf(form, n, n+g.Intn(3))
	}
	return fmt.Sprintf(form, n, n, n+g.Intn(3))
}

// sides puts slices or whole fields on both sides of an operator. Left out are an IPv6 address before a slice, which 4.0
// takes for equal whatever it holds, and slices of text that 4.4 compares with bytes.
func (g *generator) sides(f held, operator string) string {
	right := g.field(func(h held) bool { return isRaw(h) || isAddr(h) || isString(h) && isString(f) })
	cutLeft, cutRight := oneOf(g, g.cut(), ""), oneOf(g, g.cut(), "")
	if f.Type == field.IPv6 && cutLeft == "" || isString(f) && !isString(*right) {
		cutLeft, cutRight = "", ""
	}
	return f.Name + cutLeft + operator + right.Name + cutRight
}

func (g *generator) slice() string {
	f := g.field(func(f held) bool { return isRaw(f) || isAddr(f) || isString(f) })
	left := g.layers(f.Name) + g.cut()
	switch g.Intn(5) {
	case 0:
		return left
	case 1:
		return left + " contains " + g.bytes(g.value(f).Bytes, false)
	case 2:
		return g.sides(*f, " "+g.operator()+" ")
	}
	return g.quantifier() + left + " " + g.operator() + " " + g.bytes(g.value(f).Bytes, false)
}

func (g *generator) raw() string {
	f := g.field(func(f held) bool { return isNumber(f) || isAddr(f) || f.Type == field.Ether })
	v := g.value(f)
	return "@" + g.layers(f.Name) + " " + g.operator() + " " + g.bytes(v.Bytes, len(v.Bytes) > 0 && len(v.Bytes) < 9)
}

func (g *generator) arithmetic() string {
	f, h := g.field(isNumber), g.field(isNumber)
	left := f.Name + oneOf(g, " + ", " - ", " * ", " / ", " % ") + oneOf(g, h.Name, fmt.Sprint(1+g.Intn(9)))
	if g.Intn(3) == 0 {
		g.note("braces")
		left = "{" + left + "}" + oneOf(g, " + ", " * ", " % ") + fmt.Sprint(1+g.Intn(9))
	}
	return left + " " + g.operator() + " " + oneOf(g, fmt.Sprint(g.Intn(100)), h.Name, h.Name+" + 1")
}

func (g *generator) bitwise() string {
	f := g.field(func(f held) bool { return isNumber(f) || isAddr(f) })
	and := oneOf(g, " & ", " bitwise_and ")
	if isAddr(*f) {
		if f.Type == field.IPv6 { // no version compares all of what it computed of these
			return ""
		}
		v := g.value(f).Addr.String()
		return f.Name + and + v + " == " + v
	}
	mask := fmt.Sprintf("%#x", 1+g.Intn(255))
	if limit := octets(f.Type); limit == 1 {
		mask = fmt.Sprintf("%#x", 1+g.Intn(127))
	}
	if g.Intn(3) == 0 {
		return f.Name + and + mask
	}
	return f.Name + and + mask + " " + g.operator() + " " + fmt.Sprint(g.Intn(16))
}

func (g *generator) negative() string {
	f := g.field(isNumber)
	return oneOf(g, "-"+f.Name+" "+g.operator()+" -"+fmt.Sprint(1+g.Intn(20)), f.Name+" "+g.operator()+" -"+f.Name, "+"+f.Name+" == "+g.number(f, g.value(f).Int))
}

func (g *generator) function() string {
	name := oneOf(g, "len", "count", "upper", "lower", "string", "max", "min", "abs")
	g.note(name + "()")
	switch name {
	case "len":
		return "len(" + g.field(func(f held) bool { return isRaw(f) || isString(f) }).Name + ") " + g.operator() + " " + fmt.Sprint(g.Intn(64))
	case "count":
		return "count(" + g.field(isAnything).Name + ") " + g.operator() + " " + fmt.Sprint(1+g.Intn(3))
	case "upper", "lower":
		f := g.field(isString)
		if f == nil {
			return ""
		}
		return name + "(" + f.Name + ") " + oneOf(g, "contains", "==", "!=") + " " + g.quoted(oneOf(g, strings.ToUpper(g.value(f).Text), strings.ToLower(g.value(f).Text)))
	case "string":
		f := g.field(func(f held) bool { return isNumber(f) || isAddr(f) || f.Type == field.Ether })
		return "string(" + f.Name + ") matches " + `"` + oneOf(g, "^1", "0$", "[13579]$", ":", "2..2", "^.$") + `"`
	case "abs":
		f := g.field(isNumber)
		return "abs(" + f.Name + ") " + g.operator() + " " + g.number(f, g.value(f).Int)
	}
	f, h := g.field(isNumber), g.field(isNumber)
	return name + "(" + oneOf(g, f.Name, f.Name+", "+h.Name, f.Name+", 3") + ") " + g.operator() + " " + fmt.Sprint(max(0, g.value(f).Int))
}

func (g *generator) function44() string {
	name := oneOf(g, "vals", "dec", "hex", "float", "double")
	g.note(name + "()")
	switch name {
	case "vals":
		f := g.field(func(f held) bool { return isNumber(f) && f.Names != nil && f.Name != "vlan.priority" }) // which has five tables of names there
		if f == nil {
			return ""
		}
		return "vals(" + f.Name + ") " + oneOf(g, "contains", "matches", "==") + " " + g.quoted(f.Names[g.value(f).Int])
	case "dec", "hex":
		f := g.field(isNumber)
		return name + "(" + f.Name + ") " + oneOf(g, "==", "contains", "matches") + " " + `"` + oneOf(g, "1", "0", "0x", "8", fmt.Sprint(g.value(f).Int)) + `"`
	}
	f := g.field(isNumber)
	return name + "(" + f.Name + ") " + g.operator() + " " + oneOf(g, "1.5", "8", "8.0")
}

func (g *generator) times() string {
	f := g.field(func(f held) bool { return isMoment(f) || isDuration(f) })
	if f == nil {
		return ""
	}
	return f.Name + " " + g.operator() + " " + g.literal(f)
}

// wrong makes filters that are mistakes: both must refuse them, or neither.
func (g *generator) wrong() string {
	f, h := g.field(isAnything), g.field(hasValue)
	return oneOf(g, f.Name+" ==", f.Name+" == "+oneOf(g, "zz", "1.2.3", "\"x\"", "'ab'", "99999999999", "-1", "1..2"), f.Name+"[", f.Name+"[0:0]", "("+f.Name, f.Name+")", f.Name+" and", "and "+f.Name,
		f.Name+" "+h.Name, f.Name+" in {}", f.Name+" in {1 2}", f.Name+".nosuch", "len("+h.Name+", 1) == 1", f.Name+" contains "+h.Name, f.Name+" matches \"(\"", f.Name+" matches "+h.Name, "!"+f.Name+" == 1",
		f.Name+" + 1", f.Name+" = 1", "not", f.Name+"#0", f.Name+"#", "{"+f.Name+"}", f.Name+" == {1}", "any "+f.Name, "all "+h.Name+" == "+g.literal(h), f.Name+" === "+h.Name, h.Name+" & 1 == 1", "string("+f.Name+") == \"1\"",
		"\""+f.Name+"\"", "1", f.Name+" > "+h.Name, "upper("+f.Name+") == \"A\"", "max("+f.Name+") > 3", f.Name+"[0] == 1", f.Name+" ~= 1", "@"+f.Name+" == 00", f.Name+" xor "+h.Name, f.Name+" bitand 1")
}

// filter joins relations.
func (g *generator) filter(depth int) string {
	if depth == 0 || g.Intn(3) == 0 {
		return g.relation()
	}
	switch g.Intn(7) {
	case 0:
		g.note("not")
		return oneOf(g, "!", "not ") + "(" + g.filter(depth-1) + ")"
	case 1:
		g.note("not without parentheses")
		return oneOf(g, "!", "not ") + g.relation()
	case 2, 3:
		g.note("and")
		return g.filter(depth-1) + oneOf(g, " && ", " and ") + g.filter(depth-1)
	case 4:
		g.note("or")
		return g.filter(depth-1) + oneOf(g, " || ", " or ") + g.filter(depth-1)
	case 5:
		if g.version >= "4.2" {
			g.note("xor")
			return "(" + g.filter(depth-1) + ")" + oneOf(g, " ^^ ", " xor ") + "(" + g.relation() + ")"
		}
		fallthrough
	default:
		g.note("parentheses")
		return "(" + g.filter(depth-1) + oneOf(g, " && ", " || ") + g.relation() + ")" + oneOf(g, " && ", " || ") + g.relation()
	}
}

// telling makes a filter, most times one that selects some of the packets and not all.
func (g *generator) telling(all []*ingest.Packet) (text, got string, err error) {
	if g.Intn(12) == 0 {
		g.note("wrong")
		text = g.wrong()
	}
	for range 12 {
		if text == "" {
			text = g.filter(2)
		}
		f, err := Compile(text, &field.Context{Wireshark: g.version}, nil)
		if err != nil && g.Intn(8) == 0 {
			return text, "", err
		} else if err != nil {
			text = ""
			continue
		}
		if got = matching(f, all); g.Intn(5) == 0 || got != "" && strings.Count(got, ",")+1 < len(all) {
			return text, got, nil
		}
		text = ""
	}
	return g.telling(all)
}

// sharkdCaptures hold ICMP of both versions, quotes, tunnels, discovery, and frames of other protocols.
var sharkdCaptures = []string{"testdata/dfilter.pcap", "../../testdata/lab/ben-unreach.pcap", "../../testdata/lab/rec-nmap-pp-pm.pcapng", "../../testdata/lab/ben-ndp.pcapng",
	"../../testdata/lab/exf-tos.pcap", "../../testdata/lab/ben-traceroute.pcapng", "../../testdata/lab/rec-trace-map.pcapng", "../../testdata/lab/atk-redir6.pcapng"}

// most is how many frames of a capture are looked at.
const most = 120

// TestSharkd generates filters and asks Wireshark which frames they select.
func TestSharkd(t *testing.T) {
	const each = 330
	total, selective, refused := 0, 0, 0
	used := map[string]int{}
	for i, capture := range sharkdCaptures {
		path := first(t, capture)
		all := packets(t, path, true)
		o := ask(t, path)
		g := newGenerator(int64(41+i), o.version, all)
		t.Logf("%s: left to the tests of the decoder: %v", filepath.Base(capture), g.drop(o, all))
		for range each {
			text, got, err := g.telling(all)
			want, n, ok := o.frames(text)
			total++
			switch {
			case !ok:
				refused++
			case 0 < n && n < len(all):
				selective++
			}
			if want != "sharkd died" && !(o.version == "4.0" && mixesLayers(text)) && ((err == nil) != ok || ok && got != want) {
				t.Errorf("%s: %s\n   sharkd %s: %.200s\n icmpsift: %.200s %v", filepath.Base(capture), text, o.version, want, got, err)
			}
		}
		for name, n := range g.used {
			used[name] += n
		}
	}
	t.Logf("%d filters, %d of them select some frames and not all, %d are refused by Wireshark; productions: %v", total, selective, refused, used)
	if 2*selective < total {
		t.Errorf("only %d of %d filters select some frames and not all", selective, total)
	}
	for _, p := range append(productions, production{name: "wrong"}) {
		if used[p.name] == 0 && p.since <= g0(t) {
			t.Errorf("no filter has the production %q", p.name)
		}
	}
}

func g0(t *testing.T) string { _, version := sharkd(t); return version }

// mixesLayers tells of a field that is used with the layer operator and without: Wireshark 4.0 reads it once for both.
func mixesLayers(text string) bool {
	for _, layered := range regexp.MustCompile(`([a-z][a-z0-9_.]*)#`).FindAllStringSubmatch(text, -1) {
		plain := regexp.MustCompile(`(^|[^a-z0-9_.])` + regexp.QuoteMeta(layered[1]) + `($|[^a-z0-9_.#])`)
		other := regexp.MustCompile(regexp.QuoteMeta(layered[1]) + `#`)
		if plain.MatchString(text) || len(other.FindAllString(text, -1)) > 1 {
			return true
		}
	}
	return false
}

// first copies a capture's first frames, unpacked, to a file of its own.
func first(t *testing.T, capture string) string {
	t.Helper()
	data, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(capture, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(z)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	whole := filepath.Join(t.TempDir(), "whole")
	if err := os.WriteFile(whole, data, 0o600); err != nil {
		t.Fatal(err)
	}
	short := whole + ".pcapng"
	if printed, err := exec.Command("editcap", "-r", whole, short, fmt.Sprintf("1-%d", most)).CombinedOutput(); err != nil {
		t.Fatalf("editcap: %v %s", err, printed)
	}
	return short
}

func asTime(ns int64) time.Time { return time.Unix(0, ns).UTC() }
