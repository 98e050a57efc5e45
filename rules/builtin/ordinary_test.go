package builtin_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"icmpsift/rules"
)

// linuxPing is what iputils puts into a ping of a size.
func linuxPing(at time.Duration, size int) []byte {
	b := make([]byte, max(size, 16))
	le.PutUint64(b, uint64(start.Add(at).Unix()))
	le.PutUint64(b[8:], uint64(at.Microseconds()%1e6))
	for i := 16; i < size; i++ {
		b[i] = byte(i)
	}
	return b[:size]
}

// stream of pings: what differs from packet to packet is for the caller to say.
func pingStream(n int, step time.Duration, of func(i int, p *parcel) (body []byte, header func(h []byte))) (out []sent) {
	for i := range n {
		p := parcel{time.Duration(i) * step, inside, outside, 77, uint16(i + 1)}
		body, header := of(i, &p)
		if body == nil {
			body = linuxPing(p.at, 56)
		}
		s := pinged(p, body)
		r := answer(s)
		if header != nil {
			s, r = withHeader(s, header), withHeader(r, func(h []byte) { h[8] = 55 })
		}
		out = append(out, s, r)
	}
	return out
}

// refusals are port unreachables about datagrams with the payloads.
func refusals(step time.Duration, port uint32, payloads ...[]byte) (out []sent) {
	for i, b := range payloads {
		u := append(be.AppendUint32(be.AppendUint32(nil, 40000<<16|port), uint32(8+len(b))<<16), b...)
		q := sent{0, outside, inside, nil}.packetOf(17, u)
		out = append(out, sent{time.Duration(i) * step, inside, outside, message(3, 3, 0, q)})
	}
	return out
}

// packetOf is an IPv4 datagram of another protocol.
func (s sent) packetOf(proto byte, body []byte) []byte {
	s.message = message(0, 0, 0, nil)
	b := append(s.packet()[:20], body...)
	be.PutUint16(b[2:], uint16(len(b)))
	b[9] = proto
	be.PutUint16(b[10:], 0)
	be.PutUint16(b[10:], sum(b[:20]))
	return b
}

