package tshark_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/oracle"
	"icmpsift/ingest/tshark"
)

func export(t testing.TB, tshark, capture string, flags ...string) []byte {
	t.Helper()
	c := exec.Command(tshark, append([]string{"-n", "-2", "-r", capture}, flags...)...)
	c.Env = append(os.Environ(), "TZ=UTC")
	out, err := c.Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%s %v: %v", tshark, flags, err)
	}
	return out
}

// untold is how many frames of a capture an export without raw bytes gives less than whole, and why.
var untold = map[string]struct {
	frames int
	why    string
}{
	"atk-quench.pcap":     {1, "a TCP header in a quote whose sequence number tshark shows relative, in a message with unused bytes"},
	"atk-redirect.pcap":   {1, "a quote that is no IP header"},
	"ben-snap64.pcap":     {48, "times in payloads cut by the snaplen: nothing proves their byte order"},
	"ben-timestamps.pcap": {1, "bytes behind an address mask request, which tshark does not show"},
	"exf-type-any.pcap":   {1062, "types that tshark does not decode: nothing behind their checksum is told"},
	"rec-nmap-os.pcap":    {7, "TCP options of a kind that tshark does not show whole"},
}

// Frames rebuilt from an export without raw bytes have the bytes that the capture has, or fewer; never others.
func TestRebuilt(t *testing.T) {
	tshark := oracle.Tshark(t)
	flags := map[string][]string{"json": {"-T", "json"}, "ek": {"-T", "ek"}}
	lab := filepath.Join("..", "..", "testdata", "lab")
	for _, name := range []string{"atk-fakera.pcapng", "atk-icmp-reset.pcap", "atk-naspoof.pcap", "atk-ptb.pcapng", "atk-quench.pcap", "atk-redir6.pcapng", "atk-redirect.pcap",
		"atk-routeradv.pcap", "ben-any-sll2.pcap", "ben-frag-ping.pcap", "ben-ndp.pcapng", "ben-ping6.pcapng", "ben-ping-pattern.pcap", "ben-snap64.pcap", "ben-timestamps.pcap",
		"ben-unreach.pcap", "ben-vlan30.pcap", "exf-tsfields.pcap", "exf-type-any.pcap", "exf6-payload.pcapng", "exf6-thc-covert.pcapng", "rec-v6-alive.pcapng"} {
		if _, odd := untold[name]; testing.Short() && !odd {
			continue
		}
		path := filepath.Join(lab, name)
		want, _ := file(t, path)
		for spelling, f := range flags {
			got, r := frames(t, bytes.NewReader(export(t, tshark, path, f...)))
			if short := compare(t, name+" as "+spelling, got, want); short != untold[name].frames {
				t.Errorf("%s as %s: %d frames not whole, want %d; %s", name, spelling, short, untold[name].frames, strings.Join(r.State().Limits, "; "))
			}
		}
	}
}

// compare counts the frames that are not whole.
func compare(t *testing.T, name string, got, want []ingest.Frame) (short int) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d frames, want %d", name, len(got), len(want))
		return
	}
	for i := range got {
		if !equal(got[i], want[i], func(a, b []byte) bool { return bytes.HasPrefix(b, a) }) {
			t.Errorf("%s:\n got %s\nwant %s", name, show(got[i]), show(want[i]))
		}
		if len(got[i].Data) < len(want[i].Data) {
			short++
		}
	}
	return short
}

// Captures of strangers, where they are at hand and asked for: a rebuilt frame never has other bytes than the capture, but where the
// tally says so.
func TestRebuiltPublic(t *testing.T) {
	public := filepath.Join("..", "..", "..", "shared", "captures", "public")
	if _, err := os.Stat(public); err != nil || os.Getenv("ICMPSIFT_TSHARK") != "all" {
		t.Skip("needs the public captures beside the repository, and ICMPSIFT_TSHARK=all, for it takes minutes")
	}
	tool := oracle.Tshark(t)
	var all, short, odd int64
	filepath.WalkDir(public, func(path string, e fs.DirEntry, err error) error {
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".zst")
		if err != nil || e.IsDir() || !strings.Contains(filepath.Ext(name), "cap") {
			return err
		}
		want, _ := file(t, path)
		out, _ := exec.Command(tool, "-n", "-2", "-r", path, "-T", "json").Output()
		r, err := tshark.NewReader(bytes.NewReader(out))
		if err != nil {
			return nil // tshark cannot read it
		}
		a, s, o := strange(t, tshark.NewFrames(r), want)
		all, short, odd = all+a, short+s, odd+o
		return nil
	})
	t.Logf("%d frames rebuilt, %d of them not to the end, %d other than in the capture as the tally says", all, short, odd)
	if all < 1000 {
		t.Errorf("only %d frames", all)
	}
}

// strange compares rebuilt frames with the capture's by number.
func strange(t *testing.T, f *tshark.Frames, want []ingest.Frame) (all, short, odd int64) {
	for {
		x, err := f.Next()
		if err != nil {
			break
		}
		if x.Number > int64(len(want)) {
			t.Errorf("frame %d of %d", x.Number, len(want))
			break
		}
		w := want[x.Number-1]
		all++
		switch {
		case bytes.HasPrefix(w.Data, x.Data) || x.Link == ingest.LinkRaw && bytes.Contains(w.Data, x.Data):
			if len(x.Data) < len(w.Data) {
				short++
			}
		default:
			odd++
		}
	}
	c := f.Tally()
	// tshark shows a length for a header without one (segmentation offload): two bytes of a frame of its own.
	if odd > c.Folded+c.Stripped+1 {
		t.Errorf("%d of %d frames are other than in the capture: %+v", odd, all, c)
	}
	return all, short, odd
}

// With raw bytes an export is as good as the capture, even where a filter left fragments out.
func TestRaw(t *testing.T) {
	tshark := oracle.Tshark(t)
	for _, name := range []string{"ben-frag-ping.pcap", "ben-any-sll2.pcap", "ben-ndp.pcapng"} {
		path := filepath.Join("..", "..", "testdata", "lab", name)
		want, _ := file(t, path)
		for _, kind := range []string{"json", "ek"} {
			got, _ := frames(t, bytes.NewReader(export(t, tshark, path, "-T", kind, "-x")))
			if short := compare(t, name+" as "+kind, got, want); short > 0 {
				t.Errorf("%s as %s: %d frames not whole", name, kind, short)
			}
		}
	}
}

// A filter on ICMP keeps only the last fragment's frame: the datagram is kept whole in it.
func TestFragmentsFilteredOut(t *testing.T) {
	tshark := oracle.Tshark(t)
	path := filepath.Join("..", "..", "testdata", "lab", "ben-frag-ping.pcap")
	for _, flags := range [][]string{{"-T", "json"}, {"-T", "ek", "-x"}} {
		got, r := frames(t, bytes.NewReader(export(t, tshark, path, append(flags, "-Y", "icmp || icmpv6")...)))
		whole := 0
		for _, f := range got {
			if f.Wire > 1514 && len(f.Data) == f.Wire {
				whole++
			}
		}
		if whole == 0 || !strings.Contains(strings.Join(r.State().Limits, "\n"), "datagrams lack fragments in the export") {
			t.Errorf("%v: %d whole datagrams, %q", flags, whole, r.State().Limits)
		}
	}
}
