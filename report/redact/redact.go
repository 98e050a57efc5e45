// Package redact takes out of a report what its receiver must not see. [Payload] is the one place that knows what in a report comes
// out of packets' payload; it works on the model, so that no rendering can show what it took.
package redact

import (
	"fmt"
	"regexp"
	"slices"

	"icmpsift/ingest/field"
	"icmpsift/report"
	"icmpsift/report/phrase"
)

// Payload takes out what packets carried: first bytes, recovered files, names that packets gave them, and remarks that repeat
// what payload says. Sizes, hashes, types and counts stay, but not the sizes and times of single packets, in which data can be hidden. withheld is how many packets are in no cut-out, because
// their headers carry recovered data. The report then says what is gone.
func Payload(r *report.Report, withheld int64) {
	x := &report.Redaction{Withheld: withheld}
	for i := range r.Findings {
		finding(&r.Findings[i], x)
	}
	for i := range r.Figures {
		figure(&r.Figures[i])
	}
	for i := range r.Artefacts {
		artefact(&r.Artefacts[i], x)
	}
	indicators := len(r.Indicators)
	r.Indicators = slices.DeleteFunc(r.Indicators, func(i report.Indicator) bool { return i.Type == "file-name" })
	x.Names += int64(indicators - len(r.Indicators))
	for i := range r.Crosscheck {
		fields(r.Crosscheck[i].Fields, x)
	}
	if r.CrosscheckTotal != nil {
		fields(r.CrosscheckTotal.Fields, x)
	}
	kinds(r, x)
	packets(r.Packets)
	for i := range r.Faults {
		blank(&r.Faults[i].Cause, &x.Remarks)
	}
	r.Redaction = x
	r.Notes = append([]string{note(x)}, r.Notes...)
}

// blank empties a text and counts it.
func blank(s *string, n *int64) {
	if *s != "" {
		*s = ""
		*n++
	}
}

func finding(f *report.Finding, x *report.Redaction) {
	blank(&f.Preview, &x.Previews)
	kept := slices.DeleteFunc(f.Notes, func(s string) bool { return slices.Contains(f.Telling, s) })
	x.Remarks += int64(len(f.Notes) - len(kept))
	f.Notes, f.Telling = kept, nil
	if f.Pcap != "" {
		x.Cut++
	}
	if len(f.Payloads)+len(f.Intervals) > 0 {
		f.Payloads, f.Intervals = []report.PayloadPoint{}, []report.IntervalPoint{}
		x.Series++
	}
}

// figure takes away those of single findings: they show sizes and times of single packets, which can carry data themselves.
func figure(f *report.Figure) {
	if f.Finding != "" {
		f.Path, f.Caption, f.Missing = "", "", "sizes and times of single packets were taken out before this report was handed over, for they can carry data"
	}
}

func artefact(a *report.Artefact, x *report.Redaction) {
	x.Files++
	x.Bytes += a.Size
	blank(&a.Preview, &x.Previews)
	blank(&a.Name, &x.Names)
	a.Path, a.RawPath = "", ""
	x.Remarks += int64(len(a.Why))
	a.Why = []string{}
}

// packets leaves out those whose headers or times carry recovered data, and of the others what payload is like.
func packets(list *report.Packets) {
	if list == nil {
		return
	}
	each := list.Each
	list.Each = func(visit func(*report.Packet) error) error {
		return each(func(p *report.Packet) error {
			if p.Telling {
				return nil
			}
			p.Entropy = nil
			return visit(p)
		})
	}
}

// kinds takes away the counts and times of types and codes where these carry recovered data: of a short text they tell the letters, and
// their order.
func kinds(r *report.Report, x *report.Redaction) {
	if !slices.ContainsFunc(r.Artefacts, func(a report.Artefact) bool { return ofKind.MatchString(a.Carrier) }) {
		return
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		x.Kinds += int64(len(f.Types))
		f.Types = []report.TypeShare{}
	}
	x.Kinds += int64(len(r.Types))
	r.Types = []report.TypeCount{}
	for i := range r.Figures {
		if f := &r.Figures[i]; f.Kind == "types" {
			f.Path, f.Caption, f.Missing = "", "", "counts of types and codes were taken out before this report was handed over, for these carry data"
		}
	}
}

// ofKind tells carriers that are the type or the code of messages.
var ofKind = regexp.MustCompile(`\b(icmp|icmpv6|sift)\.(type|code)\b`)

// fields blanks the values of a cross-check that can hold payload.
func fields(list []report.CheckField, x *report.Redaction) {
	for _, f := range list {
		if known, ok := field.Lookup(f.Field); ok && known.Type != field.Bytes && known.Type != field.String {
			continue
		}
		for _, d := range f.Differences {
			for i := range d.First {
				blank(&d.First[i].Ours, &x.Values)
				blank(&d.First[i].Theirs, &x.Values)
			}
		}
	}
}

// note says what is gone.
func note(x *report.Redaction) string {
	s := fmt.Sprintf("Payload was taken out of this report before it was handed over: %s with %s, %s, %s that packets gave to files, and %s on what payload says. Sizes and SHA-256 are those of what was taken out.",
		phrase.Plural(x.Files, "recovered file", "recovered files"), phrase.Bytes(x.Bytes), phrase.Plural(x.Previews, "preview", "previews"), phrase.Plural(x.Names, "name", "names"), phrase.Plural(x.Remarks, "remark", "remarks"))
	if x.Cut > 0 {
		s += fmt.Sprintf(" In %s of packets for Wireshark every frame ends behind its headers; lengths, addresses, identifiers and times are as they were.", phrase.Plural(x.Cut, "file", "files"))
	}
	if x.Series > 0 {
		s += fmt.Sprintf(" Sizes, entropies and times of single packets were taken out of %s.", phrase.Plural(x.Series, "finding", "findings"))
	}
	if x.Kinds > 0 {
		s += fmt.Sprintf(" %s of ICMP types and codes were taken out, because these carry recovered data.", phrase.Plural(x.Kinds, "row", "rows"))
	}
	if x.Withheld > 0 {
		s += fmt.Sprintf(" %s out of these files, because their headers or times carry recovered data; the workbook does not list them either.", phrase.Plural(x.Withheld, "packet is left", "packets are left"))
	}
	return s
}
