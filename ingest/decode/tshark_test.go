package decode_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/oracle"
)

var oracleFields = []string{"frame.number", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "icmp.type", "icmp.code",
	"icmp.checksum.status", "icmpv6.type", "icmpv6.code", "icmpv6.checksum.status", "_ws.malformed",
	"_ws.short", "ip.fragment", "ipv6.fragment", "ip.reassembled.length", "ipv6.reassembled.length",
	"ip.fragment.error", "ipv6.fragment.error"}

// tsharkIfAny is tshark, "" on a machine without it that need not have it.
func tsharkIfAny(t *testing.T) (path string) {
	t.Run("tshark", func(t *testing.T) { path = oracle.Tshark(t) })
	return path
}

// TestTshark compares every frame of captures with tshark -2.
func TestTshark(t *testing.T) {
	bin := oracle.Tshark(t)
	for _, file := range captures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) { t.Parallel(); compare(t, bin, file) })
	}
}

// captures lists testdata and the shared reference captures where they are present; with ICMPSIFT_TSHARK=all the shared
// lab and public captures too, which takes minutes.
func captures(t *testing.T) []string {
	t.Helper()
	files, _ := filepath.Glob("testdata/*.pcap*")
	shared := filepath.Join("..", "..", "..", "shared")
	if _, err := os.Stat(shared); err != nil {
		t.Log("no ../shared beside the module: testdata only")
		return files
	}
	patterns := []string{"reference/wireshark/*.pcap"}
	if os.Getenv("ICMPSIFT_TSHARK") == "all" {
		patterns = append(patterns, "captures/lab/*.pcap*", "captures/public/*/*")
	}
	for _, pattern := range patterns {
		found, _ := filepath.Glob(filepath.Join(shared, pattern))
		files = append(files, found...)
	}
	return files
}

func compare(t *testing.T, bin, file string) {
	want, err := tsharks(bin, file)
	if err != nil {
		t.Skipf("tshark cannot read it: %v", err)
	}
	var skipped, wrong int
	each(t, file, func(d *decode.Decoder, f *ingest.Frame, p *ingest.Packet) {
		check(t, d, f, p)
		if f.Salvaged {
			return
		}
		w, ok := want[f.Number]
		if ok && p.ICMP < 0 {
			w[12], w[13] = "", "" // problems are compared where there is a message
		}
		switch got := row(p); {
		case !ok:
			t.Errorf("frame %d: tshark does not have it", f.Number)
		case deeper(w[1]) || gaveUp(w):
			skipped++
		case !slices.Equal(got, tidy(w)):
			if wrong++; wrong <= 5 {
				t.Errorf("frame %d (problems %b):\n got  %q\n want %q\n from %q", f.Number, p.Problems, got, tidy(w), w[1])
			}
		}
		delete(want, f.Number)
	})
	if len(want) > 0 {
		t.Errorf("%d frames of tshark were not read", len(want))
	}
	if skipped > 0 {
		t.Logf("%d frames not compared: protocols that are not decoded", skipped)
	}
}

// each decodes every frame of a capture file.
func each(t *testing.T, file string, f func(*decode.Decoder, *ingest.Frame, *ingest.Packet)) {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := capture.NewReader(in)
	if err != nil {
		t.Skipf("cannot read: %v", err)
	}
	var p ingest.Packet
	for d := decode.New(decode.Options{}); ; {
		frame, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Logf("reading: %v", err)
			return
		}
		d.Decode(frame, &p)
		f(d, frame, &p)
	}
}

