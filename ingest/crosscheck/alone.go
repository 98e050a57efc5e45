package crosscheck

import (
	"encoding/binary"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// Conditions on frames that only icmpsift calls ICMP, and on their replies.

// shortICMP: only icmpsift calls the frame ICMP, and the message is too short for Wireshark to show an item of it.
func shortICMP(d *clash) bool {
	if d.packet == nil || d.record != nil {
		return false
	}
	m := d.packet.Message()
	return m.Proto == ingest.ProtoICMPv4 && len(m.Bytes) < 6
}

// oldVXLAN is the port of Linux's first VXLAN.
const oldVXLAN = 8472

// latePort: only icmpsift goes on into a tunnel that Wireshark learned of later.
func latePort(d *clash) bool {
	if d.packet == nil || d.record != nil {
		return false
	}
	for i, l := range d.packet.Layers[:max(0, d.packet.ICMP)] {
		if l.Proto == ingest.ProtoUDP && d.packet.Layers[i+1].Proto == ingest.ProtoVXLAN && binary.BigEndian.Uint16(l.Bytes[2:]) == oldVXLAN {
			return true
		}
	}
	return false
}

// badOptions: only icmpsift goes on behind IPv6 options that contradict themselves.
func badOptions(d *clash) bool {
	if d.packet == nil || d.record != nil {
		return false
	}
	for _, name := range []string{"ipv6.opt.invalid_len", "ipv6.opt.apn.invalid.id_type"} {
		if f, ok := field.Lookup(name); ok && len(f.Values(&field.Context{}, d.packet, nil)) > 0 {
			return true
		}
	}
	return false
}

// shim6Control: icmpsift went on behind a control message of Shim6, which tshark gave up.
func shim6Control(d *clash) bool {
	return d.packet != nil && d.record == nil && slices.ContainsFunc(d.packet.Layers, func(l ingest.Layer) bool {
		return l.Proto == ingest.ProtoShim6 && len(l.Bytes) > 2 && l.Bytes[2]&0x80 == 0
	})
}

// unasked: the reply's request is a frame that is ICMP for icmpsift only.
func unasked(d *clash) bool {
	if d.field == "_ws.col.info" {
		return d.unasked && len(d.ours) == 1 && len(d.theirs) == 1 && strings.HasPrefix(d.ours[0], d.theirs[0]+" (request in ")
	}
	return d.unasked && len(d.theirs) == 0
}
