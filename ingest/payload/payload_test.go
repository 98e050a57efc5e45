package payload_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/payload"
)

func table(t testing.TB) *payload.Table {
	t.Helper()
	table, err := payload.NewTable()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func ramp(start, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(start + i)
	}
	return b
}

// timeval is seconds and a fraction in the given width and order.
func timeval(order binary.AppendByteOrder, width int, seconds, fraction uint64) []byte {
	if width == 4 {
		return order.AppendUint32(order.AppendUint32(nil, uint32(seconds)), uint32(fraction))
	}
	return order.AppendUint64(order.AppendUint64(nil, seconds), fraction)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func alphabet(letters string, n int) []byte {
	return []byte(strings.Repeat(letters, n/len(letters)+1)[:n])
}

// noise is bytes that look random and stay the same.
func noise(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

const now = 1795343077 // 2026-11-22

var (
	le, be   = binary.LittleEndian, binary.BigEndian
	time64   = timeval(le, 8, now, 296984)
	windows  = "abcdefghijklmnopqrstuvw"
	ipv4Head = []byte("\x45\x00\x00\x3c\x33\x76\x40\x00\x40\x06\xf1\x43\x0a\x00\x01\x02\x0a\x00\x01\x01")
)

func TestClassify(t *testing.T) {
	table := table(t)
	proBing := join(be.AppendUint64(nil, now*1e9), []byte("\x01\x02\x03\x04\x05\x06\x47\x08\x89\x0a\x0b\x0c\x0d\x0e\x0f\x10"))
	inner6 := join([]byte("\x60\x00\x00\x00\x00\x08\x3a\x40\xfe\x80"), noise(14, 1), []byte("\xff\x02"), noise(14, 2), noise(8, 3))
	for _, c := range []struct {
		name    string
		payload []byte
		wire    int // 0: all captured
		class   string
		stock   string
	}{
		{"empty", nil, 0, payload.Empty, ""},
		{"all cut", nil, 56, payload.Unknown, ""},

		{"iputils", join(time64, ramp(16, 40)), 0, payload.Stock, "iputils ping"},
		{"iputils big-endian", join(timeval(be, 8, now, 5), ramp(16, 40)), 0, payload.Stock, "iputils ping"},
		{"iputils on the second", join(timeval(le, 8, now, 0), ramp(16, 40)), 0, payload.Stock, "iputils ping"},
		{"iputils, clock never set", join(timeval(le, 8, 1234, 5), ramp(16, 40)), 0, payload.Stock, "iputils ping"},
		{"iputils -s 1400", join(time64, ramp(16, 1384)), 0, payload.StockResized, "iputils ping"},
		{"iputils -s 16, which Java sends always", time64, 0, payload.Stock, "Java InetAddress.isReachable"},
		{"iputils -s 17", join(time64, ramp(16, 1)), 0, payload.StockResized, "iputils ping"},
		{"iputils -s 8", ramp(0, 8), 0, payload.StockResized, "iputils ping (no time)"},
		{"iputils -s 5", ramp(0, 5), 0, payload.Ramp, ""},
		{"iputils -s 1", ramp(0, 1), 0, payload.Zero, ""},
		{"iputils cut in the ramp", join(time64, ramp(16, 6)), 56, payload.Stock, "iputils ping"},
		{"iputils cut behind the time", time64, 56, payload.Stock, "iputils ping"},
		{"iputils cut in the time", time64[:12], 56, payload.Unknown, ""},
		{"iputils with 24 bytes behind", join(time64, ramp(16, 40), []byte("root:x:0:0:root:/root:/b")), 0, payload.Unknown, ""},
		{"iputils, last byte changed", join(time64, ramp(16, 39), []byte{0}), 0, payload.Unknown, ""},
		{"iputils, microseconds of a liar", join(timeval(le, 8, now, 1e6), ramp(16, 40)), 0, payload.Stock, "NetBSD ping"},
		{"iputils, no time at all", join([]byte("0123456789abcdef"), ramp(16, 40)), 0, payload.Unknown, ""},
		{"iputils -p ff", join(time64, bytes.Repeat([]byte{255}, 40)), 0, payload.StockPattern, "iputils ping"},
		{"iputils -p of four", join(time64, bytes.Repeat([]byte("\x89PNG"), 10)), 0, payload.StockPattern, "iputils ping"},
		{"iputils -p of sixteen", join(time64, alphabet("root:x:0:0:root:", 40)), 0, payload.StockPattern, "iputils ping"},
		{"seventeen bytes repeated", join(time64, alphabet("root:x:0:0:root:/", 40)), 0, payload.Unknown, ""},

		{"iputils 32-bit", join(timeval(le, 4, now, 5), ramp(8, 48)), 0, payload.Stock, "iputils ping (32-bit)"},
		{"macOS", join(timeval(be, 4, now, 5), ramp(8, 48)), 0, payload.Stock, "BSD ping"},
		{"macOS -s 1000", join(timeval(be, 4, now, 5), ramp(8, 992)), 0, payload.StockResized, "BSD ping"},
		{"FreeBSD, nanoseconds", join(timeval(be, 4, 86400, 999999999), ramp(8, 48)), 0, payload.Stock, "BSD ping (nanoseconds)"},
		{"no time of BSD", join([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, ramp(8, 48)), 0, payload.Unknown, ""},
		{"NetBSD", join(timeval(le, 8, now, 999999999), ramp(16, 40)), 0, payload.Stock, "NetBSD ping"},
		{"OpenBSD", join(noise(24, 4), ramp(24, 32)), 0, payload.Stock, "OpenBSD ping"},
		{"OpenBSD with text for its hash", join([]byte("root:x:0:0:root:/root:/b"), ramp(24, 32)), 0, payload.Unknown, ""},
		{"Windows", alphabet(windows, 32), 0, payload.Stock, "Windows ping"},
		{"Windows -l 1200", alphabet(windows, 1200), 0, payload.StockResized, "Windows ping"},
		{"Windows cut", alphabet(windows, 22), 32, payload.Stock, "Windows ping"},
		{"the whole alphabet", alphabet("abcdefghijklmnopqrstuvwxyz", 32), 0, payload.TextBytes, ""},
		{"four letters", []byte("abcd"), 0, payload.Ramp, ""},
		{"older Windows", alphabet("ABCDEFGHIJKLMNOPQRSTUVW", 32), 0, payload.Stock, "Windows ping (older)"},
		{"inetutils", join(time64, ramp(0, 40)), 0, payload.Stock, "GNU inetutils ping"},
		{"traceroute -I", ramp(0x48, 32), 0, payload.Stock, "Linux traceroute -I"},
		{"traceroute -I 100", join(ramp(0x48, 56), ramp(0x40, 16)), 0, payload.StockResized, "Linux traceroute -I"},
		{"Cisco", join([]byte{0, 0, 0, 0, 1, 2, 3, 4}, bytes.Repeat([]byte{0xab, 0xcd}, 32)), 0, payload.Stock, "Cisco IOS ping"},
		{"SimplePing", []byte("                          42 bottles of beer on the wall"), 0, payload.Stock, "Apple SimplePing"},
		{"busybox", join([]byte{1, 2, 3, 4}, make([]byte, 52)), 0, payload.Stock, "busybox ping"},

		{"fping", make([]byte, 56), 0, payload.Stock, "fping"},
		{"zeros of no one's size", make([]byte, 57), 0, payload.Zero, ""},
		{"mtr", make([]byte, 36), 0, payload.Stock, "mtr"},
		{"masscan", ramp(8, 48), 0, payload.Stock, "masscan"},
		{"hping3 -d 120", bytes.Repeat([]byte("X"), 120), 0, payload.StockResized, "hping3"},
		{"liboping", []byte("liboping -- ICMP ping library <http://octo.it/liboping/>"), 0, payload.Stock, "liboping"},
		{"blackbox exporter", []byte("Prometheus Blackbox Exporter"), 0, payload.Stock, "Prometheus blackbox exporter"},
		{"blackbox exporter, padded", join([]byte("Prometheus Blackbox Exporter"), make([]byte, 36)), 0, payload.StockResized, "Prometheus blackbox exporter"},
		{"pro-bing", proBing, 0, payload.Stock, "pro-bing"},
		{"pro-bing -s 56", join(proBing, bytes.Repeat([]byte{1}, 32)), 0, payload.StockResized, "pro-bing"},
		{"pro-bing with no UUID", join(proBing[:14], []byte{0}, proBing[15:16], []byte{0}, proBing[17:]), 0, payload.Unknown, ""},
		{"Java", time64, 0, payload.Stock, "Java InetAddress.isReachable"},
		{"check_icmp", join(time64, []byte{1, 2, 9, 9, 9, 9, 9, 9}, make([]byte, 44)), 0, payload.Stock, "Nagios check_icmp"},

		{"SolarWinds", []byte("SolarWinds.Net Network Monitor"), 0, payload.KnownVendor, "SolarWinds"},
		{"Cacti", []byte("cacti-monitoring-system\x00"), 0, payload.KnownVendor, "Cacti"},
		{"IPNetMonitor", []byte("\xa9 Sustainable Software"), 0, payload.KnownVendor, "IPNetMonitor"},
		{"ISS", []byte("ISSPNGRQ"), 0, payload.KnownVendor, "ISS scanner"},
		{"IPTools", bytes.Repeat([]byte{0xa7}, 64), 0, payload.KnownVendor, "IPTools"},
		{"a vendor's name before binary data", join([]byte("SolarWinds"), noise(40, 5)), 0, payload.HighEntropy, ""},
		{"a vendor's name before a long text", join([]byte("SolarWinds"), alphabet("some long text ", 400)), 0, payload.TextBytes, ""},

		{"fill of a tool", bytes.Repeat([]byte("A"), 40), 0, payload.StockPattern, ""},
		{"alive6", bytes.Repeat([]byte{0x30, 0x15}, 4), 0, payload.StockPattern, ""},
		{"half a pattern", []byte("0123401234"), 0, payload.TextBytes, ""},
		{"zero time of nobody", make([]byte, 16), 0, payload.Zero, ""},
		{"ramp", ramp(100, 20), 0, payload.Ramp, ""},
		{"text", []byte("root:x:0:0:root:/root:/bin/bash\n"), 0, payload.TextBytes, ""},
		{"text in Greek", []byte("καλημέρα κόσμε"), 0, payload.TextBytes, ""},
		{"two letters", []byte("id"), 0, payload.Unknown, ""},
		{"base64", []byte("aWQsbmFtZSxkZXB0LHNhbGFyeSxpYmFuCjEsRGFuIExpbmQ="), 0, payload.Base64, ""},
		{"a word is not base64", []byte("internationalization"), 0, payload.TextBytes, ""},
		{"hex", []byte("726f6f743a783a303a303a726f6f74"), 0, payload.Hex, ""},
		{"figures are not hex", []byte("1234567812345678901"), 0, payload.TextBytes, ""},
		{"gzip", join([]byte("\x1f\x8b\x08"), noise(40, 6)), 0, payload.Compressed, ""},
		{"zlib", join([]byte("\x78\x9c"), noise(40, 7)), 0, payload.Compressed, ""},
		{"bzip2", []byte("BZh91AY&SY......"), 0, payload.Compressed, ""},
		{"BZh alone", []byte("BZh, the band"), 0, payload.TextBytes, ""},
		{"zip", []byte("PK\x03\x04\x14\x00\x00\x00\x08\x00"), 0, payload.FileMagic, ""},
		{"pdf", []byte("%PDF-1.4\n%\xe2\xe3"), 0, payload.FileMagic, ""},
		{"encrypted", noise(128, 8), 0, payload.HighEntropy, ""},
		{"inner IPv4", join(ipv4Head, noise(40, 9)), 0, payload.InnerIP, ""},
		{"inner IPv4 behind a tunnel's header", join([]byte("hanc\x07"), ipv4Head, noise(40, 9)), 0, payload.InnerIP, ""},
		{"inner IPv4 cut", join(ipv4Head, noise(4, 9)), 60, payload.InnerIP, ""},
		{"inner IPv4 longer than the payload", join(ipv4Head, noise(20, 9)), 0, payload.Unknown, ""},
		{"inner IPv4, checksum wrong", join(ipv4Head[:11], []byte{0}, ipv4Head[12:], bytes.Repeat([]byte{1, 2, 3, 4, 5}, 8)), 0, payload.Unknown, ""},
		{"inner IPv4 too deep", join(bytes.Repeat([]byte{1, 2, 3}, 6), ipv4Head, bytes.Repeat([]byte{1, 2, 3, 4}, 10)), 0, payload.Unknown, ""},
		{"inner IPv6", inner6, 0, payload.InnerIP, ""},
		{"inner IPv6 of another length", join(inner6, bytes.Repeat([]byte{1, 2, 3}, 30)), 0, payload.Unknown, ""},
	} {
		facts := table.Classify(c.payload, max(c.wire, len(c.payload)))
		if facts.Class != c.class || facts.Stock != c.stock || !facts.Done {
			t.Errorf("%s: got %q %q, want %q %q", c.name, facts.Class, facts.Stock, c.class, c.stock)
		}
		if (facts.Entropy != 0) != (c.stock == "" && payload.Entropy(c.payload) != 0) {
			t.Errorf("%s: entropy %v of class %q", c.name, facts.Entropy, facts.Class)
		}
	}
}

// Every sender of the table must be reachable: nothing before it takes all its payloads.
func TestEverySenderIsFound(t *testing.T) {
	vendor := map[string]string{"WhatsUp Gold": "WhatsUp - A Network Tool", "ICS Delphi component": "Pinging from Delphi code written by F. Piette",
		"Network Toolbox": "================", "Ping-O-Meter": "OMeterObeseArmad", "Pinger": "Data\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"Seer": "\x88\x04              ", "WebTrends scanner": "\x00\x00\x00\x00EEEEEEEEEEEE", "Speedera": "89:;<=>?", "TJPingPro": "TJPingPro by Jim",
		"CyberKit": strings.Repeat("\xaa", 16), "Sniffer Pro": "Cinco Network, Inc.", "Digital Island": "mailto:ops@digisle.com",
		"BayRS router": "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"}
	vendor["BeOS"] = strings.Repeat("\x00", 12) + string(ramp(8, 44))
	vendor["Brocade ping"] = "abcdabcdabcdabcd"
	vendor["SuperScan"] = strings.Repeat("\x00", 8)
	vendor["tracert"], vendor["nmap -O"], vendor["zmap icmp_echo"] = strings.Repeat("\x00", 64), strings.Repeat("\x00", 150), strings.Repeat("\x00", 20)
	vendor["GNU inetutils ping (32-bit)"] = string(join(timeval(be, 4, now, 1), ramp(0, 48)))
	vendor["Windows ping (older, digits)"] = string(alphabet("0123456789abcdefghijklmnopqrstuvwxyz", 32))
	vendor["Cisco IOS ping (no time)"] = strings.Repeat("\xab\xcd", 36)
	vendor["fping (older)"] = string(join([]byte{7, 1, 0, 0, 9, 9, 9, 9}, time64, make([]byte, 32)))
	vendor["fping (older, 32-bit)"] = string(join([]byte{7, 1, 0, 0}, timeval(le, 4, now, 1), make([]byte, 44)))
	table := table(t)
	for name, text := range vendor {
		if facts := table.Classify([]byte(text), len(text)); facts.Stock != name {
			t.Errorf("%s: got %q %q", name, facts.Class, facts.Stock)
		}
	}
}

func TestUserTable(t *testing.T) {
	const own = `
senders:
  - name: our heartbeat
    sizes: [12]
    parts: [{text: HB01}, {any: 8}]
`
	table, err := payload.NewTable(strings.NewReader(own))
	if err != nil {
		t.Fatal(err)
	}
	if facts := table.Classify([]byte("HB01\x01\x02\x03\x04\x05\x06\x07\x09"), 12); facts.Class != payload.Stock || facts.Stock != "our heartbeat" {
		t.Errorf("got %+v", facts)
	}
	if facts := table.Classify([]byte("HB02\x01\x02\x03\x04\x05\x06\x07\x09"), 12); facts.Stock != "" {
		t.Errorf("got %+v", facts)
	}
	if names := table.Names(); names[len(names)-1] != "our heartbeat" {
		t.Errorf("got %v", names)
	}
}

func TestUserTableErrors(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"senders: [{name: x, sizes: [4], parts: [{text: abcd}], colour: red}]", "colour"},
		{"senders: [{sizes: [4], parts: [{text: abcd}]}]", "name is missing"},
		{"senders: [{name: x, parts: [{text: abcd}]}]", "sizes is missing"},
		{"senders: [{name: x, sizes: [4]}]", "parts is missing"},
		{"senders: [{name: x, sizes: [5], parts: [{text: abcd}]}]", "size 5: the parts make 4 bytes"},
		{"senders: [{name: x, sizes: [4], parts: [{any: 4}]}]", "every payload would match"},
		{"senders: [{name: x, sizes: [4], parts: [{text: ab, any: 2}]}]", "has 2 keys"},
		{"senders: [{name: x, sizes: [4], parts: [{}]}]", "has 0 keys"},
		{"senders: [{name: x, sizes: [4], parts: [{ramp: {start: 1}}, {any: 2}]}]", "expected it last"},
		{"senders: [{name: x, sizes: [4], parts: [{hex: xy}]}]", `"xy"`},
		{"senders: [{name: x, sizes: [8], parts: [{time: timeval16}]}]", `"timeval16"`},
		{"senders: [{name: x, sizes: [8], parts: [{ramp: {from: 4, to: 2}}]}]", "from 4 to 2"},
		{"senders: [{name: x, sizes: [8], parts: [{text: ab}, {rest: noise}]}]", `"noise"`},
		{"senders: [{name: x, resize: [9, 3], parts: [{text: ab}, {rest: zero}]}]", "[9 3]"},
		{"senders: [{name: x, sizes: [8], pattern: 17, parts: [{text: ab}, {rest: zero}]}]", "pattern 17"},
		{"senders: [{name: x, kind: odd, sizes: [8], parts: [{text: ab}, {rest: zero}]}]", `"odd"`},
		{"senders: [{name: x, sizes: [-1], parts: [{text: ab}, {rest: zero}]}]", "size -1"},
		{"senders: [{name: x, kind: tool, parts: [{any: 4}, {rest: any}]}]", "every payload would match"},
		{"senders: [{name: x, kind: tool, parts: [{text: abcd}], holds: xy}]", `holds "xy"`},
		{"senders: [{name: x, sizes: [4], parts: [{text: abcd}], holds: ab}]", "holds is for kinds vendor and tool"},
		{"senders: [{name: x, kind: tool, parts: [{byte: [1, 256]}]}]", "byte 256"},
		{"senders: [{name: x, kind: tool, parts: [{byte: []}, {text: abcd}]}]", "byte with 0 values"},
		{"senders: [{name: x, kind: tool, parts: [{count: 24-be}, {rest: any}]}]", `count "24-be"`},
		{"senders: [{name: x, kind: tool, sizes: [3], parts: [{text: abcd}, {rest: any}]}]", "size 3: the parts make 4 bytes"},
		{"senders:\n- name: x\n  sizes: [4]\n  parts:\n  - text: ab\n  - hex: xy", `number 1:6:8: payload table: sender 1 "x": part 2: "xy"`},
		{"senders:\n- name: a\n  sizes: [4]\n  parts: [{text: abcd}]\n- name: b\n  parts: [{text: abcd}]", `number 1:5:7: payload table: sender 2 "b": sizes is missing`},
		{"senders:\n- name: x\n  kind: odd\n  parts: [{text: abcd}]", `number 1:3:9: payload table: sender 1 "x": kind "odd"`},
		{"senders: [{name: &a x, sizes: [4], parts: [{text: abcd}]}, {name: *a}]", "an anchor or alias"},
		{"senders: 7", "number 1:1:10: payload table: "},
		{"- 7", "number 1:1:1: payload table: "},
		{"senders: []\n---\nsenders: []", "2 YAML documents"},
		{strings.Repeat("[", 1000), "nested deeper than 100"},
		{strings.Repeat("- ", 1000), "nested deeper than 100"},
		{strings.Repeat("#", 2<<20), "larger than a mebibyte"},
		{"senders: {", "number 1"},
	} {
		if _, err := payload.NewTable(strings.NewReader(c.yaml)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.yaml, err, c.want)
		}
	}
}

