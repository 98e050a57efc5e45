package ingest

// Exchange is a kind of request and reply among ICMP messages, told apart by type, identifier and sequence number.
// Solicitations of routers and neighbours are none: their answers name no request, and come unasked as well.
type Exchange uint8

// The exchanges there are; their names are those of sift.exchange.
const (
	NoExchange          Exchange = iota
	EchoExchange                 // RFC 792 types 8 and 0, RFC 4443 types 128 and 129
	TimestampExchange            // RFC 792 types 13 and 14
	InformationExchange          // RFC 792 types 15 and 16, deprecated by RFC 6918
	MaskExchange                 // RFC 950 types 17 and 18, deprecated by RFC 6918
	ExtendedExchange             // RFC 8335 types 42 and 43, 160 and 161 in ICMPv6
	Exchanges                    // how many there are, with none
)

// String names the exchange: "" for none, "echo", "timestamp", "information", "mask", "extended echo".
func (x Exchange) String() string {
	return [Exchanges]string{"", "echo", "timestamp", "information", "mask", "extended echo"}[x%Exchanges]
}

// ExchangeOf tells which exchange a message type belongs to, and whether it is the request.
func ExchangeOf(v6 bool, typ uint8) (x Exchange, request bool) {
	if v6 {
		switch typ {
		case 128, 129:
			return EchoExchange, typ == 128
		case 160, 161:
			return ExtendedExchange, typ == 160
		}
		return NoExchange, false
	}
	switch typ {
	case 0, 8:
		return EchoExchange, typ == 8
	case 13, 14:
		return TimestampExchange, typ == 13
	case 15, 16:
		return InformationExchange, typ == 15
	case 17, 18:
		return MaskExchange, typ == 17
	case 42, 43:
		return ExtendedExchange, typ == 42
	}
	return NoExchange, false
}

// Exchange tells which exchange the message belongs to, and whether it is the request.
func (p *Packet) Exchange() (x Exchange, request bool) {
	typ, _, ok := p.Type()
	if !ok {
		return NoExchange, false
	}
	return ExchangeOf(p.V6(), typ)
}
