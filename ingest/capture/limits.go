package capture

import "icmpsift/ingest"

// Link types whose packets may be larger than those of a network (Wireshark: wtap_max_snaplen_for_encap).
const (
	linkDBus    ingest.LinkType = 231
	linkUSBPcap ingest.LinkType = 249
	linkEBHSCR  ingest.LinkType = 279
)

const (
	maxPacket = 256 << 10 // Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD
	maxWire   = 128 << 20 // no packet on any wire is larger (Wireshark, issue 9634)
)

// limit is the size beyond which a packet's length is taken for damage.
func limit(link ingest.LinkType) uint32 {
	switch link {
	case linkDBus, linkUSBPcap, linkEBHSCR:
		return largest
	}
	return maxPacket
}
