package builtin_test

import (
	"encoding/base64"
	"maps"
	"net/netip"
	"slices"
	"time"
)

func init() {
	maps.Copy(captures, map[string]func() []sent{
		"free-hit":      freeHit,
		"free-miss":     freeMiss,
		"id-seq-hit":    idSeqHit,
		"id-seq-miss":   idSeqMiss,
		"type-code-hit": typeCodeHit,
		"error-hit":     errorHit,
		"error-miss":    errorMiss,
		"error-few":     func() []sent { return errorFew(inside, outside, 18*time.Hour) },
	})
}

// inPieces sends a file, so much of it in each message, which the function makes.
func inPieces(src, dst string, file []byte, n int, of func(i int, piece []byte) []byte) (out []sent) {
	for piece := range slices.Chunk(file, n) {
		out = append(out, sent{time.Duration(len(out)) * time.Second, src, dst, of(len(out), piece)})
	}
	return out
}

// mixed changes the order of the packets, each with the one behind it.
func mixed(all []sent) []sent {
	for i := 0; i+1 < len(all); i += 2 {
		all[i].at, all[i+1].at = all[i+1].at, all[i].at
	}
	return all
}

// under puts a piece behind fields of a message.
func under(typ, code byte, fields ...byte) func(i int, piece []byte) []byte {
	return func(_ int, piece []byte) []byte { return message(typ, code, 0, slices.Concat(fields, piece)) }
}

// optioned puts a piece in an option of neighbor discovery, filled up to eight bytes.
func optioned(kind byte) func(i int, piece []byte) []byte {
	return func(_ int, piece []byte) []byte {
		n := (len(piece) + 2 + 7) / 8
		option := make([]byte, 8*n)
		option[0], option[1] = kind, byte(n)
		copy(option[2:], piece)
		return message(135, 0, 0, append(make([]byte, 16), option...))
	}
}

// freeHit is a file in errors that quote nothing, behind the fields of queries, and in options that nobody knows; some pieces of it are zero bytes.
func freeHit() []sent {
	file := archived(longer)
	file = append(file, make([]byte, (62-len(file)%62)%62)...)
	zeros := slices.Concat(file[:62], make([]byte, 62), file[62:])
	return slices.Concat(
		inPieces(inside, outside, file, 62, under(3, 1)),
		inPieces(inside2, outside, file, 62, under(11, 0)),
		inPieces(inside3, outside, file, 62, under(5, 1)),
		inPieces(inside, outside2, file, 62, under(13, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0)),
		mixed(inPieces(inside2, outside2, file, 62, func(i int, piece []byte) []byte { return message(17, 0, uint32(i), append(make([]byte, 4), piece...)) })),
		inPieces(inside3, outside2, file, 62, under(40, 0)),
		inPieces(inside, outside3, file, 62, under(42, 0)),
		inPieces(inside6, outside6, file, 62, under(1, 4)),
		inPieces(inside6, outside62, file, 62, optioned(200)),
		inPieces(inside2, outside3, zeros, 62, under(12, 0)),
	)
}

// freeMiss is what standards say: errors that quote datagrams, of text, cut short, and with extensions behind them; fields filled with zero bytes; extended
// echoes with their extension; and options that are assigned.
func freeMiss() (out []sent) {
	text := []byte(longer)
	for i := range 6 {
		at, part := time.Duration(i)*time.Second, text[30*i:30*i+30]
		about, about6 := quote(outside, inside, echo(8, 7, uint16(i), part)), quote(outside6, inside6, echo(128, 7, uint16(i), part))
		extension := slices.Concat(make([]byte, 128-len(about)), []byte{0x20, 0, 0, 0, 0, 36, 9, 9}, part, []byte{0, 0})
		lookup := slices.Concat([]byte{0x20, 0, 0, 0, 0, byte(4 + len(part)), 3, 1}, part)
		out = append(out,
			sent{at, inside, outside, message(3, 1, 0, about)},
			sent{at, inside2, outside, message(11, 0, 0, about[:28])},
			sent{at, inside3, outside, message(3, 3, 0x00200000, append(slices.Clone(about), extension...))},
			sent{at, inside3, outside2, message(13, 0, 0, make([]byte, 60))},
			sent{at, inside2, outside2, message(42, 0, 0, lookup)},
			sent{at, inside6, outside6, message(1, 4, 0, about6)},
			sent{at, inside6, outside62, optioned(14)(i, part)},
		)
	}
	return out
}

