package ingest

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
	ProtoIPSwitch // Wireshark's "ip" dissector handing IPv6 on: a name in frame.protocols, without bytes of its own
	ProtoRaw      // raw IP inside another link header
	ProtoWLAN     // IEEE 802.11
	ProtoWLANRadio
	ProtoRadiotap
	ProtoPPI
	ProtoPrism
	ProtoAVS
	ProtoPacketData // the packet inside a per-packet header that names its own link type
	ProtoPKTAP
	ProtoUserDLT
	ProtoNFLOG
	ProtoENC
	ProtoPFLOG
	ProtoIPNET
	ProtoFrameRelay
	ProtoOSI // NLPID, ISO/IEC TR 9577
	ProtoCHDLC
	ProtoATM
	ProtoLANE
	ProtoCLIP
	ProtoARCNET
	ProtoTokenRing
	ProtoFDDI
	ProtoIPoIB
	ProtoIPFC
	ProtoFireWire
	ProtoBCP // bridging over PPP
	ProtoMultilink
	ProtoDSA    // Marvell switch tag
	ProtoBRCM   // Broadcom switch tag
	ProtoVNTag  // Cisco
	ProtoETag   // 802.1BR
	ProtoPBB    // 802.1ah
	ProtoMACsec // 802.1AE
	ProtoHSR
	ProtoFabricPath
	ProtoTRILL
	ProtoNSH
	ProtoBATMAN
	ProtoCMD // Cisco MetaData
	ProtoPWACH
	ProtoPWEth // an Ethernet pseudowire without control word
	ProtoPWEthCW
	ProtoEtherIP
	ProtoPIM
	ProtoNHRP
	ProtoUDPLite
	ProtoShim6
	ProtoL2TP
	ProtoLISP
	ProtoAYIYA
	ProtoAMT
	ProtoCAPWAP
	ProtoTZSP
	ProtoSFlow
	ProtoJMirror
	ProtoGTPPrime
	ProtoVXLANGPE // like VXLAN, but not named in frame.protocols
	protoCount
)

var protoNames = [protoCount]string{
	"frame", "eth", "vlan", "ieee8021ad", "sll", "null", "arp", "ip", "ipv6", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts",
	"ah", "gre", "udp", "tcp", "icmp", "icmpv6", "data", "sift", "_ws.malformed", "_ws.short", "pppoes", "ppp", "mpls", "vxlan", "geneve",
	"gtp", "teredo", "erspan", "llc", "ip", "raw", "wlan", "wlan_radio", "radiotap", "ppi", "prism", "wlancap", "pcap_pktdata", "pktap",
	"user_dlt", "nflog", "enc", "pflog", "ipnet", "fr", "osi", "chdlc", "atm", "lane", "clip", "arcnet", "tr", "fddi", "ipoib", "ipfc",
	"ap1394", "bcp_bpdu", "mp", "dsa", "brcm_tag", "vntag", "etag", "ieee8021ah", "macsec", "hsr", "cfp", "trill", "nsh", "batadv", "cmd",
	"pwach", "pwethnocw", "pwethcw", "etherip", "pim", "nhrp", "udplite", "shim6", "l2tp", "lisp-data", "ayiya", "amt", "capwap.data",
	"tzsp", "sflow", "jmirror", "gtpprime", "vxlan",
}

// String gives Wireshark's abbreviation, such as "ip" or "icmpv6".
func (p Proto) String() string {
	if p < protoCount {
		return protoNames[p]
	}
	return "unknown"
}

// ProtoSet is a set of protocols.
type ProtoSet [(protoCount + 63) / 64]uint64

// Add puts a protocol in.
func (s *ProtoSet) Add(p Proto) { s[p/64] |= 1 << (p % 64) }

// Has tells whether a protocol is in.
func (s *ProtoSet) Has(p Proto) bool { return s[p/64]>>(p%64)&1 != 0 }

