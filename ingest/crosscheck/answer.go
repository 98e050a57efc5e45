// Package crosscheck compares what icmpsift decodes with what tshark says of the same capture, frame by frame and field
// by field. tshark's words come from an installed one ([Find], then [Tool.Ask]) or from an export somebody made with it
// ([OpenExport]); [Compare] goes through both sides in frame order and gives a [Result].
//
// Differences that are meant stand in accepted.yaml, each with its reason; see [Accepted].
package crosscheck

import "slices"

// Answer is what tshark says of one capture, in frame order. Close it.
type Answer struct {
	Source    string // who says it: "tshark 4.0.17", or the export
	Wireshark string // whose answers these are, as the field table names versions: "4.0"
	How       string // how that is known
	EK        bool   // values are written as -T ek writes them; fields lose their order there
	Export    bool   // an export: it may lack frames, and what only a second pass tells

	records *records
	columns *columns // nil if the source has none
	close   func() error
}

// Close ends tshark, or closes the export. Its error is tshark's own complaint about the capture, if it had one.
func (a *Answer) Close() error { return a.close() }

// profiles are the versions of Wireshark whose answers the field table knows, oldest first.
var profiles = []string{"3.6", "4.0", "4.2", "4.4"}

// profile is the version that answers as the given one ("4.2.3") does: itself, or the newest one before it.
func profile(version string) string {
	best := profiles[0]
	for _, p := range profiles {
		if !older(version, p) {
			best = p
		}
	}
	return best
}

// older compares versions by their first two numbers.
func older(a, b string) bool {
	majorA, minorA := numbers(a)
	majorB, minorB := numbers(b)
	return majorA < majorB || majorA == majorB && minorA < minorB
}

// length is how many frames the source read, -1 if that is not known. It reads the list to its end.
func (a *Answer) length() int64 {
	if a.columns == nil {
		return -1
	}
	return a.columns.total()
}

// Versions lists the versions of Wireshark that can be compared with, oldest first.
func Versions() []string { return slices.Clone(profiles) }
