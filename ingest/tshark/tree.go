package tshark

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxNodes = 1 << 18 // of one packet
	maxDepth = 500
)

// tree reads the JSON object of one packet into nodes. Its memory is used again for the next one.
type tree struct {
	ek      bool
	hex     bool // the packet has the bytes that -x adds
	names   speller
	text    string // the object
	dec     *jsontext.Decoder
	items   []item // items[0] stands for the packet
	nodes   []Node
	stamp   string // the object's "timestamp" (-T ek)
	layered bool   // the object has "layers"
}

// item is a node with its place in the tree; 0 is no item.
type item struct {
	Node
	child, last, next int32
}

// level is one object of the tree being read: fields are spelled with up to three keys, one behind the other.
type level struct {
	parent int32
	depth  int
	name   string  // of the keys read last
	raws   []raw   // of that name, no node made of them yet
	run    []int32 // its nodes
}

func newTree(ek bool) *tree {
	t := &tree{ek: ek, names: speller{map[string]string{}}}
	t.dec = jsontext.NewDecoder(new(bytes.Buffer))
	return t
}

var (
	errLayers = errors.New(`expected an object with "layers"`)
	errNodes  = fmt.Errorf("more than %d fields in one packet", maxNodes)
	errDepth  = fmt.Errorf("nested more than %d deep", maxDepth)
)

var frameRaw = []byte(`"frame_raw"`)

