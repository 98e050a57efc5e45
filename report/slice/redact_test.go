package slice

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/timeline"
	"icmpsift/rules"
)

// For a hand-over every frame ends behind its headers, and still says how long it was.
func TestNoPayload(t *testing.T) {
	lab := "../../testdata/lab/"
	for _, name := range []string{"exf-payload-raw.pcapng", "c2-icmpsh.pcap", "ben-frag-ping.pcap", "ben-vlan30.pcap", "ben-any-sll2.pcap", "ben-ping6.pcapng", "ben-unreach.pcap", "ben-ndp.pcapng", "tun-ptunnel-http.pcapng"} {
		all := packets(t, nil, lab+name)
		f := finding("F-all", all, func(p *ingest.Packet) bool { return p.Message() != nil })
		dir, ends := t.TempDir(), map[int64]int{} // where echo headers end, by frame
		packets(t, func(line *timeline.Timeline) {
			if err := Write(context.Background(), line, []*rules.Finding{f}, dir, Options{NoPayload: true}); err != nil {
				t.Fatal(err)
			}
			line.Each(context.Background(), func(p *ingest.Packet) {
				if _, echo := p.EchoPayload(); echo {
					if start, ok := ingest.Place(p.Message().Bytes, p.Data); ok {
						ends[p.Number] = start + 8
					}
				}
			})
		}, lab+name)
		cut := framesOf(t, filepath.Join(dir, Dir, "F-all.pcapng"))
		at := 0
		for _, p := range all {
			if p.Case.Copy || p.Fragment && p.Link.ReassembledIn == 0 || p.Message() == nil && !p.Fragment {
				continue
			}
			got := cut[at]
			at++
			if got.Wire != p.Wire || !bytes.HasPrefix(p.Data, got.Data) {
				t.Fatalf("%s: frame %d: %d bytes of %d, was %d", name, p.Number, len(got.Data), got.Wire, p.Wire)
			}
			if end, ok := ends[p.Number]; ok && len(got.Data) != end {
				t.Errorf("%s: frame %d: %d bytes are left, its echo header ends at %d", name, p.Number, len(got.Data), end)
			}
			headers := 14 + 20 // of Ethernet and IPv4
			if bytes.Equal(p.Data[12:14], []byte{0x86, 0xdd}) {
				headers = 14 + 40 + 8 // and of IPv6 and its fragment header
			}
			if p.Fragment && len(got.Data) > headers {
				t.Errorf("%s: frame %d: %d bytes of a fragment are left", name, p.Number, len(got.Data))
			}
		}
		if at != len(cut) {
			t.Errorf("%s: %d frames, want %d", name, len(cut), at)
		}
	}
}

func framesOf(t *testing.T, name string) (out []ingest.Frame) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for {
		x, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		c := *x
		c.Data = bytes.Clone(x.Data)
		out = append(out, c)
	}
}

// Packets whose headers carried something are in no file, whichever finding shows them; nor are their fragments.
func TestWithhold(t *testing.T) {
	const name = "../../testdata/lab/ben-frag-ping.pcap"
	all := packets(t, nil, name)
	whole := finding("F-all", all, func(p *ingest.Packet) bool { return p.Message() != nil })
	turn := false
	some := finding("F-some", all, func(p *ingest.Packet) bool {
		turn = turn != (p.Whole != nil)
		return p.Whole != nil && turn
	})
	if len(some.Members) == 0 {
		t.Fatal("no fragmented packet: the test tests nothing")
	}
	for carrier, withheld := range map[string]bool{"icmp.type": true, "sift.gap": true, "ip.ttl&0x0f": true, "sift.payload.length": true, "sift.payload": false, "sift.payload[8:4]": false, "sift.reply.extra": false} {
		some.Artefacts = []*rules.Artefact{{Carrier: carrier}}
		o := Options{NoPayload: true, Withhold: Withhold([]*rules.Finding{whole, some})}
		if got := o.Withhold.Packets.Total() == some.Members.Total() && !o.Holds(some); got != withheld || !o.Holds(whole) {
			t.Errorf("%s: withheld %v, want %v", carrier, got, withheld)
		}
	}
	some.Artefacts[0].Carrier = "icmp.type"
	o := Options{NoPayload: true, Withhold: Withhold([]*rules.Finding{some})}
	dir := t.TempDir()
	packets(t, func(line *timeline.Timeline) {
		if err := Write(context.Background(), line, []*rules.Finding{whole, some}, dir, o); err != nil {
			t.Fatal(err)
		}
	}, name)
	want := 0
	for _, p := range all {
		in := func(n int64) bool { return some.Frames[0].Ranges.Has(n) }
		if p.Message() != nil && !in(p.Number) || p.Fragment && p.Link.ReassembledIn != 0 && !in(p.Number) {
			want++
		}
	}
	if got := framesOf(t, filepath.Join(dir, Dir, "F-all.pcapng")); len(got) != want || want == 0 {
		t.Errorf("%d frames, want %d", len(got), want)
	}
	if _, err := os.Stat(filepath.Join(dir, Dir, "F-some.pcapng")); err == nil {
		t.Error("a file of packets that are all withheld")
	}
}
