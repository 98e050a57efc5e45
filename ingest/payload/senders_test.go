package payload_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest/payload"
)

// made is an entry of a table, to make payloads from.
type made struct {
	Name        string
	Kind        string
	Sizes       []int
	Resize      []int
	Parts       []map[string]any
	Holds, Ends string
}

func entries(t *testing.T, file string) []made {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Senders []made }
	if err := yaml.Unmarshal(b, &list); err != nil || len(list.Senders) < 30 {
		t.Fatalf("%s: %d entries, error %v", file, len(list.Senders), err)
	}
	return list.Senders
}

// body is what the sender puts into its i-th ping of that size.
func (m made) body(t *testing.T, i, size int) (b []byte) {
	t.Helper()
	number := func(v any) int { return int(v.(uint64)) }
	for _, part := range m.Parts {
		for key, v := range part {
			left := max(0, size-len(b))
			switch key {
			case "text":
				b = append(b, v.(string)...)
			case "hex":
				b = append(b, raw(t, v)...)
			case "byte":
				list := v.([]any)
				b = append(b, byte(number(list[i%len(list)])))
			case "repeat":
				b = append(b, alphabet(v.(string), left)...)
			case "cycle":
				b = append(b, alphabet(string(raw(t, v)), left)...)
			case "ramp":
				b = append(b, incline(v.(map[string]any), left)...)
			case "zero":
				b = append(b, make([]byte, number(v))...)
			case "any", "random":
				b = append(b, noise(number(v), uint64(i))...)
			case "time":
				b = append(b, stamp(v.(string), i)...)
			case "uuid":
				u := noise(16, uint64(i))
				u[6], u[8] = 0x40|u[6]&15, 0x80|u[8]&63
				b = append(b, u...)
			case "count":
				b = be.AppendUint32(b, uint32(size-28))
			case "rest":
				b = append(b, rest(v.(string), left, i)...)
			default:
				t.Fatalf("%s: part %q", m.Name, key)
			}
		}
	}
	b = b[:min(size, len(b))]
	holds, ends := raw(t, m.Holds), raw(t, m.Ends)
	copy(b[max(0, min(16, len(b)-len(holds))):], holds)
	copy(b[max(0, len(b)-len(ends)):], ends)
	return b
}

func rest(kind string, n, i int) []byte {
	switch kind {
	case "zero":
		return make([]byte, n)
	case "text":
		return alphabet("v1.2 ", n)
	}
	return noise(n, uint64(i+7))
}

func raw(t *testing.T, v any) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(fmt.Sprint(v), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func incline(v map[string]any, n int) []byte {
	number := func(key string, otherwise uint64) int {
		if x, ok := v[key].(uint64); ok {
			return int(x)
		}
		return int(otherwise)
	}
	from, to := number("from", 0), number("to", 255)
	b, at := make([]byte, n), number("start", uint64(from))
	for i := range b {
		if b[i] = byte(at); at == to {
			at = from
		} else {
			at++
		}
	}
	return b
}

// stamp writes a time in one of the tables' forms.
func stamp(form string, i int) []byte {
	order := binary.AppendByteOrder(le)
	if strings.HasSuffix(form, "-be") {
		order = be
	}
	seconds, fraction := uint64(now+i), uint64(1+i*7919%1_000_000)
	switch form, _, _ = strings.Cut(form, "-"); form {
	case "timeval64", "timespec64":
		return timeval(order, 8, seconds, fraction)
	case "nanoseconds64":
		return order.AppendUint64(nil, seconds*1e9+fraction)
	}
	return timeval(order, 4, seconds, fraction)
}

// What the senders of the table write is never taken for data: at their default sizes, at sizes that users ask for, whole or
// cut by a snaplen, as long as as many bytes are left as tell it.
func TestSendersAreNeverTakenForData(t *testing.T) {
	table := table(t)
	alarming := []string{payload.Unknown, payload.HighEntropy, payload.InnerIP, payload.Compressed, payload.Hex, payload.Base64, payload.KnownTool}
	for _, m := range entries(t, "stock.yaml") {
		sizes := slices.Clone(m.Sizes)
		if len(m.Resize) == 2 {
			for _, n := range []int{32, 64, 100, 512, 1000, 1400, 1472, 8000, 65507} {
				if n >= m.Resize[0]+8 && n <= m.Resize[1] {
					sizes = append(sizes, n)
				}
			}
		}
		for _, size := range sizes {
			for i := range 8 {
				b := m.body(t, i, size)
				for _, left := range []int{size, 96, 54, 40} { // bytes that captures of whole frames, and of 128, 96, 82 bytes hold
					cut := b[:min(left, len(b))]
					facts := table.Classify(cut, len(b))
					if slices.Contains(alarming, facts.Class) && (len(cut) == len(b) || left > 40) {
						t.Errorf("%s, %d bytes, %d captured: %s, tool %q: %x", m.Name, size, len(cut), facts.Class, facts.Tool, cut[:min(40, len(cut))])
					}
					if facts.Tool != "" {
						t.Errorf("%s, %d bytes: taken for %s", m.Name, size, facts.Tool)
					}
				}
			}
		}
	}
}

// Each tool is known by what it writes, and no program that pings is taken for one.
func TestToolsAreKnown(t *testing.T) {
	table := table(t)
	for _, m := range entries(t, "tools.yaml") {
		sizes := m.Sizes
		if len(m.Resize) == 2 {
			sizes = append(sizes, m.Resize...)
		}
		if len(sizes) == 0 {
			sizes = []int{60, 200, 1052}
		}
		for _, size := range sizes {
			for i := range 20 {
				b := m.body(t, i, size)
				facts := table.Classify(b, len(b))
				if m.Name == "hanc" && facts.Tool == "hans client" {
					continue // which is tried before
				}
				if facts.Class != payload.KnownTool || facts.Tool != m.Name || facts.Stock != "" {
					t.Errorf("%s, %d bytes: %s, tool %q, stock %q: %x", m.Name, size, facts.Class, facts.Tool, facts.Stock, b[:min(40, len(b))])
				}
				if b[0]++; m.Parts[0]["any"] == nil && m.Parts[0]["rest"] == nil {
					if facts := table.Classify(b, len(b)); facts.Tool == m.Name && m.Parts[0]["byte"] == nil {
						t.Errorf("%s: known though its first byte is another", m.Name)
					}
				}
			}
		}
	}
}

// A tool's payload may be cut by the snaplen as long as its magic is there.
func TestToolsAreKnownWhenCut(t *testing.T) {
	table := table(t)
	for text, want := range map[string]string{"hanc\x07": "hans client", "TUNL\x03\x45": "icmptunnel (jamesbarlow)", "RQ47": "CS-EXTC2-ICMP", "hans": "hans server", "TUN": "", "han": ""} {
		if facts := table.Classify([]byte(text), 1000); facts.Tool != want {
			t.Errorf("%q of 1000 bytes: %q, want %q", text, facts.Tool, want)
		}
	}
}
