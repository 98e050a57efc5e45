package recover

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"icmpsift/ingest/payload"
)

// Found is bytes brought back, and how.
type Found struct {
	Stream            // of the bytes as they are written: framing taken off, encodings undone
	Raw        []byte // what was carried, where that is something else; else nil
	Carrier    string // narrowed to what was read
	Name       string // of the file, where the packets told it: hostile text
	Encodings  []string
	Verdict    Verdict
	Why        []string // what was done and what speaks for it, in sentences
	Believable bool     // chance, or an ordinary sender, would not have made this
	ByValues   bool     // that is known by the field's values alone, which no ordinary sender writes: what they mean is not
	Reading    int      // 0 for the likeliest reading of a stream, more for others of the same stream
	Vouched    bool     // some layer of it is a whole file by its own structure
	Refuted    bool     // its own structure tells that it is not whole
	lacks      string   // what tells that pieces are missing at the end, in a sentence
}

// maxOfStream bounds the readings of one stream that come back.
const maxOfStream = 3

// Recover brings back what the candidates carry, which must come in order of time. Without anchors nothing comes back.
func Recover(all []Candidate, c Carrier, o Options) (out []Found) {
	o.Field = c.Field
	if o.Order == "" {
		o.Order = Auto
	}
	members := all
	if !o.All {
		members = belonging(all, o)
	}
	if len(members) == 0 {
		return nil
	}
	switch {
	case c.kind == pieces:
		if out = fromPieces(members, c, o); o.Spread {
			out = spread(out, members)
		}
	case c.kind == eachField:
		out = fromFields(members, o)
	case c.first != nil:
		out = fromJoined(members, c, o)
	default:
		out = fromNumbers(members, c, o)
	}
	if o.Required {
		out = slices.DeleteFunc(out, func(f Found) bool { return !f.Believable })
	}
	return out
}

// fromPieces parts the packets into those of each sender.
func fromPieces(members []Candidate, c Carrier, o Options) (out []Found) {
	for _, part := range byIdent(members) {
		out = append(out, fromSender(part, c, o)...)
	}
	return out
}

// fromRuns parts one sender's packets where a file ends and another begins.
func fromRuns(part []Candidate, c Carrier, o Options) (out []Found) {
	for _, run := range bySilence(part) {
		for _, file := range byRestart(run) {
			out = append(out, fromRunOfPieces(transfer{members: file}, c, o)...)
		}
	}
	return out
}

// fromRunOfPieces reads the stream of one run.
func fromRunOfPieces(t transfer, c Carrier, o Options) (out []Found) {
	for _, f := range best(t, o) {
		f.Carrier = c.Name
		f.Believable = f.Believable && (!c.Foreign || f.Verdict.grade != text || len(f.Encodings) == 0 && t.chunked())
		if why := t.strange(c); why != "" && !f.Believable {
			f.Believable, f.Why = true, append([]string{why}, f.Why...)
		}
		out = append(out, f)
	}
	return out
}

// chunked tells whether all pieces but one have one size, as those of a file have, and are not alike, as messages of one form are.
func (t transfer) chunked() bool {
	size, n := commonLength(t.members)
	return len(t.members) >= 4 && n >= len(t.members)-1 && 5*t.likeness() < 2*size*(len(t.members)-1)
}

// likeness counts the bytes that pieces share with the piece before, place by place.
func (t transfer) likeness() (n int) {
	for i := 1; i < len(t.members); i++ {
		a, b := t.members[i-1].Value, t.members[i].Value
		for k := range min(len(a), len(b)) {
			n += int(btof(a[k] == b[k]))
		}
	}
	return n
}

// bulk is as many packets as every way of reading is tried on.
const bulk = 1 << 15

// best follows the way to read a stream that makes the most sense of it. Of very many packets the first tell which that is.
func best(t transfer, o Options) []Found {
	if len(t.members) <= bulk {
		_, out := likeliest(t, unframe(t), o)
		return out
	}
	head := transfer{members: t.members[:bulk]}
	taken, _ := likeliest(head, unframe(head), o)
	_, out := likeliest(t, [][]transfer{t.follow(taken)}, o)
	return out
}

