package tshark

import (
	"strings"
	"sync"

	"icmpsift/ingest/field"
)

// filterNames finds filter names by how -T ek spells them: dots are underscores.
var filterNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, f := range field.All() {
		key := strings.ReplaceAll(f.Name, ".", "_")
		if _, taken := names[key]; !taken && !f.Ours() {
			names[key] = f.Name
		}
	}
	for _, name := range hidden {
		names[strings.ReplaceAll(name, ".", "_")] = name
	}
	return names
})

// hidden are names that the field table lacks and the rebuilding or reading of exports needs.
var hidden = []string{"_ws.expert", "_ws.expert.message", "_ws.expert.severity", "_ws.expert.group", "_ws.malformed", "_ws.short",
	"ah.icv", "ah.iv", "ah.length", "ah.next_header", "ah.reserved", "ah.sequence", "ah.spi", "frame.comment", "frame.encap_type", "frame.interface_id", "frame.interface_name", "frame.section_number",
	"gre.ack_number", "gre.checksum", "gre.flags_and_version", "gre.key", "gre.offset", "gre.sequence_number", "ieee8021ad.etype", "ieee8021ah.etype",
	"ip.cur_rt", "ip.fragment.overlap.conflict", "ip.options.cipso", "ip.options.eol", "ip.options.ext_security", "ip.options.mtu_probe", "ip.options.mtu_reply", "ip.options.nop",
	"ip.options.qs", "ip.options.record_route", "ip.options.route", "ip.options.routeralert", "ip.options.sdb", "ip.options.security", "ip.options.sid",
	"ip.options.source_route", "ip.options.timestamp", "ip.options.traceroute", "ip.options.unknown",
	"ipv6.dstopts", "ipv6.fraghdr", "ipv6.fragment.overlap.conflict", "ipv6.hopopts", "ipv6.opt.experimental", "ipv6.opt.unknown", "ipv6.routing",
	"ipv6.routing.mipv6.home_address", "ipv6.routing.mipv6.reserved", "ipv6.routing.src.addr", "ipv6.routing.src.reserved",
	"sll.gretype", "sll.ltype", "sll.unused", "tcp.ack_raw", "tcp.checksum.status", "tcp.hdr_len", "tcp.options", "tcp.payload", "tcp.seq_raw", "tcp.urgent_pointer",
	"tcp.window_size_value", "udp.checksum.status", "udp.payload", "vlan.cfi", "vlan.len", "vxlan.flags", "vxlan.gbp", "vxlan.reserved8", "vxlan.vni"}

// speller turns the keys of -T ek back into filter names. It remembers what it has seen.
type speller struct{ seen map[string]string }

const maxSeen = 1 << 14 // distinct keys remembered: tshark knows some 250,000 fields, one export a few hundred

// name is the filter name of a key. In trees the key begins with the abbreviation of the field's protocol: "icmp_icmp_type".
// Of fields the table lacks only the first dot is known to be one.
func (s *speller) name(key string) string {
	if n, ok := s.seen[key]; ok {
		return n
	}
	n := spelled(key)
	if len(s.seen) < maxSeen {
		s.seen[strings.Clone(key)] = strings.Clone(n)
	}
	return n
}

func spelled(key string) string {
	names := filterNames()
	if n, ok := names[key]; ok {
		return n
	}
	for i := 1; i < len(key); i++ {
		if key[i] != '_' || i+1 == len(key) {
			continue
		}
		if n, ok := names[key[i+1:]]; ok && strings.Contains(n, ".") {
			return n
		}
	}
	return guessed(key)
}

// guessed splits a doubled prefix: "tcp_tcp_flags_syn" is "tcp.flags_syn".
func guessed(key string) string {
	for i := 1; i < len(key); i++ {
		if key[i] != '_' {
			continue
		}
		if rest, doubled := strings.CutPrefix(key[i+1:], key[:i]); doubled && strings.HasPrefix(rest, "_") && len(rest) > 1 {
			return key[:i] + "." + rest[1:]
		}
	}
	return key
}
