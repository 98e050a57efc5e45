package tunnel

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// shell is a session in which the first host polls and brings output, and the second answers with commands.
func shell(wrap func(from int, s string) []byte) (list []sent, output string) {
	say := func(from int, s string) { list = append(list, sent{from, wrap(from, s)}) }
	poll := func(n int) {
		for range n {
			list = append(list, sent{0, nil}, sent{1, nil})
		}
	}
	out := func(s string) {
		output += s
		for _, piece := range chunks([]byte(s), 48) {
			say(0, string(piece))
			list = append(list, sent{1, nil})
		}
	}
	out("Welcome\r\n$ ")
	poll(3)
	say(1, "id\n")
	out("uid=1000(anna) gid=1000(anna) groups=1000(anna),27(sudo)\n$ ")
	poll(2)
	say(1, "cat notes.txt\n")
	out(strings.Repeat("meeting at nine, bring the plans\n", 4) + "$ ")
	return list, output
}

func plain(_ int, s string) []byte { return []byte(s) }

func TestTranscript(t *testing.T) {
	list, output := shell(plain)
	c := opened("transcript", messages(list...))
	sane(t, c, messages(list...))
	want := `What 10.1.1.1 (client) and 198.51.100.7 (server) said to each other in ICMP payloads. Times are UTC; bytes that no terminal should see stand as \x1b.

2026-11-22 09:30:00.000  10.1.1.1 -> 198.51.100.7  11 bytes
    Welcome
    $

2026-11-22 09:30:00.200  10.1.1.1 -> 198.51.100.7  3 empty polls, until 2026-11-22 09:30:00.600

2026-11-22 09:30:00.800  10.1.1.1 <- 198.51.100.7  3 bytes
    id

2026-11-22 09:30:00.900  10.1.1.1 -> 198.51.100.7  59 bytes in 2 packets, until 2026-11-22 09:30:01.100
    uid=1000(anna) gid=1000(anna) groups=1000(anna),27(sudo)
    $

2026-11-22 09:30:01.300  10.1.1.1 -> 198.51.100.7  2 empty polls, until 2026-11-22 09:30:01.500

2026-11-22 09:30:01.700  10.1.1.1 <- 198.51.100.7  14 bytes
    cat notes.txt

2026-11-22 09:30:01.800  10.1.1.1 -> 198.51.100.7  134 bytes in 3 packets, until 2026-11-22 09:30:02.200
    meeting at nine, bring the plans
    meeting at nine, bring the plans
    meeting at nine, bring the plans
    meeting at nine, bring the plans
    $
`
	if got := string(c.Finds[0].Bytes); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if f := came(c, []byte(output)); f == nil || f.Src != hosts[0].Address || len(c.Finds) != 2 {
		t.Errorf("the output did not come back: %v", sizes(c))
	}
	if notes := strings.Join(c.Said, " "); notes != "Commands from 198.51.100.7: id; cat notes.txt." {
		t.Errorf("notes %q", notes)
	}
}

// Codings and constant fronts are undone, and told.
func TestCodedShells(t *testing.T) {
	for name, wrap := range map[string]func(int, string) []byte{
		"base64":  func(_ int, s string) []byte { return base64.StdEncoding.AppendEncode(nil, []byte(s)) },
		"hex":     func(_ int, s string) []byte { return hex.AppendEncode(nil, []byte(s)) },
		"":        func(from int, s string) []byte { return append([]byte{0xde, 0xad, byte(from)}, s...) },
		"xor a7":  func(_ int, s string) []byte { return masked([]byte(s), 0xa7) },
		"xor 80":  func(_ int, s string) []byte { return masked([]byte(s), 0x80) },
		"filled":  func(_ int, s string) []byte { return append([]byte(s), make([]byte, 64-len(s))...) },
		"front, ": func(from int, s string) []byte { return append([]byte("\x00\x01"), hex.EncodeToString([]byte(s))...) },
	} {
		list, output := shell(wrap)
		c := opened("transcript", messages(list...))
		sane(t, c, messages(list...))
		if name == "front, " {
			name = "hex"
		} else if name == "filled" {
			name = ""
		}
		f := came(c, []byte(output))
		if f == nil || strings.Join(f.Encodings, ",") != name {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
			continue
		}
		if !strings.Contains(string(c.Finds[0].Bytes), "    cat notes.txt\n") {
			t.Errorf("%s:\n%s", name, c.Finds[0].Bytes)
		}
	}
}

// Output that comes much later stands by itself.
func TestStretches(t *testing.T) {
	list := messages(sent{0, []byte("first\n")}, sent{0, []byte("second\n")}, sent{0, []byte("third\n")}, sent{1, []byte("ok")})
	list[2].Time += int64(stretch)
	list[3].Time += int64(stretch)
	text := string(opened("transcript", list).Finds[0].Bytes)
	if strings.Count(text, " -> ") != 2 || !strings.Contains(text, "    first\n    second\n\n2026-11-22 09:30:02.200") {
		t.Errorf("got\n%s", text)
	}
}

