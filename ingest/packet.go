package ingest

import "net/netip"

// Proto is a protocol layer; String gives Wireshark's abbreviation.
type Proto uint8

// The layers the decoder tells apart. Frame is the record itself, Sift the case-scope facts: neither is a Layer of a packet.
const (
	ProtoFrame Proto = iota
	ProtoEthernet
	ProtoVLAN
	ProtoQinQ // 802.1ad service tag
	ProtoSLL  // Linux cooked, versions 1 and 2
	ProtoNull // BSD null/loop
	ProtoARP
	ProtoIPv4
	ProtoIPv6
	ProtoHopByHop
	ProtoRouting
	ProtoIPv6Fragment
	ProtoDestOpts
	ProtoAH
	ProtoGRE
	ProtoUDP
	ProtoTCP
	ProtoICMPv4
	ProtoICMPv6
	ProtoData
	ProtoSift
	ProtoMalformed // _ws.malformed
	ProtoShort     // _ws.short
	ProtoPPPoE
	ProtoPPP
	ProtoMPLS
	ProtoVXLAN
	ProtoGeneve
	ProtoGTP
	ProtoTeredo
	ProtoERSPAN
	ProtoLLC
	protoCount
)

var protoNames = [protoCount]string{
	"frame", "eth", "vlan", "ieee8021ad", "sll", "null", "arp", "ip", "ipv6", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts",
	"ah", "gre", "udp", "tcp", "icmp", "icmpv6", "data", "sift", "_ws.malformed", "_ws.short", "pppoes", "ppp", "mpls", "vxlan", "geneve",
	"gtp", "teredo", "erspan", "llc",
}

// String gives Wireshark's abbreviation, such as "ip" or "icmpv6".
func (p Proto) String() string {
	if p < protoCount {
		return protoNames[p]
	}
	return "unknown"
}

// ChecksumStatus is the verdict on a checksum, with Wireshark's numbers (proto_checksum_status).
type ChecksumStatus uint8

// Checksum verdicts. Unverified means not checkable: fragment, cut by snaplen, or quoted by an error.
const (
	ChecksumBad ChecksumStatus = iota
	ChecksumGood
	ChecksumUnverified
	ChecksumNotPresent
	ChecksumIllegal
)

// Layer is one header of a packet and what it carries. Its bytes alias the frame or the reassembled datagram.
type Layer struct {
	Proto    Proto
	Quoted   uint8 // how many ICMP errors quote this layer: 0 is on the wire
	Parent   int8  // index of the layer it stands in, -1 for the first
	Checksum ChecksumStatus
	Want     uint16 // the checksum that would be right, where Checksum is good or bad
	Header   int    // bytes of header at the front of Bytes, as far as captured
	Reported int    // bytes the layer had on the wire, never less than len(Bytes)
	Bytes    []byte // header and payload as captured, trailer and padding cut off
}

// Payload is what the layer carries behind its header, as captured.
func (l *Layer) Payload() []byte { return l.Bytes[min(l.Header, len(l.Bytes)):] }

// Cut tells whether the capture holds less of the layer than was on the wire.
func (l *Layer) Cut() bool { return len(l.Bytes) < l.Reported }

// Problem is a set of things that are wrong with a packet.
type Problem uint16

// Problems of a packet.
const (
	Malformed    Problem = 1 << iota // a header contradicts itself or ends early on the wire (Wireshark: _ws.malformed)
	Short                            // the snaplen cut off bytes the decoder needed (Wireshark: _ws.short)
	BogusLength                      // IP total length exceeds the packet (ip.bogus_ip_length)
	Overlap                          // fragments of the datagram overlap
	Unassembled                      // a fragment whose datagram never completed
	TooLong                          // fragments reach past 65,535 bytes (ping of death)
	DecoderPanic                     // the decoder gave up on hostile bytes; the frame is kept
	UnknownLink                      // link type or encapsulation the decoder does not know
)

// Datagram is an IP datagram put together from fragments: what a frame that completes one carries with it.
type Datagram struct {
	Payload []byte    // bytes behind the IP header (IPv6: behind the unfragmentable part)
	Next    uint8     // IP protocol number of Payload
	Frames  []int64   // frames of the fragments in order of offset, this one included
	Inner   *Datagram // the datagram that Payload, itself a fragment inside a tunnel, completes in turn; mostly nil
}

// Packet is one frame decoded. Pointers to it and its slices hold until its reader's next call; Clone keeps it.
type Packet struct {
	Frame
	Layers   []Layer
	ICMP     int       // index of the ICMP message the frame carries, innermost and not quoted; -1 if none
	IP       int       // index of the IP header that carries it; -1 if none
	Whole    *Datagram // set when this frame completes a fragmented datagram
	Fragment bool      // an IP fragment that does not complete its datagram: no ICMP layer
	Problems Problem
	Link     Link
	Case     Case
	Facts    PayloadFacts // cache of the field table
}