// Protos gives the protocols of the packet's layers.
func (p *Packet) Protos() (s ProtoSet) {
	for i := range p.Layers {
		s.Add(p.Layers[i].Proto)
	}
	return s
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

// OptionStart is where the options of an ICMPv6 message begin: of neighbour discovery (RFC 4861) and of those that took its
// options over (RFC 3122, 3971, 4065, 5568, 6275); -1 for other messages.
func (l *Layer) OptionStart() int {
	if l.Proto != ProtoICMPv6 || len(l.Bytes) == 0 {
		return -1
	}
	switch l.Bytes[0] {
	case 133, 141, 142, 147, 148, 150, 154:
		return 8
	case 149:
		return 12
	case 134:
		return 16
	case 135, 136:
		return 24
	case 137:
		return 40
	}
	return -1
}

// MayCarryICMP tells whether a fragment with this header, of IPv4 or the IPv6 fragment header, may be one of a datagram in which an
// ICMP message lies: by itself or in a tunnel that goes by a protocol number of IP.
func (l *Layer) MayCarryICMP() bool {
	switch {
	case l.Proto == ProtoIPv4 && len(l.Bytes) > 9:
		switch l.Bytes[9] {
		case 1, 4, 41, 47, 51, 58, 97, 137:
			return true
		}
	case l.Proto == ProtoIPv6Fragment && len(l.Bytes) > 0:
		return l.Bytes[0] != 6 && l.Bytes[0] != 17
	}
	return false
}

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
	Unassembled                      // a fragment whose datagram never completed in its file (set by the extract, which has seen all of it)
	TooLong                          // fragments reach past 65,535 bytes (ping of death)
	DecoderPanic                     // the decoder gave up on hostile bytes; the frame is kept
	UnknownLink                      // link type or encapsulation the decoder does not know
	Conflict                         // fragments overlap with different bytes, or set different ends
	NextHeaders                      // IPv6 fragments of one datagram name different next headers: receivers disagree on what it is
)

// Datagram is an IP datagram put together from fragments: what a frame that completes one carries with it.
type Datagram struct {
	Payload []byte    // bytes behind the IP header (IPv6: behind the unfragmentable part)
	Next    uint8     // IP protocol number of Payload
	Layer   int8      // index of the layer whose payload it stands in for: IPv4 header or IPv6 fragment header
	Frames  []int64   // frames of the fragments in order of offset, this one included
	Files   []int     // index of the evidence file of each of Frames, where the timeline joined several files; else nil
	Parts   []Part    // how each fragment lies, in the order of Frames
	Inner   *Datagram // the next datagram that the frame completes, inside this one or in a quote; mostly nil
}

// Part is how a fragment lies in its datagram.
type Part struct {
	Offset, Length int // bytes
	Flags          PartFlags
}

// PartFlags are Wireshark's verdicts on a fragment (ip.fragment.overlap and its neighbours).
type PartFlags uint8

// Verdicts on a fragment. All but PartOverlap make Wireshark list it as ip.fragment.error instead of ip.fragment.
const (
	PartOverlap       PartFlags = 1 << iota // bytes that an earlier offset brought already
	PartConflict                            // and they differ
	PartMultipleTails                       // a second last fragment, ending elsewhere than the first
	PartTooLong                             // reaches past the end that the last fragment set
)

// Error tells whether Wireshark lists the fragment as ip.fragment.error.
func (p Part) Error() bool { return p.Flags&^PartOverlap != 0 }

// Packet is one frame decoded. Pointers to it and its slices hold until its reader's next call; Clone keeps it.
type Packet struct {
	Frame
	Layers   []Layer
	ICMP     int       // index of the ICMP message the frame carries, innermost and not quoted (but see Sampled); -1 if none
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

	// ReassembledIn is the frame that completes the datagram of a fragment in this one (ip.reassembled_in), 0 if none does.
	ReassembledIn int64
}

// Case is what case scope knows of a packet: its place in the merged, de-duplicated timeline and the second pairing.
type Case struct {
	Number   int64 // place in the timeline, from 1; copies share their original's number
	Evidence int   // index of the evidence file
	Time     int64 // packet time less the estimated clock offset of its sensor
	Copy     bool  // a further sighting of a packet already told
	Reply    Reply
	Past     Past
}

// Past is what other packets of the timeline, mostly those before it, tell of one: see ingest/station.
type Past struct {
	Acquainted bool  // Contact is known
	Contact    int64 // on a request: time since its source first sent a request to this destination, nanoseconds; on a neighbour solicitation likewise, of its target
	Silent     int   // with Acquainted, on a request: of the hosts that its source sent requests to, percent that never replied, rounded down
	Mute       bool  // on a request: its destination never replied to anybody, and others did
	Idle       bool  // on a reply that nobody asked for: in the whole evidence its destination sent no request at all
	Answered   bool  // on a neighbour solicitation: an advertisement for its target came soon after
	Moved      bool  // on a neighbour discovery message: it gives an address another link-layer address than the last one did
	Usurped    bool  // and the address is one by which a router of the link had told that it is a router
	Denied     bool  // on a neighbour advertisement: somebody had just asked for its target to see whether it is free
	Rival      bool  // on a router advertisement: of a prefix that is new on a link which another router already served, or of high preference from a router new there
	Withdrawn  bool  // on a router advertisement: not to be a default router any more, of one that was
	Routed     bool  // on a redirect: its link-layer address brings packets as a router's does, and its sender never stood behind another
	Foreign    bool  // on a redirect: its sender stood behind another link-layer address
}

