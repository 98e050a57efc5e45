package listing

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
)

// said is what tshark prints of a file on a second pass, times in UTC; its exit status is nonzero for files that are cut.
func said(t *testing.T, file string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(oracle.Tshark(t), append([]string{"-n", "-2", "-r", file}, args...)...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Skipf("tshark cannot read it: %v", err)
	}
	return out
}

// captures are the repository's; with ICMPSIFT_TSHARK=all those beside the repository as well.
func captures(t *testing.T) (files []string) {
	t.Helper()
	patterns := []string{"../../testdata/lab/*.pcap*", "../../testdata/case/*/*.pcap*", "../../ingest/field/testdata/*.pcap",
		"../../ingest/decode/testdata/*.pcap*", "../../rules/filter/testdata/*.pcap"}
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("no captures match %s", p)
		}
		files = append(files, found...)
	}
	if os.Getenv("ICMPSIFT_TSHARK") == "all" {
		for _, root := range []string{"../../../shared/reference", "../../../shared/captures/public"} {
			filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
				if err == nil && regexp.MustCompile(`\.(pcap|pcapng|cap)(\.gz)?$`).MatchString(path) {
					files = append(files, path)
				}
				return nil
			})
		}
	}
	return files
}

// acceptance is a difference that stays.
type acceptance struct {
	version string         // "" is every one
	place   *regexp.Regexp // the item's name in JSON or EK
	reason  string
}

var accepted = []acceptance{
	{"", regexp.MustCompile(`(ip.fragment|ipv6.fragment|icmpv6.opt.reserved|icmpv6.opt.padding|icmpv6.opt.redirected_packet)_raw$`), "bytes of items whose value does not tell where it was read"},
	{"", regexp.MustCompile(`icmp.length.original_datagram_raw$`), "an 8-bit number that exceeds 255"},
	{"", regexp.MustCompile(`(eth|ip|ipv6|udp|tcp).stream(.pnum)?$`), "numbers of conversations, which count frames without ICMP too"},
	{"", regexp.MustCompile(`^text$`), "a heading alone: of times since the conversation's earlier packets"},
	{"", regexp.MustCompile(`oui_resolved$`), "vendor names"},
	{"4.0", regexp.MustCompile(`icmp.data_time$`), "microseconds below zero, which tshark prints as -00001000"},
	{"", regexp.MustCompile(`frame.time_delta_displayed$`), "the time since a frame of fewer than 6 bytes of ICMP, which tshark's filter hides"},
}

func acceptable(version, place string) string {
	for _, a := range accepted {
		if (a.version == "" || a.version == version) && a.place.MatchString(place) {
			return a.reason
		}
	}
	return ""
}

// form is one way to print packets that both know.
type form struct {
	name    string
	args    []string // of tshark
	printer func(w io.Writer, c *field.Context) Printer
	bag     bool // order of keys means nothing
}

func forms(version string) []form {
	jsonForm := func(f Forms) func(io.Writer, *field.Context) Printer {
		return func(w io.Writer, c *field.Context) Printer { return NewJSON(w, c, f) }
	}
	ekForm := func(f Forms) func(io.Writer, *field.Context) Printer {
		return func(w io.Writer, c *field.Context) Printer { return NewEK(w, c, f) }
	}
	return []form{
		{"json", []string{"-T", "json"}, jsonForm(Forms{}), false},
		{"json without duplicates", []string{"-T", "json", "--no-duplicate-keys"}, jsonForm(Forms{NoDuplicates: true}), false},
		{"ek", []string{"-T", "ek"}, ekForm(Forms{}), version >= "4.2"},
		{"json with bytes", []string{"-T", "json", "-x"}, jsonForm(Forms{Hex: true}), false},
		{"ek with bytes", []string{"-T", "ek", "-x"}, ekForm(Forms{Hex: true}), version >= "4.2"},
	}
}

// Packets as JSON and EK are tshark's, item by item and in its order, but for what the table lacks (counted by name), what
// other dissectors make of quoted payloads, and the accepted differences.
func TestDocumentsAreTsharks(t *testing.T) {
	version := installed(t)
	files := oracle.Sample(t, captures(t), 8)
	limit := map[string]int64{"json": 6 << 10} // bytes of a capture; the other forms are variants, and get a sample
	for _, f := range forms(version) {
		t.Run(f.name, func(t *testing.T) {
			d := differential{version: version, form: f, lacking: map[string]int64{}, accepted: map[string]int64{},
				comparison: comparison{found: map[string]*difference{}}}
			for i, file := range files {
				if i == 0 || smaller(t, file, limit[f.name]) || i%12 == 0 && smaller(t, file, 16<<10) {
					d.file(t, file)
				}
			}
			d.report(t, len(files))
		})
	}
}

// smaller spares the test the long captures, which hold the same kinds of packets over and over.
func smaller(t *testing.T, file string, limit int64) bool {
	t.Helper()
	info, err := os.Stat(file)
	return err == nil && info.Size() < limit
}

// differential compares one form over many captures.
type differential struct {
	comparison
	version   string
	form      form
	captures  int
	frames    int
	identical int // frames
	foreign   int // frames with layers of dissectors that icmpsift has not
	lacking   map[string]int64
	accepted  map[string]int64
}

