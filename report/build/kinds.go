package build

import (
	"cmp"
	"slices"

	"icmpsift/ingest/field"
	"icmpsift/report"
	"icmpsift/rules"
)

// Bounds of what is known of the messages of findings: packets of the timeline, and kinds of message told apart.
const (
	maxLogged = 1 << 24
	maxKinds  = 254
	logBlock  = 1 << 16
	maxShares = 10 // told of one finding
)

// kindLog keeps type and code of each packet of the timeline, a byte each: which packets are a finding's is known only at the end.
type kindLog struct {
	index  map[kind]uint8 // from 1 on
	kinds  []kind
	blocks [][]uint8 // by timeline number
}

func (l *kindLog) add(number int64, k kind) {
	if number < 0 || number >= maxLogged {
		return
	}
	at, ok := l.index[k]
	if !ok {
		if len(l.kinds) >= maxKinds {
			return
		}
		if l.index == nil {
			l.index = map[kind]uint8{}
		}
		l.kinds = append(l.kinds, k)
		at = uint8(len(l.kinds))
		l.index[k] = at
	}
	for int64(len(l.blocks)) <= number/logBlock {
		l.blocks = append(l.blocks, nil)
	}
	b := &l.blocks[number/logBlock]
	if *b == nil {
		*b = make([]uint8, logBlock)
	}
	(*b)[number%logBlock] = at
}

// count gives the packets of each kind among members.
func (l *kindLog) count(members rules.Ranges) map[kind]int64 {
	var counts [maxKinds + 1]int64
	for _, r := range members {
		for n := r.First; n <= min(r.Last, maxLogged-1); n++ {
			if b := n / logBlock; b < int64(len(l.blocks)) && l.blocks[b] != nil {
				counts[l.blocks[b][n%logBlock]]++
			}
		}
	}
	out := map[kind]int64{}
	for i, k := range l.kinds {
		if counts[i+1] > 0 {
			out[k] = counts[i+1]
		}
	}
	return out
}

// shares are the messages that a finding consists of, the most frequent first.
func (b *builder) shares(f *rules.Finding) []report.TypeShare {
	out := []report.TypeShare{}
	for k, n := range b.in.Tally.log.count(f.Members) {
		version, name := k.described()
		out = append(out, report.TypeShare{Version: version, Type: int(k.typ), Code: int(k.code), Name: name, Packets: n})
	}
	slices.SortFunc(out, func(x, y report.TypeShare) int {
		return cmp.Or(cmp.Compare(y.Packets, x.Packets), cmp.Compare(x.Version, y.Version), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Code, y.Code))
	})
	return out[:min(maxShares, len(out))]
}

// described is a kind's version of IP, and its name in words.
func (k kind) described() (version int, name string) {
	version, name = 4, field.TypeName(k.v6, k.typ)
	if k.v6 {
		version = 6
	}
	if code := field.CodeName(k.v6, k.typ, k.code); code != "" {
		name += ": " + code
	}
	return version, name
}
