package crosscheck

import "slices"

// Result is the comparison of one capture.
type Result struct {
	Evidence  int    // of the ledger
	Path      string // of the capture, as its ledger entry has it
	Source    string // what tshark's side comes from: "tshark 4.0.17", or an export
	Wireshark string // whose answers were compared
	How       string // how that is known

	Frames    int64 // that carry ICMP, on either side, and were compared
	Agreed    int64 // of them: without any difference
	Explained int64 // of them: with differences, all of which are on the accepted list
	Values    int64 // compared, over all fields
	Rows      []Row // what was compared, in the order of the field table
	Lacking   []Count
	OnePass   bool   // an export that was made without -2: what takes a second pass is not in it
	Untold    int64  // values not compared for that
	Missing   int64  // frames with ICMP that an export does not hold
	Problem   string // why it was not compared, or not to the end
	Complaint string // what tshark itself complained of; it may still have read everything
	Salvaged  int64  // frames with ICMP behind damage, which Wireshark does not show
	NoColumns bool   // the source has no Info and no Protocol column
}

// Row is the comparison of one field.
type Row struct {
	Field       string
	Frames      int64 // in which either side has a value
	Values      int64 // compared
	Differences []Difference
}

// Difference is frames in which a field differs for the same reason.
type Difference struct {
	Reason string // why it is accepted; "" is a difference nobody explained
	Frames int64
	First  []Example
}

// Example is one frame in which a field differs.
type Example struct {
	Frame        int64
	Ours, Theirs []string
}

// Count is values of a field.
type Count struct {
	Name   string
	Values int64
}

// maxExamples are kept of each difference.
const maxExamples = 5

// Differing is how many frames have a difference that nobody explained.
func (r *Result) Differing() int64 { return r.Frames - r.Agreed - r.Explained }

// Agrees tells whether both sides were compared and say the same; if strictly, but for nothing.
func (r *Result) Agrees(strictly bool) bool {
	if r.Problem != "" || r.Differing() > 0 || r.unexplained() {
		return false
	}
	return !strictly || r.Agreed == r.Frames && r.Missing == 0 && r.Untold == 0
}

// unexplained looks at rows that do not belong to a frame, too.
func (r *Result) unexplained() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool {
		return slices.ContainsFunc(row.Differences, func(d Difference) bool { return d.Reason == "" })
	})
}
