package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"icmpsift/report"
	"icmpsift/report/sample"
)

func write(t testing.TB, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if keep := os.Getenv("ICMPSIFT_KEEP"); keep != "" { // to look at it
		if err := os.WriteFile(filepath.Join(keep, strings.ReplaceAll(t.Name(), "/", "-")+".xlsx"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func open(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func cell(t *testing.T, f *excelize.File, sheet, at string) string {
	t.Helper()
	v, err := f.GetCellValue(sheet, at)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSheets(t *testing.T) {
	f := open(t, write(t, sample.Incident(t)))
	want := []string{"Summary", "Incidents", "Findings", "Timeline", "Hosts", "Conversations", "Types", "Files", "ATT&CK", "Indicators", "Evidence", "Rules", "Suppressed", "Suppressions", "Packets", "Crosscheck", "Activity", "About"}
	if got := f.GetSheetList(); !slices.Equal(got, want) {
		t.Errorf("sheets %v, want %v", got, want)
	}
	for _, c := range []struct{ sheet, at, want string }{
		{"Summary", "A1", "ICMP incident report: IR-2024-017"}, {"Summary", "J1", "TLP:AMBER+STRICT"}, {"Summary", "A2", "High: 2 incidents with 4 findings; 1 more suppressed"},
		{"Findings", "A1", "Finding"}, {"Findings", "A2", "F-1a2b3c4d"}, {"Findings", "B2", "High"}, {"Findings", "K2", "48,213"},
		{"Findings", "N3", "v6 128/0 Echo (ping) request: 240; v6 129/0 Echo (ping) reply: 240"}, {"Findings", "X2", "Command and Control, Exfiltration"}, {"Findings", "O4", "distinct destinations, in 60 s"}, {"Findings", "P4", "254"}, {"Findings", "Q4", "32"}, {"Findings", "F2", "inside"}, {"Findings", "R4", "distinct destinations: 254 in 60 s (at least 32)"}, {"Timeline", "J2", "2024-05-14T08:30:00.123456789Z"}, {"Timeline", "K2", "2024-05-14 10:30:00.123 +02:00"},
		{"Hosts", "A4", "2001:db8:100::9"}, {"Types", "A4", "v6 128/0 Echo (ping) request"}, {"Files", "H3", "64 bytes at offset 1,024, an unknown number of bytes at offset 8,000"},
		{"Indicators", "C3", "203[.]0[.]113[.]77"}, {"Indicators", "B3", "203.0.113.77"}, {"Evidence", "C4", "Cut short"}, {"Evidence", "E4", "1,203,398"}, {"Evidence", "E2", ""}, {"Rules", "H7", "needs both directions of the traffic; E3 holds one"}, {"Activity", "B2", "08:30"},
		{"Crosscheck", "B2", "all"}, {"Crosscheck", "G6", "2"}, {"Crosscheck", "H6", "40 1,044"}, {"Crosscheck", "I6", "2"}, {"Crosscheck", "J6", "1"}, {"Crosscheck", "K6", "not explained"},
	} {
		if got := cell(t, f, c.sheet, c.at); got != c.want {
			t.Errorf("%s!%s = %q, want %q", c.sheet, c.at, got, c.want)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// TestColumns fixes sheets and columns: people and their macros go by them.
func TestColumns(t *testing.T) {
	const golden = "testdata/columns.txt"
	got := columnList(open(t, write(t, sample.Incident(t))), t)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || got != string(want) {
		t.Errorf("columns are not those of %s, %v:\n%s", golden, err, got)
	}
}

// columnList tells sheets, their tab colour and table, and of each column its header, number format, list to choose from, colouring and whether it is open to writing.
func columnList(f *excelize.File, t *testing.T) string {
	var b strings.Builder
	for _, sheet := range f.GetSheetList()[1:] {
		props, _ := f.GetSheetProps(sheet)
		tables, _ := f.GetTables(sheet)
		fmt.Fprintf(&b, "%s (tab %s, %s)\n", sheet, *props.TabColorRGB, tables[0].Name)
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, head := range rows[0] {
			letter, _ := excelize.ColumnNumberToName(i + 1)
			fmt.Fprintf(&b, "  %-3s %s%s\n", letter, head, looks(f, sheet, letter))
		}
	}
	return b.String()
}

func looks(f *excelize.File, sheet, letter string) (out string) {
	id, _ := f.GetCellStyle(sheet, letter+"2")
	if s, err := f.GetStyle(id); err == nil {
		if s.CustomNumFmt != nil {
			out += " | " + *s.CustomNumFmt
		}
		if s.Protection != nil && !s.Protection.Locked {
			out += " | yours"
		}
	}
	for cells, list := range formats(f, sheet) {
		if strings.HasPrefix(cells, letter+"2:") {
			out += " | " + list[0].Type
		}
	}
	valid, _ := f.GetDataValidations(sheet)
	for _, v := range valid {
		if strings.HasPrefix(v.Sqref, letter+"2:") {
			out += " | " + v.Formula1
		}
	}
	if ok, target, _ := f.GetCellHyperLink(sheet, letter+"2"); ok {
		out += " | link: " + regexp.MustCompile(`(!A\d+|/.*)$`).ReplaceAllString(target, "")
	}
	return out
}

func formats(f *excelize.File, sheet string) map[string][]excelize.ConditionalFormatOptions {
	all, err := f.GetConditionalFormats(sheet)
	if err != nil {
		return nil
	}
	return all
}

// TestPacketsGoOn sees rows go on on a next sheet, each with its table, and says what is not listed.
func TestPacketsGoOn(t *testing.T) {
	r := sample.Incident(t)
	var b bytes.Buffer
	if err := Write(&b, r, Options{TmpDir: t.TempDir(), perSheet: 3}); err != nil {
		t.Fatal(err)
	}
	f := open(t, b.Bytes())
	for _, c := range []struct{ sheet, at, want string }{
		{"Packets", "A2", "1"}, {"Packets", "A4", "3"}, {"Packets", "A5", ""}, {"Packets 2", "A1", "Number"}, {"Packets 2", "A2", "4"}, {"Packets 3", "A2", "7"}, {"Packets 3", "N2", "6"},
		{"Packets 3", "A3", "55,095 of 55,102 ICMP packets are not listed; analyze --packets lists all but those that were taken out for hand-over"},
		{"Packets", "P2", ""}, {"Packets", "P3", "4.625"}, {"Hosts 2", "A2", "10.20.1.1"}, {"Packets", "Q2", "F-92a3b4c5, F-d6e7f809"},
	} {
		if got := cell(t, f, c.sheet, c.at); got != c.want {
			t.Errorf("%s!%s = %q, want %q", c.sheet, c.at, got, c.want)
		}
	}
	for sheet, want := range map[string]string{"Packets": "A1:Q4", "Packets 2": "A1:Q4", "Packets 3": "A1:Q2"} {
		if tables, err := f.GetTables(sheet); err != nil || len(tables) != 1 || tables[0].Range != want {
			t.Errorf("%s: tables %+v, %v, want one over %s", sheet, tables, err, want)
		}
	}
	if ok, got, _ := f.GetCellHyperLink("Timeline", "D3"); !ok || got != "Findings!A4" {
		t.Errorf("links to %q", got)
	}
}

// TestSpills writes enough to go to a temporary file, fails on the way, and leaves no file behind.
func TestSpills(t *testing.T) {
	r, dir := sample.Incident(t), t.TempDir()
	r.Packets = &report.Packets{Total: 40_000, Most: 40_000, Each: func(visit func(*report.Packet) error) error {
		for i := range int64(40_000) {
			e := float64(i*2654435761%1000003) / 7
			if err := visit(&report.Packet{Number: i, Src: "10.0.0.1", Dst: "10.0.0.2", RTT: &e, Entropy: &e}); err != nil {
				return err
			}
		}
		return nil
	}}
	for _, w := range []io.Writer{io.Discard, broken{}} {
		if err := Write(w, r, Options{TmpDir: dir}); (err == nil) != (w == io.Discard) {
			t.Errorf("%T: %v", w, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%T: %v, %v", w, left, err)
		}
	}
	failed := errors.New("extract gone")
	r.Packets.Each = func(func(*report.Packet) error) error { return failed }
	if err := Write(io.Discard, r, Options{TmpDir: dir}); !errors.Is(err, failed) {
		t.Errorf("%v, want %v", err, failed)
	}
}

// broken is a disk that is full.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestDatesAreDates(t *testing.T) {
	f := open(t, write(t, sample.Incident(t)))
	kind, err := f.GetCellType("Timeline", "A3")
	if err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("type %v, %v", kind, err)
	}
	raw, err := f.GetCellValue("Timeline", "A3", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var days float64
	if _, err := fmt.Sscan(raw, &days); err != nil {
		t.Fatalf("%q is no number of days", raw)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC) // excelize itself rounds to seconds
	got := epoch.Add(time.Duration(days * 24 * float64(time.Hour)))
	if want := time.Date(2024, 5, 14, 8, 40, 0, 123_000_000, time.UTC); got.Sub(want).Abs() > 10*time.Microsecond {
		t.Errorf("%v, want %v", got, want)
	}
	style, _ := f.GetCellStyle("Timeline", "A3")
	if s, err := f.GetStyle(style); err != nil || s.CustomNumFmt == nil || *s.CustomNumFmt != dateForm {
		t.Errorf("style %+v, %v", s, err)
	}
}

func TestLinks(t *testing.T) {
	f := open(t, write(t, sample.Incident(t)))
	for _, c := range []struct{ sheet, at, want string }{
		{"Timeline", "D3", "Findings!A4"}, {"Timeline", "H3", "Evidence!A2"}, {"Incidents", "M2", "Findings!A2"}, {"Findings", "Z2", "Incidents!A2"}, {"Findings", "S2", "Evidence!A2"}, {"Files", "U2", "recovered/"}, {"ATT&CK", "A1", "Summary!A1"}, {"ATT&CK", "F2", "Findings!A2"},
		{"Findings", "V2", "findings/F-1a2b3c4d.pcapng"}, {"Files", "B3", "Findings!A3"}, {"Evidence", "F5", "Evidence!A2"}, {"Hosts", "F2", "Findings!A2"},
	} {
		if ok, got, err := f.GetCellHyperLink(c.sheet, c.at); err != nil || !ok || got != c.want {
			t.Errorf("%s!%s links to %q, %v, want %q", c.sheet, c.at, got, err, c.want)
		}
	}
	if ok, got, _ := f.GetCellHyperLink("Suppressed", "W2"); ok {
		t.Errorf("a finding without a slice links to %q", got)
	}
}

func TestLayout(t *testing.T) {
	f := open(t, write(t, sample.Incident(t)))
	tables := map[string]bool{}
	for _, sheet := range f.GetSheetList()[1:] {
		list, err := f.GetTables(sheet)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: tables %v, %v", sheet, list, err)
		}
		if name := strings.ToLower(list[0].Name); tables[name] {
			t.Errorf("table %q twice", name)
		} else {
			tables[name] = true
		}
		if p, err := f.GetPanes(sheet); err != nil || !p.Freeze || p.YSplit != 1 {
			t.Errorf("%s: header not frozen: %+v, %v", sheet, p, err)
		}
		if h, err := f.GetHeaderFooter(sheet); err != nil || !strings.Contains(h.OddFooter, "TLP:AMBER+STRICT") || !strings.Contains(h.OddFooter, "Page &P of &N") {
			t.Errorf("%s: footer %+v, %v", sheet, h, err)
		}
		if l, err := f.GetPageLayout(sheet); err != nil || *l.Orientation != "landscape" || sheet != summaryName && *l.FitToWidth != 1 {
			t.Errorf("%s: layout, %v", sheet, err)
		}
	}
	titles := 0
	for _, n := range f.GetDefinedName() {
		if n.Name == "_xlnm.Print_Titles" {
			titles++
		}
	}
	if titles != 17 {
		t.Errorf("%d repeated headers", titles)
	}
	if p, err := f.GetDocProps(); err != nil || p.Creator != "icmpsift 0.2.0" || p.Created != "2024-05-14T11:30:00Z" {
		t.Errorf("properties %+v, %v", p, err)
	}
}

func TestLevelsAreFilled(t *testing.T) {
	f := open(t, write(t, sample.Incident(t)))
	for at, want := range map[string]string{"B2": "C00000", "B4": "ED7D31", "B5": "D9E1F2"} {
		style, _ := f.GetCellStyle("Findings", at)
		if s, err := f.GetStyle(style); err != nil || len(s.Fill.Color) == 0 || !strings.HasSuffix(s.Fill.Color[0], want) {
			t.Errorf("%s: fill %+v, want %s", at, s.Fill, want)
		}
	}
}

func TestSameBytes(t *testing.T) {
	want := write(t, sample.Incident(t))
	for range 5 {
		if got := write(t, sample.Incident(t)); !bytes.Equal(got, want) {
			t.Fatal("two writes of the same report differ")
		}
	}
	for range 2 {
		if !bytes.Equal(write(t, sample.Quiet(t)), write(t, sample.Quiet(t))) {
			t.Fatal("two writes of the quiet report differ")
		}
	}
}

func TestNothingFound(t *testing.T) {
	f := open(t, write(t, sample.Quiet(t)))
	if got := cell(t, f, "Summary", "A2"); got != "Nothing found" {
		t.Errorf("verdict %q", got)
	}
	if got := cell(t, f, "Findings", "A2"); got != "nothing to list" {
		t.Errorf("findings say %q", got)
	}
}

func TestNothingRead(t *testing.T) { open(t, write(t, &report.Report{})) }

// TestHostile reads back what hostile texts became: no formula, no invisible character, no link but our own, parts that
// are XML.
func TestHostile(t *testing.T) {
	sample.Everywhere(t, func(t *testing.T, r, _ *report.Report) {
		data := write(t, r)
		checkParts(t, data)
		f := open(t, data)
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for y, row := range rows {
				for x, v := range row {
					at, _ := excelize.CoordinatesToCellName(x+1, y+1)
					checkCell(t, sheet+"!"+at, v)
				}
			}
		}
	})
}

func checkCell(t *testing.T, at, v string) {
	t.Helper()
	if !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		t.Fatalf("%s holds %q", at, v[:min(len(v), 80)])
	}
	if units(v) > maxText {
		t.Errorf("%s holds %d characters", at, units(v))
	}
}

func checkParts(t *testing.T, data []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(r); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
			if e, ok := token.(xml.StartElement); ok {
				checkElement(t, part.Name, e)
			}
		}
	}
}

var ownLink = regexp.MustCompile(`^[A-Z][a-z]+!A\d+$|^findings/[\w-]+\.pcapng$|^recovered/$`)

// checkElement refuses formulas in cells and links that are not ours.
func checkElement(t *testing.T, part string, e xml.StartElement) {
	t.Helper()
	if e.Name.Local == "f" && strings.HasPrefix(part, "xl/worksheets/") {
		t.Errorf("%s holds a formula", part)
	}
	for _, a := range e.Attr {
		location := e.Name.Local == "hyperlink" && a.Name.Local == "location"
		target := e.Name.Local == "Relationship" && a.Name.Local == "Target" && strings.Contains(fmt.Sprint(e.Attr), "External")
		if (location || target) && !ownLink.MatchString(a.Value) {
			t.Errorf("%s links to %q", part, a.Value)
		}
	}
}

func TestLongTextIsCutVisibly(t *testing.T) {
	r := sample.Incident(t)
	r.Findings[0].Summary = strings.Repeat("x😀", 20_000)
	got := cell(t, open(t, write(t, r)), "Findings", "M2")
	if !strings.HasSuffix(got, "[cut here: 60,000 characters in all, see report.json]") || units(got) > maxText {
		t.Errorf("ends %q, %d units", got[len(got)-60:], units(got))
	}
}

func TestLargeNumbersStayWhole(t *testing.T) {
	r := sample.Incident(t)
	r.Evidence[0].Drops = 1<<64 - 1
	r.Findings[0].Packets = 1<<53 + 1
	f := open(t, write(t, r))
	if got := cell(t, f, "Evidence", "Q2"); got != "18446744073709551615" {
		t.Errorf("drops %q", got)
	}
	if got := cell(t, f, "Findings", "K2"); got != "9007199254740993" {
		t.Errorf("packets %q", got)
	}
}

func TestFooterText(t *testing.T) {
	if got, want := footerText("&P"+strings.Repeat("&", 200)), strings.Repeat("&", 2)+"P"+strings.Repeat("&", 74)+"…"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func BenchmarkWrite(b *testing.B) {
	r := sample.Incident(b)
	for len(r.Timeline) < 100_000 {
		r.Timeline = append(r.Timeline, r.Timeline...)
	}
	for b.Loop() {
		if err := Write(io.Discard, r, Options{TmpDir: b.TempDir()}); err != nil {
			b.Fatal(err)
		}
	}
}
