package ingest

import "time"

// Status is what became of an evidence file.
type Status string

// Statuses of evidence; only Cut, Damaged and Unsupported make a run's exit code 4.
const (
	Complete    Status = "complete"
	Cut         Status = "cut"         // ends in the middle of a record
	Damaged     Status = "damaged"     // unreadable bytes inside
	Unsupported Status = "unsupported" // a capture of a kind that cannot be read
	Empty       Status = "empty"       // no bytes, or a capture without packets
	NotCapture  Status = "not-capture" // some other file
)

// Interface is one interface of a capture file.
type Interface struct {
	Section    int
	ID         int
	Link       LinkType
	Name       string // hostile text
	About      string // its description: hostile text
	Hardware   string // hostile text
	SnapLen    uint32 // 0 is unlimited
	Resolution uint64 // ticks per second
	Offset     int64  // if_tsoffset, seconds
	Drops      uint64 // packets the capturing host says it lost (isb_ifdrop)
}

// Evidence is the ledger entry of one evidence file: what it is, its hash, and what of it could be read.
type Evidence struct {
	ID          int    // index in the ledger, from 0, in order of Path
	Path        string // relative to the argument it was found under, with slashes
	File        string // as opened
	Container   string // archive it was found in, if any
	Member      string // its name in that archive
	Archive     bool   // it is one itself, and its files have entries of their own
	SHA256      string // of the file as it is on disk, to its very end; hex
	Size        int64
	Modified    time.Time
	Format      string // "pcap", "pcapng", "tshark-json", "tshark-ek", or the media type of what is not a capture
	Compression string // "gzip", "zstd", ...: outermost first, joined by "+"
	Interfaces  []Interface
	Comments    []string // section comments: hostile text
	Frames      int64    // up to the damage, as Wireshark counts
	FramesAfter int64    // found after it by resynchronising
	ICMPFrames  int64    // of both
	NoTime      int64    // frames without a usable time, kept off the timeline
	First, Last int64    // time of the first and last frame in time, nanoseconds; 0 when there is none
	Status      Status
	DuplicateOf int                // index of the evidence with the same bytes; -1 if none
	Problem     string             // what is wrong, in words, with the offset; "" if nothing
	Offset      int64              // where in the uncompressed bytes, -1 if nowhere
	Unsupported map[LinkType]int64 // frames of link types the decoder does not know
	Skipped     map[string]int64   // blocks and records passed over, by kind
	Limits      []string           // what the file does not hold although nothing is wrong with it, such as raw bytes in an export
	Extract     *Saved             // the extract this was read from; nil if the evidence file itself was
	Changed     bool               // size or mtime changed while it was read
	ClockShift  int64              // what the analyst has its times moved by, nanoseconds: later if positive
	ClockOffset int64              // how far its clock is ahead of the case's: estimated against the reference sensor, less ClockShift; nanoseconds
}

// Original tells whether the entry is of the evidence file itself, and not of an extract that tells of it.
func (e *Evidence) Original() bool { return e.Extract == nil }

// Saved is the extract file that an entry was read from. What the entry says of the evidence file then is what the extract says.
type Saved struct {
	File     string // as opened
	SHA256   string // of the extract file; hex
	Size     int64
	Modified time.Time
	Content  string // digest of the packets that it holds of this evidence file, hex
}

// Estimated is how far its clock is found to be ahead of the reference sensor's, the analyst's shift aside, nanoseconds.
func (e *Evidence) Estimated() int64 { return e.ClockOffset + e.ClockShift }

// LinkTypes lists the link types of the interfaces, each once, in order.
func (e *Evidence) LinkTypes() []LinkType {
	var out []LinkType
	seen := map[LinkType]bool{}
	for _, i := range e.Interfaces {
		if !seen[i.Link] {
			seen[i.Link] = true
			out = append(out, i.Link)
		}
	}
	return out
}

// Extract is what reading one evidence file once yields: its ledger entry and every packet that can matter to ICMP
// (messages, fragments and outer layers included), in file order, file scope resolved. It can be read as often as wanted.
type Extract interface {
	Evidence() *Evidence
	Open() (PacketReader, error)
	Earliest() int64 // no packet that has a time is of an earlier one
	Disorder() int64 // the farthest a packet lies behind an earlier one in file order, nanoseconds
	Close() error    // frees memory and spool files
}

// PacketReader reads packets; Next gives io.EOF behind the last. The packet is valid until the next call.
type PacketReader interface {
	Next() (*Packet, error)
	Close() error
}
