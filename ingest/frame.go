package ingest

import "time"

// LinkType is a LINKTYPE_ value of a capture's interface (https://www.tcpdump.org/linktypes.html), FCS bits masked off.
type LinkType uint16

// Link types that are named in code.
const (
	LinkNull      LinkType = 0
	LinkEthernet  LinkType = 1
	LinkRawBSD    LinkType = 12
	LinkRawOpen   LinkType = 14 // OpenBSD's number for raw IP
	LinkRaw       LinkType = 101
	LinkIEEE80211 LinkType = 105
	LinkLoop      LinkType = 108
	LinkSLL       LinkType = 113
	LinkRadiotap  LinkType = 127
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkSLL2      LinkType = 276

	LinkSunATM       LinkType = 123
	LinkPPPDirection LinkType = 204
)

// EtherTypes that make a GRE header one of PPTP's shape (RFC 2637), with an acknowledgment number, whatever its version says.
const (
	EtherPPP   = 0x880b
	Ether3GPP2 = 0x88d2
)

// Frame is one record of a capture file, as Wireshark numbers it.
type Frame struct {
	Number    int64      // 1-based in its file; frames found after damage count on, and are marked Salvaged
	Time      int64      // nanoseconds since the Unix epoch, UTC; meaningless when NoTime
	Since     int64      // Time less the time of the frame before in the file, nanoseconds (frame.time_delta)
	Elapsed   int64      // Time less the time of the file's first frame, nanoseconds (frame.time_relative)
	NoTime    bool       // the record carries no time (a pcapng simple packet block) or an impossible one
	Salvaged  bool       // found by resynchronising after damage: Wireshark does not show it
	BigEndian bool       // byte order of the section, which link type "null" needs
	Section   int        // pcapng section, from 0
	Interface int        // interface of the section, from 0
	On        *Interface // what the file tells of that interface; nil where it cannot tell (pcap)
	Link      LinkType   // link type of that interface
	FCS       int        // bytes of frame check sequence behind each frame, where the file says so
	Offset    int64      // where the record starts in the uncompressed file
	Wire      int        // bytes the frame had on the wire
	Data      []byte     // bytes captured; valid only until the next frame is read
	Comments  []string   // pcapng packet comments: hostile text
}

// PseudoHeader is how many bytes at the front of Data Wireshark takes for the capture file's and not the frame's: the
// direction of PPP with direction, the header of SunATM (wiretap/pcap-common.c).
func (f *Frame) PseudoHeader() int {
	switch f.Link {
	case LinkPPPDirection:
		return min(1, len(f.Data))
	case LinkSunATM:
		return min(4, len(f.Data))
	}
	return 0
}

// Timestamp gives the frame's time in UTC.
func (f *Frame) Timestamp() time.Time { return time.Unix(0, f.Time).UTC() }
