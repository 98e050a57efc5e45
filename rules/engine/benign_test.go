package engine_test

import (
	"cmp"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest/oracle"
	"icmpsift/rules"
)

// sender is an entry of ingest/payload/stock.yaml; see there.
type sender struct {
	Name   string
	Sizes  []int
	Resize []int
	Parts  []map[string]any
	Holds  string
}

func stockSenders(t *testing.T) []sender {
	t.Helper()
	b, err := os.ReadFile("../../ingest/payload/stock.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Senders []sender }
	if err := yaml.Unmarshal(b, &list); err != nil || len(list.Senders) < 40 {
		t.Fatalf("%d senders, error %v", len(list.Senders), err)
	}
	return list.Senders
}

// sizes are those it sends by default, and some its user can ask for.
func (s sender) sizes() []int {
	out := slices.Clone(s.Sizes)
	if len(s.Resize) == 2 {
		out = append(out, s.Resize[0], min(s.Resize[0]+41, s.Resize[1]), min(s.Resize[1], 1400))
	}
	return out
}

// body is the payload of the i-th ping.
func (s sender) body(t *testing.T, i, size int) (b []byte) {
	t.Helper()
	for _, part := range s.Parts {
		for key, v := range part {
			left := max(0, size-len(b))
			switch key {
			case "text":
				b = append(b, v.(string)...)
			case "hex":
				b = append(b, unhex(t, v)...)
			case "repeat":
				b = append(b, repeat(v.(string), left)...)
			case "cycle":
				b = append(b, repeat(string(unhex(t, v)), left)...)
			case "ramp":
				b = append(b, ramp(v.(map[string]any), left)...)
			case "zero":
				b = append(b, make([]byte, v.(uint64))...)
			case "any":
				b = append(b, random(int(v.(uint64)), int64(i))...)
			case "random":
				b = append(b, hash(i, int(v.(uint64)))...)
			case "time":
				b = append(b, clock(v.(string), i)...)
			case "uuid":
				u := random(16, int64(i))
				u[6], u[8] = 0x40|u[6]&15, 0x80|u[8]&63
				b = append(b, u...)
			case "rest":
				b = append(b, repeat(map[string]string{"zero": "\x00", "text": "v1.2 ", "any": "\x01\x80 \xff"}[v.(string)], left)...)
			default:
				t.Fatalf("%s: part %q", s.Name, key)
			}
		}
	}
	b = b[:min(size, len(b))]
	holds := unhex(t, s.Holds)
	copy(b[max(0, min(16, len(b)-len(holds))):], holds)
	return b
}

func unhex(t *testing.T, v any) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(fmt.Sprint(v), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ramp(v map[string]any, n int) []byte {
	number := func(key string, otherwise uint64) uint64 {
		if x, ok := v[key].(uint64); ok {
			return x
		}
		return otherwise
	}
	from, to := number("from", 0), number("to", 255)
	b, at := make([]byte, n), number("start", from)
	for i := range b {
		if b[i] = byte(at); at == to {
			at = from
		} else {
			at++
		}
	}
	return b
}

func hash(i, n int) []byte {
	b := sha512.Sum512(fmt.Append(nil, i))
	return b[:n]
}

// clock writes a time in one of the table's forms.
func clock(form string, i int) []byte {
	order := binary.AppendByteOrder(binary.LittleEndian)
	if strings.HasSuffix(form, "-be") {
		order = binary.BigEndian
	}
	seconds, fraction := uint64(1795338000+i), uint64(i*7919%1_000_000)
	switch form, _, _ = strings.Cut(form, "-"); form {
	case "timeval64", "timespec64":
		return order.AppendUint64(order.AppendUint64(nil, seconds), fraction)
	case "nanoseconds64":
		return order.AppendUint64(nil, seconds*1e9+fraction)
	}
	return order.AppendUint32(order.AppendUint32(nil, uint32(seconds)), uint32(fraction))
}

func repeat(s string, n int) []byte { return []byte(strings.Repeat(s, n/len(s)+1)[:n]) }

// exchange is forty pings, as captured: both directions, or one of them only.
func exchange(direction string, body func(i int) []byte) (list []sent) {
	for i := range 40 {
		b, at := body(i), time.Duration(i)*time.Second
		if direction != "replies" {
			list = append(list, sent{at: at, src: inside, dst: outside, message: echo(8, 77, uint16(i), b)})
		}
		if direction != "requests" {
			list = append(list, sent{at: at + 9e6, src: outside, dst: inside, ttl: 54, message: echo(0, 77, uint16(i), b)})
		}
	}
	return list
}

func quiet(t *testing.T, what string, list []sent) {
	t.Helper()
	c := facts(t)
	for _, f := range judge(t, pack(t, c), c, write(t, list)).Findings {
		if f.Level >= rules.Medium {
			t.Errorf("%s: %s with %d packets", what, f.Rule.Name, f.Packets)
		}
	}
}

// What stock programs send, captured in both directions or one only, is no finding at medium or above.
func TestStockPingsAreQuiet(t *testing.T) {
	for _, s := range oracle.Sample(t, stockSenders(t), 8) {
		for _, size := range s.sizes() {
			for _, direction := range []string{"both", "requests", "replies"} {
				quiet(t, fmt.Sprintf("%s, %d bytes, %s", s.Name, size, direction), exchange(direction, func(i int) []byte { return s.body(t, i, size) }))
			}
		}
	}
}

// The thresholds hold: just below, nothing; at it, a finding.
func TestNearMisses(t *testing.T) {
	c := facts(t)
	sweep := func(n int, step time.Duration) (out []sent) {
		for i := range n {
			out = append(out, shift(pings(1, inside, fmt.Sprintf("10.1.2.%d", i+1)), time.Duration(i)*step)...)
		}
		return out
	}
	types := func(n int) (out []sent) {
		for i := range 40 {
			out = append(out, shift(every(0, inside, outside, [][]byte{echo(byte(60+i%n), 0, 0, nil)}), time.Duration(i)*time.Second)...)
		}
		return out
	}
	payloads := func(n int) (out []sent) {
		for i := range 40 {
			out = append(out, shift(every(0, inside, outside, [][]byte{echo(8, 1, uint16(i), []byte([]string{"it is the first", "then comes a second", "and a third one", "four of them by now", "that is all there is"}[i%n]))}), time.Duration(i)*time.Second)...)
		}
		return out
	}
	differing := func(n int, src, dst string) (out []sent) {
		for i := range 20 {
			at, reply := time.Duration(i)*time.Second, []byte("the very same text")
			if i < n {
				reply = fmt.Appendf(nil, "other words, try %d", i)
			}
			out = append(out, sent{at: at, src: dst, dst: src, message: echo(8, 1, uint16(i), []byte("the very same text"))},
				sent{at: at + 5e6, src: src, dst: dst, message: echo(0, 1, uint16(i), reply)})
		}
		return out
	}
	routers := func(n int) (out []sent) {
		for i := range 12 {
			quoted := sent{src: inside, dst: outside, ttl: 1, message: echo(8, 3, uint16(i), nil)}.packet()
			out = append(out, sent{at: time.Duration(i) * time.Second, src: fmt.Sprintf("172.16.%d.1", i%n), dst: inside, message: echo(11, 0, 0, quoted)})
		}
		return out
	}
	for name, tt := range map[string]struct {
		rule       string
		near, over []sent
	}{
		"hosts":             {"icmp-host-contacts", sweep(9, time.Second), sweep(10, time.Second)},
		"hosts, too slow":   {"icmp-host-contacts", sweep(20, 161*time.Minute), sweep(20, 160*time.Minute)},
		"odd types":         {"icmp-exfil-type", types(4), types(5)},
		"payloads":          {"icmp-exfil-payload", payloads(4), payloads(5)},
		"replies, outbound": {"icmp-exfil-reply", differing(1, inside, outside), differing(2, inside, outside)},
		"replies, inbound":  {"icmp-tunnel-reply", differing(1, outside, inside), differing(2, outside, inside)},
		"routers":           {"icmp-traceroute", routers(2), routers(3)},
	} {
		t.Run(name, func(t *testing.T) {
			if n := count(judge(t, pack(t, c), c, write(t, tt.near)), tt.rule); n != 0 {
				t.Errorf("near miss: %d findings of %s", n, tt.rule)
			}
			if n := count(judge(t, pack(t, c), c, write(t, tt.over)), tt.rule); n != 1 {
				t.Errorf("over the threshold: %d findings of %s, want 1", n, tt.rule)
			}
		})
	}
}

func count(j judged, rule string) (n int) {
	for _, f := range j.Findings {
		if f.Rule.Name == rule {
			n++
		}
	}
	return n
}

// A monitor that no table knows writes a number into its pings: that is told, and no alarm.
func TestMonitorsWithCountersAreLow(t *testing.T) {
	c := facts(t)
	for name, body := range map[string]func(i int) []byte{
		"product, binary":              func(i int) []byte { return binary.BigEndian.AppendUint32([]byte("NetMon\x00\x00"), uint32(i+250)) },
		"product, little-endian":       func(i int) []byte { return binary.LittleEndian.AppendUint32([]byte("NetMon\x00\x00"), uint32(i+65530)) },
		"text with a number":           func(i int) []byte { return fmt.Appendf(nil, "monitor check %06d", i+80) },
		"text, the number grows":       func(i int) []byte { return fmt.Appendf(nil, "check %d of this host", i+80) },
		"ramp behind a counter":        func(i int) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(i)), ramp(nil, 28)...) },
		"nanoseconds, zeros":           func(i int) []byte { return append(clock("nanoseconds64-be", i), make([]byte, 24)...) },
		"nanoseconds, text":            func(i int) []byte { return append(clock("nanoseconds64-le", i), "is the host up?"...) },
		"a clock, and bytes that stay": func(i int) []byte { return append(clock("timeval64-le", 60*i), hash(7, 40)...) },
		"text with the time of day": func(i int) []byte {
			return []byte(time.Unix(1795860000+int64(30*i), 0).UTC().Format("probe of 2006-01-02T15:04:05Z"))
		},
		"a number and microseconds": func(i int) []byte {
			return append(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32([]byte("LINK"), uint32(i+250)), uint64(1795860000123456+i*1000321)), make([]byte, 16)...)
		},
		"a number and microseconds, little-endian": func(i int) []byte {
			return append(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32([]byte("LINK"), uint32(i+250)), uint64(1795860000123456+i*1000321)), make([]byte, 16)...)
		},
		"a number and the time in JSON": func(i int) []byte {
			return fmt.Appendf(nil, `{"agent":"netprobe-7","v":"2.4.1","seq":%d,"ts":%d}`, i+3, 1795860000+30*i)
		},
		"three numbers":             func(i int) []byte { return fmt.Appendf(nil, "probe %d up %d s since %d.", i+1, 30*i+7, 1795860000+i) },
		"counter, every third lost": func(i int) []byte { return fmt.Appendf(nil, "monitor check %06d", i+i/2) },
	} {
		quiet(t, name, exchange("both", body))
		j := judge(t, pack(t, c), c, write(t, exchange("requests", body)))
		if n := count(j, "icmp-exfil-payload"); n > 1 || len(j.Artefacts) != 0 {
			t.Errorf("%s: %d findings, want it told once at most; %d artefacts", name, n, len(j.Artefacts))
		}
	}
}

