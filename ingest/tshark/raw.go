package tshark

import "strconv"

// raw is what -x tells of a field's bytes.
type raw struct {
	hex      string
	pos, len int
	mask     uint64
}

// bytes reads what -x tells: [hex, position, length, mask, type] or arrays of them in JSON, texts of hex in EK.
func (t *tree) bytes(l *level, name string) error {
	if err := t.turn(l, name); err != nil {
		return err
	}
	var list []raw
	var err error
	switch {
	case t.dec.PeekKind() != '[':
		var r raw
		r, err = t.plain()
		list = []raw{r}
	case t.ek:
		list, err = t.plains()
	default:
		list, err = t.quintuples()
	}
	l.raws = list
	return err
}

func (t *tree) plain() (raw, error) {
	if t.branches() {
		return raw{pos: -1}, t.dec.SkipValue()
	}
	v, err := t.scalar()
	return raw{hex: v, pos: -1, len: len(v) / 2}, err
}

func (t *tree) plains() (list []raw, err error) {
	err = t.array(func() error {
		r, err := t.plain()
		list = append(list, r)
		return err
	})
	return list, err
}

// quintuples reads one quintuple, or an array of them.
func (t *tree) quintuples() (list []raw, err error) {
	one, at := raw{pos: -1}, 0
	err = t.array(func() error {
		if t.dec.PeekKind() == '[' {
			more, err := t.quintuples()
			list = append(list, more...)
			return err
		}
		at++
		return t.member5(&one, at-1)
	})
	if at > 0 {
		list = append(list, one)
	}
	return list, err
}

// member5 reads the member of a quintuple at index at.
func (t *tree) member5(r *raw, at int) error {
	if t.branches() {
		return t.dec.SkipValue()
	}
	text := t.dec.PeekKind() == '"'
	v, err := t.scalar()
	switch {
	case at == 0 && text:
		r.hex = v
	case at == 1:
		r.pos = number(v)
	case at == 2:
		r.len = number(v)
	case at == 3:
		r.mask, _ = strconv.ParseUint(v, 10, 64)
	}
	return err
}

func number(v string) int {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 0 {
		return -1
	}
	return int(n)
}