// Random bytes are nobody's ping, and of no kind but random; a tenth of a percent may look like something.
func TestRandomBytesAreNotStock(t *testing.T) {
	table := table(t)
	r := rand.New(rand.NewPCG(1, 2))
	odd := 0
	const rounds = 30_000
	for i := range rounds {
		b := make([]byte, 32+r.IntN(200))
		for j := range b {
			b[j] = byte(r.UintN(256))
		}
		facts := table.Classify(b, len(b)+r.IntN(2)*r.IntN(1400))
		if facts.Stock != "" || facts.Class == payload.StockPattern {
			t.Fatalf("%x: %+v", b, facts)
		}
		if facts.Class != payload.HighEntropy {
			odd++
		}
		if i%1000 == 0 {
			encoded := base64.StdEncoding.AppendEncode(nil, b)
			if facts := table.Classify(encoded, len(encoded)); facts.Class != payload.Base64 {
				t.Errorf("%s: %+v", encoded, facts)
			}
			digits := hex.AppendEncode(nil, b)
			if facts := table.Classify(digits, len(digits)); facts.Class != payload.Hex {
				t.Errorf("%s: %+v", digits, facts)
			}
		}
	}
	if odd > rounds/1000 {
		t.Errorf("%d of %d random payloads not of high entropy", odd, rounds)
	}
}

