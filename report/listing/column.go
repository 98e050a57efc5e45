package listing

import (
	"net"
	"net/netip"
	"strconv"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// columns works out what tshark's list shows of a packet.
type columns struct {
	context   *field.Context
	evidence  *ingest.Evidence
	protocols *field.Field
	infos     *field.Field
	values    []field.Value
}

func newColumns(c *field.Context) columns {
	k := columns{context: c}
	k.protocols, _ = field.Lookup("_ws.col.protocol")
	k.infos, _ = field.Lookup("_ws.col.info")
	return k
}

// column is a column of the default list: its name as a field since Wireshark 4.2, its title, which -e takes as well.
type column struct {
	name, title string
	text        func(c *columns, p *ingest.Packet) string
}

var columnTable = []column{
	{"_ws.col.number", "_ws.col.No.", func(_ *columns, p *ingest.Packet) string { return strconv.FormatInt(p.Number, 10) }},
	{"_ws.col.cls_time", "_ws.col.Time", (*columns).time},
	{"_ws.col.def_src", "_ws.col.Source", (*columns).source},
	{"_ws.col.def_dst", "_ws.col.Destination", (*columns).destination},
	{"_ws.col.protocol", "_ws.col.Protocol", (*columns).protocol},
	{"_ws.col.packet_length", "_ws.col.Length", func(_ *columns, p *ingest.Packet) string { return strconv.Itoa(p.Wire - p.PseudoHeader()) }},
	{"_ws.col.info", "_ws.col.Info", (*columns).info},
}

// columnNamed finds a column by either name.
func columnNamed(name string) *column {
	for i := range columnTable {
		if columnTable[i].name == name || columnTable[i].title == name {
			return &columnTable[i]
		}
	}
	return nil
}

func (c *columns) protocol(p *ingest.Packet) string { return c.first(c.protocols, p) }
func (c *columns) info(p *ingest.Packet) string     { return c.first(c.infos, p) }

func (c *columns) first(f *field.Field, p *ingest.Packet) string {
	if c.values = f.Values(c.context, p, c.values[:0]); len(c.values) == 0 {
		return ""
	}
	return c.values[0].Text
}

// time is seconds since the file's first frame, as exact as the interface's clock.
func (c *columns) time(p *ingest.Packet) string {
	if p.NoTime {
		return ""
	}
	return strconv.FormatFloat(float64(p.Elapsed)/1e9, 'f', c.digits(p), 64)
}

func (c *columns) digits(p *ingest.Packet) (n int) {
	if c.evidence == nil {
		return 6
	}
	for _, i := range c.evidence.Interfaces {
		if i.Section == p.Section && i.ID == p.Interface {
			for r := i.Resolution; r > 1 && n < 9; r /= 10 {
				n++
			}
			return n
		}
	}
	return 6
}

func (c *columns) source(p *ingest.Packet) string {
	return address(p, (*ingest.Layer).Src, 6)
}

func (c *columns) destination(p *ingest.Packet) string {
	return address(p, (*ingest.Layer).Dst, 0)
}

// address is that of the innermost IP header on the wire; of frames without one, the MAC address at that byte of the
// innermost Ethernet header, or the sender's of a Linux cooked one, which has no other.
func address(p *ingest.Packet, ip func(*ingest.Layer) netip.Addr, mac int) string {
	for i := len(p.Layers) - 1; i >= 0; i-- {
		switch l := &p.Layers[i]; {
		case l.Quoted > 0:
		case l.Proto == ingest.ProtoIPv4 || l.Proto == ingest.ProtoIPv6:
			if a := ip(l); a.IsValid() {
				return a.String()
			}
		case l.Proto == ingest.ProtoEthernet && len(l.Bytes) >= 14:
			return net.HardwareAddr(l.Bytes[mac : mac+6]).String()
		case l.Proto == ingest.ProtoSLL && mac > 0:
			return cookedSender(l)
		}
	}
	return ""
}

// cookedSender is the sender's link-layer address in a Linux cooked header, version 1 (16 bytes) or 2 (20 bytes).
func cookedSender(l *ingest.Layer) string {
	length, at := 5, 6
	if l.Header == 20 {
		length, at = 11, 12
	}
	if len(l.Bytes) < at+6 || l.Bytes[length] != 6 {
		return ""
	}
	return net.HardwareAddr(l.Bytes[at : at+6]).String()
}
