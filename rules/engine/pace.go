package engine

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/field"
)

// maxGaps bounds the intervals that are remembered of a draft.
const maxGaps = 1 << 12

// pace watches whether echo messages come as a ping sends them: with one identifier, numbers that count up, and at even times.
type pace struct {
	packets, odd int // of them, those whose identifier or number is not what follows
	ident, seq   uint16
	last         int64
	gaps         []int64
	abroad       bool // some do not stay within the home networks
	rounds       rounds
}

// zones are the fields that tell where both hosts are.
var zones = func() (out []*field.Field) {
	for _, name := range []string{"sift.zone.src", "sift.zone.dst"} {
		f, _ := field.Lookup(name)
		out = append(out, f)
	}
	return out
}()

func (x *pace) add(d *draft, p *ingest.Packet) {
	m := p.Message().Bytes
	if len(m) < 8 {
		return
	}
	ident, seq := binary.BigEndian.Uint16(m[4:]), binary.BigEndian.Uint16(m[6:])
	if x.packets++; x.packets > 1 {
		if ident != x.ident || seq-x.seq != 1 && bits.ReverseBytes16(seq)-bits.ReverseBytes16(x.seq) != 1 {
			x.odd++
		}
		if len(x.gaps) < maxGaps {
			x.gaps = append(x.gaps, p.Case.Time-x.last)
		}
	}
	x.rounds.add(ident != x.ident, seq, p.Case.Time)
	x.ident, x.seq, x.last = ident, seq, p.Case.Time
	for _, f := range zones {
		d.values = f.Values(d.context, p, d.values[:0])
		x.abroad = x.abroad || len(d.values) == 0 || d.values[0].Text != "home"
	}
}

// unhurried is the least interval of a ping that somebody lets run: files are sent faster.
const unhurried = int64(100 * time.Millisecond)

// even tells whether nearly all numbers follow each other, and three in four intervals are within a tenth of the median.
func (x *pace) even() bool {
	if len(x.gaps) < 2 || 10*x.odd > x.packets {
		return false
	}
	slices.Sort(x.gaps)
	median, near := x.gaps[len(x.gaps)/2], 0
	for _, gap := range x.gaps {
		if 10*max(gap-median, median-gap) <= median {
			near++
		}
	}
	return median >= unhurried && 4*near >= 3*len(x.gaps)
}
