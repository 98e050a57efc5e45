package tunnel

import (
	"encoding/binary"
	"fmt"
)

// Link types of inner captures (https://www.tcpdump.org/linktypes.html).
const (
	linkEthernet = 1
	linkRaw      = 101
)

// inner is a packet that a message carried.
type inner struct {
	message int
	data    []byte // as captured
	wire    int
}

// Block types and options of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 6

	optionEnd         = 0
	optionComment     = 1
	optionName        = 2
	optionDescription = 3
	optionApplication = 4
	optionFlags       = 2
	optionResolution  = 9

	inbound, outbound = 1, 2
)

// capture writes packets as a pcapng file of one interface, with the times of the messages that carried them.
func (t *talk) capture(link uint16, packets []inner) []byte {
	le := binary.LittleEndian
	section := le.AppendUint64([]byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0}, ^uint64(0))
	section = option(section, optionComment, "Packets that an ICMP tunnel carried, with the times of the ICMP messages")
	section = option(section, optionApplication, "icmpsift")
	on := le.AppendUint32(le.AppendUint16(le.AppendUint16(nil, link), 0), 0)
	on = option(on, optionName, "icmp")
	on = option(on, optionDescription, "Inside of the ICMP tunnel between "+t.hosts[0].Address+" and "+t.hosts[1].Address)
	on = option(on, optionResolution, "\x09")
	size := 1024
	for _, p := range packets {
		size += len(p.data) + 96
	}
	out := block(block(make([]byte, 0, size), blockSection, section), blockInterface, on)
	for _, p := range packets {
		out = block(out, blockPacket, t.packet(p))
	}
	return out
}

// packet is the body of an enhanced packet block. Outbound is what the first host sent; the comment names the frame that
// carried it as the report does.
func (t *talk) packet(p inner) []byte {
	le := binary.LittleEndian
	m := &t.messages[p.message]
	time := uint64(max(m.Time, 0))
	b := make([]byte, 0, 64+len(p.data))
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, uint32(time>>32))
	b = le.AppendUint32(b, uint32(time))
	b = le.AppendUint32(b, uint32(len(p.data)))
	b = le.AppendUint32(b, uint32(p.wire))
	b = padded(append(b, p.data...))
	way := uint32(outbound)
	if m.From == 1 {
		way = inbound
	}
	b = option(b, optionComment, fmt.Sprintf("In frame %d of E%d", m.Frame, m.Evidence+1))
	return option(b, optionFlags, string(le.AppendUint32(nil, way)))
}

func option(b []byte, code uint16, value string) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...))
}

// block closes the options and puts type and lengths around a body.
func block(out []byte, kind uint32, body []byte) []byte {
	le := binary.LittleEndian
	length := uint32(len(body) + 16)
	out = le.AppendUint32(le.AppendUint32(out, kind), length)
	out = append(out, body...)
	out = le.AppendUint32(out, optionEnd)
	return le.AppendUint32(out, length)
}

func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
