package tshark

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/oracle"
)

// dump writes nodes as an indented list: name, value, bytes.
func dump(nodes []Node) string {
	var out strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&out, "%*s%s", n.Depth, "", n.Name)
		if n.Valued {
			fmt.Fprintf(&out, "=%s", n.Value)
		}
		if n.Raw != "" {
			fmt.Fprintf(&out, "<%s", n.Raw)
			if n.Pos >= 0 {
				fmt.Fprintf(&out, "@%d+%d&%x", n.Pos, n.Len, n.Mask)
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// packet wraps layers as tshark does.
func packet(layers string) string {
	return `{"_index":"packets-2023-11-14","_type":"doc","_score":null,"_source":{"layers":{` + layers + `}}}`
}

func line(layers string) string {
	return `{"index":{"_index":"packets-2023-11-14","_type":"doc"}}` + "\n" + `{"timestamp":"1700000000000","layers":{` + layers + "}}\n"
}

func all(t testing.TB, in io.Reader) (out []Record, s State) {
	t.Helper()
	r, err := NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return out, r.State()
		}
		if err != nil {
			t.Fatal(err)
		}
		c := *rec
		c.Nodes = append([]Node(nil), rec.Nodes...)
		out = append(out, c)
	}
}

func TestTree(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"duplicate keys": {"[" + packet(`"ip":{"ip.src":"10.0.0.1","ip.addr":"10.0.0.1","ip.dst":"10.0.0.2","ip.addr":"10.0.0.2"}`) + "]",
			"ip\n ip.src=10.0.0.1\n ip.addr=10.0.0.1\n ip.dst=10.0.0.2\n ip.addr=10.0.0.2\n"},
		"arrays of values":         {"[" + packet(`"ip":{"ip.addr":["10.0.0.1","10.0.0.2"],"ip.ttl":"64"}`) + "]", "ip\n ip.addr=10.0.0.1\n ip.addr=10.0.0.2\n ip.ttl=64\n"},
		"a tree is its value's":    {"[" + packet(`"ip":{"ip.flags":"0x02","ip.flags_tree":{"ip.flags.df":"1"},"ip.ttl":"1"}`) + "]", "ip\n ip.flags=0x02\n  ip.flags.df=1\n ip.ttl=1\n"},
		"arrays of trees":          {"[" + packet(`"a":{"b":["1","2"],"b_tree":[{"c":"3"},{"c":"4"}]}`) + "]", "a\n b=1\n  c=3\n b=2\n  c=4\n"},
		"fewer trees than values":  {"[" + packet(`"a":{"b":["1","2"],"b_tree":[{"c":"3"}]}`) + "]", "a\n b=1\n  c=3\n b=2\n"},
		"more trees than values":   {"[" + packet(`"a":{"b":"1","b_tree":[{"c":"3"},{"c":"4"}]}`) + "]", "a\n b=1\n  c=3\n  c=4\n"},
		"repeated layers":          {"[" + packet(`"vlan":{"vlan.id":"1"},"vlan":{"vlan.id":"2"}`) + "]", "vlan\n vlan.id=1\nvlan\n vlan.id=2\n"},
		"layers in an array":       {"[" + packet(`"vlan":[{"vlan.id":"1"},{"vlan.id":"2"}]`) + "]", "vlan\n vlan.id=1\nvlan\n vlan.id=2\n"},
		"quoted layers and labels": {"[" + packet(`"icmp":{"icmp.type":"11","ip":{"ip.ttl":"1"},"MPLS Stack Entry":{"icmp.ext.class":"1"}}`) + "]", "icmp\n icmp.type=11\n ip\n  ip.ttl=1\n MPLS Stack Entry\n  icmp.ext.class=1\n"},
		"escapes":                  {"[" + packet(`"frame":{"frame.comment":"a\"\u00e9\n\ud83d\ude00"}`) + "]", "frame\n frame.comment=a\"é\n😀\n"},
		"an empty value":           {"[" + packet(`"icmp":{"icmp.checksum_bad":""}`) + "]", "icmp\n icmp.checksum_bad=\n"},
		"selected fields":          {"[" + packet(`"ip.src":["10.0.0.1","10.0.0.2"],"icmp.type":["8"]`) + "]", "ip.src=10.0.0.1\nip.src=10.0.0.2\nicmp.type=8\n"},
		"filtered layers":          {"[" + packet(`"frame":{"filtered":"frame"},"icmp":{"icmp.type":"8","ip":{"filtered":"ip"}}`) + "]", "frame\nicmp\n icmp.type=8\n ip\n"},
		"raw bytes": {"[" + packet(`"frame_raw":["0a",0,1,0,1],"frame":{"frame.number":"1"},"ip":{"ip.flags_raw":["2",20,1,224,4],"ip.flags":"0x02","ip.flags_tree":{"ip.flags.df_raw":["1",20,1,64,2],"ip.flags.df":"1"}}`) + "]",
			"frame<0a@0+1&0\n frame.number=1\nip\n ip.flags=0x02<2@20+1&e0\n  ip.flags.df=1<1@20+1&40\n"},
		"raw bytes of repeated fields": {"[" + packet(`"frame_raw":["0a",0,1,0,1],"frame":{},"ip":{"ip.addr_raw":[["0a000001",26,4,0,32],["0a000002",30,4,0,32]],"ip.addr":["10.0.0.1","10.0.0.2"]}`) + "]",
			"frame<0a@0+1&0\nip\n ip.addr=10.0.0.1<0a000001@26+4&0\n ip.addr=10.0.0.2<0a000002@30+4&0\n"},
		"bytes of nobody": {"[" + packet(`"frame_raw":["0a",0,1,0,1],"frame":{},"a":{"b_raw":[["01",0,1,0,4]],"b":["1","2"]}`) + "]", "frame<0a@0+1&0\na\n b=1\n b=2\n"},
		"jsonraw":         {"[" + packet(`"frame_raw":["0a",0,1,0,1],"frame":{"frame.number_raw":["",0,0,0,7]},"eth":{"eth.dst_raw":["02",0,1,0,29],"eth.dst_tree":{"eth.lg_raw":["1",0,3,131072,2]}}`) + "]", "frame<0a@0+1&0\n frame.number\neth\n eth.dst<02@0+1&0\n  eth.lg<1@0+3&20000\n"},
		"a field named raw": {"[" + packet(`"frame_raw":["0a",0,1,0,1],"frame":{},"tcp":{"tcp.seq_raw_raw":["0102",0,2,0,7],"tcp.seq_raw":"258"}`) + "]",
			"frame<0a@0+1&0\ntcp\n tcp.seq_raw=258<0102@0+2&0\n"},
		"a field named raw, no bytes": {"[" + packet(`"tcp":{"tcp.seq_raw":"258"}`) + "]", "tcp\n tcp.seq_raw=258\n"},
		"ek":                          {line(`"icmp":{"icmp_icmp_type":"8","icmp_icmp_checksum_status":"1","icmp_icmp_ext":null},"ip":{"ip_ip_addr":["10.0.0.1","10.0.0.2"],"ip_ip_flags_df":true}`), "icmp\n icmp.type=8\n icmp.checksum.status=1\n icmp.ext=\nip\n ip.addr=10.0.0.1\n ip.addr=10.0.0.2\n ip.flags.df=true\n"},
		"ek quotes and labels":        {line(`"icmp":{"icmp_icmp_type":"11","ip":{"ip_ip_ttl":"1"},"text":["MPLS Stack Entry","Label: 1"],"_ws_expert":{"icmp_icmp_checksum_bad":null,"_ws_expert__ws_expert_severity":"1"}}`), "icmp\n icmp.type=11\n ip\n  ip.ttl=1\n MPLS Stack Entry\n Label: 1\n _ws.expert\n  icmp.checksum_bad=\n  _ws.expert.severity=1\n"},
		"ek raw bytes":                {line(`"frame_raw":"0a","frame":{"frame_frame_number":"1"},"ip":{"ip_ip_addr_raw":["0a000001","0a000002"],"ip_ip_addr":["10.0.0.1","10.0.0.2"]}`), "frame<0a\n frame.number=1\nip\n ip.addr=10.0.0.1<0a000001\n ip.addr=10.0.0.2<0a000002\n"},
		"ek selected fields":          {line(`"frame_number":["1"],"ip_src":["10.0.0.1"]`), "frame.number=1\nip.src=10.0.0.1\n"},
		"ek unknown fields":           {line(`"tcp":{"tcp_tcp_no_such_thing":"1460"},"foo":{"bar":"1"}`), "tcp\n tcp.no_such_thing=1460\nfoo\n bar=1\n"},
	} {
		for _, in := range []string{tt.in, strings.ReplaceAll(tt.in, ",\"", ",\r\n  \"")} {
			if strings.HasPrefix(in, "{") && in != tt.in {
				continue // lines end packets in -T ek
			}
			got, state := all(t, iotest.OneByteReader(strings.NewReader(in)))
			if len(got) != 1 || dump(got[0].Nodes) != tt.want || state.Status != ingest.Complete || state.Problem != "" {
				t.Errorf("%s: %+v %d records, got\n%swant\n%s", name, state, len(got), dump(got[0].Nodes), tt.want)
			}
		}
	}
}

