package field

import "icmpsift/ingest"

// tcpOptionFields are the options most segments have (RFC 9293, RFC 7323, RFC 2018).
var tcpOptionFields = in(ingest.ProtoTCP,
	tcpOption("tcp.options.eol", Bytes, "end of options list"),
	tcpOption("tcp.options.nop", Bytes, "no-operation option"),
	tcpOption("tcp.options.mss", Bytes, "maximum segment size option"),
	tcpOption("tcp.options.wscale", Bytes, "window scale option"),
	tcpOption("tcp.options.sack_perm", Bytes, "selective acknowledgment permitted"),
	tcpOption("tcp.options.sack", Bytes, "selective acknowledgment option"),
	tcpOption("tcp.options.timestamp", Bytes, "timestamps option"),
	tcpOption("tcp.option_kind", Uint8, "kind of an option"),
	tcpOption("tcp.option_len", Uint8, "bytes of an option"),
	tcpOption("tcp.options.mss_val", Uint16, "maximum segment size"),
	tcpOption("tcp.options.wscale.shift", Uint8, "window scale: shift count"),
	tcpOption("tcp.options.wscale.multiplier", Uint16, "window scale: what to multiply with"),
	tcpOption("tcp.options.timestamp.tsval", Uint32, "timestamps: the sender's"),
	tcpOption("tcp.options.timestamp.tsecr", Uint32, "timestamps: the one echoed"),
)

func tcpOption(name string, t Type, meaning string) Field {
	return row(name, t, func(c *Context, p *ingest.Packet, i int, dst []Value) []Value {
		d := dissection{c: c, want: name, dst: dst, b: p.Layers[i].Bytes}
		tcpOptions(&d, tcpOptionEnd(&p.Layers[i]))
		return d.dst
	}, meaning)
}

// Kinds of TCP options.
const (
	tcpEnd         = 0
	tcpNop         = 1
	tcpMSS         = 2
	tcpWindowScale = 3
	tcpSACKAllowed = 4
	tcpSACK        = 5
	tcpTimestamps  = 8
)

var tcpOptionNames = map[int]string{
	tcpEnd: "tcp.options.eol", tcpNop: "tcp.options.nop", tcpMSS: "tcp.options.mss", tcpWindowScale: "tcp.options.wscale",
	tcpSACKAllowed: "tcp.options.sack_perm", tcpSACK: "tcp.options.sack", tcpTimestamps: "tcp.options.timestamp",
}

// tcpOptions walks the options up to end.
func tcpOptions(d *dissection, end int) {
	for off := 20; off < end && !d.cut; {
		kind, n := d.peek(off, 1), 1
		if kind > tcpNop {
			if off+1 >= end {
				return
			}
			n = d.peek(off+1, 1)
		}
		if kind > tcpNop && n < 2 || off+n > end && end < len(d.b) {
			return
		}
		tcpOptionBody(d, kind, off, n)
		off += n // Wireshark goes on behind the end of the list
	}
}

func tcpOptionBody(d *dissection, kind, off, n int) {
	name := tcpOptionNames[kind]
	if name == "" {
		return
	}
	d.bytes(name, off, min(n, len(d.b)-off)) // Wireshark shows an option that the quote or the capture cut
	d.number("tcp.option_kind", off, 1)
	if kind > tcpNop {
		d.number("tcp.option_len", off+1, 1)
	}
	switch {
	case kind == tcpMSS && n == 4:
		d.number("tcp.options.mss_val", off+2, 2)
	case kind == tcpWindowScale && n == 3:
		d.number("tcp.options.wscale.shift", off+2, 1)
		d.put("tcp.options.wscale.multiplier", Value{Int: 1 << min(d.peek(off+2, 1), 14)})
	case kind == tcpTimestamps && n == 10:
		d.number("tcp.options.timestamp.tsval", off+2, 4)
		d.number("tcp.options.timestamp.tsecr", off+6, 4)
	}
}
