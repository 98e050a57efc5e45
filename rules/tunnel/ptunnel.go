package tunnel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
)

// ptunnelLength is that of the header of ptunnel and ptunnel-ng (pkt.h): magic, destination, port, state, acknowledgment,
// data length, sequence number, session.
const ptunnelLength = 28

// ptunnelCarrier is the part of the payload behind it.
const ptunnelCarrier = "sift.payload[28:]"

// States of a ptunnel packet. The highest bits say who wrote it.
const (
	ptunnelStart = 0
	ptunnelData  = 2
	ptunnelClose = 3
	ptunnelLast  = 5

	ptunnelUser  = 1 << 30
	ptunnelProxy = 1 << 31
)

// maxSessions bounds the connections brought back from one tunnel.
const maxSessions = 64

// ptunnelHeader is what the header says.
type ptunnelHeader struct {
	magic   uint32
	target  netip.AddrPort // where the proxy is to connect to, in the first packet of a session
	proxy   bool
	state   uint32
	length  int
	seq, id uint16
}

// readPtunnel reads the header; ok is false where the message does not have its shape. Any magic will do.
func readPtunnel(m *Message) (h ptunnelHeader, ok bool) {
	b := m.Payload
	if len(b) < ptunnelLength {
		return h, false
	}
	be := binary.BigEndian
	port, state, ack, length := be.Uint32(b[8:]), be.Uint32(b[12:]), be.Uint32(b[16:]), be.Uint32(b[20:])
	who := state >> 30
	if who != 1 && who != 2 || state&(1<<30-1) > ptunnelLast || port > 0xffff || ack > 0xffff {
		return h, false
	}
	if pad := int64(m.Wire) - ptunnelLength - int64(length); pad < 0 || pad > 1 {
		return h, false
	}
	return ptunnelHeader{magic: be.Uint32(b), target: netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), uint16(port)), proxy: who == 2,
		state: state & (1<<30 - 1), length: int(length), seq: be.Uint16(b[24:]), id: be.Uint16(b[26:])}, true
}

// ptunnelSession is one connection through a ptunnel.
type ptunnelSession struct {
	id     uint16
	target netip.AddrPort
	places [2]unwrapped // of the client and the proxy
	pieces [2][]piece
	closed bool
}

// openPtunnel brings back the streams of each session. What the client wrote counts once, whether its request was captured
// or the reply that a kernel gave to it.
func openPtunnel(t *talk) (c Content) {
	client := t.client(func(m *Message) (proxy, ok bool) {
		h, ok := readPtunnel(m)
		return h.proxy, ok
	})
	for _, s := range t.ptunnels() {
		streams := [2]*stream{t.counted(client, s.pieces[0]), t.counted(1-client, s.pieces[1])}
		for _, x := range streams {
			x.closed = s.closed
		}
		c.Notes = append(c.Notes, s.note())
		t.both(&c, streams, ptunnelCarrier, "seq")
	}
	return c
}

// ptunnels sorts the messages by session, in order of their first. One message alone is no session: chance can make it.
func (t *talk) ptunnels() (out []*ptunnelSession) {
	open := map[[2]uint32]*ptunnelSession{}
	for i := range t.messages {
		m := &t.messages[i]
		h, ok := readPtunnel(m)
		if !ok {
			continue
		}
		key := [2]uint32{h.magic, uint32(h.id)}
		s := open[key]
		if s == nil || s.closed && h.state == ptunnelStart && !h.proxy && !m.Reply {
			s = &ptunnelSession{id: h.id}
			open[key] = s
			out = append(out, s)
		}
		s.add(h, m, i)
	}
	out = slices.DeleteFunc(out, func(s *ptunnelSession) bool { return len(s.pieces[0])+len(s.pieces[1]) < 2 })
	return out[:min(len(out), maxSessions)]
}

func (s *ptunnelSession) add(h ptunnelHeader, m *Message, at int) {
	who := 0
	if h.proxy {
		who = 1
	}
	p := piece{at: s.places[who].place(h.seq), message: at}
	switch h.state {
	case ptunnelStart:
		if !h.proxy && !s.target.IsValid() {
			s.target = h.target
		}
	case ptunnelClose:
		s.closed = true
	case ptunnelData:
		p.wire = h.length
		p.data = m.Payload[ptunnelLength:min(ptunnelLength+h.length, len(m.Payload))]
	}
	s.pieces[who] = append(s.pieces[who], p)
}

func (s *ptunnelSession) note() string {
	if !s.target.IsValid() {
		return fmt.Sprintf("Tunnel session %#04x: its first packet was not captured, its target is not known.", s.id)
	}
	return fmt.Sprintf("Tunnel session %#04x leads on to %s.", s.id, s.target)
}