func wide16(order binary.AppendByteOrder, s string) (out []byte) {
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// What is whole in a torn export is read, and what is wrong is said.
func TestDamage(t *testing.T) {
	one, two := packet(`"frame":{"frame.number":"1","frame.comment":"a{\\\"b"}`), packet(`"frame":{"frame.number":"2"}`)
	simple := packet(`"frame":{"frame.number":"1"}`)
	pretty := strings.NewReplacer(`{`, "{\n ", `,"`, ",\n \"").Replace
	e1, e2 := line(`"frame":{"frame_frame_number":"1"}`), line(`"frame":{"frame_frame_number":"2"}`)
	for name, tt := range map[string]struct {
		in     string
		want   string // frame numbers
		status ingest.Status
		says   string
		at     int64
		noise  int64
	}{
		"whole":                         {"[\n" + one + ",\n" + two + "\n]\n", "1 2", ingest.Complete, "", -1, 0},
		"no closing bracket":            {"[" + one + "," + two, "1 2", ingest.Cut, "line 1, offset 250: the export ends without the bracket", 250, 0},
		"cut inside a packet":           {"[" + one + ",\n" + two[:60], "1", ingest.Cut, "line 2, offset 140: the export ends inside a packet", 140, 0},
		"cut inside the first":          {"[" + one[:120], "", ingest.Cut, "ends inside a packet", 1, 0},
		"joined":                        {"[" + one + "]\n[" + two + "]", "1 2", ingest.Complete, "", -1, 0},
		"joined behind a cut":           {"[" + one + ",\n" + pretty(one[:60]) + "[" + two + "]", "1 2", ingest.Damaged, "breaks off", 140, 0},
		"a bracket missing":             {"[" + pretty(simple[:len(simple)-2]) + ",\n" + two + "]", "2", ingest.Damaged, "breaks off", 1, 0},
		"a quote missing":               {"[" + strings.Replace(pretty(simple), `"1"`, `"1`, 1) + ",\n" + two + "]", "2", ingest.Damaged, "a line end inside a text", 1, 0},
		"a colon missing":               {"[" + strings.Replace(one, `":{"layers`, `"{"layers`, 1) + ",\n" + two + "]", "2", ingest.Damaged, "cannot be read", 1, 0},
		"a message in front":            {"Running as user \"root\" and group \"root\".\n[" + one + "]", "1", ingest.Complete, "", -1, 1},
		"a message behind":              {"[" + one + "\n]\ntshark: The file \"x\" appears to have been cut short.\n", "1", ingest.Complete, "", -1, 1},
		"byte order mark":               {"\ufeff[" + one + "]", "1", ingest.Complete, "", -1, 0},
		"UTF-16 of PowerShell":          {string(wide16(binary.LittleEndian, "[\r\n"+one+"\r\n]\r\n")), "1", ingest.Complete, "", -1, 0},
		"UTF-16 big-endian":             {string(wide16(binary.BigEndian, e1+e2)), "1 2", ingest.Complete, "", -1, 0},
		"one packet a line, no array":   {one + "\n" + two + "\n", "1 2", ingest.Complete, "", -1, 0},
		"nothing":                       {"[\n\n]\n", "", ingest.Empty, "", -1, 0},
		"an object without layers":      {"[" + one + `,{"_index":"x","_source":{}}]`, "1", ingest.Damaged, `expected an object with "layers"`, 139, 0},
		"ek":                            {e1 + e2, "1 2", ingest.Complete, "", -1, 0},
		"ek, CRLF":                      {strings.ReplaceAll(e1+e2, "\n", "\r\n"), "1 2", ingest.Complete, "", -1, 0},
		"ek, one line torn":             {strings.Replace(e1, "}}}", "", 1) + e2, "2", ingest.Damaged, "breaks off", 56, 0},
		"ek, a quote missing":           {strings.Replace(e1, `"1"}`, `"1}`, 1) + e2, "2", ingest.Damaged, "a line end inside a text", 56, 0},
		"ek, one line of something":     {e1 + "\x00\x01garbage\n" + e2, "1 2", ingest.Complete, "", -1, 1},
		"ek, cut":                       {e1 + e2[:80], "1", ingest.Cut, "line 4, offset 188: the export ends inside a packet", 188, 0},
		"ek, cut at a line":             {e1 + e2[:56], "1", ingest.Complete, "", -1, 0},
		"ek, deeper than anything goes": {e1 + `{"timestamp":"1","layers":` + strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000) + "}\n" + e2, "1 2", ingest.Damaged, "nested more than 500 deep", 132, 0},
		"ek, an array a million deep":   {e1 + `{"timestamp":"1","layers":{"a":` + strings.Repeat(`[`, 1e6) + strings.Repeat("]", 1e6) + "}}\n" + e2, "1 2", ingest.Damaged, "cannot be read", 132, 0},
	} {
		got, s := all(t, strings.NewReader(tt.in))
		var numbers []string
		for _, r := range got {
			numbers = append(numbers, fmt.Sprint(r.Number))
		}
		if strings.Join(numbers, " ") != tt.want || s.Status != tt.status || !strings.Contains(s.Problem, tt.says) || (tt.says == "") != (s.Problem == "") || s.Offset != tt.at || s.Noise != tt.noise {
			t.Errorf("%s: frames %v, %+v; want %s, %s, %q at %d, %d lines of noise", name, numbers, s, tt.want, tt.status, tt.says, tt.at, tt.noise)
		}
	}
}