// TestLineTestsOfFew: random bytes to two targets in turn are a line test; to one, or for a time of its own to each, they may be a file.
func TestLineTestsOfFew(t *testing.T) {
	c := facts(t)
	for name, test := range map[string]struct {
		counts []int
		low    bool
	}{"two in turn": {[]int{20, 20}, true}, "one": {[]int{20}, false}, "two files": {[]int{20, 33}, false}} {
		var list []sent
		for host, n := range test.counts {
			for i := range n {
				to, at, b := fmt.Sprintf("203.0.113.%d", 60+host), time.Duration(i)*300*time.Millisecond+time.Duration(host)*10*time.Millisecond, random(120, int64(1000*host+i))
				list = append(list, sent{at: at, src: inside, dst: to, message: echo(8, 77, uint16(i*len(test.counts)+host), b)}, sent{at: at + 9e6, src: to, dst: inside, message: echo(0, 77, uint16(i*len(test.counts)+host), b)})
			}
		}
		slices.SortStableFunc(list, func(a, b sent) int { return cmp.Compare(a.at, b.at) })
		j := judge(t, pack(t, c), c, write(t, list))
		lowOnly(t, name, j, test.low)
	}
}

// lowOnly wants no finding above low and no file; or, where that is not so, a finding.
func lowOnly(t *testing.T, name string, r judged, low bool) {
	t.Helper()
	alarms := len(r.AtLeast(rules.Medium))
	if (alarms == 0) != low || low && len(r.Artefacts) > 0 {
		t.Errorf("%s: %d findings at medium or above, %d artefacts", name, alarms, len(r.Artefacts))
	}
}

