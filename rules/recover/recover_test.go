package recover

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand"
	"testing"
	"time"
)

const second = int64(time.Second)

// send cuts bytes into pieces of a size, one packet each second, as a tool with a counter in seq would.
func send(b []byte, size int) (out []Candidate) {
	for i := 0; len(b) > 0; i++ {
		n := min(size, len(b))
		out = append(out, Candidate{Number: int64(i + 1), Time: int64(i) * second, Value: b[:n:n], Wire: n, Anchor: true, Ident: 7, Seq: uint16(i),
			Shape: Shape{TTL: 64, Length: 8 + n, Tail: n}})
		b = b[n:]
	}
	return out
}

// retime gives the packets numbers and times in the order they stand in.
func retime(list []Candidate) []Candidate {
	out := make([]Candidate, len(list))
	for i, c := range list {
		c.Number, c.Time = int64(i+1), int64(i)*second
		out[i] = c
	}
	return out
}

func some(n int, seed int64) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return b
}

func one(t *testing.T, list []Candidate, o Options) Stream {
	t.Helper()
	streams := Carve(list, o)
	if len(streams) != 1 {
		t.Fatalf("%d streams, want 1", len(streams))
	}
	return streams[0]
}

func each(list []Candidate, change func(i int, c *Candidate)) []Candidate {
	out := append([]Candidate(nil), list...)
	for i := range out {
		change(i, &out[i])
	}
	return out
}

func swap(list []Candidate, i, j int) []Candidate {
	list[i], list[j] = list[j], list[i]
	return retime(list)
}

func drop(list []Candidate, from, to int) []Candidate {
	return append(append([]Candidate(nil), list[:from]...), list[to:]...)
}

func TestOrder(t *testing.T) {
	file := some(400, 1)
	pieces := func() []Candidate { return send(file, 10) }
	without := func(from, to int) []byte { return append(append([]byte(nil), file[:from]...), file[to:]...) }
	for name, tt := range map[string]struct {
		list  []Candidate
		want  []byte
		order Order
		gaps  []Gap
	}{
		"counter":           {pieces(), file, BySeq, nil},
		"counter, disorder": {swap(swap(pieces(), 3, 9), 20, 21), file, BySeq, nil},
		"first two swapped": {swap(pieces(), 0, 1), file, BySeq, nil},
		"byte-swapped counter": {each(pieces(), func(i int, c *Candidate) { c.Seq = bits.ReverseBytes16(uint16(i)) }),
			file, BySeq, nil},
		"byte-swapped counter, disorder": {swap(each(pieces(), func(i int, c *Candidate) { c.Seq = bits.ReverseBytes16(uint16(i + 250)) }), 4, 7),
			file, BySeq, nil},
		"counter wraps":           {swap(each(pieces(), func(i int, c *Candidate) { c.Seq = uint16(65520 + i) }), 14, 17), file, BySeq, nil},
		"one packet lost":         {drop(pieces(), 5, 6), without(50, 60), BySeq, []Gap{{50, 10}}},
		"three lost":              {drop(pieces(), 5, 8), without(50, 80), BySeq, []Gap{{50, 30}}},
		"two holes":               {drop(drop(pieces(), 20, 21), 5, 6), without3(file, 50, 60, 200, 210), BySeq, []Gap{{50, 10}, {190, 10}}},
		"lost, sizes differ":      {drop(each(pieces(), func(i int, c *Candidate) { c.Wire, c.Value = c.Wire-i%2, c.Value[:c.Wire-i%2] }), 5, 6), nil, BySeq, []Gap{{48, -1}}},
		"repeats":                 {retime(append(pieces()[:6:6], pieces()[4:]...)), file, BySeq, nil},
		"constant":                {each(pieces(), func(i int, c *Candidate) { c.Seq = 1 }), file, ByTime, nil},
		"random":                  {each(pieces(), func(i int, c *Candidate) { c.Seq = uint16(i * 40503) }), file, ByTime, nil},
		"data in seq":             {each(pieces(), func(i int, c *Candidate) { c.Seq = uint16("/etc/passwd, line by line"[i%25]) }), file, ByTime, nil},
		"counter starts over":     {each(pieces(), func(i int, c *Candidate) { c.Seq = uint16(i % 20) }), file, ByTime, nil},
		"two packets are no run":  {send(file[:20], 10), file[:20], ByTime, nil},
		"snaplen":                 {each(pieces(), func(i int, c *Candidate) { c.Value = c.Value[:9] }), nil, BySeq, snapped(40)},
		"repeat captured better":  {retime(append([]Candidate{cutTo(pieces()[0], 2)}, pieces()...)), file, BySeq, nil},
		"repeat captured worse":   {retime(append([]Candidate{pieces()[0], cutTo(pieces()[0], 2)}, pieces()[1:]...)), file, BySeq, nil},
		"pieces of the same byte": {send(bytes.Repeat([]byte{9}, 40), 1), bytes.Repeat([]byte{9}, 40), BySeq, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := one(t, tt.list, Options{Order: Auto})
			if tt.want != nil && !bytes.Equal(s.Bytes, tt.want) {
				t.Errorf("got %d bytes %x, want %d", len(s.Bytes), s.Bytes, len(tt.want))
			}
			if s.Order != tt.order || fmt.Sprint(s.Gaps) != fmt.Sprint(tt.gaps) {
				t.Errorf("order %s, gaps %v; want %s, %v", s.Order, s.Gaps, tt.order, tt.gaps)
			}
		})
	}
}