// An error of the source is the export's.
func TestSourceFails(t *testing.T) {
	in := io.MultiReader(strings.NewReader("["+packet(`"frame":{"frame.number":"1"}`)), iotest.ErrReader(errors.New("gzip stream is damaged")))
	got, s := all(t, in)
	if len(got) != 1 || s.Status != ingest.Damaged || !strings.Contains(s.Problem, "gzip stream is damaged") {
		t.Errorf("%d records, %+v", len(got), s)
	}
}

func TestNotExport(t *testing.T) {
	for _, in := range []string{"", "[]x", "{}", `[{"layers":{}}]`, `{"_index":"x"}`, "hello\nworld\n", "\x00\x01\x02", `{"a":{"layers":1}}`, strings.Repeat("x\n", 1000) + packet("")} {
		if _, err := NewReader(strings.NewReader(in)); err != ErrNotExport {
			t.Errorf("%.30q: error %v", in, err)
		}
	}
}

// Every field of the table is found again by how -T ek spells it.
func TestNames(t *testing.T) {
	spell := func(s string) string { return strings.ReplaceAll(s, ".", "_") }
	for _, f := range field.All() {
		if f.Ours() || strings.Contains(f.Name, "_ws.col") {
			continue
		}
		protocol, _, inner := strings.Cut(f.Name, ".")
		if got := spelled(spell(f.Name)); got != f.Name {
			t.Errorf("%s is read as %s", spell(f.Name), got)
		}
		if got := spelled(protocol + "_" + spell(f.Name)); inner && got != f.Name && f.Name != "_ws.malformed" {
			t.Errorf("%s_%s is read as %s", protocol, spell(f.Name), got)
		}
	}
	for _, s := range [][]slot{ethernetSlots, vlanSlots, qinqSlots, cooked1Slots, cooked2Slots, ip4Slots, ip6Slots, fragmentSlots, udpSlots, tcpSlots, vxlanSlots, mplsSlots, arpSlots} {
		for _, x := range s {
			if got := spelled(spell(x.name)); got != x.name {
				t.Errorf("%s is read as %s", spell(x.name), got)
			}
		}
	}
}