// Random bytes that come in rounds, each by a process of its own, are a test on a schedule; a file's last round is as short as what is left of it, and
// who takes it out seldom begins to count anew.
func TestLineTestsOnASchedule(t *testing.T) {
	c := facts(t)
	for name, test := range map[string]struct {
		rounds []int
		step   time.Duration
		ident  int // how much the identifier goes on from round to round
		low    bool
	}{
		"rounds":          {[]int{20, 20, 20, 20}, time.Minute, 1, true},
		"a packet lost":   {[]int{20, 20, 19, 20}, time.Minute, 1, true},
		"what is left":    {[]int{20, 20, 20, 7}, time.Minute, 1, false},
		"two rounds":      {[]int{20, 20}, time.Minute, 1, false},
		"one process":     {[]int{20, 20, 20, 20}, time.Minute, 0, false},
		"short of a file": {[]int{2, 2, 2, 2}, time.Minute, 1, false},
	} {
		var list []sent
		for r, n := range test.rounds {
			for i := range n {
				at, id, b := time.Duration(r)*test.step+time.Duration(i)*50*time.Millisecond, uint16(700+r*test.ident), random(90, int64(1000*r+i))
				list = append(list, sent{at: at, src: inside, dst: outside, message: echo(8, id, uint16(i), b)}, sent{at: at + 9e6, src: outside, dst: inside, message: echo(0, id, uint16(i), b)})
			}
		}
		j := judge(t, pack(t, c), c, write(t, list))
		lowOnly(t, name, j, test.low)
	}
}

