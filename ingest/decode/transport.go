package decode

import (
	"github.com/google/gopacket/layers"

	"icmpsift/ingest"
)

// tcp ends the walk: nothing the decoder looks for is carried in it.
func tcp(d *Decoder, s span) (step, span) {
	header := 20
	if d.need(s, 20) && d.tcp.DecodeFromBytes(s.bytes[:min(len(s.bytes), max(20, int(s.bytes[12]>>4)*4))], feedback) == nil {
		header = int(d.tcp.DataOffset) * 4
	}
	d.add(ingest.ProtoTCP, s, header)
	return nil, s
}

// udp is RFC 768. Length 0 is a jumbogram's or segmentation offload's: the packet's end counts.
func udp(d *Decoder, s span) (step, span) {
	if !d.need(s, 8) {
		d.add(ingest.ProtoUDP, s, 8)
		return nil, s
	}
	d.udp.DecodeFromBytes(s.bytes, feedback)
	length := int(d.udp.Length)
	if length >= 8 {
		s = s.limit(length)
	}
	layer := d.add(ingest.ProtoUDP, s, 8)
	if length != 0 && length < 8 {
		d.problem(s, ingest.Malformed)
		return nil, s
	}
	return portStep(d.udp.SrcPort, d.udp.DstPort), s.behind(8, layer)
}

// portStep is the tunnel that either port stands for, or data.
func portStep(src, dst layers.UDPPort) step {
	if t := tunnel(dst); t != nil {
		return t
	}
	if t := tunnel(src); t != nil {
		return t
	}
	return data
}

// tunnel is what decodes a tunnel over UDP by its port; nil for other ports.
func tunnel(port layers.UDPPort) step {
	switch port {
	case 4789: // RFC 7348
		return vxlan
	case 6081: // RFC 8926
		return geneve
	case 2152: // 3GPP TS 29.281
		return gtp
	case 3544: // RFC 4380
		return teredo
	}
	return nil
}
