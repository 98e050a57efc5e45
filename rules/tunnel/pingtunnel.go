package tunnel

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"slices"

	"icmpsift/ingest/inert"
)

// pingtunnelCarrier is where the data stand: in the field "data" of the message.
const pingtunnelCarrier = "sift.payload"

// Fields of pingtunnel's messages (msg.proto).
const (
	pingtunnelID     = 1
	pingtunnelType   = 2
	pingtunnelTarget = 3
	pingtunnelBytes  = 4
	pingtunnelReply  = 5
	pingtunnelMagic  = 6
	pingtunnelMode   = 9
	pingtunnelFields = 16 // none is numbered so high
)

// Fields and types of the frames in them where TCP is carried.
const (
	frameType   = 1
	frameNumber = 4
	frameData   = 5
	frameFields = 8

	dataType   = 1
	dataBytes  = 2
	dataPacked = 3

	dataIsUser  = 0
	dataIsClose = 3
)

// maxIDLength bounds a connection's name.
const maxIDLength = 64

// pingMessage is one of pingtunnel's messages.
type pingMessage struct {
	id, target string
	server     bool
	kind       uint64
	data       []byte
	wire       int
	framed     bool
}

// readPing reads a message; ok is false if it has not the form.
func readPing(m *Message) (p pingMessage, ok bool) {
	if p, ok = readOlder(m); ok {
		return p, true
	}
	entries, ok := protobuf(m.Payload, m.Wire)
	if !ok {
		return p, false
	}
	p.server = m.Reply && m.Wire > len(m.Payload) // who wrote it may be cut off
	marked, answers := false, false
	for _, e := range entries {
		if e.field >= pingtunnelFields || (e.kind == protoBytes) != (e.field == pingtunnelID || e.field == pingtunnelTarget || e.field == pingtunnelBytes) {
			return p, false
		}
		switch e.field {
		case pingtunnelID:
			p.id = string(e.bytes[:min(len(e.bytes), maxIDLength)])
		case pingtunnelType:
			p.kind = e.number
		case pingtunnelTarget:
			p.target = string(e.bytes[:min(len(e.bytes), 256)])
		case pingtunnelBytes:
			p.data, p.wire = e.bytes, e.wire
		case pingtunnelReply:
			answers = zigzag(e.number) < 0
		case pingtunnelMagic:
			marked, p.server = true, answers
		case pingtunnelMode:
			p.framed = e.number > 0
		}
	}
	cut := m.Wire > len(m.Payload) && p.id != "" && p.wire > 0
	return p, marked || cut
}

// pingConnection is a connection through pingtunnel.
type pingConnection struct {
	target string
	framed bool       // TCP, carried in frames that are numbered
	pieces [2][]piece // of datagrams, as they came: of the client and the server
	frames [2][]piece // by number
	odd    bool       // some data are no frames
	closed bool
}

// openPingtunnel brings back the streams of each connection.
func openPingtunnel(t *talk) (c Content) {
	client := t.client(func(m *Message) (server, ok bool) {
		p, ok := readPing(m)
		return p.server, ok
	})
	for _, x := range t.pingConnections() {
		order := "time"
		var streams [2]*stream
		for who, from := range [2]int{client, 1 - client} {
			if x.framed || !x.odd {
				order = "seq"
				streams[who] = t.counted(from, x.frames[who])
			} else {
				streams[who] = t.following(from, x.pieces[who])
			}
			streams[who].closed = x.closed
		}
		if x.target != "" {
			c.Notes = append(c.Notes, fmt.Sprintf("A connection through the tunnel leads on to %s.", inert.Text(x.target)))
		}
		t.both(&c, streams, pingtunnelCarrier, order)
	}
	return c
}

// following joins pieces as they came.
func (t *talk) following(from int, pieces []piece) *stream {
	s := t.stream(from)
	for _, p := range pieces {
		s.add(p)
	}
	return s
}

// pingConnections sorts the messages by connection, in order of their first. A reply that a kernel gave to a client's
// message counts only where that message was not captured.
func (t *talk) pingConnections() (out []*pingConnection) {
	open, known := map[string]*pingConnection{}, 0
	for i := range t.messages {
		m := &t.messages[i]
		if m.Mirror {
			continue
		}
		p, ok := readPing(m)
		if !ok {
			continue
		}
		if known++; p.id == "" || p.kind != 0 {
			continue
		}
		x := open[p.id]
		if x == nil {
			if len(out) == maxSessions {
				continue
			}
			x = &pingConnection{}
			open[p.id] = x
			out = append(out, x)
		}
		x.add(p, i, t.spare)
	}
	if known < 2 {
		return nil
	}
	return slices.DeleteFunc(out, func(x *pingConnection) bool { return len(x.pieces[0])+len(x.pieces[1]) == 0 })
}

func (x *pingConnection) add(p pingMessage, at int, spare *purse) {
	who := 0
	if p.server {
		who = 1
	}
	if x.target == "" {
		x.target = p.target
	}
	x.framed = x.framed || p.framed
	if p.wire == 0 {
		return
	}
	x.pieces[who] = append(x.pieces[who], piece{data: p.data, wire: p.wire, message: at})
	f, ok := readFrame(p, at)
	if !ok {
		x.odd = true
	} else if f.numbered {
		if f.packed {
			f.unpack(spare)
		}
		x.frames[who] = append(x.frames[who], f.piece)
		x.closed = x.closed || f.closes
	}
}

// pingFrame is a frame of TCP data, or of something that has a number among them.
type pingFrame struct {
	piece
	numbered, closes, packed bool
}

// readFrame reads a frame; those without data of their own, such as acknowledgments, have no number.
func readFrame(p pingMessage, at int) (f pingFrame, ok bool) {
	entries, ok := protobuf(p.data, p.wire)
	if !ok {
		return f, false
	}
	f.message = at
	for _, e := range entries {
		switch {
		case e.field >= frameFields:
			return f, false
		case e.field == frameNumber && e.kind == protoVarint:
			f.at = int64(min(e.number, 1<<32))
		case e.field == frameData && e.kind == protoBytes:
			f.numbered = true
			if !f.carry(e) {
				return f, false
			}
		}
	}
	return f, true
}

// carry reads what a frame carries.
func (f *pingFrame) carry(data entry) bool {
	entries, ok := protobuf(data.bytes, data.wire)
	if !ok && data.wire > 0 {
		return false
	}
	kind := uint64(dataIsUser)
	for _, e := range entries {
		switch e.field {
		case dataType:
			kind = e.number
		case dataBytes:
			f.data, f.wire = e.bytes, e.wire
		case dataPacked:
			f.packed = e.number > 0
		}
	}
	if f.closes = kind == dataIsClose; kind != dataIsUser {
		f.data, f.wire = nil, 0
	}
	return true
}

// maxFrame bounds a frame's data after its compression was undone: it was sent in a ping before it was compressed.
const maxFrame = 64 << 10

// unpack undoes the compression of a frame that has it.
func (f *pingFrame) unpack(spare *purse) {
	r, err := zlib.NewReader(bytes.NewReader(f.data))
	if err != nil {
		return
	}
	if plain, err := io.ReadAll(io.LimitReader(r, maxFrame)); err == nil && spare.pay(int64(len(plain))) {
		f.data, f.wire = plain, len(plain)
	}
}
