package decode

import (
	"encoding/binary"

	"icmpsift/ingest"
)

// sflow is sFlow version 5 (https://sflow.org/sflow_version_5.txt). A datagram may hold several sampled headers. They
// are quotes, as in Wireshark: packets that were on the wire elsewhere.
func sflow(d *Decoder, s span) (step, span) {
	layer := d.add(ingest.ProtoSFlow, s, 0)
	if !d.need(s, 28) {
		return nil, s
	}
	header := 28
	if binary.BigEndian.Uint32(s.bytes[4:]) == 2 { // the agent has an IPv6 address
		header += 12
	}
	if binary.BigEndian.Uint32(s.bytes) != 5 || !d.need(s, header) {
		return nil, s
	}
	d.walk.packet.Layers[layer].Header = header
	for s = s.behind(header, layer); len(s.bytes) >= 8; {
		kind, length := binary.BigEndian.Uint32(s.bytes), sflowLength(s)
		switch kind {
		case 1: // flow sample
			d.records5(s.limit(8+length).behind(8+32, layer))
		case 3: // expanded flow sample
			d.records5(s.limit(8+length).behind(8+44, layer))
		}
		s = s.behind(8+length, layer)
	}
	return nil, s
}

// sflowLength is the length at the front of a sample or a record, never beyond the span.
func sflowLength(s span) int {
	return int(min(binary.BigEndian.Uint32(s.bytes[4:]), uint32(s.wire-8)))
}

// records5 walks the records of a flow sample and decodes the sampled headers.
func (d *Decoder) records5(s span) {
	for len(s.bytes) >= 8 {
		length := sflowLength(s)
		if kind := binary.BigEndian.Uint32(s.bytes); kind == 1 && len(s.bytes) >= 8+16 {
			d.sample(s.limit(8+length).behind(8, int(s.parent)))
		}
		s = s.behind(8+length, int(s.parent))
	}
}

// sample is a sampled header: protocol, length of the frame it was taken from, bytes stripped, bytes that follow.
func (d *Decoder) sample(s span) {
	if len(s.bytes) < 16 {
		return
	}
	b := s.bytes
	next, frame, size := sampleStep(binary.BigEndian.Uint32(b)), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[12:])
	rest := s.behind(16, int(s.parent)).limit(int(min(size, uint32(s.wire))))
	rest.wire = max(len(rest.bytes), int(min(frame, 1<<16)))
	rest.quoted++
	d.run(next, rest)
}

func sampleStep(protocol uint32) step {
	switch protocol {
	case 1:
		return ethernet
	case 3:
		return tokenRing
	case 4:
		return fddi
	case 5:
		return frameRelay
	case 7:
		return ppp
	case 11:
		return ipv4
	case 12:
		return ipv6
	case 13:
		return mpls
	case 15:
		return wlan
	}
	return data
}