// Who runs the shell is what the rule says, or else who says more.
func TestOutput(t *testing.T) {
	list, output := shell(plain)
	for roles, want := range map[[2]string]string{{"implant", "controller"}: output, {"controller", "implant"}: "id\ncat notes.txt\n", {"", ""}: output} {
		ends := hosts
		ends[0].Role, ends[1].Role = roles[0], roles[1]
		if c := Open([]string{"transcript"}, ends, messages(list...)); came(c, []byte(want)) == nil {
			t.Errorf("%v: %v bytes came back, want %d", roles, sizes(c), len(want))
		}
	}
}

// Replies of the kernel that repeat a command are left out, and so are pings.
func TestTranscriptLeavesOut(t *testing.T) {
	list := messages(sent{0, []byte("whoami")}, sent{1, []byte("root\n")}, sent{0, []byte("ping!")}, sent{0, []byte("hostname")}, sent{1, []byte("vm\n")})
	list[2].Ordinary = true
	c := opened("transcript", mirrored(list, true))
	text := string(c.Finds[0].Bytes)
	if strings.Count(text, "whoami") != 1 || strings.Contains(text, "ping!") || strings.Count(text, "vm\n") != 1 {
		t.Errorf("got\n%s", text)
	}
}

// Text from evidence can do nothing to whoever reads it.
func TestTranscriptIsInert(t *testing.T) {
	hostile := "\x1b[2J\x1b]0;title\a\u202egpj.exe\u200b\x00\xff\r\rlast\u2028line \\x41\ttab"
	list := messages(sent{0, []byte("what " + strings.Repeat("is it? ", 30))}, sent{1, []byte(hostile)})
	c := opened("transcript", list)
	for i, b := range append([][]byte{c.Finds[0].Bytes}, []byte(c.Said[0])) {
		for _, r := range string(b) {
			if r == utf8.RuneError || r < ' ' && r != '\n' || r == 0x202e || r == 0x200b || r == 0x2028 {
				t.Errorf("%d keeps %U in %q", i, r, b)
			}
		}
	}
	if !strings.Contains(string(c.Finds[0].Bytes), `\x1b[2J`) {
		t.Errorf("got %q", c.Finds[0].Bytes)
	}
}

// Files, tunnels and silence are no shell.
func TestNoTranscript(t *testing.T) {
	text := strings.Repeat("a line of a letter\n", 50)
	var file []sent
	for _, b := range chunks([]byte(text), 100) {
		file = append(file, sent{0, b})
	}
	ramp := make([]byte, 64)
	for i := range ramp {
		ramp[i] = byte(0x90 + i)
	}
	zeros := append(make([]byte, 70), 1, 2, 3)
	for name, list := range map[string][]Message{
		"a ramp":           messages(sent{0, ramp}, sent{1, ramp}),
		"zeros":            messages(sent{0, zeros}, sent{1, zeros[10:]}),
		"a text file sent": mirrored(messages(file...), true),
		"bytes":            messages(sent{0, random(500, 1)}, sent{1, random(500, 2)}),
		"silence":          messages(sent{0, nil}, sent{1, nil}, sent{0, nil}),
		"one":              messages(sent{0, []byte("hello")}),
	} {
		if c := opened("transcript", list); len(c.Finds) != 0 {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
	if c := opened("transcript", messages(file...)); len(c.Finds) != 2 {
		t.Errorf("where one direction alone was captured, it may be a shell: %v", sizes(c))
	}
}

// A transcript stays within its bounds.
func TestLongTranscript(t *testing.T) {
	var list []sent
	for i := range 16_000 {
		list = append(list, sent{i % 2, []byte(strings.Repeat("x", 300))})
	}
	c := opened("transcript", messages(list...))
	if n := len(c.Finds[0].Bytes); n > maxTranscript+10_000 || !strings.Contains(string(c.Finds[0].Bytes[n-100:]), "more stretches are left out") {
		t.Errorf("%d bytes, ending %q", n, c.Finds[0].Bytes[n-100:])
	}
}

func FuzzTranscript(f *testing.F) {
	list, _ := shell(plain)
	var b []byte
	for _, s := range list {
		b = append(append(b, byte(s.from), byte(len(s.body)), byte(len(s.body)>>8)), s.body...)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		list := split(b)
		before := slices.Clone(list)
		c := opened("transcript", list)
		sane(t, c, list)
		for i := range list {
			if string(list[i].Payload) != string(before[i].Payload) {
				t.Fatal("messages were changed")
			}
		}
		if len(c.Finds) > 0 && !utf8.Valid(c.Finds[0].Bytes) {
			t.Fatalf("not UTF-8: %q", c.Finds[0].Bytes)
		}
	})
}