// likeliest reads a stream in several ways, and gives the one that makes the most sense of it: its steps, and what it brings back.
func likeliest(t transfer, ways [][]transfer, o Options) (taken transfer, out []Found) {
	top := math.Inf(-1)
	for _, way := range ways {
		var found []Found
		sum, all := 0.0, 0.0
		for _, file := range way {
			got := finish(file, t, o)
			for _, f := range got {
				if n := float64(len(f.Bytes)); f.Reading == 0 { // a small file that makes sense by chance says little
					sum, all = sum+n*f.score(), all+n
				}
			}
			found = append(found, got...)
		}
		if all == 0 {
			continue
		}
		score := sum/all - 3*float64(way[0].doubt)
		if f := way[0].framing; f != nil {
			score -= 0.5 * float64(len(way)-1)
			score -= 0.4 * min(float64(way[0].left), 4)
			score += 2.5 * (1 - math.Exp(-f.bits/60)) // of readings that make as much sense, the one that explains most
		}
		if way[0].tagged() {
			score -= 4
		}
		if score > top {
			top, out, taken = score, found, way[0]
		}
	}
	return taken, out
}

// tagged tells whether all pieces still begin with the same byte, as those of no file do.
func (t transfer) tagged() bool {
	return len(t.members) >= manyPieces && !t.ofLines() && sharedAtStart(t.members)
}

func sharedAtStart(members []Candidate) bool {
	for _, c := range members {
		if len(c.Value) < 8 || c.Value[0] != members[0].Value[0] {
			return false
		}
	}
	return true
}

// score is how much sense the bytes make. What stands behind a file's end makes none.
func (f Found) score() float64 {
	score := f.Verdict.score() - btof(f.underKey())
	if f.Vouched {
		score = max(score, Verdict{grade: entire, good: 1}.score()-1)
	}
	if end := f.Verdict.end; end > 0 && end < len(f.Bytes) {
		score *= float64(end) / float64(len(f.Bytes))
	}
	return score
}

// underKey tells whether a key was undone, which makes more sense of chance than other encodings do.
func (f Found) underKey() bool {
	return slices.ContainsFunc(f.Encodings, func(e string) bool { return strings.HasPrefix(e, "xor ") })
}

// finish joins the pieces of a file and undoes its encodings. The first reading is the likeliest; others follow where the bytes
// alone cannot tell. Several files may stand one behind the other. Where the file's own structure refutes it, other packets and orders are
// tried, and what is whole then is taken.
func finish(file, from transfer, o Options) (out []Found) {
	q := sequenced(file.members, file.place, o.Order)
	out = finishSequence(q, file, from, o)
	if file.place != nil || o.Order != Auto || len(o.Decode) > 0 || !slices.ContainsFunc(out, func(f Found) bool { return f.Refuted }) {
		return out
	}
	plain := Judge(q.stream().Bytes).broken // and not what some encoding holds
	for _, w := range q.otherwise(file.members) {
		if plain && Judge(w.stream().Bytes).grade != entire {
			continue
		}
		got := finishSequence(w.sequence, file, from, o)
		if len(got) > 0 && !slices.ContainsFunc(got, func(f Found) bool { return f.Refuted || !f.Vouched }) {
			got[0].Why = append(got[0].Why, w.why)
			return got
		}
	}
	return out
}

