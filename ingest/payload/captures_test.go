package payload_test

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/payload"
)

// ordinary are the classes an honest pinger's payload may have.
var ordinary = map[string]bool{payload.Empty: true, payload.Stock: true, payload.StockResized: true, payload.StockPattern: true,
	payload.KnownVendor: true, payload.Zero: true, payload.Ramp: true}

// echo is an echo payload of a capture.
type echo struct {
	frame   int64
	request bool
	bytes   []byte
	facts   ingest.PayloadFacts
}

// echoes classifies every echo payload of a capture.
func echoes(t *testing.T, table *payload.Table, path string) (out []echo) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	d, p := decode.New(decode.Options{}), &ingest.Packet{}
	for {
		frame, err := r.Next()
		if err == io.EOF {
			return out
		}
		d.Decode(frame, p)
		if b, ok := p.EchoPayload(); ok {
			request, _ := p.Echo()
			facts := table.Classify(b, p.Message().Reported-8)
			out = append(out, echo{frame.Number, request, append([]byte(nil), b...), facts})
		}
	}
}

// captures are the lab captures of the kinds named, from testdata and, when it is there, from the shared folder.
func captures(t *testing.T, patterns ...string) (paths []string) {
	t.Helper()
	shared := filepath.Join("..", "..", "..", "shared", "captures")
	for _, folder := range []string{"testdata", filepath.Join(shared, "lab"), filepath.Join(shared, "case")} {
		for _, p := range patterns {
			found, _ := filepath.Glob(filepath.Join(folder, p+".pcap*"))
			paths = append(paths, found...)
		}
	}
	if _, err := os.Stat(shared); err != nil {
		t.Logf("no %s: only testdata is checked", shared)
	}
	if len(paths) == 0 {
		t.Fatalf("no capture like %v", patterns)
	}
	return paths
}

func TestHonestPingersAreOrdinary(t *testing.T) {
	table := table(t)
	seen := map[string]bool{}
	for _, path := range captures(t, "ben-*", "rec-*", "day1/office-*", "day1/switch/*") {
		for _, e := range echoes(t, table, path) {
			seen[e.facts.Stock] = true
			if !ordinary[e.facts.Class] {
				t.Errorf("%s frame %d: %+v\n%x", path, e.frame, e.facts, e.bytes)
			}
		}
	}
	for _, name := range []string{"iputils ping", "Windows ping", "GNU inetutils ping", "mtr", "liboping", "nmap -O", "Linux traceroute -I"} {
		if !seen[name] {
			t.Errorf("no payload of %s seen", name)
		}
	}
}

// Payloads that carried a file, a tunnel or a shell are not ordinary. Chunks that are nothing but one byte repeated (a
// stretch of zeros in a file) may be.
func TestCarriersAreNotOrdinary(t *testing.T) {
	table := table(t)
	for _, path := range captures(t, "exf-payload*", "exf-hping*", "exf-nping", "exf-reply*", "tun-*", "c2-*") {
		hostile := hostileFrames(t, path)
		carried := 0
		for _, e := range echoes(t, table, path) {
			if !hostile[e.frame] || e.facts.Class == payload.Empty {
				continue
			}
			carried++
			if ordinary[e.facts.Class] && payload.Entropy(e.bytes) > 0 {
				t.Errorf("%s frame %d: %+v\n%x", path, e.frame, e.facts, e.bytes)
			}
		}
		if carried == 0 {
			t.Errorf("%s: no frame checked", path)
		}
	}
}

func TestPatternsOfPingAreSeen(t *testing.T) {
	table := table(t)
	for _, path := range captures(t, "exf-ping-p*") {
		for _, e := range echoes(t, table, path) {
			if e.facts.Class != payload.StockPattern || e.facts.Stock != "iputils ping" {
				t.Errorf("%s frame %d: %+v", path, e.frame, e.facts)
			}
		}
	}
}

// hostileFrames reads the frame numbers of a capture's findings from the description beside it.
func hostileFrames(t *testing.T, path string) map[int64]bool {
	t.Helper()
	folder, name := filepath.Split(path)
	base, _, _ := strings.Cut(name, ".")
	data, err := os.ReadFile(filepath.Join(folder, base+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Expected []struct {
			Frames  struct{ Ranges string }
			Verdict string
		}
	}
	if err := yaml.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	frames := map[int64]bool{}
	for _, e := range truth.Expected {
		for _, r := range strings.Split(e.Frames.Ranges, ",") {
			first, last, _ := strings.Cut(r, "-")
			a, _ := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
			b, err := strconv.ParseInt(strings.TrimSpace(last), 10, 64)
			if err != nil {
				b = a
			}
			for ; a <= b && e.Verdict != "benign"; a++ {
				frames[a] = true
			}
		}
	}
	return frames
}