// tsharks are the rows of tshark.
func tsharks(bin, file string) (map[int64][]string, error) {
	args := []string{"-n", "-2", "-r", file, "-T", "fields", "-E", "occurrence=a", "-E", "separator=|"}
	for _, f := range oracleFields {
		args = append(args, "-e", f)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(bin, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	rows := map[int64][]string{}
	for line := range strings.Lines(string(out)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		n, _ := strconv.ParseInt(cells[0], 10, 64)
		rows[n] = cells
	}
	if err != nil && len(rows) == 0 {
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	return rows, nil
}

// compared are the protocols both sides name; tshark names many more above UDP and TCP.
var compared = []string{"eth", "vlan", "ieee8021ad", "ip", "ipv6", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts", "ah", "gre",
	"icmp", "icmpv6", "vxlan", "geneve", "teredo", "erspan", "mpls", "pppoes", "arp"}

// gaveUp tells whether tshark stopped in IPv6 options, as 4.4 does where the options of a covert channel make no sense.
// What comes behind them is where the channel is: this decoder goes on.
func gaveUp(w []string) bool {
	return strings.HasSuffix(w[1], "opts") && strings.Contains(w[12], "[Malformed Packet: IPv6")
}

// deeper tells whether tshark went through a protocol that this decoder does not know.
func deeper(protocols string) bool {
	for p := range strings.SplitSeq(protocols, ":") {
		switch p {
		case "pwethheuristic", "hip", "mstp", "rtcp", "lisp":
			return true
		}
	}
	return false
}

func tidy(w []string) []string {
	out := slices.Clone(w[1:])
	var names []string
	for p := range strings.SplitSeq(w[1], ":") {
		if slices.Contains(compared, p) {
			names = append(names, p)
		}
	}
	if n := len(names); n > 0 && names[n-1] == "icmp" && out[5] == "" && slices.Contains(names, "icmpv6") {
		names = names[:n-1] // an RFC 4884 extension in ICMPv6 shows up as "icmp" without fields
	}
	out[0] = unlabelled(strings.Join(names, ":"))
	out[13], out[14] = frames(out[13], out[17]), frames(out[14], out[18]) // an overlapping fragment is listed as an error
	out = out[:17]
	switch m := out[12]; {
	case strings.Contains(m, "ICMP"), strings.Contains(m, "IPv4"), strings.Contains(m, "IPv6"): // a cut quote is told of its IP header's dissector
		out[12] = "short"
	default:
		out[12] = ""
	}
	switch m := out[11]; {
	case strings.Contains(m, "[Malformed Packet: ICMP"), strings.Contains(m, "[Malformed Packet: IP"):
		out[11] = "Malformed Packet"
	default: // an application's
		out[11] = ""
	}
	return out
}

// unlabelled leaves out IP right below MPLS, which Wireshark 4.4 does not name.
func unlabelled(names string) string {
	return belowMPLS.ReplaceAllString(names, "mpls$1")
}

var belowMPLS = regexp.MustCompile(`mpls:(?:ip|ipv6)(:|$)`)

func row(p *ingest.Packet) []string {
	cells := make([][]string, len(oracleFields)-3)
	put := func(i int, v any) { cells[i] = append(cells[i], fmt.Sprint(v)) }
	for _, l := range p.Layers {
		stacked := l.Proto == ingest.ProtoMPLS && l.Parent >= 0 && p.Layers[l.Parent].Proto == ingest.ProtoMPLS // one item in tshark
		if slices.Contains(compared, l.Proto.String()) && !stacked {
			cells[0] = append(cells[0], l.Proto.String())
		}
		switch l.Proto {
		case ingest.ProtoIPv4, ingest.ProtoIPv6:
			at := 1
			if l.Proto == ingest.ProtoIPv6 {
				at = 3
			}
			for i, a := range []netip.Addr{l.Src(), l.Dst()} {
				if a.IsValid() {
					put(at+i, a)
				}
			}
		case ingest.ProtoICMPv4, ingest.ProtoICMPv6:
			at, enough := 5, 6
			if l.Proto == ingest.ProtoICMPv6 {
				at, enough = 8, 4
			}
			if len(l.Bytes) >= enough {
				put(at, l.Bytes[0])
				put(at+1, l.Bytes[1])
				put(at+2, int(l.Checksum))
			}
		}
	}
	if p.Problems&ingest.Malformed != 0 && p.ICMP >= 0 {
		put(11, "Malformed Packet")
	}
	if p.Problems&ingest.Short != 0 && p.ICMP >= 0 {
		put(12, "short")
	}
	for w := p.Whole; w != nil; w = w.Inner {
		at := 13
		if p.Layers[wholeIn(p)].Proto == ingest.ProtoIPv6Fragment {
			at = 14
		}
		cells[at] = append(cells[at], frames(strings.Trim(fmt.Sprint(w.Frames), "[]")))
		put(at+2, len(w.Payload))
	}
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.Join(c, ",")
	}
	out[0] = unlabelled(strings.Join(cells[0], ":"))
	return out
}

// wholeIn is the layer that the reassembled datagram stands in: the one whose payload it is not.
func wholeIn(p *ingest.Packet) int {
	for i, l := range p.Layers {
		fragment := l.Proto == ingest.ProtoIPv6Fragment && (l.Bytes[3]&0xf9|l.Bytes[2]) != 0
		if fragment || l.Proto == ingest.ProtoIPv4 && (l.Bytes[6]&0x3f|l.Bytes[7]) != 0 {
			return i
		}
	}
	return 0
}

// frames sorts frame numbers, by their text.
func frames(lists ...string) string {
	f := strings.FieldsFunc(strings.Join(lists, ","), func(r rune) bool { return r == ',' || r == ' ' })
	slices.Sort(f)
	return strings.Join(f, ",")
}

// TestTsharkBuilt compares the built frames of the table tests, a capture for each link type.
func TestTsharkBuilt(t *testing.T) {
	bin := oracle.Tshark(t)
	frames := map[ingest.LinkType][][]byte{}
	for _, tt := range layerTests {
		if decode.Supported(tt.link) {
			frames[tt.link] = append(frames[tt.link], tt.bytes)
		}
	}
	for link, frames := range frames {
		t.Run(fmt.Sprint(link), func(t *testing.T) { compare(t, bin, written(t, link, frames)) })
	}
}

// written writes frames to a capture file.
func written(t *testing.T, link ingest.LinkType, frames [][]byte) string {
	t.Helper()
	b := join(le32(0xa1b2c3d4), []byte{2, 0, 4, 0}, le32(0), le32(0), le32(1<<16), le32(int(link)))
	for _, f := range frames {
		b = join(b, le32(1), le32(0), le32(len(f)), le32(len(f)), f)
	}
	file := filepath.Join(t.TempDir(), fmt.Sprintf("link%d.pcap", uint16(link)))
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