// Link is what file scope knows of an echo packet after the whole file was read: Wireshark's matching (tshark -2).
type Link struct {
	RespIn   int64 // frame of the reply to this request (icmp.resp_in), 0 if none
	RespTo   int64 // frame of the request to this reply (icmp.resp_to), 0 if none
	RespTime int64 // reply time less request time, nanoseconds, with either of the above
	NoResp   bool  // a unicast request no reply was matched to (icmp.no_resp)
}

// Case is what case scope knows of a packet: its place in the merged, de-duplicated timeline and the second pairing.
type Case struct {
	Number   int64 // place in the timeline, from 1; copies share their original's number
	Evidence int   // index of the evidence file
	Time     int64 // packet time less the estimated clock offset of its sensor
	Copy     bool  // a further sighting of a packet already told
	Reply    Reply
}

// Reply is the second pairing (address pair, id, seq, latest request, 60 s): it finds replies that differ, which Wireshark's cannot.
type Reply struct {
	To          int64 // timeline number of the request this reply answers
	In          int64 // timeline number of the first reply to this request
	Time        int64 // reply time less request time, nanoseconds
	Differs     bool  // the reply's payload is not the request's (RFC 792 demands it be)
	Truncated   bool  // it differs only by being cut short: an honest limit of some hosts
	Extra       int   // on a reply: how many replies to the same request came before it
	Unanswered  bool  // a request without a reply within 60 s
	Unsolicited bool  // a reply without a request within 60 s before it
}

// PayloadFacts is what the payload room says of an echo payload.
type PayloadFacts struct {
	Done    bool    // the facts below were worked out
	Class   string  // "stock", "text", "base64", ...: see ingest/payload
	Stock   string  // which sender's ping it is, "" if none known
	Entropy float64 // Shannon entropy, bits per byte
}

// Src and Dst are the addresses of the IP header that carries the ICMP message; zero when there is none.
func (p *Packet) Src() netip.Addr { return p.address(12, 8) }

// Dst is the destination; see [Packet.Src].
func (p *Packet) Dst() netip.Addr { return p.address(16, 24) }

func (p *Packet) address(v4, v6 int) netip.Addr {
	if p.IP < 0 {
		return netip.Addr{}
	}
	return p.Layers[p.IP].address(v4, v6)
}

// Src is the source address of an IP layer; zero for other layers and headers cut short.
func (l *Layer) Src() netip.Addr { return l.address(12, 8) }

// Dst is the destination address of an IP layer; see [Layer.Src].
func (l *Layer) Dst() netip.Addr { return l.address(16, 24) }

func (l *Layer) address(v4, v6 int) netip.Addr {
	switch {
	case l.Proto == ProtoIPv4 && len(l.Bytes) >= v4+4:
		return netip.AddrFrom4([4]byte(l.Bytes[v4 : v4+4]))
	case l.Proto == ProtoIPv6 && len(l.Bytes) >= v6+16:
		return netip.AddrFrom16([16]byte(l.Bytes[v6 : v6+16]))
	}
	return netip.Addr{}
}

// Message is the ICMP layer, nil if the frame carries none.
func (p *Packet) Message() *Layer {
	if p.ICMP < 0 {
		return nil
	}
	return &p.Layers[p.ICMP]
}

// Type and Code of the ICMP message; ok is false when the capture does not hold them.
func (p *Packet) Type() (typ, code uint8, ok bool) {
	m := p.Message()
	if m == nil || len(m.Bytes) < 2 {
		return 0, 0, false
	}
	return m.Bytes[0], m.Bytes[1], true
}

// V6 tells whether the message is ICMPv6.
func (p *Packet) V6() bool { m := p.Message(); return m != nil && m.Proto == ProtoICMPv6 }

// Echo tells whether the message is an echo request or an echo reply (RFC 792, RFC 4443).
func (p *Packet) Echo() (request, reply bool) {
	typ, _, ok := p.Type()
	if !ok {
		return false, false
	}
	if p.V6() {
		return typ == 128, typ == 129
	}
	return typ == 8, typ == 0
}

// EchoPayload is every captured byte behind the 8-byte echo header; ok is false for messages that are not echo.
func (p *Packet) EchoPayload() (payload []byte, ok bool) {
	request, reply := p.Echo()
	if !request && !reply || len(p.Message().Bytes) < 8 {
		return nil, false
	}
	return p.Message().Bytes[8:], true
}

// Clone copies the packet so that it outlives its reader's next call.
func (p *Packet) Clone() *Packet {
	q := *p
	q.Data = append([]byte(nil), p.Data...)
	q.Layers = append([]Layer(nil), p.Layers...)
	for i := range q.Layers {
		q.Layers[i].Bytes = append([]byte(nil), p.Layers[i].Bytes...)
	}
	q.Whole = p.Whole.clone()
	return &q
}

func (d *Datagram) clone() *Datagram {
	if d == nil {
		return nil
	}
	return &Datagram{Payload: append([]byte(nil), d.Payload...), Next: d.Next, Frames: append([]int64(nil), d.Frames...), Inner: d.Inner.clone()}
}