// Reply is the second pairing (address pair, id, seq, latest request, 60 s): it finds replies that differ, which
// Wireshark's cannot, pairs every kind of [Exchange], and links ICMP errors to the message they quote.
type Reply struct {
	To          int64 // on a reply: timeline number of the request it answers
	In          int64 // on a request: timeline number of the first reply to it
	Time        int64 // reply time less request time, or error time less that of what it quotes; nanoseconds
	Differs     bool  // on a reply: it does not return what it has to return as the request had it
	Truncated   bool  // it differs only by being cut short: an honest limit of some hosts
	Group       bool  // on a reply: the request it answers went to many, by a broadcast or multicast address
	Unasked     bool  // on a reply to an echo: it carries data, and its request none
	Unlike      bool  // on a further reply: no earlier reply to the same request is like it
	Extra       int   // on a reply: how many replies to the same request came before it
	Count       int   // on a request: how many replies came to it
	Unanswered  bool  // a request without a reply within 60 s, nor an error that tells why
	Unsolicited bool  // a reply without a request within 60 s before it
	ErrorTo     int64 // on an error: timeline number of the request or reply it quotes
	ErrorIn     int64 // on a request or reply: timeline number of the error that quotes it
	Unseen      bool  // on an error: it quotes a request or reply that the evidence should hold and does not
}

// PayloadFacts is what the payload room says of an echo payload.
type PayloadFacts struct {
	Done    bool    // the facts below were worked out
	Class   string  // "stock", "text", "base64", ...: see ingest/payload
	Stock   string  // which sender's ping it is, "" if none known
	Tool    string  // which hiding tool's payload it can be, "" if none known
	Entropy float64 // Shannon entropy, bits per byte
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

// Sampled tells whether the message was not itself on the wire here: the frame reports a packet that passed elsewhere
// (sFlow, NHRP). Nothing is matched with it.
func (p *Packet) Sampled() bool { m := p.Message(); return m != nil && m.Quoted > 0 }

// TeredoPort is the UDP port of Teredo (RFC 4380).
const TeredoPort = 3544

// ConnectivityTest tells whether Wireshark takes an ICMPv6 echo message for Teredo's direct connectivity test, whose
// payload is a nonce: any that goes to Teredo's port. Wireshark matches none of these.
func (p *Packet) ConnectivityTest() bool {
	if !p.V6() {
		return false
	}
	for i := p.ICMP - 1; i >= 0; i-- {
		if l := &p.Layers[i]; l.Proto == ProtoUDP && len(l.Bytes) >= 4 {
			return int(l.Bytes[2])<<8|int(l.Bytes[3]) == TeredoPort
		}
	}
	return false
}

// Trails tells whether layer i is the data behind the extension block of an ICMPv6 error, and not of what it quotes.
func (p *Packet) Trails(i int) bool {
	l := &p.Layers[i]
	return l.Proto == ProtoData && l.Parent >= 0 && int(l.Parent) == p.ICMP && i > p.ICMP+1
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

// MayCarryICMP tells whether the packet is a fragment, its innermost IP header that of one, and may be part of an ICMP message.
func (p *Packet) MayCarryICMP() bool {
	for i := len(p.Layers) - 1; p.Fragment && i >= 0; i-- {
		if l := &p.Layers[i]; l.Quoted == 0 && (l.Proto == ProtoIPv4 || l.Proto == ProtoIPv6Fragment) {
			return l.MayCarryICMP()
		}
	}
	return false
}

// Clone copies the packet so that it outlives its reader's next call.
func (p *Packet) Clone() *Packet {
	q := *p
	q.Data = append([]byte(nil), p.Data...)
	q.Layers = append([]Layer(nil), p.Layers...)
	for i := range q.Layers {
		q.Layers[i].Bytes = append([]byte(nil), p.Layers[i].Bytes...)
	}
	q.Whole = p.Whole.Clone()
	return &q
}

// Clone copies a datagram and those inside it; nil gives nil.
func (d *Datagram) Clone() *Datagram {
	if d == nil {
		return nil
	}
	c := *d
	c.Payload, c.Frames, c.Parts = append([]byte(nil), d.Payload...), append([]int64(nil), d.Frames...), append([]Part(nil), d.Parts...)
	c.Files = append([]int(nil), d.Files...)
	c.Inner = d.Inner.Clone()
	return &c
}

// Reassembled is the datagram put together that carries the ICMP message; nil if the message came in one piece.
func (p *Packet) Reassembled() *Datagram {
	for w := p.Whole; w != nil; w = w.Inner {
		if int(w.Layer) >= p.IP && int(w.Layer) < p.ICMP {
			return w
		}
	}
	return nil
}

// Completed is the datagram that the fragment in the given layer completes; nil if the layer is not a fragment or does not.
func (p *Packet) Completed(layer int) *Datagram {
	for w := p.Whole; w != nil; w = w.Inner {
		if int(w.Layer) == layer {
			return w
		}
	}
	return nil
}
