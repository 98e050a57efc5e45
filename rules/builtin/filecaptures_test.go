package builtin_test

import (
	archive "archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// archived is a small archive, stored without compression so that it is the same whoever makes it.
func archived(text string) []byte {
	var out bytes.Buffer
	z := archive.NewWriter(&out)
	w, _ := z.CreateHeader(&archive.FileHeader{Name: "note.txt", Method: archive.Store})
	_, _ = w.Write([]byte(text))
	_ = z.Close()
	return out.Bytes()
}

// squeezed is a gzip stream, of the same kind.
func squeezed(text string) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.NoCompression)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.Bytes()
}

// inTwo sends the halves of a file a second apart.
func inTwo(at time.Duration, src, dst string, typ byte, file []byte) []sent {
	half := len(file) / 2
	return []sent{{at, src, dst, echo(typ, 7, 1, file[:half])}, {at + time.Second, src, dst, echo(typ, 7, 2, file[half:])}}
}

// fileHit is a file in two pings, of each kind, and in replies that nobody asked for; and the same in one, which comes again
// within a day, and once more later.
func fileHit() (out []sent) {
	out = append(out, inTwo(0, "10.20.7.1", outside, 8, archived(longer))...)
	out = append(out, inTwo(0, "10.20.7.2", outside, 8, squeezed(longer))...)
	out = append(out, inTwo(0, "10.20.7.3", outside, 8, []byte(base64.StdEncoding.EncodeToString([]byte(longer))))...)
	out = append(out, inTwo(0, "10.20.7.4", outside, 8, []byte(hex.EncodeToString([]byte(longer))))...)
	out = append(out, inTwo(0, "10.20.7.5", outside, 0, archived(longer))...)
	out = append(out, inTwo(0, inside6, outside6, 128, archived(longer))...)
	for _, at := range []time.Duration{0, 18 * time.Hour, 54 * time.Hour} { // one finding, or two within 12 hours; a second, or one within 48
		out = append(out, sent{at, "10.20.7.6", outside, echo(8, 7, 1, archived(longer))})
	}
	return append(out, sent{time.Hour, "10.20.7.6", "203.0.113.67", echo(8, 7, 1, archived(longer))})
}

// fileMiss is what only begins as a file, a text as it is, and a file in replies that were asked for or in other messages.
func fileMiss() (out []sent) {
	out = append(out, inTwo(0, "10.20.7.1", outside, 8, append(squeezed(longer)[:10], noise(200, 1)...))...)
	out = append(out, inTwo(0, "10.20.7.2", outside, 8, []byte(longer))...)
	out = append(out, inTwo(0, "10.20.7.3", outside, 13, archived(longer))...)
	return append(out, inTwo(0, "10.20.7.4", outside, 8, noise(300, 2))...)
}

// fileAnswered is a file in replies that were asked for: other rules judge these.
func fileAnswered() (out []sent) {
	for i, half := range [][]byte{archived(longer)[:170], archived(longer)[170:]} {
		out = append(out, answered(time.Duration(i)*time.Second, outside, "10.20.7.1", uint16(i), windowsBody(i), half)...)
	}
	return out
}

// fileOrder is a file whose pieces overtake each other while its sender answers pings, and one whose pieces have numbers that mean nothing.
func fileOrder() (out []sent) {
	for i, n := range []int{0, 2, 1, 3} {
		out = append(out, sent{time.Duration(i) * time.Second, "10.20.7.1", outside, echo(8, 7, uint16(n), archived("Copy B. " + longer)[94*n:94*n+94])})
		out = append(out, answered(time.Duration(i)*time.Second+time.Second/2, outside, "10.20.7.1", uint16(i), noise(94, i), noise(94, i))...)
	}
	for i, seq := range []uint16{900, 20, 7000, 61} {
		out = append(out, sent{time.Duration(i) * time.Second, "10.20.7.2", outside, echo(8, 7, seq, archived("Copy C. " + longer)[94*i:94*i+94])})
	}
	return out
}

// slicesOf cuts a file into n of about the same size.
func slicesOf(file []byte, n int) (out [][]byte) {
	for i := range n {
		out = append(out, file[i*len(file)/n:(i+1)*len(file)/n])
	}
	return out
}