// ordinaryTraffic is what networks are full of.
func ordinaryTraffic(r *rand.Rand) map[string][]sent {
	type header = func(h []byte)
	random := func(n int) int { return int(r.UintN(uint(n))) }
	out := map[string][]sent{
		"a ping for each look, random identifiers": pingStream(300, time.Second, func(i int, p *parcel) ([]byte, header) {
			p.id, p.seq = uint16(random(1<<16)), 1
			return nil, nil
		}),
		"process ids": pingStream(300, 10*time.Second, func(i int, p *parcel) ([]byte, header) { p.id, p.seq = uint16(3000+17*i+random(9)), 1; return nil, nil }),
		"random IP identification": pingStream(600, time.Second, func(i int, p *parcel) ([]byte, header) {
			v := uint16(random(1 << 16))
			return nil, func(h []byte) { be.PutUint16(h[4:], v) }
		}),
		"IP identification that counts": pingStream(600, time.Second, func(i int, p *parcel) ([]byte, header) {
			v := uint16(0x6161 + 3*i + random(3))
			return nil, func(h []byte) { be.PutUint16(h[4:], v) }
		}),
		"two paths": pingStream(600, time.Second, func(i int, p *parcel) ([]byte, header) {
			v := byte(62 + random(2))
			return nil, func(h []byte) { h[8] = v }
		}),
		"many paths": pingStream(600, time.Second, func(i int, p *parcel) ([]byte, header) {
			v := byte(107 + random(9))
			return nil, func(h []byte) { h[8] = v }
		}),
		"mtr": pingStream(900, 100*time.Millisecond, func(i int, p *parcel) ([]byte, header) {
			p.seq = uint16(33000 + i)
			v := byte(1 + i%17)
			return make([]byte, 36), func(h []byte) { h[8] = v }
		}),
		"classes of service": pingStream(640, time.Second, func(i int, p *parcel) ([]byte, header) {
			v := byte(i / 10 % 64 << 2)
			return nil, func(h []byte) { h[1] = v }
		}),
		"classes by chance": pingStream(400, time.Second, func(i int, p *parcel) ([]byte, header) {
			v := []byte{0, 0x20, 0x28, 0x48, 0x68, 0x88, 0xb8, 0xc0}[random(8)]
			return nil, func(h []byte) { h[1] = v }
		}),
		"sizes, rising":    pingStream(300, time.Second, func(i int, p *parcel) ([]byte, header) { return linuxPing(p.at, 16+4*i), nil }),
		"sizes, by chance": pingStream(300, time.Second, func(i int, p *parcel) ([]byte, header) { return linuxPing(p.at, 16+random(1400)), nil }),
		"small sizes":      pingStream(300, time.Second, func(i int, p *parcel) ([]byte, header) { return linuxPing(p.at, 24+random(100)), nil }),
		"two sizes":        pingStream(300, time.Second, func(i int, p *parcel) ([]byte, header) { return linuxPing(p.at, 56+944*random(2)), nil }),
		"two intervals": pingStream(600, 0, func(i int, p *parcel) ([]byte, header) {
			p.at = time.Duration(i)*time.Second + time.Duration(random(2))*400*time.Millisecond
			return nil, nil
		}),
		"by chance": pingStream(600, 0, func(i int, p *parcel) ([]byte, header) {
			p.at = time.Duration(i)*time.Second + time.Duration(random(1e9))
			return nil, nil
		}),
		"bursts of 20": pingStream(600, 0, func(i int, p *parcel) ([]byte, header) {
			p.at = time.Duration(i/20)*5*time.Minute + time.Duration(i%20)*200*time.Millisecond
			p.seq = uint16(i%20 + 1)
			return nil, nil
		}),
		"line test": pingStream(40, time.Second, func(i int, p *parcel) ([]byte, header) {
			b := linuxPing(p.at, 56)
			copy(b[16:], bytes.Repeat([][]byte{{0}, {0xff}, {0xaa}, {0x55}, {0xf0, 0x0f}}[i%5], 40))
			return b, nil
		}),
		"wrong checksums": func() (out []sent) {
			for i := range 100 {
				s := pinged(parcel{time.Duration(i) * time.Second, inside, outside, 7, uint16(i)}, stock)
				raw := s.packet()
				be.PutUint16(raw[22:], uint16(random(1<<16)))
				out = append(out, sent{s.at, "", "", raw})
			}
			return out
		}(),
		"timestamps": func() (out []sent) {
			for i := range 200 {
				at := time.Duration(i) * time.Second
				body := be.AppendUint32(nil, uint32(36_000_000+at.Milliseconds()))
				body = append(body, make([]byte, 8)...)
				if i%2 == 1 {
					copy(body[4:], body[:4])
					copy(body[8:], body[:4])
				}
				out = append(out, sent{at, inside, outside, message(13, 0, uint32(7)<<16|uint32(i), body)})
			}
			return out
		}(),
	}
	var syslog, beats, metrics, dns, names [][]byte
	for i := range 80 {
		syslog = append(syslog, fmt.Appendf(nil, "<%d>Oct 11 22:14:%02d host%d sshd[%d]: Failed password for root from 10.0.0.%d port %d", 30+random(5), i%60, random(9), 1000+random(9000), random(250), 1024+random(60000)))
		beats = append(beats, fmt.Appendf(nil, "HEARTBEAT node-17 seq %06d state running load %d.%02d\n", i, random(9), random(99)))
		metrics = append(metrics, fmt.Appendf(nil, "service.checkout.latency.p%02d:%03d|ms", random(99), 100+random(900)))
		dns = append(dns, append([]byte{byte(random(256)), byte(random(256)), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6}, fmt.Sprintf("host%02d\x07example\x03com\x00\x00\x01\x00\x01", random(99))...))
		names = append(names, fmt.Appendf(nil, "user=%s action=login result=%s", []string{"anna", "bob", "chris", "dora"}[random(4)], []string{"ok", "denied"}[random(2)]))
	}
	out["refused syslog"], out["refused heartbeats"], out["refused metrics"] = refusals(time.Second, 514, syslog...), refusals(time.Second, 9999, beats...), refusals(time.Second, 8125, metrics...)
	out["refused DNS"], out["refused log lines"] = refusals(time.Second, 53, dns...), refusals(time.Second, 5140, names...)
	return out
}

// Ordinary traffic has no finding at medium or above, and gives no file back.
func TestOrdinaryTrafficIsSilent(t *testing.T) {
	c := context_(t)
	list := pack(t, c)
	for seed := range uint64(1) {
		for name, packets := range ordinaryTraffic(rand.New(rand.NewPCG(seed, 9))) {
			path := filepath.Join(t.TempDir(), "ordinary.pcap")
			if err := os.WriteFile(path, pcap(packets), 0o600); err != nil {
				t.Fatal(err)
			}
			r := run(t, list, c, []string{path})
			for _, f := range r.Findings {
				if f.Level >= rules.Medium && strings.HasPrefix(f.Rule.Name, "icmp-exfil-") {
					t.Errorf("%s: %s, %d packets", name, f.Rule.Name, f.Packets)
				}
			}
			for _, a := range r.Artefacts {
				t.Errorf("%s: %d bytes from %s: %.60q, %v", name, len(a.Bytes), a.Carrier, a.Bytes, a.Why)
			}
		}
	}
}
