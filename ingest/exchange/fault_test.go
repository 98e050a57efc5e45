package exchange_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
	"icmpsift/ingest/exchange"
)

// datagram is an IP packet made for a test, with the ICMP message it carries.
type datagram struct {
	src, dst string
	id       uint16 // identification, of IPv4 only
	offset   uint16 // flags and fragment offset, of IPv4 only
	message  []byte
}

func (d datagram) bytes() []byte {
	src, dst := netip.MustParseAddr(d.src), netip.MustParseAddr(d.dst)
	if src.Is6() {
		b := append([]byte{0x60, 0, 0, 0, 0, 0, 58, 64}, append(src.AsSlice(), dst.AsSlice()...)...)
		binary.BigEndian.PutUint16(b[4:], uint16(len(d.message)))
		return append(b, d.message...)
	}
	b := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0}
	b = append(b, append(src.AsSlice(), dst.AsSlice()...)...)
	for at, n := range map[int]uint16{2: uint16(20 + len(d.message)), 4: d.id, 6: d.offset} {
		binary.BigEndian.PutUint16(b[at:], n)
	}
	return append(b, d.message...)
}

// packet decodes the datagram as the frame of that number, seen at that time.
func (d datagram) packet(number int64, at time.Duration) *ingest.Packet {
	b := d.bytes()
	var p ingest.Packet
	decode.New(decode.Options{}).Decode(&ingest.Frame{Number: number, Link: ingest.LinkRaw, Wire: len(b), Data: b}, &p)
	p.Case = ingest.Case{Number: number, Time: int64(at)}
	return p.Clone()
}

// ping is a message with identifier and sequence number.
func ping(typ byte, id, seq uint16, data string) []byte {
	b := append([]byte{typ, 0, 0, 0, byte(id >> 8), byte(id), byte(seq >> 8), byte(seq)}, data...)
	binary.BigEndian.PutUint16(b[2:], checksum(b))
	return b
}

// complain is an error about what was sent, which it quotes.
func complain(typ, code byte, about []byte) []byte {
	return append([]byte{typ, code, 0, 0, 0, 0, 0, 0}, about...)
}

// event is a datagram at its time, from an evidence file.
type event struct {
	at   time.Duration
	file int
	datagram
}

