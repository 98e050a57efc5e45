package tunnel

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"icmpsift/rules"
)

// exchanged makes the two streams of a connection of bytes.
func exchanged(up, down string, closed bool) [2]*stream {
	make := func(from int, s string) *stream {
		out := someTalk().stream(from)
		for i, b := range chunks([]byte(s), 100) {
			out.add(piece{data: b, wire: len(b), message: 2*i + from})
		}
		out.closed = closed
		return out
	}
	return [2]*stream{make(0, up), make(1, down)}
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// What HTTP connections carried, by how they say how long it is.
func TestWebObjects(t *testing.T) {
	type want struct {
		name, body string
		whole      bool
		from       int
	}
	long := strings.Repeat("0123456789", 60)
	get := "GET /d/file.txt?q=1 HTTP/1.1\r\nHost: h\r\n\r\n"
	form := "--XX\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nvalue\r\n--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../etc/up.bin\"\r\n\r\n" + long + "\r\n--XX--\r\n"
	for name, tt := range map[string]struct {
		up, down string
		closed   bool
		want     []want
	}{
		"length":            {get, "HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + long, false, []want{{"file.txt", long, true, 1}}},
		"length, cut short": {get, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + long, false, []want{{"file.txt", long, false, 1}}},
		"chunks":            {get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n" + long + "\r\n0\r\n\r\n", false, []want{{"file.txt", long, true, 1}}},
		"chunks, cut short": {get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + long, false, []want{{"file.txt", long, false, 1}}},
		"until the end":     {get, "HTTP/1.0 200 OK\r\n\r\n" + long, true, []want{{"file.txt", long, true, 1}}},
		"no end seen":       {get, "HTTP/1.0 200 OK\r\n\r\n" + long, false, []want{{"file.txt", long, false, 1}}},
		"named":             {get, "HTTP/1.0 200 OK\r\nContent-Disposition: attachment; filename=\"real name.doc\"\r\nContent-Length: 600\r\n\r\n" + long, false, []want{{"real name.doc", long, true, 1}}},
		"coded":             {get, fmt.Sprintf("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(gzipped(long)), gzipped(long)), false, []want{{"file.txt", long, true, 1}}},
		"upload":            {"PUT /in/box.zip HTTP/1.1\r\nContent-Length: 600\r\n\r\n" + long, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", false, []want{{"box.zip", long, true, 0}}},
		"form":              {fmt.Sprintf("POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: %d\r\n\r\n%s", len(form), form), "HTTP/1.1 204 No Content\r\n\r\n", false, []want{{"up.bin", long, true, 0}}},
		"head and get":      {"HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, []want{{"b", "abc", true, 1}}},
		"not found":         {get, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry", false, nil},
		"continue":          {"PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false, []want{{"x", "hi", true, 0}, {"x", "ok", true, 1}}},
		"no question":       {"", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, []want{{"", "abc", true, 1}}},
		"no HTTP":           {"EHLO x\r\n", "250 OK\r\n", true, nil},
		"the largest two":   {strings.Repeat("GET /s HTTP/1.1\r\n\r\n", 3), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", false, []want{{"s", "abc", true, 1}, {"s", "ab", true, 1}}},
	} {
		got := someTalk().objects(exchanged(tt.up, tt.down, tt.closed), "c")
		if len(got) != len(tt.want) {
			t.Errorf("%s: %d objects, want %d", name, len(got), len(tt.want))
			continue
		}
		for i, w := range tt.want {
			if f := got[i]; f.Name != w.name || string(f.Bytes) != w.body || f.Complete != w.whole || f.Src != hosts[w.from].Address || len(f.Messages) == 0 {
				t.Errorf("%s: name %q, %d bytes, complete %v, from %s, messages %v", name, f.Name, len(f.Bytes), f.Complete, f.Src, f.Messages)
			}
		}
		if name == "coded" && (got[0].Encodings[0] != "gzip" || string(got[0].Raw) != gzipped(long)) {
			t.Errorf("%s: %v", name, got[0].Encodings)
		}
	}
}

// A hole in a body is a gap at its place in the file, and the next file is not lost by it.
func TestWebObjectsWithHoles(t *testing.T) {
	s := someTalk().stream(1)
	before := []byte("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabcdefghij")
	behind := []byte("uvwxyz0123HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + strings.Repeat("n", 40))
	s.add(piece{data: before, wire: len(before)})
	s.skip(10)
	s.add(piece{data: behind, wire: len(behind), message: 1})
	got := someTalk().objects([2]*stream{{}, s}, "c")
	if len(got) != 2 || string(got[1].Bytes) != "abcdefghijuvwxyz0123" || got[1].Complete || len(got[1].Gaps) != 1 || got[1].Gaps[0] != (rules.Gap{Offset: 10, Length: 10}) {
		t.Fatalf("%+v", got)
	}
	if string(got[0].Bytes) != strings.Repeat("n", 40) || !got[0].Complete {
		t.Errorf("the next: %q, %v", got[0].Bytes, got[0].Gaps)
	}
}

func FuzzWeb(f *testing.F) {
	f.Add("GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", uint8(60))
	f.Add("POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: 70\r\n\r\n--X\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nabc\r\n--X--\r\n", "", uint8(0))
	f.Fuzz(func(t *testing.T, up, down string, hole uint8) {
		streams := exchanged(up, down, hole&1 == 0)
		at := min(int(hole), len(down))
		streams[1] = someTalk().stream(1)
		streams[1].closed = true
		streams[1].add(piece{data: []byte(down[:at]), wire: at})
		streams[1].skip(int64(hole) + 1)
		streams[1].add(piece{data: []byte(down[at:]), wire: len(down) - at, message: 1})
		list := make([]Message, 2*(len(up)+len(down))/100+10)
		sane(t, Content{Finds: someTalk().objects(streams, "c")}, list)
	})
}
