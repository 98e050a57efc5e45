package decode

import (
	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

const (
	portsLen  = 4 // both ports
	tcpHeader = 20
)

// tcp is RFC 9293. What a segment carries is data: nothing the decoder looks for.
func tcp(d *Decoder, s span) (step, span) {
	if s.unseen(2, portsLen) {
		return nil, s
	}
	header, whole := tcpHeader, d.reads(s, portsLen, 8, 12, 14, 16, 18, tcpHeader)
	if whole {
		header = max(header, int(s.bytes[12]>>4)*4)
	}
	layer := d.add(ingest.ProtoTCP, s, header)
	if !whole || s.bytes[12]>>4 < tcpHeader/4 || len(s.bytes) <= header {
		return nil, s
	}
	return data, s.behind(header, layer)
}

// udp is RFC 768. Length 0 is a jumbogram's or segmentation offload's: the packet's end counts.
func udp(d *Decoder, s span) (step, span) {
	if s.unseen(2, portsLen) {
		return nil, s
	}
	if !d.reads(s, portsLen, 6, 8) {
		d.add(ingest.ProtoUDP, s, 8)
		return nil, s
	}
	d.udp.DecodeFromBytes(s.bytes, feedback)
	d.walk.teredo = d.udp.DstPort == ingest.TeredoPort
	length := int(d.udp.Length)
	if length >= 8 {
		s = s.limit(length)
	}
	layer := d.add(ingest.ProtoUDP, s, 8)
	if length != 0 && length < 8 { // Wireshark notes it (udp.length.bad) and goes no further
		return nil, s
	}
	rest := s.behind(8, layer)
	if rest.quoted > 0 && len(rest.bytes) == 0 { // a quote of which nothing more was captured is not looked into
		return nil, rest
	}
	return portStep(d.udp.SrcPort, d.udp.DstPort), rest
}

// udpLite is RFC 3828: its length field is how far the checksum reaches.
func udpLite(d *Decoder, s span) (step, span) {
	if len(s.bytes) >= 8 {
		d.udp.DecodeFromBytes(s.bytes, feedback)
	}
	return d.wrap(ingest.ProtoUDPLite, s, 8, portStep(d.udp.SrcPort, d.udp.DstPort))
}

// portStep is the tunnel that either port stands for, the lower first as in Wireshark, or data.
func portStep(src, dst layers.UDPPort) step {
	if t := tunnel(min(src, dst)); t != nil {
		return t
	}
	if t := tunnel(max(src, dst)); t != nil {
		return t
	}
	return data
}
