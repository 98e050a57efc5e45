package attack

import "testing"

func TestTactics(t *testing.T) {
	for tag, want := range map[string]string{
		"attack.t1048.003": "Exfiltration", "attack.t1557": "Credential Access, Collection", "attack.t1205.001": "Persistence, Stealth, Command and Control",
		"attack.impact": "Impact", "attack.t1003": "", "attack.t9999": "", "detection.threat-hunting": "", "": "",
	} {
		got := ""
		for i, e := range Tactics([]string{tag}) {
			if i > 0 {
				got += ", "
			}
			got += e.Name
		}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	if got := Tactics([]string{"attack.t1048", "attack.exfiltration", "attack.t1041"}); len(got) != 1 {
		t.Errorf("one tactic is told %d times", len(got))
	}
}

// Each technique of the table of tactics is one of ATT&CK's, each tactic too.
func TestTableOfTactics(t *testing.T) {
	for name, list := range tactics {
		if e, ok := Of(prefix + name); !ok || e.ID[:2] != "TA" {
			t.Errorf("no tactic %s", name)
		}
		for _, id := range list {
			if e, ok := Technique(id); !ok || e.Retired {
				t.Errorf("no technique %s", id)
			}
		}
	}
	if e, ok := Tactic("Command and Control"); !ok || e.ID != "TA0011" {
		t.Errorf("%v, %v", e, ok)
	}
	if _, ok := Tactic("Phishing"); ok {
		t.Error("a technique is a tactic")
	}
}