func without3(b []byte, a1, a2, b1, b2 int) (out []byte) {
	return append(append(append(out, b[:a1]...), b[a2:b1]...), b[b2:]...)
}

func cutTo(c Candidate, n int) Candidate {
	c.Value = c.Value[:n]
	return c
}

func snapped(n int) (gaps []Gap) {
	for i := range n {
		gaps = append(gaps, Gap{int64(9 * (i + 1)), 1})
	}
	return gaps
}

// A rule that insists on seq gets it, but no byte is dropped for a number that two different pieces share.
func TestBySeqKeepsDifferentPieces(t *testing.T) {
	list := each(send([]byte("abcdefgh"), 1), func(i int, c *Candidate) { c.Seq = uint16(i / 2) })
	if s := one(t, list, Options{Order: BySeq}); string(s.Bytes) != "abcdefgh" {
		t.Errorf("got %q", s.Bytes)
	}
	if s := one(t, swap(send([]byte("abcdefgh"), 1), 1, 2), Options{Order: ByTime}); string(s.Bytes) != "acbdefgh" {
		t.Errorf("by time: got %q", s.Bytes)
	}
}

// Whatever the file, the pieces' size, where the counter starts, what is sent twice and what arrives early: it comes back.
func TestBytesComeBack(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	for round := range 400 {
		file := some(1+rnd.Intn(6000), int64(round))
		switch round % 4 {
		case 1:
			clear(file[len(file)/3:])
		case 2:
			for i := range file {
				file[i] = "The quick brown fox\n"[i%20]
			}
		}
		start, swapped := rnd.Intn(1<<16), rnd.Intn(2) == 0
		list := each(send(file, 1+rnd.Intn(200)), func(i int, c *Candidate) {
			if c.Seq = uint16(start + i); swapped {
				c.Seq = bits.ReverseBytes16(c.Seq)
			}
		})
		if len(list) > 2 {
			for range rnd.Intn(10) {
				i := rnd.Intn(len(list))
				list = append(list[:i+1:i+1], list[i:]...)
			}
			for range rnd.Intn(50) {
				i := rnd.Intn(len(list))
				j := min(len(list)-1, i+rnd.Intn(30))
				list[i], list[j] = list[j], list[i]
			}
		}
		s := one(t, retime(list), Options{Order: Auto})
		if clean, changed := Strip(s); !bytes.Equal(s.Bytes, file) || len(s.Gaps) > 0 || changed && round%4 != 1 || changed && len(clean.Bytes) >= len(file) {
			t.Fatalf("round %d: %d pieces, got %d bytes (%d stripped), want %d; gaps %v", round, len(list), len(s.Bytes), len(clean.Bytes), len(file), s.Gaps)
		}
	}
}

