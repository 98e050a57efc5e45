package report

// CheckSchema names the contract of "icmpsift crosscheck --format json".
const CheckSchema = "icmpsift.crosscheck/v1"

// Check is the comparison of icmpsift's decoder with tshark, Wireshark's on the command line, over all captures.
type Check struct {
	Schema   string       `json:"schema"`
	Captures []Crosscheck `json:"captures"`
	Total    CheckTotal   `json:"total"`
}

// Crosscheck is the comparison of one capture.
type Crosscheck struct {
	Evidence      string       `json:"evidence"` // "E1"
	Path          string       `json:"path"`
	Source        string       `json:"source"`         // who spoke for Wireshark: "tshark 4.0.17", or the name of an export
	Wireshark     string       `json:"wireshark"`      // whose answers were compared
	WiresharkFrom string       `json:"wireshark_from"` // how that is known
	Verdict       string       `json:"verdict"`        // agrees, explained, differs, failed
	Summary       string       `json:"summary"`        // a sentence
	Frames        int64        `json:"frames"`         // that carry ICMP on either side, compared
	Agreed        int64        `json:"agreed"`
	Explained     int64        `json:"explained"` // differ only in ways that are known and meant
	Differing     int64        `json:"differing"`
	Values        int64        `json:"values"`
	Problem       string       `json:"problem"` // why it was not compared, or not to the end
	Notes         []string     `json:"notes"`
	Fields        []CheckField `json:"fields"`
	Lacking       []FieldCount `json:"not_in_table"` // fields that tshark has and icmpsift does not
}

// CheckTotal is the same over all captures.
type CheckTotal struct {
	Verdict   string       `json:"verdict"`
	Summary   string       `json:"summary"`
	Captures  int64        `json:"captures"`
	Frames    int64        `json:"frames"`
	Agreed    int64        `json:"agreed"`
	Explained int64        `json:"explained"`
	Differing int64        `json:"differing"`
	Values    int64        `json:"values"`
	Fields    []CheckField `json:"fields"`
	Lacking   []FieldCount `json:"not_in_table"`
}

// CheckField is the comparison of one field.
type CheckField struct {
	Field       string            `json:"field"`
	Frames      int64             `json:"frames"` // in which either side has a value
	Values      int64             `json:"values"`
	Explained   int64             `json:"explained"` // frames
	Differing   int64             `json:"differing"` // frames
	Differences []CheckDifference `json:"differences"`
}

// CheckDifference is frames in which a field differs for the same reason.
type CheckDifference struct {
	Reason string         `json:"reason"` // why it is accepted, "" if it is not
	Frames int64          `json:"frames"`
	First  []CheckExample `json:"first"` // a few
}

// CheckExample is one frame in which a field differs; texts are abridged around where they begin to.
type CheckExample struct {
	Path   string `json:"path"`
	Frame  int64  `json:"frame"`
	Ours   string `json:"icmpsift"`
	Theirs string `json:"tshark"`
}

// FieldCount is values of a field.
type FieldCount struct {
	Field  string `json:"field"`
	Values int64  `json:"values"`
}