// English, source text and binary records are not of high entropy.
func TestStructuredBytesAreNotHighEntropy(t *testing.T) {
	table := table(t)
	var records []byte
	for i := range 200 {
		records = fmt.Appendf(records, "%c%c\x00\x00\x01\x00user%d\x00\x00\x00", i, i/3, i)
	}
	for n := 32; n < len(records); n += 13 {
		if facts := table.Classify(records[:n], n); facts.Class == payload.HighEntropy {
			t.Errorf("%d bytes: %+v", n, facts)
		}
	}
}

func TestEntropy(t *testing.T) {
	for _, c := range []struct {
		b    []byte
		want float64
	}{{nil, 0}, {[]byte{7}, 0}, {[]byte("aaaa"), 0}, {[]byte("abab"), 1}, {ramp(0, 256), 8}, {bytes.Repeat(ramp(0, 256), 300), 8}} {
		if got := payload.Entropy(c.b); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%d bytes: got %v, want %v", len(c.b), got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "plain\ttext\r\n": true, "\x1b[1mbold\x1b[0m": true, "ünï": true, "日本語": true, "pad\x00\x00": true,
		"\xa9half a character in front": true, "half a character behind \xe6\x97": true,
		"bell\a": false, "\x00front": false, "bin\xff\xfe": false, "\x80\x81\x82\x83": false, "c1 \u0085": false, "private \ue000": false,
	} {
		if got := payload.Text([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestMagic(t *testing.T) {
	exe := make([]byte, 200)
	copy(exe, "MZ")
	exe[60] = 128
	copy(exe[128:], "PE\x00\x00")
	for _, c := range []struct {
		b         string
		mediaType string
		extension string
		certain   bool
	}{
		{"", "text/plain", ".txt", false},
		{"hello world", "text/plain", ".txt", false},
		{"a,b,c\n1,2,3\n4,5,6\n", "text/csv", ".csv", false},
		{"\x00\x01\x02\x03", "application/octet-stream", ".bin", false},
		{"%PDF-1.4\n", "application/pdf", ".pdf", true},
		{"\x89PNG\r\n\x1a\n\x00\x00", "image/png", ".png", true},
		{"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg", ".jpg", true},
		{"PK\x03\x04\x14\x00\x00\x00\x08\x00", "application/zip", ".zip", true},
		{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x00", "application/gzip", ".gz", true},
		{"\x1f\x8b\x00", "application/gzip", ".gz", false},
		{string(exe), "application/vnd.microsoft.portable-executable", ".exe", true},
		{"MZ nothing", "application/vnd.microsoft.portable-executable", ".exe", false},
	} {
		mediaType, extension, certain := payload.Magic([]byte(c.b))
		if mediaType != c.mediaType || extension != c.extension || certain != c.certain {
			t.Errorf("%.20q: got %s %s %v, want %s %s %v", c.b, mediaType, extension, certain, c.mediaType, c.extension, c.certain)
		}
	}
}

func TestClassifyDoesNotAllocate(t *testing.T) {
	table := table(t)
	for _, b := range [][]byte{join(time64, ramp(16, 40)), noise(1400, 1), []byte("plain text, nothing else")} {
		if n := testing.AllocsPerRun(100, func() { table.Classify(b, len(b)) }); n != 0 {
			t.Errorf("%.10q: %v allocations", b, n)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(join(time64, ramp(16, 40)), 56)
	f.Add([]byte("hanc\x07"+string(ipv4Head)), 25)
	f.Add(alphabet(windows, 20), 32)
	f.Add([]byte{}, -1)
	table := table(f)
	plain := table.Unprobed()
	f.Fuzz(func(t *testing.T, b []byte, wire int) {
		facts := table.Classify(b, wire)
		if all := plain.Classify(b, wire); all != facts {
			t.Errorf("%+v, and without a look at one byte first %+v", facts, all)
		}
		if !slices.Contains(payload.Classes(), facts.Class) || !facts.Done {
			t.Errorf("%+v", facts)
		}
		if facts.Tool == "" && facts.Class == payload.KnownTool {
			t.Errorf("%+v", facts)
		}
		named := facts.Class == payload.Stock || facts.Class == payload.StockResized || facts.Class == payload.KnownVendor
		if named != (facts.Stock != "") && facts.Class != payload.StockPattern {
			t.Errorf("%+v", facts)
		}
		if facts.Entropy < 0 || facts.Entropy > 8 {
			t.Errorf("%+v", facts)
		}
		payload.Magic(b)
	})
}

// Whatever a user's table holds, it is taken or refused with a message that names the file.
func FuzzTable(f *testing.F) {
	f.Add("senders: [{name: x, sizes: [4], parts: [{text: abcd}]}]")
	f.Add("senders:\n- name: x\n  kind: tool\n  parts: [{byte: [1, 2]}, {any: 2}, {count: 32-be}, {rest: any}]\n  ends: ab cd\n")
	f.Add("senders: [{name: &a x, parts: *a}]")
	f.Add("[[[[{{{{")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := payload.NewTable(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "number 1") {
				t.Error(err)
			}
			return
		}
		table.Classify([]byte(text), len(text))
		table.Classify(noise(64, 1), 1000)
	})
}

func BenchmarkClassify(b *testing.B) {
	table := table(b)
	for name, p := range map[string][]byte{"iputils": join(time64, ramp(16, 40)), "encrypted": noise(1400, 1), "text": alphabet("plain text, ", 64)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Classify(p, len(p))
			}
		})
	}
}
