package crosscheck

import (
	"icmpsift/ingest"
	"icmpsift/ingest/field"
	"icmpsift/ingest/tshark"
)

// clash is one field of one frame that differs.
type clash struct {
	field        string
	frame        int64
	packet       *ingest.Packet // nil if only tshark calls the frame ICMP
	record       *tshark.Record // nil if only icmpsift does
	heard        *heard
	context      *field.Context
	ours, theirs []string
	export       bool // the other side is an export
	unasked      bool // the request that this replies to was no ICMP for tshark, for an accepted reason
	once         bool // a one-pass tshark says what theirs says
}

// protocols is our frame.protocols.
func (d *clash) protocols() string {
	f, ok := field.Lookup("frame.protocols")
	if !ok {
		return ""
	}
	for _, v := range f.Values(d.context, d.packet, nil) {
		return v.Text
	}
	return ""
}
