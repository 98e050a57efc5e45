// Package tshark reads what tshark exports: "-T json", "-T jsonraw" and "-T ek", of versions 3.6 to 4.4, with and without
// "-x" and "--no-duplicate-keys", also cut down by "-j", "-J" or "-e".
//
// Call [NewReader] first, then [Reader.Next] until io.EOF: every [Record] is one packet's tree, whatever the export's
// spelling. [NewFrames] makes frames of the records, so that an export serves as evidence like any capture.
//
// With the bytes that "-x" wrote, frames are the capture's. Without, they are rebuilt from field values: what tshark shows
// is put where it stood, and what it does not show ends the frame, as a snaplen would. Three things are worked out, and
// used only if the ICMP checksum that tshark found good agrees: the time that tshark takes off the front of a payload,
// bytes that a standard reserves, and the padding behind a quoted packet. What an export without raw bytes cannot show:
//
//   - the body of ICMP types that tshark does not decode (all but type, code and checksum), and bytes behind the fields of
//     those it does, such as data behind a timestamp or address mask request;
//   - what stands behind the header that an ICMP redirect quotes, and sequence numbers of TCP in a quote, if the checksum
//     does not prove them;
//   - payload times whose byte order no checksum proves: messages cut by the snaplen, and those with wrong checksums;
//   - the bytes of fragments that contradict one another;
//   - IPv6 options that tshark interprets, and whatever is in tunnels and link types other than Ethernet, VLAN, Linux
//     cooked, raw IP, IP in IP, GRE, MPLS and VXLAN: there the frame begins with the innermost IP header.
//
// [Frames.Limits] says how often each of these was met.
//
// Damage is a state, never an error: see [Reader.State].
package tshark
