package field_test

import (
	"os/exec"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
)

// treeOf is the packet's tree, which must be one: it begins with the frame, and nothing stands deeper than one below what
// is before it.
func treeOf(t testing.TB, c *field.Context, p *ingest.Packet) []field.Node {
	t.Helper()
	nodes := field.Tree(c, p, nil)
	if len(nodes) == 0 || nodes[0].Field.Name != "frame" {
		t.Fatalf("frame %d: the tree does not begin with the frame", p.Number)
	}
	for i := 1; i < len(nodes); i++ {
		if n := nodes[i]; n.Depth < 0 || n.Depth > nodes[i-1].Depth+1 {
			t.Fatalf("frame %d: item %d stands %d deep behind one %d deep", p.Number, i, n.Depth, nodes[i-1].Depth)
		}
		if nodes[i].Field == nil && nodes[i].Label == "" {
			t.Errorf("frame %d: item %d has neither field nor text", p.Number, i)
		}
	}
	return nodes
}

// placed tells whether a field belongs in the tree: icmpsift's own and the list's columns do not; the malformed packet stands there
// once more for each expert item of that group.
func placed(f *field.Field) bool {
	return !f.Ours() && !strings.HasPrefix(f.Name, "_ws.col.") && f.Name != "_ws.malformed"
}

// Every value that the table gives stands in the tree, once, and nothing else does.
func TestTreeHoldsTheTable(t *testing.T) {
	packets := 0
	items := 0
	missing, surplus := map[string]string{}, map[string]string{}
	check := func(where string, p *ingest.Packet) {
		for _, version := range []string{"4.0", "4.4"} {
			c := &field.Context{Wireshark: version}
			count := map[*field.Field]int{}
			for _, n := range treeOf(t, c, p) {
				if n.Field != nil {
					count[n.Field]++
				}
			}
			for _, f := range field.All() {
				switch n := len(f.Values(c, p, nil)); {
				case !placed(f) || n == count[f]:
				case n > count[f] && missing[f.Name] == "":
					missing[f.Name] = where
				case n < count[f] && surplus[f.Name] == "":
					surplus[f.Name] = where
				}
				items += count[f]
			}
			packets++
		}
	}
	for _, path := range corpus(t) {
		for _, p := range load(t, path) {
			check(path, p)
		}
	}
	for _, frame := range structures() {
		check("a built frame", decoded(t, frame))
	}
	for name, where := range missing {
		t.Errorf("%s is not in the tree, or too seldom (%s)", name, where)
	}
	for name, where := range surplus {
		t.Errorf("%s is in the tree more often than the table gives it (%s)", name, where)
	}
	t.Logf("%d trees of %d items", packets, items)
}

// What protocol a field is registered under is what tshark says.
func TestRegistered(t *testing.T) {
	bin, _ := tshark(t)
	out, err := exec.Command(bin, "-G", "fields").Output()
	if err != nil {
		t.Fatal(err)
	}
	parents := map[string]map[string]bool{}
	for line := range strings.Lines(string(out)) {
		cells := strings.Split(line, "\t")
		if cells[0] == "F" && len(cells) > 4 {
			if parents[cells[2]] == nil {
				parents[cells[2]] = map[string]bool{}
			}
			parents[cells[2]][cells[4]] = true
		}
	}
	n := 0
	for _, f := range field.All() {
		if want := parents[f.Name]; want != nil {
			if n++; !want[f.Registered("")] {
				t.Errorf("%s: registered under %q, tshark says %v", f.Name, f.Registered(""), want)
			}
		}
	}
	t.Logf("%d fields", n)
}

// FuzzTree builds the trees of hostile frames.
func FuzzTree(f *testing.F) {
	for _, frame := range structures() {
		f.Add(frame, uint16(0), false)
	}
	f.Fuzz(func(t *testing.T, frame []byte, missing uint16, newest bool) {
		record := ingest.Frame{Number: 1, Time: epoch, Link: ingest.LinkEthernet, Wire: len(frame) + int(missing%2000), Data: frame}
		var p ingest.Packet
		decode.New(decode.Options{}).Decode(&record, &p)
		c := &field.Context{Wireshark: "4.4"}
		if !newest {
			c.Wireshark = "4.0"
		}
		for _, n := range treeOf(t, c, &p) {
			if !within(&p, n.Raw()) {
				t.Errorf("%s: bytes outside the packet", n.Field.Name)
			}
		}
	})
}
