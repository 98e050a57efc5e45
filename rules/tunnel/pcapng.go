package tunnel

import (
	"bytes"
	"fmt"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
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

// capture writes packets as a pcapng file of one interface, with the times of the messages that carried them. Outbound is
// what the first host sent; the comment names the frame that carried a packet as the report does.
func (t *talk) capture(link ingest.LinkType, packets []inner) []byte {
	var b bytes.Buffer
	w := capture.NewWriter(&b, "Packets that an ICMP tunnel carried, with the times of the ICMP messages")
	on := w.Interface(link, 0, "icmp", "Inside of the ICMP tunnel between "+t.hosts[0].Address+" and "+t.hosts[1].Address)
	for _, p := range packets {
		m, way := &t.messages[p.message], capture.Outbound
		if m.From == 1 {
			way = capture.Inbound
		}
		w.Packet(on, m.Time, p.wire, p.data, fmt.Sprintf("In frame %d of E%d", m.Frame, m.Evidence+1), way)
	}
	return b.Bytes()
}
