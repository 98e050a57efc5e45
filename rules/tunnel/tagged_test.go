package tunnel

import (
	"encoding/binary"
	"slices"
	"testing"

	"icmpsift/rules"
)

// staged is a transfer as CS-EXTC2-ICMP does it, and a few frames behind it.
func staged(tag string, file []byte, size int, padded bool) []Message {
	length := func() []byte { return binary.BigEndian.AppendUint32([]byte(tag), uint32(len(file))) }
	list := []sent{{0, length()}, {1, length()}}
	if padded {
		list[0].body, list[1].body = append(list[0].body, make([]byte, size-4)...), append(list[1].body, make([]byte, size-4)...)
	}
	for _, b := range chunks(file, size) {
		if padded {
			b = append(slices.Clone(b), make([]byte, size-len(b))...)
		}
		list = append(list, sent{1, append([]byte(tag), b...)})
	}
	list = append(list, sent{0, []byte(tag + "beacon one")}, sent{1, []byte(tag + "task one")}, sent{0, []byte(tag + "two")})
	out := messages(list...)
	for i := range out {
		out[i].Seq = uint16(max(0, i-1))
	}
	last := len(out)
	out[last-3].Seq, out[last-2].Seq, out[last-1].Seq = 1, 1, 2
	return out
}

func TestTagged(t *testing.T) {
	file := append(random(10_000, 31), 0, 0, 1, 2) // the last piece looks like a length
	for name, list := range map[string][]Message{
		"as the tool does it":  staged("RQ47", file, 996, false),
		"another tag and size": staged("\x00\xffzz", file, 500, true),
		"the last piece alone": staged("abcd", file, 5002, true),
		"kernel echoes":        mirrored(staged("abcd", file, 996, false), true),
	} {
		c := opened("tagged", list)
		sane(t, c, list)
		f := came(c, file)
		if f == nil || !f.Complete || f.Src != hosts[1].Address || f.Order != "seq" {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
			continue
		}
		if came(c, []byte("beacon onetwo")) == nil || came(c, []byte("task one")) == nil || len(c.Finds) != 3 {
			t.Errorf("%s: what was said besides: %v", name, sizes(c))
		}
	}
}

// A program comes first, and then tasks and results, each behind its length: the program is one find, what each host said besides is another.
func TestTasks(t *testing.T) {
	program := append([]byte("\x7fELF\x02\x01\x01\x00"), random(2000, 33)...)
	var list []sent
	var numbers []uint16
	var said [2][]byte
	transfer := func(from int, b []byte) {
		list, numbers = append(list, sent{from, binary.BigEndian.AppendUint32([]byte("RQ47"), uint32(len(b)))}), append(numbers, 0)
		for i, p := range chunks(b, 300) {
			list, numbers = append(list, sent{from, append([]byte("RQ47"), p...)}), append(numbers, uint16(i+1))
		}
	}
	transfer(1, program)
	overtaken := len(list) - 2
	for i := range 5 {
		task, result := random(40+i, int64(40+i)), random(900+i, int64(50+i))
		transfer(1, task)
		transfer(0, result)
		said[0], said[1] = append(said[0], result...), append(said[1], task...)
	}
	list[overtaken], list[overtaken+1] = list[overtaken+1], list[overtaken]
	numbers[overtaken], numbers[overtaken+1] = numbers[overtaken+1], numbers[overtaken]
	all := messages(list...)
	for i := range all {
		all[i].Seq = numbers[i]
	}
	c := opened("tagged", all)
	sane(t, c, all)
	if len(c.Finds) != 3 || came(c, program) == nil || came(c, said[0]) == nil || came(c, said[1]) == nil {
		t.Errorf("came back: %v", sizes(c))
	}
}

func TestTaggedGaps(t *testing.T) {
	file := random(5*500, 32)
	list := staged("abcd", file, 500, false)
	list = renumbered(slices.Delete(list, 4, 5))
	f := came(opened("tagged", list), slices.Concat(file[:1000], file[1500:]))
	if f == nil || f.Complete || !slices.Equal(f.Gaps, []rules.Gap{{Offset: 1000, Length: 500}}) {
		t.Errorf("%+v", f)
	}
}

func TestNotTagged(t *testing.T) {
	var text, zeros []sent
	for i := range 10 {
		text, zeros = append(text, sent{i % 2, []byte("same words each time")}), append(zeros, sent{i % 2, make([]byte, 56)})
	}
	short := staged("abcd", random(600, 3), 500, false)
	short[3].Payload, short[3].Wire = short[3].Payload[:50], 50
	for name, list := range map[string][]Message{"a short last piece": short, "text": messages(text...), "zeros": messages(zeros...), "nothing": nil} {
		if c := opened("tagged", list); len(c.Finds) != 0 {
			t.Errorf("%s: %v bytes came back", name, sizes(c))
		}
	}
}

func FuzzTagged(f *testing.F) {
	var b []byte
	for _, m := range staged("abcd", random(60, 1), 20, false) {
		b = append(append(b, byte(m.From)|byte(m.Seq<<4), byte(m.Wire), 0), m.Payload...)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) { sane(t, opened("tagged", split(b)), split(b)) })
}
