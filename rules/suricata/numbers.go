package suricata

import (
	"fmt"
	"strings"
)

// relation compares a number with one or two others.
type relation struct {
	op        string // ==, !=, <, <=, >, >=, or ".." for low to high, both in
	low, high int64
}

// relation reads N, <N, >N, <=N, >=N, =N, !N, A<>B and A-B; ends tells whether "<>" has its ends in.
func (c *conversion) relation(o option, most int64, ends bool) (r relation, err *Reason) {
	text := strings.ReplaceAll(unquote(o.value), " ", "")
	bad := c.wrong(o.valueFrom, o.value, fmt.Sprintf("%s: expected a number up to %d, such as 8, <8, >8, !8, 3<>8", o.name, most))
	r.op = "=="
	for _, op := range []struct{ sign, op string }{{"<=", "<="}, {">=", ">="}, {"<", "<"}, {">", ">"}, {"!", "!="}, {"=", "=="}} {
		if rest, ok := strings.CutPrefix(text, op.sign); ok {
			text, r.op = rest, op.op
			break
		}
	}
	low, high, span := strings.Cut(text, "<>")
	if !span {
		low, high, span = strings.Cut(text, "-")
		ends = c.dialect == Snort2
	}
	if r.low = number(low); r.low < 0 || r.low > most || span && r.op != "==" {
		return r, bad
	}
	if !span {
		return r, nil
	}
	if r.high = number(high); high == "" && r.low >= 0 {
		return relation{op: ">=", low: r.low}, nil
	} else if r.high < 0 || r.high > most {
		return r, bad
	}
	if r.op = ".."; !ends {
		r.low, r.high = r.low+1, r.high-1
	}
	if r.low > r.high {
		return r, c.wrong(o.valueFrom, o.value, o.name+": there is no number in this range")
	}
	return r, nil
}

func (r relation) plus(n int64) relation { return relation{r.op, r.low + n, r.high + n} }

// of says the relation of a field.
func (r relation) of(field string) string {
	switch {
	case r.op == ".." && r.low == r.high:
		return fmt.Sprintf("%s == %d", field, r.low)
	case r.op == ".." && strings.HasSuffix(field, ")"):
		return fmt.Sprintf("%s >= %d && %s <= %d", field, r.low, field, r.high)
	case r.op == "..":
		return fmt.Sprintf("%s in {%d..%d}", field, r.low, r.high)
	}
	return fmt.Sprintf("%s %s %d", field, r.op, r.low)
}

func (r relation) holds(n int64) bool {
	switch r.op {
	case "==":
		return n == r.low
	case "!=":
		return n != r.low
	case "<":
		return n < r.low
	case "<=":
		return n <= r.low
	case ">":
		return n > r.low
	case ">=":
		return n >= r.low
	}
	return r.low <= n && n <= r.high
}
