package recover

import (
	"bytes"
	"testing"
	"time"
)

// sent makes one-byte pieces of a file, a tenth of a second apart from the given time on.
func sent(file []byte, from time.Duration, number int64) (out []Candidate) {
	for i, b := range file {
		out = append(out, Candidate{Number: number + int64(i), Time: int64(from + time.Duration(i)*time.Second/10), Value: []byte{b}, Wire: 1, Anchor: true})
	}
	return out
}

func TestFilesOneAfterAnother(t *testing.T) {
	png := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"), bytes.Repeat([]byte("pixels"), 20)...)
	text := bytes.Repeat([]byte("some words of a letter. "), 5)
	for name, tt := range map[string]struct {
		second []byte
		after  time.Duration // silence
		want   int
	}{
		"signature after silence":   {png, 10 * time.Minute, 2},
		"no signature":              {text, 10 * time.Minute, 1},
		"signature without silence": {png, time.Second, 1},
	} {
		first := sent(text, 0, 1)
		second := sent(tt.second, time.Duration(first[len(first)-1].Time)+tt.after, int64(len(first))+1)
		streams := Carve(append(first, second...), Options{Order: Auto, Field: true})
		if len(streams) != tt.want {
			t.Errorf("%s: %d streams, want %d", name, len(streams), tt.want)
			continue
		}
		if tt.want == 2 && (!bytes.Equal(streams[0].Bytes, text) || !bytes.Equal(streams[1].Bytes, tt.second)) {
			t.Errorf("%s: the files' bytes differ", name)
		}
	}
}
