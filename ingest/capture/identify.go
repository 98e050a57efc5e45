package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"icmpsift/ingest/tshark"
)

// ErrEmpty says that the input, or what was compressed in it, has no bytes.
var ErrEmpty = errors.New("empty file")

// NotCapture says that the input is no capture file.
type NotCapture struct {
	MediaType   string // sniffed from the content, inside the compression
	Compression string // layers peeled off, as of [Reader.Compression]
	Problem     string // why nothing could be decompressed, if so

	// Content is the input from its beginning, decompressed, for who can read it; nil if nothing could be.
	Content io.Reader
}

func (e *NotCapture) Error() string {
	if e.Problem != "" {
		return fmt.Sprintf("not a capture file: %s, %s", e.MediaType, e.Problem)
	}
	return "not a capture file: " + e.MediaType
}

// Unsupported says that the input is a capture of a kind that cannot be read.
type Unsupported struct {
	Kind        string // such as "snoop"
	Compression string
	Hint        string // what to do about it
}

func (e *Unsupported) Error() string {
	return fmt.Sprintf("captures of format %s are not supported: %s", e.Kind, e.Hint)
}

// wrapped adds to an error of identification what it was compressed with.
func wrapped(err error, compression string) error {
	switch e := err.(type) {
	case *NotCapture:
		e.Compression = compression
	case *Unsupported:
		e.Compression = compression
	}
	return err
}

// sniffed is how much of the input identification looks at; mimetype looks at its first 3,072 bytes.
const sniffed = 64 << 10

// identify finds the format by content. The magic numbers of pcap and pcapng come first: nothing else has them.
func identify(s *stream, log *journal) (records, error) {
	s.have(sniffed)
	head := s.at(0, min(s.left(), sniffed))
	if len(head) == 0 {
		return nil, nothing(s)
	}
	if m, ok := pcapMagic(head); ok {
		return newPcap(s, log, m)
	}
	if big, ok := sectionOrder(head); ok {
		return newPcapng(s, log, big)
	}
	if tshark.Identify(head, s.finished() && s.left() <= sniffed) != "" {
		return newExport(s, log)
	}
	if kind := foreign(head, s.finished() && s.left() <= sniffed); kind != "" {
		return nil, &Unsupported{Kind: kind, Hint: "convert it with Wireshark's editcap -F pcapng"}
	}
	return nil, &NotCapture{MediaType: mediaType(head), Problem: trouble(s), Content: s}
}

// nothing explains an input of which not one byte could be had.
func nothing(s *stream) error {
	if s.finished() {
		return ErrEmpty
	}
	return &NotCapture{MediaType: "application/octet-stream", Problem: trouble(s)}
}

// trouble says what went wrong with the bytes' source, if anything.
func trouble(s *stream) string {
	if s.err == nil || s.finished() {
		return ""
	}
	return s.err.Error()
}

// tarMagic is where POSIX and GNU tar have their mark in the first header.
const tarMagic = 257

// mediaType looks for tar first: the library finds documents by words that may stand anywhere near the start, as in the first
// capture of an archive, but no file of another kind has tar's mark at tar's place.
func mediaType(head []byte) string {
	if len(head) >= 512 && string(head[tarMagic:tarMagic+5]) == "ustar" {
		return "application/x-tar"
	}
	base, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return base
}

// kinds are captures that Wireshark reads and this package does not (Wireshark, wiretap/*.c; Linux file, magic/Magdir/sniffer).
var kinds = []struct{ magic, kind string }{
	{"snoop\x00\x00\x00", "snoop"},
	{"btsnoop\x00", "btsnoop"},
	{"RTSS", "Microsoft Network Monitor 1.x"},
	{"GMBU", "Microsoft Network Monitor 2.x"},
	{"XCP\x00", "NetXRay"},
	{"VL\x00\x00", "NetXRay 1.0"},
	{"TRSNIFF data    \x1a", "Network General Sniffer"},
	{"iptrace 1.0", "AIX iptrace"},
	{"iptrace 2.0", "AIX iptrace"},
	{"ObserverPktBuffe", "Network Instruments Observer"},
	{"\x7fver", "OmniPeek"},
	{"\x05VNF", "Visual Networks"},
	{"\x54\x52\x00\x64\x00", "HP-UX nettl"},
	{"\x00\x00\x02\x00\x12\x05\x00\x10", "Tektronix K12"},
	{"\xaa\xaa\xaa\xaa\x01\x00\x00\x00", "5Views"},
	{"\x01\x10\x4c\x00", "Novell LANalyzer"},
	{"LOGG\x90\x00\x00\x00", "Vector BLF"},
}

// foreign names the kind of a capture that cannot be read, "" for other files. whole tells that head is all there is.
func foreign(head []byte, whole bool) string {
	for _, k := range kinds {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.kind
		}
	}
	if looksERF(head, whole) {
		return "Endace ERF"
	}
	return ""
}