func TestFault(t *testing.T) {
	const a, b, router, a6, b6, router6 = "10.0.0.1", "10.0.0.2", "10.0.9.9", "2001:db8::1", "2001:db8::2", "2001:db8::9"
	const ms = time.Millisecond
	request := datagram{src: a, dst: b, id: 77, message: ping(8, 1, 1, "data")}
	again := datagram{src: a, dst: b, id: 78, message: ping(8, 1, 1, "data")}
	other := datagram{src: a, dst: b, id: 79, message: ping(8, 1, 1, "else")}
	reply := datagram{src: b, dst: a, id: 5, message: ping(0, 1, 1, "data")}
	request6 := datagram{src: a6, dst: b6, message: ping(128, 1, 1, "data")}
	from := func(router string, typ, code byte, about datagram) datagram {
		return datagram{src: router, dst: about.src, message: complain(typ, code, about.bytes())}
	}
	ident := func(d datagram, id uint16) datagram { d.id = id; return d }
	short := func(d datagram) datagram { d.message = d.message[:8]; return d }
	at := func(at time.Duration, d datagram) event { return event{at: at, datagram: d} }
	cut := func(d datagram, n int) datagram { d.message = d.message[:n]; return d }
	type replies map[int64]ingest.Reply
	tests := []struct {
		name   string
		events []event
		want   replies
	}{
		{"provoked", []event{at(0, request), at(ms, from(router, 11, 0, request))},
			replies{1: {ErrorIn: 2}, 2: {ErrorTo: 1, Time: int64(ms)}}},
		{"provoked, IPv6", []event{at(0, request6), at(ms, from(router6, 1, 3, request6))},
			replies{1: {ErrorIn: 2}, 2: {ErrorTo: 1, Time: int64(ms)}}},
		{"eight bytes quoted", []event{at(0, request), at(ms, from(router, 3, 1, short(request)))},
			replies{1: {ErrorIn: 2}, 2: {ErrorTo: 1, Time: int64(ms)}}},
		{"fewer quoted", []event{at(0, request), at(time.Hour, from(router, 3, 1, cut(request, 7)))}, replies{1: {Unanswered: true}, 2: {}}},
		{"timestamp request", []event{at(0, datagram{src: a, dst: b, id: 1, message: ping(13, 1, 1, "123456789012")}),
			at(ms, from(b, 3, 10, datagram{src: a, dst: b, id: 1, message: ping(13, 1, 1, "123456789012")}))},
			replies{1: {ErrorIn: 2}, 2: {ErrorTo: 1, Time: int64(ms)}}},
		{"reply quoted", []event{at(0, request), at(0, reply), at(ms, from(router, 3, 13, reply))},
			replies{1: {In: 2, Count: 1}, 2: {To: 1, ErrorIn: 3}, 3: {ErrorTo: 2, Time: int64(ms)}}},
		{"error, then reply", []event{at(0, request), at(0, from(router, 3, 1, request)), at(ms, reply)},
			replies{1: {In: 3, Time: int64(ms), Count: 1, ErrorIn: 2}, 2: {ErrorTo: 1}, 3: {To: 1, Time: int64(ms)}}},
		{"a redirect answers nothing", []event{at(0, request), at(0, from(router, 5, 1, request))},
			replies{1: {ErrorIn: 2, Unanswered: true}, 2: {ErrorTo: 1}}},
		{"a failure goes before a redirect", []event{at(0, request), at(0, from(router, 5, 1, request)), at(0, from(router, 3, 1, request)), at(0, from(router, 4, 0, request))},
			replies{1: {ErrorIn: 3}, 2: {ErrorTo: 1}, 3: {ErrorTo: 1}, 4: {ErrorTo: 1}}},
		{"the first of several", []event{at(0, request), at(0, from(router, 11, 0, request)), at(0, from(b, 3, 1, request))},
			replies{1: {ErrorIn: 2}, 2: {ErrorTo: 1}, 3: {ErrorTo: 1}}},
		{"repeated: by identification", []event{at(0, request), at(0, again), at(ms, from(router, 11, 0, request))},
			replies{1: {ErrorIn: 3}, 2: {Unanswered: true}, 3: {ErrorTo: 1, Time: int64(ms)}}},
		{"repeated: identification in the wrong order of bytes", []event{at(0, request), at(0, again), at(ms, from(router, 11, 0, ident(request, 77<<8)))},
			replies{1: {ErrorIn: 3}, 2: {Unanswered: true}, 3: {ErrorTo: 1, Time: int64(ms)}}},
		{"repeated: by checksum", []event{at(0, request), at(0, other), at(ms, from(router, 11, 0, short(ident(request, 0))))},
			replies{1: {ErrorIn: 3}, 2: {Unanswered: true}, 3: {ErrorTo: 1, Time: int64(ms)}}},
		{"repeated: nobody can tell", []event{at(0, request), at(0, again), at(time.Minute, from(router, 11, 0, ident(request, 0)))},
			replies{1: {Unanswered: true}, 2: {Unanswered: true}, 3: {}}},
		{"repeated, IPv6: the latest", []event{at(0, request6), at(ms, request6), at(2*ms, from(router6, 3, 0, request6))},
			replies{1: {Unanswered: true}, 2: {ErrorIn: 3}, 3: {ErrorTo: 2, Time: int64(ms)}}},
		{"identification changed on the way", []event{at(0, request), at(ms, from(router, 11, 0, ident(request, 9)))},
			replies{1: {ErrorIn: 2}, 2: {ErrorTo: 1, Time: int64(ms)}}},
		{"never seen", []event{at(0, request), at(0, from(router, 3, 1, other))}, replies{1: {Unanswered: true}, 2: {Unseen: true}}},
		{"never seen to send at all", []event{at(0, from(router, 3, 1, other))}, replies{1: {}}},
		{"seen elsewhere only", []event{{0, 1, request}, {0, 0, from(router, 3, 1, other)}}, replies{1: {Unanswered: true}, 2: {}}},
		{"the capture begins in the middle", []event{{0, 2, request}, {0, 2, from(router, 3, 1, other)}, {9 * time.Second, 2, from(router, 3, 1, other)}, {11 * time.Second, 2, from(router, 3, 1, other)}},
			replies{1: {Unanswered: true}, 2: {}, 3: {}, 4: {Unseen: true}}},
		{"too long ago", []event{at(0, request), at(exchange.Expiry+1, from(router, 3, 1, request))}, replies{1: {Unanswered: true}, 2: {}}},
		{"reassembly takes its time", []event{at(0, request), at(0, from(router, 11, 1, other))}, replies{1: {Unanswered: true}, 2: {}}},
		{"a fragment of what was not put together", []event{at(0, request), at(0, from(router, 3, 1, datagram{src: a, dst: b, offset: 0x2000, message: other.message}))},
			replies{1: {Unanswered: true}, 2: {}}},
		{"a later fragment", []event{at(0, request), at(0, from(router, 3, 1, datagram{src: a, dst: b, offset: 2, message: other.message}))},
			replies{1: {Unanswered: true}, 2: {}}},
		{"an error about an error", []event{at(0, request), at(0, from(router, 3, 1, from(router, 3, 1, request)))}, replies{1: {Unanswered: true}, 2: {}}},
		{"about other protocols", []event{at(0, request), at(0, datagram{src: router, dst: a, message: complain(3, 3, append([]byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 1, 2, 3, 4, 0, 8, 0, 0))})},
			replies{1: {Unanswered: true}, 2: {}}},
	}
	recording := func(file int) exchange.Recording {
		return exchange.Recording{ID: file, Start: map[int]int64{0: -int64(time.Hour), 1: -int64(time.Hour), 2: 0}[file]}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var packets []*ingest.Packet
			for i, e := range tt.events {
				p := e.packet(int64(i+1), e.at)
				p.Case.Evidence = e.file
				packets = append(packets, p)
			}
			got, evicted := told(t, 100, recording, packets)
			for n, want := range tt.want {
				if got[n] != want {
					t.Errorf("packet %d: %+v, want %+v", n, got[n], want)
				}
			}
			if len(got) != len(tt.want) || evicted != 0 {
				t.Errorf("%d packets, %d evicted", len(got), evicted)
			}
		})
	}
}

