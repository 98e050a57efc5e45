package tunnel

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
)

// deepest is the largest offset that an inner IP header is looked for at.
const deepest = 64

// ethernetHeader is how much stands before the IP header of an Ethernet frame.
const ethernetHeader = 14

// offsets are where IP headers stand in the payloads of each direction, rising. A tool has one, most of the time.
type offsets [2][]int

// openIP brings back the packets that the messages carry, and what was transferred by the connections in them. Some tools
// write them in base64 or hexadecimal digits, or hide them behind one byte.
func openIP(t *talk) Content {
	if c := t.packets(); len(c.Finds) > 0 {
		return c
	}
	for _, undo := range []func(*talk) (*talk, string){(*talk).decoded, (*talk).unmasked} {
		plain, coding := undo(t)
		if plain == nil {
			continue
		}
		if c := plain.packets(); len(c.Finds) > 0 {
			for i := range c.Finds {
				c.Finds[i].Encodings = append([]string{coding}, c.Finds[i].Encodings...)
			}
			return c
		}
	}
	return Content{}
}

// unmasked is the same talk with the byte taken off that all payloads are masked with by exclusive or, nil if no byte makes
// them packets.
func (t *talk) unmasked() (plain *talk, coding string) {
	var votes [256]int
	for _, i := range t.said() {
		if key := mask(&t.messages[i]); key != 0 {
			votes[key]++
		}
	}
	key := byte(0)
	for k, n := range votes {
		if n > votes[key] {
			key = byte(k)
		}
	}
	if key == 0 {
		return nil, ""
	}
	plain = &talk{hosts: t.hosts, messages: slices.Clone(t.messages), spare: t.spare}
	for i := range plain.messages {
		m := &plain.messages[i]
		m.Payload = masked(m.Payload, key)
	}
	return plain, fmt.Sprintf("xor %02x", key)
}

// mask is the byte that makes an IPv4 packet of a payload, 0 if none does. Headers without options start with 45.
func mask(m *Message) byte {
	for at := 0; at <= deepest && at+20 <= len(m.Payload); at++ {
		key := m.Payload[at] ^ 0x45
		if key != 0 && payload.IPHeader(masked(m.Payload[at:at+20], key), m.Wire-at) {
			return key
		}
	}
	return 0
}

func masked(b []byte, key byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = c ^ key
	}
	return out
}

// decoded is the same talk with the coding undone that all payloads have, nil if there is none.
func (t *talk) decoded() (plain *talk, coding string) {
	for _, c := range codings {
		plain = &talk{hosts: t.hosts, messages: slices.Clone(t.messages), spare: t.spare}
		n := 0
		for i := range plain.messages {
			m := &plain.messages[i]
			if m.Mirror || m.Ordinary || m.Wire == 0 {
				continue
			}
			b, err := c.decode(bytes.TrimRight(m.Payload, "\r\n\x00"))
			if err != nil || len(m.Payload) < m.Wire {
				n = 0
				break
			}
			m.Payload, m.Wire = b, len(b)
			n++
		}
		if n > 1 {
			return plain, c.name
		}
	}
	return nil, ""
}

// packets brings back the packets that the messages carry as they are.
func (t *talk) packets() Content {
	at := t.headers()
	packets := t.inside(at)
	if len(packets) < 2 {
		return Content{}
	}
	link, all := ingest.LinkType(linkRaw), packets
	if frames := t.frames(at); len(frames) >= len(packets) {
		link, all = linkEthernet, frames
	}
	f := t.find(0, at.carrier())
	f.Bytes, f.MediaType, f.Extension = t.capture(link, all), "application/x-pcapng", ".pcapng"
	f.Order, f.Complete = "time", true
	for _, p := range all {
		f.Complete = f.Complete && len(p.data) == p.wire
		f.Messages = append(f.Messages, p.message)
	}
	f.Packets, f.Confidence = int64(len(all)), "high"
	flows := t.flows(packets)
	return Content{Finds: append([]Find{f}, t.transfers(flows, f.Carrier)...), Notes: describe(packets, flows)}
}

// headers counts at which offsets IP headers stand. Those count that stand nearly as often as the commonest one, and only
// if most payloads that hold a header anywhere hold it there: a file of packets that is sent in pieces has them anywhere.
func (t *talk) headers() (at offsets) {
	for from := range at {
		var votes [deepest + 1]int
		for _, i := range t.said() {
			if m := &t.messages[i]; m.From == from {
				vote(m, &votes)
			}
		}
		most := slices.Max(votes[:])
		for offset, n := range votes {
			if n > 0 && 4*n >= most {
				at[from] = append(at[from], offset)
			}
		}
	}
	if !t.steady(at) {
		return offsets{}
	}
	return at
}

func vote(m *Message, votes *[deepest + 1]int) {
	for offset := 0; offset <= deepest && offset < len(m.Payload); offset++ {
		if payload.IPHeader(m.Payload[offset:], m.Wire-offset) {
			votes[offset]++
			return // what stands behind it is inside that packet
		}
	}
}

// steady tells whether a direction with headers has them at few offsets.
func (t *talk) steady(at offsets) bool {
	for _, list := range at {
		if len(list) > 2 {
			return false
		}
	}
	return true
}

// carrier names the part of the payload that holds the packets.
func (at offsets) carrier() string {
	var parts []string
	for _, list := range at {
		for _, offset := range list {
			if c := fmt.Sprintf("sift.payload[%d:]", offset); !slices.Contains(parts, c) {
				parts = append(parts, c)
			}
		}
	}
	return strings.Join(parts, ", ")
}

