package export

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"icmpsift/report"
	"icmpsift/report/phrase"
)

// moment is a row of timeline.jsonl. Timesketch asks for the first three and takes what else there is.
type moment struct {
	Message     string `json:"message"`
	Datetime    string `json:"datetime"` // ISO 8601 with offset; Timesketch keeps microseconds
	Description string `json:"timestamp_desc"`

	Case       string   `json:"case,omitempty"`
	Finding    string   `json:"finding,omitempty"`
	Incident   string   `json:"incident,omitempty"`
	Rule       string   `json:"rule,omitempty"`
	Level      string   `json:"level,omitempty"`
	Confidence string   `json:"confidence,omitempty"`
	Attack     []string `json:"attack,omitempty"`
	Src        string   `json:"src_ip,omitempty"`
	Dst        string   `json:"dst_ip,omitempty"`
	Packets    int64    `json:"packets,omitempty,omitzero"`
	Filter     string   `json:"wireshark_filter,omitempty"`
	Slice      string   `json:"pcap,omitempty"`
	Artefact   string   `json:"artefact,omitempty"`
	SHA256     string   `json:"sha256,omitempty"`
	File       string   `json:"file,omitempty"`
	Evidence   string   `json:"evidence,omitempty"`
	Path       string   `json:"evidence_path,omitempty"`
	Frame      int64    `json:"frame,omitempty,omitzero"`
	Tags       []string `json:"tag,omitempty"`

	at time.Time
}

// Timeline writes timeline.jsonl for Timesketch: where captures begin and end, the first and the last packet of each finding,
// suppressed ones included and tagged, and the recovered files, each at the last packet of its finding.
func Timeline(w io.Writer, r *report.Report) error {
	var out []moment
	for i := range r.Evidence {
		out = append(out, ofEvidence(&r.Evidence[i])...)
	}
	t := newTables(r)
	for i := range r.Findings {
		out = append(out, ofFinding(&r.Findings[i])...)
	}
	for i := range r.Artefacts {
		if f := t.findings[r.Artefacts[i].Finding]; f != nil {
			out = append(out, ofArtefact(&r.Artefacts[i], f))
		}
	}
	slices.SortStableFunc(out, func(a, b moment) int { return a.at.Compare(b.at) })
	var b bytes.Buffer
	for i := range out {
		out[i].Case = text(r.Case.ID)
		out[i].Datetime = out[i].at.UTC().Format("2006-01-02T15:04:05.000000+00:00")
		if err := line(&b, &out[i]); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func ofEvidence(e *report.Evidence) (out []moment) {
	if e.First == nil || e.Last == nil {
		return nil
	}
	row := moment{Evidence: text(e.ID), Path: text(e.Path), SHA256: text(e.SHA256), Tags: []string{"capture"}}
	start, end := row, row
	start.at, start.Description = *e.First, "First Frame of Capture"
	start.Message = text("Capture begins: " + e.Path + ", " + phrase.Plural(e.Frames, "frame", "frames") + ", " + phrase.Count(e.ICMPFrames) + " with ICMP")
	end.at, end.Description = *e.Last, "Last Frame of Capture"
	end.Message = text("Capture ends: " + e.Path + " (" + phrase.Word(e.Status) + ")")
	return []moment{start, end}
}

func ofFinding(f *report.Finding) []moment {
	row := moment{Finding: text(f.ID), Incident: text(f.Incident), Rule: text(f.Rule.Name), Level: text(f.Level), Confidence: text(f.Confidence), Attack: texts(f.Attack),
		Src: text(f.Src), Dst: text(f.Dst), Packets: f.Packets, Filter: text(f.Filter), Slice: text(f.Pcap), Tags: []string{"finding", text(cmp.Or(f.Level, "no level"))}}
	if f.SuppressedBy != "" {
		row.Tags = append(row.Tags, "suppressed")
	}
	start, end := row, row
	start.at, start.Description, start.Message = f.First, "First Packet of Finding", text(f.Rule.Title+": "+f.Summary)
	end.at, end.Description, end.Message = f.Last, "Last Packet of Finding", text(f.Rule.Title+" ends")
	if f.Ongoing {
		end.Message = text(f.Rule.Title + ": still going on when the capture ends")
	}
	return []moment{start, end}
}

func ofArtefact(a *report.Artefact, f *report.Finding) moment {
	return moment{at: f.Last, Description: "Last Packet of Recovered File", Artefact: text(a.ID), Finding: text(a.Finding), SHA256: text(a.SHA256), File: text(a.Name),
		Confidence: text(a.Confidence), Src: text(a.Src), Dst: text(a.Dst), Packets: a.Packets, Level: text(f.Level), Tags: []string{"recovered file"},
		Message: text("File recovered: " + cmp.Or(a.Name, a.MediaType, a.ID) + ", " + phrase.Plural(a.Size, "byte", "bytes") + ", whole: " + phrase.Complete(a.Complete, a.Vouched))}
}