// Answers to monitors are no findings of their own, whether the questions were captured in part or not at all.
func TestAnswersToMonitorsAreQuiet(t *testing.T) {
	c := facts(t)
	for name, body := range map[string]func(host, i int) []byte{
		"random": func(host, i int) []byte { return random(56, int64(100*host+i)) },
		"number": func(_, i int) []byte { return fmt.Appendf(nil, "monitor check %06d", i+80) },
	} {
		for _, lost := range []int{1, 3} { // every question, every third
			var list []sent
			for host := range 6 {
				for i := range 40 {
					to, at, b := fmt.Sprintf("10.20.9.%d", host), time.Duration(i)*time.Minute+time.Duration(host)*time.Second, body(host, i)
					if i%lost != 0 {
						list = append(list, sent{at: at, src: inside, dst: to, message: echo(8, 77, uint16(i), b)})
					}
					list = append(list, sent{at: at + 9e6, src: to, dst: inside, message: echo(0, 77, uint16(i), b)})
				}
			}
			low := 0
			for _, f := range judge(t, pack(t, c), c, write(t, list)).Findings {
				if f.Level >= rules.Medium {
					t.Errorf("%s, one in %d lost: %s from %s to %s is %s", name, lost, f.Rule.Name, f.Src, f.Dst, f.Level)
				}
				if f.Level == rules.Low {
					low++
				}
			}
			if low > 1 {
				t.Errorf("%s, one in %d lost: %d findings at low", name, lost, low)
			}
		}
	}
}

// What merely holds a number among other bytes that change, or short data in a constant frame, is no counter.
func TestDataIsNoCounter(t *testing.T) {
	c := facts(t)
	secret := []byte(strings.Repeat("user anna, password correct-horse; ", 8))
	for name, body := range map[string]func(i int) []byte{
		"index and data":        func(i int) []byte { return fmt.Appendf(nil, "%06d:%s", i, hex.EncodeToString(hash(i, 12))) },
		"four bytes in a frame": func(i int) []byte { return fmt.Appendf(nil, "keep-alive [%s] keep-alive", secret[4*i:4*i+4]) },
		"a number, and eight bytes in a frame": func(i int) []byte {
			return append(append(binary.BigEndian.AppendUint32([]byte("LINK"), uint32(i+250)), hash(i, 8)...), make([]byte, 16)...)
		},
		"a clock, and data": func(i int) []byte { return append(clock("timeval64-le", 60*i), secret[4*i:4*i+4]...) },
		"a number, and data in figures": func(i int) []byte {
			return fmt.Appendf(nil, "check %d of this line: %03d %03d %03d", i+100, secret[3*i], secret[3*i+1], secret[3*i+2])
		},
		"one byte in a frame": func(i int) []byte { return fmt.Appendf(nil, "keep-alive [%c] keep-alive", secret[i]) },
		"random in a frame":   func(i int) []byte { return fmt.Appendf(nil, "keep-alive [%s] keep-alive", hash(i, 8)) },
	} {
		level := rules.Informational
		for _, f := range judge(t, pack(t, c), c, write(t, exchange("requests", body))).Findings {
			level = max(level, f.Level)
		}
		if level != rules.High {
			t.Errorf("%s: level %s, want high", name, level)
		}
	}
}