func TestLongCounterWraps(t *testing.T) {
	file := some(150_000, 3)
	list := send(file, 1)
	for i := 100; i+50 < len(list); i += 100 {
		list[i], list[i+40] = list[i+40], list[i]
	}
	if s := one(t, retime(list), Options{Order: Auto}); s.Order != BySeq || !bytes.Equal(s.Bytes, file) {
		t.Errorf("order %s, %d bytes", s.Order, len(s.Bytes))
	}
}

func TestWithoutAnchorsNothingIsTaken(t *testing.T) {
	list := each(send(some(100, 2), 5), func(i int, c *Candidate) { c.Anchor = false })
	if got := Carve(list, Options{Order: Auto}); got != nil {
		t.Errorf("%d streams", len(got))
	}
	if got := Carve(nil, Options{}); got != nil {
		t.Errorf("%d streams of nothing", len(got))
	}
}

func TestIdentifiersPartFiles(t *testing.T) {
	a, b := send(some(300, 1), 10), each(send(some(300, 2), 10), func(i int, c *Candidate) { c.Ident = 8 })
	var both []Candidate
	for i := range a {
		both = append(both, a[i], b[i])
	}
	got := Carve(retime(both), Options{Order: Auto})
	if len(got) != 2 || !bytes.Equal(got[0].Bytes, some(300, 1)) || !bytes.Equal(got[1].Bytes, some(300, 2)) {
		t.Errorf("%d streams", len(got))
	}
	for name, ident := range map[string]func(i int) uint16{
		"each its own":         func(i int) uint16 { return uint16(i) },
		"changes now and then": func(i int) uint16 { return uint16(i / 8) },
	} {
		list := each(send(some(3000, 3), 10), func(i int, c *Candidate) { c.Ident = ident(i) })
		if s := one(t, list, Options{Order: Auto}); !bytes.Equal(s.Bytes, some(3000, 3)) {
			t.Errorf("%s: %d bytes", name, len(s.Bytes))
		}
	}
}

// typed is a file in the type field: types that exist are no anchors; around and between them the same host pings.
func typed(file []byte, ident func(i int) uint16) (list []Candidate) {
	for i, b := range file {
		assigned := b == 0 || b == 8 || b == 13
		length := 8
		if b == 13 {
			length = 20 // tools like hping3 fill in what a timestamp message prescribes
		}
		list = append(list, Candidate{Time: int64(i) * second, Value: []byte{b}, Wire: 1, Anchor: !assigned, Ident: ident(i), Shape: Shape{TTL: 64, Length: length, Tail: 0}})
	}
	return list
}

// mixed puts a packet before, between and behind those of the list.
func mixed(list []Candidate, x Candidate) (out []Candidate) {
	for _, c := range list {
		x.Time = c.Time - second/2
		out = append(out, x, c)
	}
	x.Time += second
	out = append(out, x)
	for i := range out {
		out[i].Number = int64(i + 1)
	}
	return out
}