// Versions are told by what they write.
func TestWireshark(t *testing.T) {
	for name, want := range map[string]string{"v36.json": "3.6", "v40.json": "4.0", "v42.json": "4.2", "v44.json": "4.4", "v36.ek": "3.6", "v42.ek": "4.2", "v44.ek": "4.4", "v40-e.json": ""} {
		r, err := NewReader(bytes.NewReader(sample(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Next()
		}
		if r.Wireshark() != want {
			t.Errorf("%s: %q, want %q", name, r.Wireshark(), want)
		}
	}
}

// sample reads an export of testdata, unpacked.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return b
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err == nil {
		b, err = io.ReadAll(z)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// endless is an export of n bytes or more, made as it is read.
type endless struct {
	packet, rest []byte
	left         int64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left <= 0 {
			return 0, io.EOF
		}
		e.rest = e.packet
	}
	n := copy(p, e.rest)
	e.rest, e.left = e.rest[n:], e.left-int64(n)
	return n, nil
}

// Memory does not follow the size of an export, nor does one monstrous packet take more than its bound.
func TestMemory(t *testing.T) {
	size := int64(200 << 20)
	if testing.Short() || oracle.Raced {
		size = 20 << 20
	}
	real := sample(t, "v44-x.json.gz")
	plain := bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(real), []byte("[")), []byte("]"))
	monster := []byte(`{"_index":"x","_source":{"layers":{"frame":{"frame.comment":"`)
	for name, in := range map[string]io.Reader{
		"large":               &endless{packet: append(plain, ','), left: size, rest: []byte("[")},
		"a text without end":  io.MultiReader(bytes.NewReader(monster), &endless{packet: bytes.Repeat([]byte("a"), 1000), left: size}),
		"a packet of numbers": io.MultiReader(bytes.NewReader(monster[:len(monster)-1]), &endless{packet: bytes.Repeat([]byte(`1,"a":`), 1000), left: size}),
		"no packets at all":   io.MultiReader(bytes.NewReader([]byte("[\n"+packet("")+",\n")), &endless{packet: bytes.Repeat([]byte("x"), 1000), left: size}),
		"brackets":            io.MultiReader(bytes.NewReader(monster[:len(monster)-1]), &endless{packet: bytes.Repeat([]byte(`{"a":[`), 1000), left: size}),
	} {
		runtime.GC()
		start := time.Now()
		r, err := NewReader(in)
		if err != nil {
			t.Fatal(err)
		}
		frames := NewFrames(r)
		most, n := uint64(0), 0
		for ; err == nil; n++ {
			if _, err = frames.Next(); n%500 == 0 || err != nil {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
		bound := uint64(64 << 20)
		if name != "large" {
			bound = 4 * maxObject // the window doubles, and the old one is let go of late
		}
		if most > bound {
			t.Errorf("%s: the heap grew to %d MiB", name, most>>20)
		}
		t.Logf("%s: %d MiB, %d frames, heap %d MiB, %.0f MB/s, %s", name, size>>20, n-1, most>>20, float64(size)/1e6/time.Since(start).Seconds(), frames.State().Status)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"v44.json", "v44-x.json.gz", "v44.ek", "v44-x.ek"} {
		text := sample(b, name)
		text = bytes.Repeat(text, 4<<20/len(text)+1) // joined exports
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(text))
				for err == nil {
					_, err = r.Next()
				}
			}
		})
		b.Run(name+" frames", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := NewReader(bytes.NewReader(text))
				for f := NewFrames(r); err == nil; {
					_, err = f.Next()
				}
			}
		})
	}
}
