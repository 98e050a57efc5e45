package extract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
)

// A saved extract is a pcapng with a section for each entry of the ledger: one for a capture, and for an archive one for itself and
// one for each of its files. A section's header holds the entry, each packet what its frame was in the original and the
// datagram that it completes. Pairing is not saved: it is worked out again. A last section without packets closes the file.

// closing is what the last section says.
type closing struct {
	Entries int
	Packets int64
	SHA256  string // over all that was said and held, in order
}

// Saved is an extract to be saved.
type Saved struct {
	Extract *Extract
	Entry   Entry
}

// Save writes extracts, those of one evidence file, in their order. Errors are those of writing, of the spool, and of packets or
// entries too large for the format.
func Save(ctx context.Context, to io.Writer, all []Saved) error {
	s := &saver{ctx: ctx, w: capture.NewExtractWriter(to), digest: newDigest()}
	for _, x := range all {
		if err := s.entry(x); err != nil {
			return err
		}
	}
	end, err := json.Marshal(closing{len(all), s.packets, s.digest.sum()})
	if err != nil {
		return err
	}
	s.w.Section("", append([]byte(closingMark), end...))
	return s.w.Err()
}

const closingMark = "end\n"

type saver struct {
	ctx     context.Context
	w       *capture.Writer
	digest  digest
	packets int64
	on      map[wire]int
	own     []byte
}

// wire is what packets of one interface of the extract have in common.
type wire struct {
	section, id int
	link        ingest.LinkType
	fcs         uint8
}

func (s *saver) entry(x Saved) error {
	line, err := x.Entry.line()
	if err != nil {
		return err
	}
	e := &x.Entry.Evidence
	s.on = map[wire]int{}
	s.w.Section(about(e), line)
	s.digest.add(line)
	in, err := x.Extract.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	r := in.(*reader)
	for {
		_, err := r.Skim()
		switch {
		case err == io.EOF:
			return s.w.Err()
		case err != nil:
			return err
		}
		if err := s.packet(r); err != nil {
			return err
		}
	}
}

// about tells people who open the file what it is.
func about(e *ingest.Evidence) string {
	text := fmt.Sprintf("Extract by icmpsift of %s: its ICMP packets and fragments, not the whole file. %d frames, of which %d with ICMP", e.Path, e.Frames+e.FramesAfter, e.ICMPFrames)
	if e.SHA256 != "" {
		text += "; SHA-256 of the file " + e.SHA256
	}
	return text + ". frame.packet_id is the frame number there."
}

func (s *saver) packet(r *reader) error {
	if s.packets++; s.packets%4096 == 0 && s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	whole, problems, err := r.stored()
	if err != nil {
		return err
	}
	q := ingest.Packet{Frame: r.frame, Problems: problems, Whole: whole}
	s.own = appendWholes(appendFacts(s.own[:0], &q), q.Whole)
	s.digest.add(s.own, q.Data)
	s.w.Kept(s.interfaceOf(&q), &q.Frame, s.own)
	return s.w.Err()
}

func (s *saver) interfaceOf(p *ingest.Packet) int {
	k := wire{p.Section, p.Interface, p.Frame.Link, uint8(p.FCS)}
	on, ok := s.on[k]
	if !ok {
		name, text := "", ""
		if p.On != nil {
			name, text = p.On.Name, p.On.About
		}
		on = s.w.InterfaceFCS(k.link, 0, name, text, k.fcs)
		s.on[k] = on
	}
	return on
}

// digest is a hash over pieces of bytes, each with its length.
type digest struct {
	hash.Hash
	length [8]byte
}

func newDigest() digest { return digest{Hash: sha256.New()} }

func (d *digest) add(pieces ...[]byte) {
	for _, b := range pieces {
		binary.LittleEndian.PutUint64(d.length[:], uint64(len(b)))
		d.Write(d.length[:])
		d.Write(b)
	}
}

func (d *digest) sum() string { return hex.EncodeToString(d.Sum(nil)) }

// ended reads what the last section says; ok is false for other sections.
func ended(own []byte) (c closing, ok bool) {
	text, ok := bytes.CutPrefix(own, []byte(closingMark))
	return c, ok && json.Unmarshal(text, &c) == nil
}
