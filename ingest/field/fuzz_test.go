package field_test

import (
	"testing"
	"unsafe"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/field"
)

// FuzzFields reads every field of hostile frames: no accessor panics, and bytes lie within the packet, but for what is built of several places.
func FuzzFields(f *testing.F) {
	for _, frame := range structures() {
		f.Add(frame, uint16(0), false)
	}
	fields, c := field.All(), home(f)
	f.Fuzz(func(t *testing.T, frame []byte, missing uint16, newest bool) {
		record := ingest.Frame{Number: 1, Time: epoch, Link: ingest.LinkEthernet, Wire: len(frame) + int(missing%2000), Data: frame}
		var p ingest.Packet
		decode.New(decode.Options{}).Decode(&record, &p)
		c.Wireshark = ""
		if !newest {
			c.Wireshark = "4.0"
		}
		var text []byte
		for _, field := range fields {
			for _, v := range field.Values(c, &p, nil) {
				if v.Layer < 1 || int(v.Layer) > max(1, len(p.Layers)) {
					t.Errorf("%s: layer %d of %d", field.Name, v.Layer, len(p.Layers))
				}
				if !allocating[field.Name] && !within(&p, v.Bytes) {
					t.Errorf("%s: bytes outside the packet", field.Name)
				}
				text = field.Append(text[:0], c, v)
			}
		}
	})
}

// within tells whether b aliases the frame or a reassembled datagram.
func within(p *ingest.Packet, b []byte) bool {
	return len(b) == 0 || inside(p.Data, b) || p.Whole != nil && inside(p.Whole.Payload, b)
}

func inside(outer, b []byte) bool {
	if len(outer) == 0 {
		return false
	}
	start, at := uintptr(unsafe.Pointer(unsafe.SliceData(outer))), uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	return at >= start && at+uintptr(len(b)) <= start+uintptr(len(outer))
}

// allocating are the fields whose text or bytes have to be built.
var allocating = map[string]bool{
	"frame.protocols": true, "eth.dst_resolved": true, "eth.src_resolved": true, "eth.addr_resolved": true, "tcp.flags.str": true, "_ws.col.protocol": true,
	"ip.rec_rt_host": true, "ip.cur_rt_host": true, "ip.src_rt_host": true, "ip.empty_rt_host": true, "ip.opt.sec_rfc791_hr": true, "ip.opt.sec_rfc791_tcc": true,
	"ip.cipso.categories": true, "ip.opt.len.invalid": true, "ipv6.opt.invalid_len": true, "ipv6.opt.lio.line_id": true, "ipv6.slaac_mac": true, "ipv6.src_slaac_mac": true,
	"ipv6.dst_slaac_mac": true, "icmpv6.mpl.seed_info.seed_id": true, "icmpv6.opt.pvd_id.fqdn": true, "icmpv6.ni.query.subject_fqdn": true,
	"icmpv6.ni.reply.node_name": true, "icmpv6.opt.name_type.fqdn": true, "ip.src_host": true, "ip.dst_host": true, "ip.host": true, "ipv6.src_host": true, "ipv6.dst_host": true, "ipv6.host": true,
	"_ws.expert.message": true, "_ws.col.info": true, "icmp.int_info.name": true, "icmp.int_ident.name": true, "sift.options": true, "icmpv6.opt.dnssl": true, "icmpv6.opt.captive_portal": true,
}

// TestAllocations: accessors append to what they are given.
func TestAllocations(t *testing.T) {
	c, values := home(t), make([]field.Value, 0, 64)
	for _, frame := range structures() {
		p := decoded(t, frame)
		for _, f := range field.All() {
			f.Values(c, p, values)
			if n := testing.AllocsPerRun(3, func() { f.Values(c, p, values) }); n > 0 && !allocating[f.Name] {
				t.Errorf("%s: %v allocations", f.Name, n)
			}
		}
	}
}

// BenchmarkEcho reads six common fields of an echo request.
func BenchmarkEcho(b *testing.B) {
	p := decoded(b, eth4(ip4(1, icmp4(8, 0, u32(1), make([]byte, 56)))))
	c, values := home(b), make([]field.Value, 0, 8)
	var fields []*field.Field
	for _, name := range []string{"icmp.type", "icmp.seq", "ip.ttl", "sift.src", "sift.dst", "sift.payload"} {
		fields = append(fields, get(b, name))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range fields {
			values = f.Values(c, p, values[:0])
		}
	}
}
