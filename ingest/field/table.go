package field

import "icmpsift/ingest"

// The table and its index are built once and never change.
var (
	table  = assemble()
	byName = index(table)
)

func assemble() []*Field {
	var out []*Field
	for _, group := range [][]Field{
		frameFields, ethernetFields, vlanFields, cookedFields, llcFields, arpFields, ip4Fields, ip4OptionFields, ip6Fields, ip6AddressFields, ip6ExtensionFields, ip6OptionFields,
		tunnelFields, greFields, udpFields, tcpFields, tcpOptionFields, icmp4Fields, mobileFields, extensionFields, icmp6Fields, optionFields, listenerFields,
		nodeInfoFields, managementFields, rplFields, rplOptionFields, dataFields, expertFields, columnFields, siftFields, payloadFields, replyFields, pastFields,
	} {
		for i := range group {
			out = append(out, &group[i])
			group[i].place = len(out)
			if f := &group[i]; f.spell != nil {
				f.bare, f.Get = f.Get, f.withText
			}
		}
	}
	return out
}

func index(fields []*Field) map[string]*Field {
	m := make(map[string]*Field, len(fields))
	for _, f := range fields {
		m[f.Name] = f
	}
	return m
}

// in makes the rows fields of one protocol.
func in(proto ingest.Proto, rows ...Field) []Field {
	for i := range rows {
		rows[i].Proto = proto
	}
	return rows
}

// row declares a field; see the methods below for what few fields have.
func row(name string, t Type, get getter, meaning string) Field {
	return Field{Name: name, Type: t, Get: get, Meaning: meaning}
}

func (f Field) hex() Field                         { f.Display = Hex; return f }
func (f Field) hexSince(v string) Field            { f.Display, f.hexFrom = Hex, v; return f }
func (f Field) asRead() Field                      { f.sized = true; return f }
func (f Field) display(d Display) Field            { f.Display = d; return f }
func (f Field) named(names map[int64]string) Field { f.Names = names; return f }
func (f Field) constant() Field                    { f.steady = true; return f }
func (f Field) linked() Field                      { f.Linked = true; return f }
func (f Field) ahead() Field                       { f.LookAhead = true; return f.linked() }
func (f Field) alsoIn(proto ingest.Proto) Field    { f.also = proto; return f }