func TestHabits(t *testing.T) {
	file := []byte("\x00\x08PNG and more\x00\x00\r\x08text\x00\x08\x00")
	constant, varied := func(int) uint16 { return 0 }, func(i int) uint16 { return uint16(i*40503 + 9) }
	ping := Candidate{Value: []byte{8}, Wire: 1, Ident: 4711, Ordinary: true, Shape: Shape{TTL: 64, DontFragment: true, Length: 64, Tail: 56}}
	alike := ping
	alike.Shape = Shape{TTL: 64, Length: 8, Tail: 0}
	hops := alike
	hops.Shape.TTL, hops.Ordinary = 128, false
	for name, tt := range map[string]struct {
		ident func(int) uint16
		noise Candidate
	}{
		"pings of another size":                {constant, ping},
		"pings of another size, ids vary":      {varied, ping},
		"pings of that size, another id":       {constant, alike},
		"pings of that size, ids vary":         {varied, alike},
		"another program, another TTL":         {varied, hops},
		"another program, another TTL, one id": {constant, hops},
	} {
		t.Run(name, func(t *testing.T) {
			s := one(t, mixed(typed(file, tt.ident), tt.noise), Options{Order: Auto, Field: true})
			if !bytes.Equal(s.Bytes, file) {
				t.Errorf("got %q, want %q", s.Bytes, file)
			}
		})
	}
	t.Run("filled like pings", func(t *testing.T) {
		list := each(typed(file, varied), func(i int, c *Candidate) { c.Ordinary, c.Shape = true, Shape{TTL: 64, Length: 40, Tail: 32} })
		if s := one(t, list, Options{Order: Auto, Field: true}); !bytes.Equal(s.Bytes, file) {
			t.Errorf("got %q, want %q", s.Bytes, file)
		}
	})
	t.Run("nothing filled in", func(t *testing.T) {
		list := each(typed(file, varied), func(i int, c *Candidate) { c.Shape = Shape{TTL: 64, Length: 12, Tail: 4 - 4*btoi(c.Value[0] == 13)} })
		if s := one(t, list, Options{Order: Auto, Field: true}); !bytes.Equal(s.Bytes, file) {
			t.Errorf("got %q, want %q", s.Bytes, file)
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Packets that fit belong while the silence before them is not out of proportion.
func TestReach(t *testing.T) {
	list := send([]byte("0123456789"), 1)
	tail := func(silence time.Duration) []Candidate {
		return each(list, func(i int, c *Candidate) {
			if i >= 8 {
				c.Anchor, c.Time = false, c.Time+int64(silence)
			}
		})
	}
	for silence, want := range map[time.Duration]string{0: "0123456789", 50 * time.Second: "0123456789", 2 * time.Minute: "01234567"} {
		if s := one(t, tail(silence), Options{Order: Auto}); string(s.Bytes) != want {
			t.Errorf("%v of silence: got %q, want %q", silence, s.Bytes, want)
		}
	}
	slow := each(tail(20*time.Minute), func(i int, c *Candidate) { c.Time *= 200 })
	slow = each(slow, func(i int, c *Candidate) {
		if i >= 8 {
			c.Time = slow[7].Time + int64(i)*int64(20*time.Minute)/8
		}
	})
	if s := one(t, slow, Options{Order: Auto}); string(s.Bytes) != "0123456789" {
		t.Errorf("a slow sender: got %q", s.Bytes)
	}
}

// Hostile numbers, times and lengths: no panic, and what is told adds up.
func FuzzCarve(f *testing.F) {
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x09abcdefghijklmnop"), uint8(3))
	f.Add(bytes.Repeat([]byte{1, 2, 3, 4, 5}, 40), uint8(7))
	f.Fuzz(func(t *testing.T, b []byte, flags uint8) {
		var list []Candidate
		now := int64(0)
		for i := 0; i+5 <= len(b); i += 5 {
			x := b[i : i+5]
			now += int64(x[0]) << (flags % 40)
			list = append(list, Candidate{Number: int64(i + 1), Time: now, Value: x[1 : 1+x[4]%4], Wire: int(x[4]), Anchor: x[3]&1 == 0,
				Ordinary: x[3]&2 == 0, Ident: uint16(x[1]), Seq: uint16(x[2])<<8 | uint16(x[3]), Shape: Shape{TTL: x[3] & 4, Length: int(x[4])}})
		}
		for _, s := range Carve(list, Options{Order: []Order{Auto, ByTime, BySeq}[flags%3], Field: flags&64 != 0}) {
			check(t, s)
			clean, _ := Strip(s)
			check(t, clean)
		}
	})
}

func check(t *testing.T, s Stream) {
	t.Helper()
	if len(s.Pieces) == 0 {
		t.Fatal("a stream without pieces")
	}
	for i, p := range s.Pieces {
		if p.Offset > int64(len(s.Bytes)) || i > 0 && p.Offset < s.Pieces[i-1].Offset {
			t.Fatalf("piece %d at %d of %d", i, p.Offset, len(s.Bytes))
		}
	}
	for i, g := range s.Gaps {
		if g.Offset > int64(len(s.Bytes)) || g.Length == 0 || g.Length < -1 || i > 0 && g.Offset < s.Gaps[i-1].Offset {
			t.Fatalf("gap %+v in %d bytes", g, len(s.Bytes))
		}
	}
}
