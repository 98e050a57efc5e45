package timeline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/exchange"
	"icmpsift/ingest/timeline"
)

// outcome counts what became of the requests, replies and errors of a capture.
type outcome struct{ paired, unanswered, failed, unsolicited, differs, linked int }

func outcomes(t *testing.T, line *timeline.Timeline) map[string]outcome {
	t.Helper()
	out := map[string]outcome{}
	err := line.Each(context.Background(), func(p *ingest.Packet) {
		if p.Case.Copy {
			return
		}
		x, request := p.Exchange()
		o, r := out[x.String()], p.Case.Reply
		o.paired += truth(request && r.In > 0)
		o.unanswered += truth(r.Unanswered)
		o.failed += truth(request && r.In == 0 && r.ErrorIn > 0 && !r.Unanswered)
		o.unsolicited += truth(r.Unsolicited)
		o.differs += truth(r.Differs)
		o.linked += truth(r.ErrorTo > 0)
		out[x.String()] = o
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What tools of the lab, and in testdata/exchanges.pcap the Linux kernel, do. That capture was made in a network namespace
// with net.ipv4.icmp_echo_enable_probe=1: requests from a raw socket, replies and errors from the kernel, which returns an
// extended echo's data, leaves off what follows the stamps of a timestamp request, and knows no mask and information requests.
func TestExchangesOfTools(t *testing.T) {
	tests := []struct {
		file string
		want map[string]outcome
	}{
		{"testdata/exchanges.pcap", map[string]outcome{"echo": {paired: 1}, "timestamp": {paired: 2, failed: 2, unanswered: 1}, "extended echo": {paired: 5},
			"mask": {unanswered: 1}, "information": {unanswered: 1}, "": {linked: 2}}},
		{lab + "ben-timestamps.pcap", map[string]outcome{"timestamp": {paired: 8}, "mask": {unanswered: 1}, "information": {unanswered: 1}}},
		{lab + "rec-nmap-pp-pm.pcapng", map[string]outcome{"timestamp": {paired: 11, failed: 179, unanswered: 57}, "mask": {failed: 176, unanswered: 60}, "": {linked: 355}}},
		{lab + "ben-unreach.pcap", map[string]outcome{"echo": {failed: 5}, "": {linked: 5}}},
		{lab + "ben-mtr.pcap", map[string]outcome{"echo": {paired: 10, failed: 24}, "": {linked: 24}}},
		{lab + "ben-traceroute.pcapng", map[string]outcome{"echo": {paired: 32, failed: 18}, "": {linked: 18}}},
		{lab + "rec-trace-map.pcapng", map[string]outcome{"echo": {paired: 136, failed: 46}, "": {linked: 46}}},
		{lab + "atk-redir6.pcapng", map[string]outcome{"echo": {paired: 3}, "": {linked: 3}}},
	}
	for _, tt := range tests {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			got := outcomes(t, build(t, 64<<20, tt.file))
			for kind, o := range got {
				if o != tt.want[kind] {
					t.Errorf("%q: %+v, want %+v", kind, o, tt.want[kind])
				}
			}
			for kind := range tt.want {
				if _, ok := got[kind]; !ok {
					t.Errorf("%q: none", kind)
				}
			}
		})
	}
}

// Every error of the lab names the message that it quotes, as found the slow way: the latest one before with the same
// addresses, identification and first eight bytes.
func TestErrorsNameWhatTheyQuote(t *testing.T) {
	captures, _ := filepath.Glob(lab + "*.pcap*")
	links := 0
	for _, name := range captures {
		var sent []*ingest.Packet
		err := build(t, 64<<20, name).Each(context.Background(), func(p *ingest.Packet) {
			if p.Case.Copy || p.Message() == nil || p.IP < 0 {
				return
			}
			want := int64(0)
			for _, q := range sent {
				if p.Case.Time-q.Case.Time <= int64(exchange.Expiry) && quotes(p, q) {
					want = q.Case.Number
				}
			}
			if got := p.Case.Reply.ErrorTo; want != 0 && got != want {
				t.Errorf("%s: frame %d quotes packet %d, told is %d", name, p.Number, want, got)
			}
			links += truth(want != 0)
			if x, _ := p.Exchange(); x != ingest.NoExchange && len(sent) < 2000 {
				sent = append(sent, p.Clone())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d captures, %d links", len(captures), links)
	if len(captures) < 90 || links < 400 {
		t.Errorf("%d captures, %d links: where are the captures?", len(captures), links)
	}
}

// quotes tells whether error p quotes the very packet q.
func quotes(p, q *ingest.Packet) bool {
	if x, _ := p.Exchange(); x != ingest.NoExchange || len(q.Message().Bytes) < 8 {
		return false
	}
	want := append(q.Layers[q.IP].Src().AsSlice(), q.Layers[q.IP].Dst().AsSlice()...)
	at, length, id := 12, 20, []byte(nil)
	if q.Layers[q.IP].Proto == ingest.ProtoIPv6 {
		at, length = 8, 40
	} else {
		id = q.Layers[q.IP].Bytes[4:6]
	}
	want = append(want, q.Message().Bytes[:8]...)
	i := bytes.Index(p.Message().Bytes, want)
	return i >= at && (at == 8 || length == 20 && bytes.Equal(p.Message().Bytes[i-at+4:i-at+6], id))
}

// about is an unreachable error from a router to the template's sender, about a ping with that identifier.
func about(id uint16) []byte {
	quote := append([]byte(nil), template().Data[14:14+28]...)
	binary.BigEndian.PutUint16(quote[24:], id)
	b := append(append([]byte(nil), template().Data[:34]...), 3, 1, 0, 0, 0, 0, 0, 0)
	b = append(b, quote...)
	binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
	copy(b[26:], "\x0a\x00\x00\x09\x0a\x00\x00\x01")
	return b
}

// That a quoted message is missing is told only where the capture runs long enough, the files of a rotated one taken together.
func TestUnseen(t *testing.T) {
	var all []record
	for i := range 30 {
		all = append(all, record{time.Hour + time.Duration(i)*time.Second, template().Data})
	}
	all = append(all, record{time.Hour + 25*time.Second + 1, about(77)})
	list := append(append(append([]record(nil), all[:26]...), all[30]), all[26:30]...)
	cut := 20
	one, rest := list[:cut], list[cut:]
	tests := []struct {
		name  string
		files map[string][]record
		want  bool
	}{
		{"one file", map[string][]record{"a.pcap": list}, true},
		{"rotated", map[string][]record{"cap_1.pcap": one, "cap_2.pcap": rest}, true},
		{"rotated by tcpdump", map[string][]record{"a.pcap": one, "a.pcap1": rest}, true},
		{"not one series", map[string][]record{"a.pcap": one, "b.pcap": rest}, false},
		{"begins in the middle", map[string][]record{"a.pcap": rest}, false},
		{"a gap", map[string][]record{"a1.pcap": list[:cut-5], "a2.pcap": rest}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, records := range tt.files {
				if err := os.Rename(write(t, "x", records), filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			errors := 0
			err := build(t, 64<<20, dir).Each(context.Background(), func(p *ingest.Packet) {
				if typ, _, _ := p.Type(); typ != 3 {
					return
				}
				if errors++; p.Case.Reply.Unseen != tt.want || p.Case.Reply.ErrorTo != 0 {
					t.Errorf("%+v", p.Case.Reply)
				}
			})
			if err != nil || errors != 1 {
				t.Errorf("%d errors in the capture, %v", errors, err)
			}
		})
	}
}