// start is where in a message its inner packet starts, -1 if it carries none.
func (at offsets) start(m *Message) int {
	for _, offset := range at[m.From] {
		if offset < len(m.Payload) && payload.IPHeader(m.Payload[offset:], m.Wire-offset) {
			return offset
		}
	}
	return -1
}

// inside takes the tunnel's own headers and trailers off.
func (t *talk) inside(at offsets) (out []inner) {
	for _, i := range t.said() {
		m := &t.messages[i]
		if offset := at.start(m); offset >= 0 {
			out = append(out, slice(m, i, offset, 0))
		}
	}
	return out
}

// slice is the IP packet at an offset of a message, with so many bytes before it.
func slice(m *Message, message, offset, before int) inner {
	wire := before + length(m.Payload[offset:])
	start := offset - before
	return inner{message, m.Payload[start:min(start+wire, len(m.Payload))], wire}
}

// length is that of the IP packet whose header stands here.
func length(ip []byte) int {
	if ip[0]>>4 == 6 {
		return 40 + int(binary.BigEndian.Uint16(ip[4:]))
	}
	return int(binary.BigEndian.Uint16(ip[2:]))
}

// frames takes the payloads for Ethernet frames, ARP among them; there are none where what stands before the IP headers
// is no Ethernet header.
func (t *talk) frames(at offsets) (out []inner) {
	var stations [2]map[string]bool // senders in the first direction, receivers in the other: the same ones
	for i := range stations {
		stations[i] = map[string]bool{}
	}
	for _, i := range t.said() {
		m := &t.messages[i]
		offset := at.start(m)
		version := byte(0)
		f := inner{message: i, wire: ethernetHeader + arpLength}
		if offset >= ethernetHeader {
			version, f = m.Payload[offset]>>4, slice(m, i, offset, ethernetHeader)
		} else if offset = at.arp(m); offset >= 0 {
			f.data = m.Payload[offset-ethernetHeader : min(offset+arpLength, len(m.Payload))]
		} else {
			continue
		}
		if !ethernet(f.data, version) {
			return nil
		}
		stations[m.From][string(f.data[6:12])] = true
		if f.data[0]&1 == 0 {
			stations[1-m.From][string(f.data[:6])] = true
		}
		out = append(out, f)
	}
	if !apart(stations) || len(stations[0])+len(stations[1]) > max(4, len(out)/4) {
		return nil
	}
	return out
}

// apart tells whether the stations of the two sides are different ones, as addresses are and constant headers are not.
func apart(stations [2]map[string]bool) bool {
	for s := range stations[0] {
		if stations[1][s] {
			return false
		}
	}
	return true
}

// arpLength is that of an ARP message for IPv4 over Ethernet.
const arpLength = 28

// arp is where an ARP message stands if the tunnel carries Ethernet frames, -1 if there is none.
func (at offsets) arp(m *Message) int {
	for _, offset := range at[m.From] {
		if offset >= ethernetHeader && offset+6 <= len(m.Payload) && string(m.Payload[offset-2:offset+6]) == "\x08\x06\x00\x01\x08\x00\x06\x04" {
			return offset
		}
	}
	return -1
}

// ethernet tells whether a header leads to what follows it: an IP version, or 0 for ARP. Nothing sends from a group address.
func ethernet(header []byte, version byte) bool {
	want := map[byte]uint16{4: 0x0800, 6: 0x86dd, 0: 0x0806}[version]
	return want != 0 && binary.BigEndian.Uint16(header[12:]) == want && header[6]&1 == 0 && string(header[6:12]) != "\x00\x00\x00\x00\x00\x00"
}

// maxNamed bounds the connections that a note names.
const maxNamed = 8

// describe says who talks inside the tunnel.
func describe(packets []inner, flows []*flow) []string {
	counts, names := map[string]int{}, []string{}
	for _, p := range packets {
		counts[protocolOf(p.data)]++
	}
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, counts[name])
	}
	out := []string{fmt.Sprintf("Inside the tunnel: %d packets (%s).", len(packets), strings.Join(names[:min(len(names), maxNamed)], ", "))}
	for i, f := range flows {
		if i == maxNamed {
			out = append(out, fmt.Sprintf("Inside the tunnel: %d more TCP connections.", len(flows)-i))
			break
		}
		out = append(out, fmt.Sprintf("Inside the tunnel: TCP from %s to %s, %d and %d bytes.", f.ends[0], f.ends[1], f.volume(0), f.volume(1)))
	}
	return out
}

// protocolOf names what an IP packet carries.
func protocolOf(ip []byte) string {
	number := ip[9]
	if ip[0]>>4 == 6 {
		number = ip[6]
	}
	if name, ok := map[byte]string{1: "ICMP", 6: "TCP", 17: "UDP", 41: "IPv6", 4: "IPv4", 47: "GRE", 50: "ESP", 58: "ICMPv6"}[number]; ok {
		return name
	}
	return fmt.Sprintf("protocol %d", number)
}

// addresses of an IP packet whose header is known to be good.
func addresses(ip []byte) (src, dst netip.Addr) {
	if ip[0]>>4 == 6 {
		return netip.AddrFrom16([16]byte(ip[8:24])), netip.AddrFrom16([16]byte(ip[24:40]))
	}
	return netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20]))
}
