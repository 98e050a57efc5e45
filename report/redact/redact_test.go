package redact

import (
	"encoding/json"
	"strings"
	"testing"

	"icmpsift/report"
)

// Whatever packets carried is gone from the model; sizes, hashes and counts are not, and the report says so.
func TestPayload(t *testing.T) {
	const secret = "s3cr3t"
	value := func(field string) report.CheckField {
		return report.CheckField{Field: field, Differences: []report.CheckDifference{{First: []report.CheckExample{{Frame: 7, Ours: secret, Theirs: secret}}}}}
	}
	r := &report.Report{
		Findings: []report.Finding{
			{ID: "F-1", Preview: "6162", Notes: []string{"kept", "it says " + secret, "inside: " + secret}, Telling: []string{"it says " + secret, "inside: " + secret}, Pcap: "findings/F-1.pcapng", Bytes: 9,
				Payloads: []report.PayloadPoint{{SizeMin: 115, SizeMax: 51}}, Intervals: []report.IntervalPoint{{Ticks: 99}}},
			{ID: "F-2", Notes: []string{"kept"}},
		},
		Artefacts:       []report.Artefact{{ID: "A-1", Path: secret, RawPath: secret, Name: secret, Preview: "6162", Why: []string{secret}, SHA256: "hash", Size: 1234, MediaType: "text/plain"}},
		Crosscheck:      []report.Crosscheck{{Fields: []report.CheckField{value("data.data"), value("_ws.col.Info")}}},
		CrosscheckTotal: &report.CheckTotal{Fields: []report.CheckField{value("data.data"), value("not.known")}},
		Figures:         []report.Figure{{ID: "payload-F-1", Finding: "F-1", Path: "figures/payload-F-1.svg", Caption: secret}, {ID: "activity", Path: "figures/activity.svg"}},
		Notes:           []string{"a limit"},
		Indicators:      []report.Indicator{{Type: "file-name", Value: secret}, {Type: "sha256", Value: "hash"}},
	}
	Payload(r, 3)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{secret, "6162", "115", `"ticks"`, "figures/payload"} {
		if strings.Contains(string(b), gone) {
			t.Errorf("%q is still there: %s", gone, b)
		}
	}
	for _, stays := range []string{`"kept"`, `"hash"`, `"size":1234`, `"text/plain"`, `"findings/F-1.pcapng"`, `"frame":7`, `"figures/activity.svg"`, `"a limit"`} {
		if !strings.Contains(string(b), stays) {
			t.Errorf("%s is gone: %s", stays, b)
		}
	}
	if want := (report.Redaction{Previews: 2, Files: 1, Bytes: 1234, Names: 2, Remarks: 3, Values: 8, Series: 1, Cut: 1, Withheld: 3}); *r.Redaction != want {
		t.Errorf("%+v, want %+v", *r.Redaction, want)
	}
	for _, says := range []string{"1 recovered file with 1.2 kB (1,234 bytes), 2 previews, 2 names that packets gave to files, and 3 remarks", "In 1 file of packets", "3 packets are left out"} {
		if !strings.Contains(r.Notes[0], says) {
			t.Errorf("%q does not say %q", r.Notes[0], says)
		}
	}
}

// Numbers and addresses that differ are no payload.
func TestPlainValuesStay(t *testing.T) {
	r := &report.Report{Crosscheck: []report.Crosscheck{{Fields: []report.CheckField{{Field: "icmp.seq", Differences: []report.CheckDifference{{First: []report.CheckExample{{Ours: "1", Theirs: "2"}}}}}}}}}
	Payload(r, 0)
	if x := r.Crosscheck[0].Fields[0].Differences[0].First[0]; x.Ours != "1" || x.Theirs != "2" || r.Redaction.Values != 0 {
		t.Errorf("%+v", x)
	}
}

// Where the type or the code of messages carried data, their counts and times tell it, too; elsewhere they stay.
func TestKinds(t *testing.T) {
	for carrier, gone := range map[string]bool{"sift.type": true, "sift.type+sift.code": true, "icmp.code": true, "icmpv6.type": true, "sift.payload": false, "icmp.seq": false, "sift.timestamps": false} {
		r := &report.Report{Artefacts: []report.Artefact{{Carrier: carrier}}, Types: []report.TypeCount{{Type: 115}, {Type: 51}}, Findings: []report.Finding{{Types: []report.TypeShare{{Type: 115}}}},
			Figures: []report.Figure{{Kind: "types", Path: "figures/types.svg"}}}
		Payload(r, 0)
		if got := len(r.Types) == 0 && len(r.Findings[0].Types) == 0 && r.Figures[0].Path == ""; got != gone || strings.Contains(r.Notes[0], "3 rows of ICMP types") != gone {
			t.Errorf("%s: gone %v, want %v: %s", carrier, got, gone, r.Notes[0])
		}
	}
}
