package listing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A document is JSON as it stands in a file: members in their order, keys as often as they come.
type document struct {
	text     string
	members  []member // of an object
	elements []document
	kind     byte // '{', '[', or 's' for everything else
}

type member struct {
	key   string
	value document
}

// documents reads a JSON array, or values one behind the other.
func documents(r io.Reader) (out []document, err error) {
	d := json.NewDecoder(r)
	d.UseNumber()
	for {
		v, err := parse(d)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if v.kind == '[' {
			out = append(out, v.elements...)
		} else {
			out = append(out, v)
		}
	}
}

func parse(d *json.Decoder) (document, error) {
	t, err := d.Token()
	if err != nil {
		return document{}, err
	}
	switch t {
	case json.Delim('{'):
		return members(d)
	case json.Delim('['):
		return array(d)
	}
	if s, ok := t.(string); ok {
		return document{kind: 's', text: `"` + s}, nil
	}
	return document{kind: 's', text: fmt.Sprint(t)}, nil
}

func members(d *json.Decoder) (document, error) {
	v := document{kind: '{'}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return v, err
		}
		in, err := parse(d)
		if err != nil {
			return v, err
		}
		v.members = append(v.members, member{t.(string), in})
	}
	_, err := d.Token()
	return v, err
}

func array(d *json.Decoder) (document, error) {
	v := document{kind: '['}
	for d.More() {
		in, err := parse(d)
		if err != nil {
			return v, err
		}
		v.elements = append(v.elements, in)
	}
	_, err := d.Token()
	return v, err
}

// at follows keys downwards.
func (v document) at(keys ...string) document {
	for _, k := range keys {
		var in document
		for _, m := range v.members {
			if m.key == k {
				in = m.value
				break
			}
		}
		v = in
	}
	return v
}

// comparison counts what differs between two documents, by place.
type comparison struct {
	items int64
	found map[string]*difference
}

type difference struct {
	count     int64
	where     string // the first
	got, want string
}

func (c *comparison) note(path, where, got, want string) {
	d := c.found[path]
	if d == nil {
		d = &difference{where: where, got: got, want: want}
		c.found[path] = d
	}
	d.count++
}

// compare walks both; keys that the other side lacks are told apart from values that differ.
func (c *comparison) compare(path, where string, got, want document) {
	c.items++
	if got.kind != want.kind || got.text != want.text || len(got.elements) != len(want.elements) {
		c.note(path, where, got.short(), want.short())
		return
	}
	for i := range want.elements {
		c.compare(path, where, got.elements[i], want.elements[i])
	}
	ours, theirs := got.members, want.members
	for len(ours) > 0 || len(theirs) > 0 {
		switch {
		case len(theirs) == 0 || len(ours) > 0 && ours[0].key != theirs[0].key && !holds(theirs, ours[0].key):
			c.note(path+"/+"+ours[0].key, where, ours[0].value.short(), "")
			ours = ours[1:]
		case len(ours) == 0 || ours[0].key != theirs[0].key:
			c.note(path+"/-"+theirs[0].key, where, "", theirs[0].value.short())
			theirs = theirs[1:]
		default:
			c.compare(path+"/"+ours[0].key, where, ours[0].value, theirs[0].value)
			ours, theirs = ours[1:], theirs[1:]
		}
	}
}

func holds(ms []member, key string) bool {
	for _, m := range ms {
		if m.key == key {
			return true
		}
	}
	return false
}

func (v document) short() string {
	switch v.kind {
	case '{':
		var keys []string
		for _, m := range v.members {
			keys = append(keys, m.key)
		}
		return "{" + strings.Join(keys, " ") + "}"
	case '[':
		return fmt.Sprintf("[%d]", len(v.elements))
	}
	if len(v.text) > 60 {
		return v.text[:60] + "..."
	}
	return v.text
}

// sort puts members in the order of their keys, at every depth.
func (v *document) sort() {
	slices.SortStableFunc(v.members, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	for i := range v.members {
		v.members[i].value.sort()
	}
	for i := range v.elements {
		v.elements[i].sort()
	}
}
