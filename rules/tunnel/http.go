package tunnel

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"

	"icmpsift/ingest/payload"
	"icmpsift/rules"
)

// Bounds of what connections give back.
const (
	maxObjects   = 2      // of one connection: the largest
	maxTransfers = 32     // of a tunnel
	maxMessages  = 10_000 // HTTP messages of one stream
)

// object is a file that a connection transferred.
type object struct {
	stream     *stream
	start, end int64  // where in the stream
	body       []byte // as sent, without transfer coding
	gaps       []rules.Gap
	whole      bool
	name       string // hostile text
	coding     string // Content-Encoding
}

// transfers brings back what TCP connections transferred.
func (t *talk) transfers(flows []*flow, carrier string) (out []Find) {
	for _, f := range flows {
		out = append(out, t.objects(f.streams, carrier)...)
		if len(out) >= maxTransfers {
			return out[:maxTransfers]
		}
	}
	return out
}

// objects brings back the files that the two streams of a connection carried: bodies of HTTP messages, or the stream of
// one side where it is a file itself.
func (t *talk) objects(streams [2]*stream, carrier string) (out []Find) {
	found := webObjects(streams)
	if len(found) == 0 {
		found = bareFiles(streams)
	}
	slices.SortStableFunc(found, func(a, b object) int { return len(b.body) - len(a.body) })
	for _, o := range found[:min(len(found), maxObjects)] {
		out = append(out, t.transfer(o, carrier))
	}
	return out
}

// transfer makes an artefact of an object.
func (t *talk) transfer(o object, carrier string) Find {
	f := t.find(o.stream.from, carrier)
	f.Name, f.Order, f.Gaps, f.Complete, f.Vouched = o.name, "seq", o.gaps, o.whole, o.whole
	f.Bytes = o.body
	if o.coding == "gzip" || o.coding == "x-gzip" {
		if plain, ok := t.unpacked(o.body); ok {
			f.Bytes, f.Raw, f.Encodings, f.Gaps = plain, o.body, []string{"gzip"}, nil
		}
	}
	f.Messages = o.stream.messages(o.start, o.end)
	f.Packets = int64(len(f.Messages))
	typed(&f)
	return f
}

func (t *talk) unpacked(b []byte) ([]byte, bool) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(*t.spare)+1))
	return plain, err == nil && t.spare.pay(int64(len(plain)))
}

// bareFiles are streams that start as a file of a known kind does, or to which nothing was said: what nc and its like, and
// FTP's data connections, transfer.
func bareFiles(streams [2]*stream) (out []object) {
	for i, s := range streams {
		if _, _, certain := payload.Magic(s.bytes); len(s.bytes) == 0 || !certain && len(streams[1-i].bytes) > 0 {
			continue
		}
		body, gaps := s.cut(0, int64(len(s.bytes)))
		out = append(out, object{stream: s, end: int64(len(s.bytes)), body: body, gaps: gaps, whole: len(gaps) == 0 && s.closed})
	}
	return out
}

// webObjects reads the HTTP requests in one stream and the responses in the other.
func webObjects(streams [2]*stream) (out []object) {
	for i, s := range streams {
		if other := streams[1-i]; requesting(s.bytes) || responding(other.bytes) {
			asked, sent := requests(s)
			return append(sent, responses(other, asked)...)
		}
	}
	return nil
}

func responding(b []byte) bool { return bytes.HasPrefix(b, []byte("HTTP/1.")) }

// requesting tells whether the first line ends as that of an HTTP/1 request does.
func requesting(b []byte) bool {
	line, _, ended := bytes.Cut(b[:min(len(b), 8<<10)], []byte("\r\n"))
	at := bytes.LastIndexByte(line, ' ')
	return ended && at > 0 && bytes.HasPrefix(line[at+1:], []byte("HTTP/1."))
}

// web reads HTTP messages of a stream one after another, knowing where in it they stand.
type web struct {
	s    *stream
	left *bytes.Reader
	buf  *bufio.Reader
}

func newWeb(s *stream) *web {
	left := bytes.NewReader(s.bytes)
	return &web{s: s, left: left, buf: bufio.NewReader(left)}
}

func (w *web) place() int64 { return int64(len(w.s.bytes) - w.left.Len() - w.buf.Buffered()) }

// body reads a message's body; length is what its header says of it, -1 if nothing.
func (w *web) body(r io.Reader, length int64) (o object, ok bool) {
	o = object{stream: w.s, start: w.place()}
	got, err := io.ReadAll(r)
	o.end = w.place()
	raw, gaps := w.s.cut(o.start, o.end)
	o.body, o.gaps, o.whole = raw, gaps, length >= 0 || w.s.closed
	switch missing := length - (o.end - o.start); {
	case o.end-o.start != int64(len(got)): // it came in chunks
		o.body, o.gaps, o.whole = got, nil, true
		if len(gaps) > 0 || err != nil {
			o.gaps = []rules.Gap{{Offset: int64(len(got)), Length: -1}}
		}
	case missing > 0:
		o.gaps = append(o.gaps, rules.Gap{Offset: int64(len(raw)), Length: missing})
	}
	o.whole = o.whole && len(o.gaps) == 0
	return o, len(o.body) > 0
}

// requests gives the requests of a stream, and the files sent with them.
func requests(s *stream) (asked []*http.Request, sent []object) {
	w := newWeb(s)
	for len(asked) < maxMessages {
		r, err := http.ReadRequest(w.buf)
		if err != nil {
			return asked, sent
		}
		asked = append(asked, r)
		if o, ok := w.body(r.Body, r.ContentLength); ok && len(sent) < maxTransfers {
			o.name, o.coding = path.Base(r.URL.Path), r.Header.Get("Content-Encoding")
			sent = append(sent, o.form(r.Header)...)
		}
	}
	return asked, sent
}

// form gives the files of a form, or the body as it is.
func (o object) form(h http.Header) (out []object) {
	media, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || len(o.gaps) > 0 {
		return []object{o}
	}
	for r := multipart.NewReader(bytes.NewReader(o.body), parameters["boundary"]); len(out) < maxTransfers; {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		part := o
		if part.body, err = io.ReadAll(p); err == nil && p.FileName() != "" && len(part.body) > 0 {
			part.name = p.FileName()
			out = append(out, part)
		}
	}
	if len(out) == 0 {
		return []object{o}
	}
	return out
}

// responses gives what was sent for requests that succeeded.
func responses(s *stream, asked []*http.Request) (out []object) {
	w := newWeb(s)
	for i := 0; i < maxMessages && len(out) < maxTransfers; {
		var request *http.Request
		if i < len(asked) {
			request = asked[i]
		}
		r, err := http.ReadResponse(w.buf, request)
		if err != nil {
			return out
		}
		o, ok := w.body(r.Body, r.ContentLength)
		if r.StatusCode >= 200 {
			i++ // what comes before is told besides the answer
		}
		if ok && r.StatusCode/100 == 2 {
			o.name, o.coding = nameOf(r, request), r.Header.Get("Content-Encoding")
			out = append(out, o)
		}
	}
	return out
}

// nameOf is what the sender calls a file, or its last name in the address.
func nameOf(r *http.Response, request *http.Request) string {
	if _, p, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil && p["filename"] != "" {
		return p["filename"]
	}
	if request == nil || request.URL == nil {
		return ""
	}
	return strings.TrimPrefix(path.Base(request.URL.Path), "/")
}