// fewHit is a text and an encrypted file that says so in two large pings each, and a file behind a mark of the sender's own in four.
func fewHit() (out []sent) {
	report := []byte(longer + "Third, " + longer)
	out = append(out, inTwo(0, "10.20.7.1", outside, 8, report)...)
	out = append(out, inTwo(0, "10.20.7.2", outside, 8, append([]byte("Salted__"), noise(600, 3)...))...)
	for i, piece := range slicesOf(archived(longer+longer+longer), 4) {
		out = append(out, sent{time.Duration(i) * time.Second, "10.20.7.3", outside, echo(8, 7, uint16(i), append([]byte("DX1:"), piece...))})
	}
	out = append(out, inTwo(0, "10.20.7.4", outside, 0, report)...)
	out = append(out, inTwo(0, "10.20.7.5", outside, 8, report[:256])...) // no larger than it takes
	return append(out, sent{0, "10.20.7.6", outside, echo(8, 7, 1, report[:240])}, sent{18 * time.Hour, "10.20.7.6", outside, echo(8, 7, 2, report[240:])})
}

// fewOrder is a file whose pieces overtake each other while its sender answers pings, and one whose pieces have numbers that mean
// nothing; the last piece of each is small.
func fewOrder() (out []sent) {
	cut := func(name string, i int) []byte {
		file := archived(name + longer + longer + longer)
		return file[260*i : min(len(file), 260*i+260)]
	}
	for i, n := range []int{0, 2, 1, 3} {
		at := time.Duration(i) * time.Second
		out = append(out, sent{at, "10.20.7.1", outside, echo(8, 7, uint16(n), cut("Copy D. ", n))})
		out = append(out, answered(at+time.Second/2, outside, "10.20.7.1", uint16(i), noise(260, i), noise(260, i))...)
	}
	for i, seq := range []uint16{900, 20, 7000, 61} {
		out = append(out, sent{time.Duration(i) * time.Second, "10.20.7.2", outside, echo(8, 7, seq, cut("Copy E. ", i))})
	}
	return out
}

// fewTwo is one sender of a text to two receivers.
func fewTwo() []sent {
	report := []byte(longer + "Third, " + longer)
	return append(inTwo(0, "10.20.7.1", outside, 8, report), inTwo(0, "10.20.7.1", "203.0.113.67", 8, report)...)
}

// fewMiss is one such ping, the same one twice, smaller ones, noise, halves for two receivers and a day and a half apart, and a text in
// replies that were asked for.
func fewMiss() (out []sent) {
	report := []byte(longer + "Third, " + longer)
	out = append(out, sent{0, "10.20.7.1", outside, echo(8, 7, 1, report[:200])})
	for i := range 2 {
		out = append(out, sent{time.Duration(i) * time.Second, "10.20.7.2", outside, echo(8, 7, uint16(i), report[:200])})
	}
	out = append(out, inTwo(0, "10.20.7.3", outside, 8, report[:254])...)
	out = append(out, inTwo(0, "10.20.7.4", outside, 8, noise(600, 2))...)
	out = append(out, sent{0, "10.20.7.6", outside, echo(8, 7, 1, report[:240])}, sent{36 * time.Hour, "10.20.7.6", outside, echo(8, 7, 2, report[240:])})
	out = append(out, sent{0, "10.20.7.7", outside, echo(8, 7, 1, report[:240])}, sent{time.Second, "10.20.7.7", "203.0.113.67", echo(8, 7, 2, report[240:])})
	for i, half := range [][]byte{report[:200], report[200:]} {
		out = append(out, answered(time.Duration(i)*time.Second, outside, "10.20.7.5", uint16(i), windowsBody(i), half)...)
	}
	return out
}

// blankReplies are a file in replies, with zero bytes in the middle that alone look like an ordinary ping's, and replies in between that
// give back what they were sent.
func blankReplies(client, server string, question []byte) (out []sent) {
	file := archived(longer + string(make([]byte, 160)) + longer)
	for i := 0; i*56 < len(file); i++ {
		at := time.Duration(i) * time.Second
		out = append(out, answered(at, client, server, uint16(2*i), question, file[56*i:min(len(file), 56*i+56)])...)
		out = append(out, answered(at+time.Second/2, client, server, uint16(2*i+1), line(i%8), line(i%8))...)
	}
	return out
}

func outboundBlank() []sent { return blankReplies(outside, inside, stock) }
func tunnelBlank() []sent   { return blankReplies(inside, outside, stock) }
func fetchBlank() []sent    { return blankReplies(inside, outside, nil) }