// idSeqHit is files of four bytes a ping, in identifier and sequence number: as they are, the low byte first, and from text.
func idSeqHit() []sent {
	file := archived(longer)
	file = append(file, make([]byte, (4-len(file)%4)%4)...)
	turned := func(_ int, p []byte) []byte {
		return echo(8, uint16(p[3])<<8|uint16(p[2]), uint16(p[1])<<8|uint16(p[0]), line(0))
	}
	plain := func(typ byte) func(_ int, p []byte) []byte {
		return func(_ int, p []byte) []byte { return echo(typ, be.Uint16(p), be.Uint16(p[2:]), line(0)) }
	}
	encoded := []byte(base64.StdEncoding.EncodeToString([]byte(longer)))
	return slices.Concat(inPieces(inside, outside, file, 4, plain(8)), inPieces(inside2, outside, file, 4, turned),
		inPieces(inside3, outside, encoded[:len(encoded)/4*4], 4, plain(8)), inPieces(inside6, outside6, file, 4, plain(128)))
}

// idSeqMiss is pings by single processes: each has an identifier by chance, and a number that is 1, or by chance too.
func idSeqMiss() (out []sent) {
	for i := range 120 {
		b, at := noise(4, i), time.Duration(i)*time.Second
		out = append(out, sent{at, inside, outside, echo(8, be.Uint16(b), 1, line(0))}, sent{at, inside2, outside, echo(8, be.Uint16(b), be.Uint16(b[2:]), line(0))})
	}
	return out
}

// typeCodeHit is files of two bytes a message, in type and code, and the other way round.
func typeCodeHit() []sent {
	text := []byte(longer)[:len(longer)/2*2]
	return slices.Concat(inPieces(inside, outside, text, 2, func(_ int, p []byte) []byte { return message(p[0], p[1], 0, nil) }),
		inPieces(inside2, outside, text, 2, func(_ int, p []byte) []byte { return message(p[1], p[0], 0, nil) }))
}

// stated is a datagram that an error quotes: its identification, time to live, and what follows its header.
func stated(src, dst string, id uint16, ttl, protocol byte, rest []byte) []byte {
	b := quote(src, dst, rest)
	be.PutUint16(b[4:], id)
	b[8], b[9] = ttl, protocol
	copy(b[20:], rest) // of which a checksum was written into the ports
	return b
}

// udp8 is the header of a UDP datagram, segment that of a TCP segment, as far as errors quote it.
func udp8(sport, dport uint16) []byte {
	return append(be.AppendUint16(be.AppendUint16(nil, sport), dport), 0, 8, 0, 0)
}

func segment(sport, dport uint16, seq uint32) []byte {
	return append(be.AppendUint32(be.AppendUint16(be.AppendUint16(nil, sport), dport), seq), make([]byte, 12)...)
}