func (d *differential) file(t *testing.T, file string) {
	t.Helper()
	theirs, err := documents(bytes.NewReader(said(t, file, append([]string{"-Y", "icmp || icmpv6"}, d.form.args...)...)))
	if err != nil {
		t.Errorf("%s: tshark's own output: %v", file, err)
		return
	}
	ours, err := documents(strings.NewReader(list(t, file, func(w io.Writer) Printer {
		return d.form.printer(w, &field.Context{Wireshark: d.version})
	})))
	if err != nil {
		t.Errorf("%s: not valid JSON: %v", file, err)
		return
	}
	d.captures++
	ours, theirs = packetsOf(ours), packetsOf(theirs)
	for _, want := range theirs {
		i := slices.IndexFunc(ours, func(got document) bool { return number(got) == number(want) })
		if i < 0 {
			t.Errorf("%s: frame %s is missing", file, number(want))
			return
		}
		d.frame(filepath.Base(file), ours[i], want)
		ours = ours[i+1:]
	}
}

// packetsOf leaves out EK's lines that name the index.
func packetsOf(docs []document) []document {
	return slices.DeleteFunc(docs, func(d document) bool { return d.at("index").kind != 0 })
}

// layers are a packet's, in either form.
func layers(d document) document {
	if in := d.at("_source", "layers"); in.kind != 0 {
		return in
	}
	return d.at("layers")
}

func number(d document) string {
	frame := layers(d).at("frame")
	if n := frame.at("frame.number"); n.kind != 0 {
		return n.text[1:]
	}
	return strings.TrimPrefix(frame.at("frame_frame_number").text, `"`)
}

func (d *differential) frame(file string, got, want document) {
	d.frames++
	whole := comparison{found: map[string]*difference{}}
	if whole.compare("", "", got, want); len(whole.found) == 0 {
		d.identical++
	}
	foreign := d.known(&want)
	if foreign {
		d.foreign++
	}
	if d.form.bag {
		got.sort()
		want.sort()
	}
	one := comparison{found: map[string]*difference{}}
	one.compare("", file+" frame "+number(want), got, want)
	d.items += one.items
	for place, x := range one.found {
		switch reason := acceptable(d.version, plain(place)); {
		case reason != "":
			d.accepted[reason]++
		case foreign && (strings.HasSuffix(place, "frame.protocols") || strings.HasSuffix(place, "frame_frame_protocols") || strings.Contains(place, "+data")):
		default:
			d.note(place, x.where, x.got, x.want)
		}
	}
}

// plain is the name at the end of a place.
func plain(place string) string {
	return strings.TrimLeft(place[strings.LastIndexByte(place, '/')+1:], "+-")
}

// known takes what the table lacks out of tshark's document and tells whether other dissectors were at work.
func (d *differential) known(doc *document) (foreign bool) {
	for i := range doc.elements {
		foreign = d.known(&doc.elements[i]) || foreign
	}
	doc.members = slices.DeleteFunc(doc.members, func(m member) bool {
		name := strings.TrimSuffix(strings.TrimSuffix(m.key, "_raw"), "_tree")
		if d.has(name) || m.value.kind == 's' && !strings.Contains(name, ".") && d.form.name[:2] != "ek" {
			return false
		}
		d.lacking[name]++
		foreign = foreign || m.value.kind == '{' && !strings.ContainsAny(name, "._ ")
		return true
	})
	for i := range doc.members {
		foreign = d.known(&doc.members[i].value) || foreign
	}
	doc.members = slices.DeleteFunc(doc.members, func(m member) bool {
		return m.value.kind == '{' && len(m.value.members) == 0 && !strings.Contains(m.key, "ws")
	})
	return foreign
}

var frameKeys = map[string]bool{"_index": true, "_type": true, "_score": true, "_source": true, "layers": true, "timestamp": true, "text": true}

// has tells whether the name is a field of the table, or the text of an item that has none.
func (d *differential) has(name string) bool {
	if frameKeys[name] || strings.ContainsAny(name, " ,") {
		return true
	}
	if d.form.name[:2] == "ek" {
		return ekNames[name]
	}
	_, ok := field.Lookup(name)
	return ok
}

// ekNames are the table's fields as EK calls them.
var ekNames = func() map[string]bool {
	m := map[string]bool{"ipv6_ip_version": true}
	for _, f := range field.All() {
		name := f.Name
		if over := f.Registered(""); over != "" {
			name = over + "_" + name
		}
		m[strings.ReplaceAll(name, ".", "_")] = true
	}
	return m
}()

// report fails on what differs, or if fewer than least frames were compared.
func (d *differential) report(t *testing.T, least int) {
	t.Helper()
	var n int64
	for place, x := range d.found {
		n += x.count
		t.Errorf("%s: %d times, first in %s: got %s, want %s", place, x.count, x.where, x.got, x.want)
	}
	t.Logf("tshark %s: %d captures, %d frames (%d identical, %d with foreign layers), %d items compared, %d differences",
		d.version, d.captures, d.frames, d.identical, d.foreign, d.items, n)
	for reason, n := range d.accepted {
		t.Logf("accepted: %d, %s", n, reason)
	}
	var names []string
	for name := range d.lacking {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(d.lacking[b] - d.lacking[a]) })
	for _, name := range names[:min(len(names), 60)] {
		t.Logf("the table lacks %s (%d)", name, d.lacking[name])
	}
	if d.frames < least {
		t.Errorf("only %d frames were compared", d.frames)
	}
}