// finishSequence does so with packets in one order.
func finishSequence(q sequence, file, from transfer, o Options) (out []Found) {
	s := q.stream()
	if len(s.Bytes) == 0 || len(s.Bytes) >= 2*leastText && len(bytes.Trim(s.Bytes, string(s.Bytes[:1]))) == 0 {
		return nil // nothing, or one byte over and over, which says nothing
	}
	var carried []byte
	if len(file.steps) > 0 || file.place != nil {
		carried = sequenced(from.members, nil, o.Order).stream().Bytes
	}
	s, times := s.again()
	parts := []Stream{s}
	if !o.Plain && len(o.Decode) == 0 {
		parts = s.parted()
	}
	for _, part := range parts {
		got := finishStream(part, file, carried, o)
		if times > 1 && len(got) > 0 {
			got[0].Why = append(got[0].Why, timesWords(times))
		}
		for _, f := range got {
			if len(parts) == 1 || f.Reading == 0 && !slices.ContainsFunc(out, func(o Found) bool { return bytes.Equal(o.Bytes, f.Bytes) }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// finishStream undoes the encodings of one file.
func finishStream(s Stream, file transfer, carried []byte, o Options) (out []Found) {
	whole := s.Bytes
	s, cut := s.ended()
	layers := []layer{{bytes: s.Bytes, gaps: s.Gaps, verdict: Judge(s.Bytes)}}
	if !o.Plain {
		layers, _ = unwrap(s.Bytes, s.Gaps, o.Decode)
	}
	base := Found{Stream: s, Name: file.name, lacks: file.lacks}
	if taken := slices.DeleteFunc(slices.Clone(file.steps), func(s string) bool { return s == "the piece" }); len(taken) > 0 { // else nothing was
		base.Why = append(base.Why, fmt.Sprintf("Taken off what the sender put around its pieces: %s.", strings.Join(taken, ", ")))
	}
	if cut {
		base.Why = append(base.Why, "Taken off what was left in the sender's buffer behind the end.")
		if carried == nil {
			carried = whole
		}
	}
	return readings(base, layers, carried, o)
}

// readings makes found bytes of layers.
func readings(base Found, layers []layer, carried []byte, o Options) (out []Found) {
	for _, l := range preferred(layers, len(o.Decode) > 0) {
		f := base
		f.Reading = len(out)
		f.Vouched = slices.ContainsFunc(layers, func(l layer) bool { return l.verdict.grade == entire }) && !slices.ContainsFunc(layers, func(l layer) bool { return l.followed })
		f.Encodings, f.Verdict = l.encodings, l.verdict
		f.Believable = l.verdict.Believable()
		f.Bytes, f.Gaps = trim(l.bytes, l.verdict), slices.Clone(l.gaps)
		f.Pieces = base.Pieces
		switch {
		case carried != nil && !bytes.Equal(carried, f.Bytes):
			f.Raw = carried
		case len(l.encodings) > 0 || len(f.Bytes) != len(base.Bytes):
			f.Raw = base.Bytes
		}
		if f.Why = slices.Clone(base.Why); len(l.encodings) > 0 {
			f.Why = append(f.Why, fmt.Sprintf("Undone: %s.", strings.Join(l.encodings, ", ")))
		}
		if f.Why = append(f.Why, l.verdict.Why); l.partial {
			f.Why = append(f.Why, "The encoded bytes break off: this is what comes before that.")
		}
		if l.followed {
			f.Why = append(f.Why, "Behind the encoded bytes stand others, which are not in this file.")
		}
		if base.lacks != "" {
			f.Gaps, f.Why = append(f.Gaps, Gap{int64(len(f.Bytes)), -1}), append(f.Why, base.lacks)
		}
		f.Refuted = l.verdict.broken || l.partial || !f.Vouched && slices.ContainsFunc(layers, func(l layer) bool { return l.verdict.broken })
		if f.endsEarly(); f.Refuted && len(f.Gaps) == 0 {
			f.Why = append(f.Why, "By its own structure the file is not whole: pieces of it are missing, doubled, changed or out of order, unless it was written so.")
		}
		if len(out) > 0 {
			f.Why = append(f.Why, "Another reading of the same packets: which of them was meant cannot be told for sure.")
		}
		if !slices.ContainsFunc(out, func(o Found) bool { return bytes.Equal(o.Bytes, f.Bytes) }) && len(out) < maxOfStream {
			out = append(out, f)
		}
	}
	return out
}

// preferred puts the layers that may have been meant in order of likelihood. A compressed file with a name in it, or with an archive,
// is a file that was sent as it is; other compression is an encoding. Both come back, because nobody can know.
func preferred(layers []layer, asked bool) (out []layer) {
	if !asked {
		layers = asWritten(layers)
	}
	last := len(layers) - 1
	out = []layer{layers[last]}
	if asked {
		return out
	}
	for k := last; k > 0; k-- {
		if !layers[k].either {
			break
		}
		if own(layers[k-1], layers[k]) {
			out = append([]layer{layers[k-1]}, out...)
		} else {
			out = append(out, layers[k-1])
		}
	}
	return out
}

// asWritten leaves text in UTF-16 as it is: that is how its file was written, and what its hash is of.
func asWritten(layers []layer) []layer {
	last := len(layers) - 1
	if e := layers[last].encodings; last == 0 || len(e) == 0 || e[len(e)-1] != wideText {
		return layers
	}
	out := slices.Clone(layers[:last])
	out[last-1].verdict = layers[last].verdict.inUTF16()
	return out
}

// own tells whether packed bytes are a file of their own.
func own(packed, inside layer) bool {
	b := packed.bytes
	return packed.verdict.packed() && (inside.partial || inside.verdict.Format == "tar" ||
		packed.verdict.Format == "gzip" && len(b) > 3 && b[3]&8 != 0 && packed.verdict.grade == entire)
}

// trim cuts a file where its format says it ends, if nothing but zero bytes follows; zero bytes behind text are no part of it either.
func trim(b []byte, v Verdict) []byte {
	switch {
	case v.end > 0 && v.end < len(b) && len(trimmed(b[v.end:])) == 0:
		return b[:v.end]
	case v.grade == text && !v.wide, v.grade == opened && payload.Text(trimmed(b)):
		return trimmed(b)
	}
	return b
}

// ended cuts what a last piece holds behind the end of the file.
func (s Stream) ended() (out Stream, cut bool) {
	if len(s.Pieces) == 0 {
		return s, false
	}
	end := s.end()
	if last := int(s.Pieces[len(s.Pieces)-1].Offset); end == len(s.Bytes) && len(s.Pieces) > 1 {
		if v := Judge(s.Bytes); v.end > last && v.end < len(s.Bytes) {
			end = v.end
		}
	}
	if end == len(s.Bytes) {
		return s, false
	}
	s.Bytes = s.Bytes[:end]
	s.Gaps = slices.DeleteFunc(slices.Clone(s.Gaps), func(g Gap) bool { return g.Offset > int64(end) })
	return s, true
}

// plainly gives the numbers' bytes as they are.
func plainly(members []Candidate, c Carrier, o Options) []Found {
	if c.kind == gap {
		return nil
	}
	n := numbersOf(orderedFor(members, c, o.Order))
	v := whole(c.Name, max(1, n.width))
	if c.bits > 0 {
		v = n.views(c)[0]
	}
	s := n.stream(v, 8)
	if len(s.Bytes) == 0 {
		return nil
	}
	layers := []layer{{bytes: s.Bytes, gaps: s.Gaps, verdict: Judge(s.Bytes)}}
	if !o.Plain {
		layers, _ = unwrap(s.Bytes, s.Gaps, o.Decode)
	}
	out := readings(Found{Stream: s, Carrier: c.Name}, layers, nil, o)
	for i := range out {
		out[i].Carrier = c.Name
	}
	return out
}

// orderedFor puts packets in order by a number that is not the carrier itself.
func orderedFor(members []Candidate, c Carrier, want Order) sequence {
	switch {
	case strings.Contains(c.Name, ".seq") || strings.Contains(c.Name, "sequence_number"):
		if r, counts := byIdentifierAlone(members); counts && want != ByTime {
			ordered, place, repeats := r.sorted(members)
			return sequence{ordered, place, BySeq, repeats}
		}
		return sequence{members: members, order: ByTime}
	case c.kind == gap:
		return sequence{members: members, order: ByTime}
	}
	return sequenced(members, nil, want)
}

// hinted tells whether bytes are worth a closer look: they begin as text, or as a known file.
func hinted(b []byte) bool {
	if name, _ := structureOf(b); name != "" {
		return true
	}
	return prose(b[:min(len(b), 256)]) > 0
}
