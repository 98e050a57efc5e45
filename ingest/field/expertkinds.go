package field

import (
	"fmt"

	"icmpsift/ingest"
)

// expert is a kind of expert item and where it is looked for.
type expert struct {
	name            string // its own field
	proto, also     ingest.Proto
	get             getter // a value for each item in a layer; nil for what the walk of its structure finds
	severity, group int64
	message         func(p *ingest.Packet, i int, v Value) string
}

// expertKinds, in Wireshark's order within a layer.
var expertKinds = []expert{
	{"eth.padding_bad", ingest.ProtoEthernet, 0, paddingBad, severityNote, groupProtocol,
		says("Didn't find padding of zeros, and an undecoded trailer exists. There may be padding of non-zeros.")},
	{"eth.src_not_group", ingest.ProtoEthernet, 0, groupSource, severityWarning, groupProtocol,
		says("Source MAC must not be a group address: IEEE 802.3-2002, Section 3.2.3(b)")},
	{"ipv6.invalid_header", ingest.ProtoIPv6, 0, shortHeader6, severityError, groupMalformed, says("IPv6 header must be exactly 40 bytes")},
	{"ipv6.plen_exceeds_framing", ingest.ProtoIPv6, 0, longPayload, severityWarning, groupProtocol, framingMessage},
	{"ipv6.src_addr.not_multicast", ingest.ProtoIPv6, 0, newer("4.4", multicastSource), severityWarning, groupProtocol,
		says("Source address must not be a multicast address")},
	{"ipv6.routing.deprecated", ingest.ProtoRouting, 0, nil, severityNote, groupDeprecated,
		says("Routing header type is deprecated")},
	{"ipv6.routing.undecoded", ingest.ProtoRouting, 0, nil, severityNote, groupUndecoded,
		says("Undecoded IPv6 routing header field")},
	{"ipv6.opt.invalid_len", ingest.ProtoHopByHop, ingest.ProtoDestOpts, nil, severityError, groupMalformed,
		func(_ *ingest.Packet, _ int, v Value) string { return v.Text }},
	{"ipv6.opt.deprecated", ingest.ProtoHopByHop, ingest.ProtoDestOpts, nil, severityNote, groupDeprecated,
		says("Option type is deprecated")},
	{"ipv6.opt.apn.invalid.id_type", ingest.ProtoHopByHop, ingest.ProtoDestOpts, nil, severityError,
		groupMalformed, func(_ *ingest.Packet, _ int, v Value) string {
			return fmt.Sprintf("APN6 Option: Invalid APN ID Type (%d)", v.Int)
		}},
	{"ipv6.opt.header_mismatch", ingest.ProtoHopByHop, ingest.ProtoDestOpts, nil, severityWarning, groupProtocol,
		mismatchMessage},
	{"ipv6.opt.mpl.ipv6_src_seed_id", ingest.ProtoHopByHop, ingest.ProtoDestOpts, nil,
		severityComment, groupProtocol, says("Seed ID is the IPv6 Source Address")},
	{"ip.bogus_ip_version", ingest.ProtoIPv4, 0, bogusVersion, severityError, groupProtocol, says("Bogus IP version")},
	{"ip.bogus_ip_length", ingest.ProtoIPv4, 0, version4(bogusLength), severityError, groupProtocol, bogusMessage},
	{"ip.bogus_header_length", ingest.ProtoIPv4, 0, sound4(soundVersion, shortHeader), severityError, groupProtocol, shortHeaderMessage},
	{"ip.ttl.too_small", ingest.ProtoIPv4, 0, version4(lowTTL), severityNote, groupSequence, ttlMessage},
	{"ip.ttl.lncb", ingest.ProtoIPv4, 0, version4(localControlTTL), severityNote, groupSequence, controlMessage},
	{"ip.nop", ingest.ProtoIPv4, 0, nil, severityWarning, groupProtocol, says("4 NOP in a row - a router may have removed some options")},
	{"ip.opt.len.invalid", ingest.ProtoIPv4, 0, nil, severityWarning, groupProtocol, func(_ *ingest.Packet, _ int, v Value) string { return v.Text }},
	{"ip.opt.deprecated", ingest.ProtoIPv4, 0, nil, severityNote, groupDeprecated, says("Option type is deprecated")},
	{"ip.opt.ptr.before_address", ingest.ProtoIPv4, 0, nil, severityWarning, groupProtocol, says("Pointer points before first address")},
	{"ip.opt.ptr.middle_address", ingest.ProtoIPv4, 0, nil, severityWarning, groupProtocol, says("Pointer points to middle of address")},
	{"ip.subopt_too_long", ingest.ProtoIPv4, 0, nil, severityWarning, groupProtocol, says("Suboption would go past end of option")},
	{"ip.cipso.malformed", ingest.ProtoIPv4, 0, nil, severityError, groupSequence, says("Malformed CIPSO tag")},
	{"ipv6.opt.unknown_data.expert", ingest.ProtoHopByHop, ingest.ProtoDestOpts, nil, severityNote, groupUndecoded,
		says("Unknown Data (not interpreted)")},
	{"udp.possible_traceroute", ingest.ProtoUDP, 0, tracerouteProbe, severityChat, groupSequence, probeMessage},
	{"udp.length.bad", ingest.ProtoUDP, 0, badUDPLength, severityError, groupMalformed, badLengthMessage},
	{"udp.length.bad_zero", ingest.ProtoUDP, 0, zeroUDPLength, severityError, groupMalformed, says("Length is zero but payload < 65536")},
	{"udp.checksum.zero", ingest.ProtoUDP, ingest.ProtoUDPLite, soundUDP(illegalChecksum), severityError, groupChecksum, says("Illegal checksum value (0)")},
	{"tcp.bogus_header_length", ingest.ProtoTCP, 0, tcpShortHeader, severityError, groupProtocol, tcpHeaderMessage},
	{"tcp.connection.syn", ingest.ProtoTCP, 0, tcpFlags(0x12, 0x02), severityChat, groupSequence, portMessage("Connection establish request (SYN): server port %d", 2)},
	{"tcp.connection.synack", ingest.ProtoTCP, 0, tcpFlags(0x12, 0x12), severityChat, groupSequence,
		portMessage("Connection establish acknowledge (SYN+ACK): server port %d", 0)},
	{"tcp.connection.fin", ingest.ProtoTCP, 0, tcpFlags(0x01, 0x01), severityChat, groupSequence, says("Connection finish (FIN)")},
	{"tcp.connection.rst", ingest.ProtoTCP, 0, tcpFlags(0x04, 0x04), severityWarning, groupSequence, says("Connection reset (RST)")},
	{"icmp.type.deprecated", ingest.ProtoICMPv4, 0, newer("4.4", icmp4(exists, deprecated4...)), severityNote, groupDeprecated, says("Type is deprecated")},
	{"icmp.checksum_bad", ingest.ProtoICMPv4, 0, icmp4(checksumBad), severityWarning, groupChecksum, checksumMessage},
	{"icmp.resp_not_found", ingest.ProtoICMPv4, 0, noResponse, severityWarning, groupSequence, says("No response seen to ICMP request")},
	{"icmpv6.checksum_bad.expert", ingest.ProtoICMPv6, 0, checksumBad, severityWarning, groupChecksum, checksumMessage},
	{"icmpv6.resp_not_found", ingest.ProtoICMPv6, 0, noResponse, severityWarning, groupSequence, noResponse6Message},
	{"icmpv6.undecoded.type", ingest.ProtoICMPv6, 0, undecodedType, severityNote, groupUndecoded, undecodedMessage},
	{"icmpv6.undecoded.option", ingest.ProtoICMPv6, 0, nil, severityNote, groupUndecoded, optionMessage},
	{"icmpv6.unknown_data.expert", ingest.ProtoICMPv6, 0, nil, severityError, groupMalformed,
		func(_ *ingest.Packet, _ int, v Value) string { return v.Text }},
	{"icmpv6.undecoded.rpl_option", ingest.ProtoICMPv6, 0, nil, severityNote, groupUndecoded, rplOptionMessage},
	{"icmpv6.rpl.unknown.metric", ingest.ProtoICMPv6, 0, nil, severityNote, groupUndecoded,
		says("Unknown RPL metric/constraint type")},
	{"icmpv6.rpl.p2p.dro.zero", ingest.ProtoICMPv6, 0, nil, severityWarning, groupProtocol,
		says("This field MUST be set to zero")},
	{"icmpv6.rpl.p2p.dro.rdo.zero", ingest.ProtoICMPv6, 0, nil, severityWarning, groupProtocol,
		says("This field MUST be set to zero when the P2P-RDO is included in a P2P-DRO")},
	{"icmpv6.rpl.p2p.hop_by_hop", ingest.ProtoICMPv6, 0, nil, severityWarning, groupProtocol,
		says("Reply MUST be set to one in order to establish a Hop-by-Hop Route")},
	{"icmpv6.rpl.p2p.num_of_routes", ingest.ProtoICMPv6, 0, nil, severityWarning, groupProtocol,
		says("This field MUST be set to zero when Hop-by-Hop Routes are being discovered")},
	{"icmpv6.rr.pco.mp.matchlen.gt128", ingest.ProtoICMPv6, 0, nil, severityWarning, groupProtocol,
		says("MatchLen is greater than 128")},
	{"icmpv6.rr.pco.mp.matchedlen.gt128", ingest.ProtoICMPv6, 0, nil, severityWarning, groupProtocol,
		says("MatchedLen is greater than 128")},
	{"icmpv6.invalid_option_length", ingest.ProtoICMPv6, 0, nil, severityError, groupMalformed, lengthMessage},
}

// lateKinds are found once the quoted datagram was dissected, and so come behind its items.
var lateKinds = []expert{
	{"icmp.ext.checksum_bad", ingest.ProtoICMPv4, ingest.ProtoICMPv6, extension("icmp.ext.checksum_bad", None, "").Get, severityWarning, groupChecksum,
		extensionMessage},
}

var malformedKind = expert{name: "_ws.malformed.expert", severity: severityError, group: groupMalformed, message: says("Malformed Packet (Exception occurred)")}