// errorHit is a text in each field of errors, and of what they quote, that a sender may choose.
func errorHit() []sent {
	text := []byte(longer)[:len(longer)/4*4]
	fixed := stated(outside, inside, 7, 60, 17, udp8(53, 5000))
	return slices.Concat(
		inPieces(inside, outside, text, 4, func(_ int, p []byte) []byte { return message(5, 1, be.Uint32(p), fixed) }),
		inPieces(inside2, outside, text, 2, func(_ int, p []byte) []byte { return message(3, 4, uint32(be.Uint16(p)), fixed) }),
		inPieces(inside3, outside, text, 1, func(_ int, p []byte) []byte { return message(12, 0, uint32(p[0])<<24, fixed) }),
		inPieces(inside, outside2, text, 2, func(i int, p []byte) []byte {
			return message(3, 3, 0, stated(outside2, inside, be.Uint16(p), 60, 17, udp8(53, uint16(5000+i))))
		}),
		inPieces(inside2, outside2, text, 1, func(_ int, p []byte) []byte {
			return message(11, 0, 0, stated(outside2, inside2, 7, p[0], 17, udp8(53, 5000)))
		}),
		inPieces(inside3, outside2, text, 4, func(_ int, p []byte) []byte {
			return message(3, 3, 0, stated(outside2, inside3, 7, 60, 17, udp8(be.Uint16(p), be.Uint16(p[2:]))))
		}),
		inPieces(inside, outside3, text, 4, func(i int, p []byte) []byte {
			return message(3, 3, 0, stated(outside3, inside, uint16(40*i), 60, 6, segment(443, 50000, be.Uint32(p))))
		}),
		inPieces(inside2, outside3, text, 2, func(i int, p []byte) []byte {
			return message(3, 3, 0, stated(outside3, inside2, be.Uint16(noise(2, i)), 60, 17, udp8(53, be.Uint16(p))))
		}),
		inPieces(inside3, outside3, text, 4, func(i int, p []byte) []byte {
			return message(3, 1, 0, stated(netip.AddrFrom4([4]byte(p)).String(), inside3, uint16(40*i), 60, 6, segment(443, 50000, 7)))
		}),
		inPieces("10.20.0.14", outside, text, 4, func(i int, p []byte) []byte {
			return message(3, 1, 0, stated(outside, netip.AddrFrom4([4]byte(p)).String(), uint16(40*i), 60, 6, segment(443, 50000, 7)))
		}),
		inPieces("10.20.0.14", outside2, text, 2, func(i int, p []byte) []byte {
			return message(3, 3, 0, stated(outside2, "10.20.0.14", uint16(40*i), 60, 17, append(udp8(53, 5000)[:6], p...)))
		}),
		inPieces(inside6, outside6, text, 4, func(_ int, p []byte) []byte {
			return message(2, 0, be.Uint32(p), quote(outside6, inside6, echo(128, 7, 1, nil)))
		}),
	)
}

// errorFew is a text in sixteen redirects, over so long a time.
func errorFew(src, dst string, span time.Duration) []sent {
	fixed := stated(dst, src, 7, 60, 17, udp8(53, 5000))
	out := inPieces(src, dst, []byte(longer)[:64], 4, func(_ int, p []byte) []byte { return message(5, 1, be.Uint32(p), fixed) })
	for i := range out {
		out[i].at = span * time.Duration(i) / 15
	}
	return out
}

// errorMiss is too few errors in a day, and errors about ordinary datagrams: identifications and ports by chance, ports that a scan goes through, sequence numbers, routers and MTUs of a few values.
func errorMiss() (out []sent) {
	out = errorFew(inside, outside3, 36*time.Hour)
	for i := range 80 {
		at, b := time.Duration(i)*time.Second, noise(8, i)
		out = append(out,
			sent{at, inside, outside, message(3, 3, 0, stated(outside, inside, be.Uint16(b), 50+b[7]%9, 17, udp8(be.Uint16(b[2:]), uint16(33434+i))))},
			sent{at, inside2, outside, message(3, 3, 0, stated(outside, inside2, uint16(i), 60, 6, segment(be.Uint16(b), 80, be.Uint32(b[4:]))))},
			sent{at, inside3, outside, message(3, 4, uint32(1280+40*(i%3)), stated(outside, inside3, be.Uint16(b), 60, 6, segment(443, 51000, uint32(1400*i))))},
		)
	}
	return out
}