// redirect6 quotes in an option (RFC 4861, 4.6.3).
func TestFaultRedirect6(t *testing.T) {
	request := datagram{src: "2001:db8::1", dst: "2001:db8::2", message: ping(128, 1, 1, "12345678")}
	about := request.bytes()
	m := append(append([]byte{137, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 32)...), 4, byte(1+len(about)/8), 0, 0, 0, 0, 0, 0)
	redirect := datagram{src: "fe80::9", dst: "2001:db8::1", message: append(m, about...)}
	got, _ := told(t, 100, long, []*ingest.Packet{request.packet(1, 0), redirect.packet(2, time.Millisecond)})
	if got[1] != (ingest.Reply{ErrorIn: 2, Unanswered: true}) || got[2] != (ingest.Reply{ErrorTo: 1, Time: int64(time.Millisecond)}) {
		t.Errorf("%+v", got)
	}
}

// What was given up may be what an error quotes: nothing is claimed. Repetitions without end cost bounded time.
func TestFaultEviction(t *testing.T) {
	send := func(seq uint16) datagram {
		return datagram{src: "10.0.0.1", dst: "10.0.0.2", id: seq, message: ping(8, 1, seq, "")}
	}
	fault := func(about datagram, n int64, at time.Duration) *ingest.Packet {
		return datagram{src: "10.0.0.9", dst: "10.0.0.1", message: complain(3, 1, about.bytes())}.packet(n, at)
	}
	got, evicted := told(t, 1, long, []*ingest.Packet{send(1).packet(1, 0), send(2).packet(2, 0), send(3).packet(3, 0),
		fault(send(1), 4, 0), fault(send(3), 5, 0), fault(send(9), 6, 0), fault(send(9), 7, exchange.Expiry+1)})
	want := map[int64]ingest.Reply{1: {}, 2: {}, 3: {ErrorIn: 5}, 4: {}, 5: {ErrorTo: 3}, 6: {}, 7: {Unseen: true}}
	for n, w := range want {
		if got[n] != w {
			t.Errorf("packet %d: %+v, want %+v", n, got[n], w)
		}
	}
	if evicted != 2+2 {
		t.Errorf("%d evicted", evicted)
	}
	var packets []*ingest.Packet
	for i := range int64(1000) {
		d := send(1)
		d.id = uint16(i)
		packets = append(packets, d.packet(i+1, 0))
	}
	early, late := send(1), send(1)
	early.id, late.id = 3, 990
	got, _ = told(t, 100_000, long, append(packets, fault(early, 1001, 0), fault(late, 1002, 0)))
	if got[1001] != (ingest.Reply{}) || got[1002] != (ingest.Reply{ErrorTo: 991}) {
		t.Errorf("of many repetitions: %+v, %+v", got[1001], got[1002])
	}
}
