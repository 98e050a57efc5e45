package tunnel

import (
	"fmt"
	"strings"
	"testing"
)

// Hostile sequence numbers make no memory: what holes take is bounded over all connections together.
func TestHolesAreBounded(t *testing.T) {
	var list []sent
	for i := range 50 {
		client := fmt.Sprintf("10.9.0.2:%d", 1000+i)
		list = append(list, sent{0, tcp(client, innerServer, flagSYN, 0, nil)}, sent{0, tcp(client, innerServer, flagACK, 1, []byte("PK\x03\x04"))})
		for k := range 8 {
			list = append(list, sent{0, tcp(client, innerServer, flagACK, uint32(k+1)*100_000, []byte("far"))})
		}
	}
	x := someTalk()
	*x.spare = 1 << 20
	x.messages = messages(list...)
	held := 0
	for _, f := range x.flows(x.inside(x.headers())) {
		held += len(f.streams[0].bytes)
	}
	if held > 1<<20+len(list)*10 || held < 1<<19 {
		t.Errorf("%d bytes held for %d messages", held, len(list))
	}
}

// Nor does compression: bombs stay as they came.
func TestBombs(t *testing.T) {
	x := someTalk()
	*x.spare = 1 << 20
	bomb := gzipped(strings.Repeat("\x00", 1<<20+1))
	got := x.objects(exchanged("GET /a HTTP/1.1\r\n\r\n", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(bomb), bomb), false), "c")
	if len(got) != 1 || string(got[0].Bytes) != bomb || len(got[0].Encodings) != 0 {
		t.Errorf("%d objects", len(got))
	}
	var frames [][]byte
	for range 3 {
		frames = append(frames, make([]byte, maxFrame+1))
	}
	c := opened("pingtunnel", messages(connection("bombs", 9, frames, [][]byte{[]byte("x")}, true)...))
	for _, f := range c.Finds {
		if len(f.Bytes) > 3*maxFrame {
			t.Errorf("%d bytes of frames", len(f.Bytes))
		}
	}
}
