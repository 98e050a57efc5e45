package attack

import (
	"slices"
	"strings"
)

// tactics are those of the techniques that traffic can show, by ATT&CK's own assignment; sub-techniques have those of their technique.
var tactics = map[string][]string{
	"command-and-control": {"T1001", "T1008", "T1071", "T1090", "T1092", "T1095", "T1102", "T1104", "T1105", "T1132", "T1205", "T1219", "T1568", "T1571", "T1572", "T1573"},
	"exfiltration":        {"T1011", "T1020", "T1029", "T1030", "T1041", "T1048", "T1537", "T1567"},
	"discovery":           {"T1016", "T1018", "T1040", "T1046", "T1049", "T1057", "T1082", "T1083", "T1124", "T1135"},
	"reconnaissance":      {"T1590", "T1592", "T1595"},
	"credential-access":   {"T1040", "T1557"},
	"collection":          {"T1557"},
	"execution":           {"T1059"},
	"persistence":         {"T1205"},
	"stealth":             {"T1205"},
	"impact":              {"T1485", "T1498", "T1499", "T1565"},
	"lateral-movement":    {"T1021", "T1210", "T1570"},
	"initial-access":      {"T1190", "T1200"},
}

// Tactics gives the tactics that a rule's tags speak of, in the order of ATT&CK: those named, and those of the techniques named. Techniques
// that traffic does not show have none here.
func Tactics(tags []string) (out []Entry) {
	for _, tag := range tags {
		e, ok := Of(tag)
		if !ok {
			continue
		}
		if strings.HasPrefix(e.ID, "TA") {
			out = append(out, e)
			continue
		}
		technique, _, _ := strings.Cut(e.ID, ".")
		for name, list := range tactics {
			if slices.Contains(list, technique) {
				tactic, _ := Of(prefix + name)
				out = append(out, tactic)
			}
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return column(a) - column(b) })
	return slices.Compact(out)
}

// column is a tactic's place in ATT&CK's matrix, which is that of the table.
func column(e Entry) int { return strings.Index(table, "\n"+e.ID+"\t") }

// Tactic gives a tactic by its name, such as "Exfiltration".
func Tactic(name string) (e Entry, ok bool) {
	e, ok = Of(prefix + slug(name))
	return e, ok && e.Name == name && strings.HasPrefix(e.ID, "TA")
}