// read gives the nodes of a packet; ok is false for an object that is none, such as the index lines of -T ek.
func (t *tree) read(object []byte) (nodes []Node, ok bool, err error) {
	t.text = string(object)
	t.items = append(t.items[:0], item{})
	t.stamp, t.layered = "", false
	t.hex = bytes.Contains(object, frameRaw)
	t.dec.Reset(bytes.NewBuffer(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	index, err := t.packet()
	switch {
	case err != nil:
		return nil, false, err
	case !t.layered && index:
		return nil, false, nil
	case !t.layered:
		return nil, false, errLayers
	}
	t.nodes = t.flat(t.items[0].child, 0, t.nodes[:0])
	return t.nodes, true, nil
}

// packet reads the wrapping of a packet's layers; index tells that it is a line meant for Elasticsearch.
func (t *tree) packet() (index bool, err error) {
	err = t.object(func(key string) error {
		switch kind := t.dec.PeekKind(); {
		case key == "layers" && kind == '{':
			t.layered = true
			return t.fields(&level{})
		case key == "_source" && kind == '{':
			_, err := t.packet()
			return err
		case key == "timestamp" && kind == '"':
			t.stamp, err = t.scalar()
			return err
		case key == "index":
			index = true
		}
		return t.dec.SkipValue()
	})
	return index, err
}

// object reads an object key by key.
func (t *tree) object(member func(key string) error) error {
	if _, err := t.dec.ReadToken(); err != nil {
		return early(err)
	}
	for t.dec.PeekKind() == '"' {
		key, err := t.scalar()
		if err == nil {
			err = member(key)
		}
		if err != nil {
			return early(err)
		}
	}
	_, err := t.dec.ReadToken()
	return early(err)
}

// array reads an array value by value.
func (t *tree) array(element func() error) error {
	if _, err := t.dec.ReadToken(); err != nil {
		return early(err)
	}
	for {
		switch t.dec.PeekKind() {
		case ']', 0:
			_, err := t.dec.ReadToken()
			return early(err)
		}
		if err := element(); err != nil {
			return early(err)
		}
	}
}

func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// scalar reads a string, number, boolean or null: strings without quotes, the others as they are written.
func (t *tree) scalar() (string, error) {
	v, err := t.dec.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(t.dec.InputOffset())
	start := end - len(v)
	switch {
	case v.Kind() != '"':
		return t.text[start:end], nil
	case bytes.IndexByte(v, '\\') < 0:
		return strings.ToValidUTF8(t.text[start+1:end-1], "\uFFFD"), nil
	}
	plain, _ := jsontext.AppendUnquote(nil, v)
	return string(plain), nil
}

// fields reads the members of one object of the tree.
func (t *tree) fields(l *level) error {
	if l.depth > maxDepth {
		return errDepth
	}
	if err := t.object(func(key string) error { return t.member(l, key) }); err != nil {
		return err
	}
	return t.settle(l)
}

// member reads one key: a field's value, its bytes ("_raw") or its children ("_tree").
func (t *tree) member(l *level, key string) error {
	if base, ok := strings.CutSuffix(key, "_raw"); ok && base != "" && t.hex && (t.ek || t.dec.PeekKind() == '[') {
		return t.bytes(l, base)
	}
	if base, ok := strings.CutSuffix(key, "_tree"); ok && base != "" && t.branches() {
		return t.branch(l, base)
	}
	return t.values(l, key)
}

func (t *tree) branches() bool { k := t.dec.PeekKind(); return k == '{' || k == '[' }

// settle makes nodes of bytes that no value followed (-T jsonraw).
func (t *tree) settle(l *level) error {
	for _, r := range l.raws {
		i, err := t.add(l, l.name)
		if err != nil {
			return err
		}
		t.hang(i, r)
	}
	l.raws = nil
	return nil
}

// turn makes name the one whose keys are being read.
func (t *tree) turn(l *level, name string) error {
	if err := t.settle(l); err != nil {
		return err
	}
	l.name, l.run = name, l.run[:0]
	return nil
}

// values reads a field's value, or its values in an array.
func (t *tree) values(l *level, name string) error {
	raws := l.raws
	if l.name != name || raws == nil {
		if err := t.turn(l, name); err != nil {
			return err
		}
	}
	l.raws = nil
	each := func() error { return t.value(l, name) }
	var err error
	if t.dec.PeekKind() == '[' {
		err = t.array(each)
	} else {
		err = each()
	}
	if len(raws) == len(l.run) { // else it is not told whose they are
		for k, r := range raws {
			t.hang(l.run[k], r)
		}
	}
	return err
}

func (t *tree) value(l *level, name string) error {
	switch t.dec.PeekKind() {
	case '{':
		i, err := t.add(l, name)
		if err != nil {
			return err
		}
		return t.fields(&level{parent: i, depth: l.depth + 1})
	case '[': // no tshark writes arrays in arrays here
		return t.dec.SkipValue()
	}
	kind := t.dec.PeekKind()
	v, err := t.scalar()
	if err != nil || t.mark(l, name, v) {
		return err
	}
	return t.leaf(l, name, v, kind == 'n')
}

// mark tells whether the value only says that -j or -J left a protocol out.
func (t *tree) mark(l *level, name, v string) bool {
	return name == "filtered" && l.parent > 0 && (t.items[l.parent].Name == v || t.items[l.parent].Name == t.names.name(v))
}

// leaf adds a node with a value. The labels of texts are values in -T ek and names everywhere else.
func (t *tree) leaf(l *level, name, v string, null bool) error {
	if t.ek && name == "text" {
		_, err := t.label(l, v)
		return err
	}
	i, err := t.add(l, name)
	if err != nil {
		return err
	}
	n := &t.items[i].Node
	n.Valued = true
	if !null {
		n.Value = v
	}
	return nil
}

// branch reads the children of the nodes read just before.
func (t *tree) branch(l *level, name string) error {
	if l.name != name || len(l.raws) > 0 {
		raws := l.raws
		if l.name != name {
			raws = nil
			if err := t.turn(l, name); err != nil {
				return err
			}
		}
		l.raws = nil
		if err := t.bare(l, raws); err != nil {
			return err
		}
	}
	if t.dec.PeekKind() == '{' {
		return t.children(l, len(l.run)-1)
	}
	k := -1
	return t.array(func() error {
		k = min(k+1, len(l.run)-1)
		return t.children(l, k)
	})
}

// bare makes the nodes whose children come without a value before them: one for each of the raws, at least one.
func (t *tree) bare(l *level, raws []raw) error {
	for k := range max(1, len(raws)) {
		i, err := t.add(l, l.name)
		if err != nil {
			return err
		}
		if k < len(raws) {
			t.hang(i, raws[k])
		}
	}
	return nil
}

func (t *tree) children(l *level, k int) error {
	if t.dec.PeekKind() != '{' {
		return t.dec.SkipValue()
	}
	return t.fields(&level{parent: l.run[k], depth: l.depth + 1})
}
