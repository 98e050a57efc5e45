package lint

import "icmpsift/rules"

// part tells that the rule reports nothing of its own.
func (p *pass) part() bool {
	return p.set.Referred[p.rule.Name] || p.rule.ID != "" && p.set.Referred[p.rule.ID]
}

// whole is the rule whose findings this one is a part of, nil if it reports its own: what is said of findings is said there. Nor is it known where that did
// not load.
func (p *pass) whole() *rules.Rule {
	at := p.parts[p.rule]
	for at != nil && p.parts[at] != nil {
		at = p.parts[at]
	}
	return at
}

// reported are the keys that nothing but a report shows or does.
var reported = []string{"response", "blind_spots", "explanations", "falsepositives", "roles", "recover"}

// unseen finds what the author of a part may think is reported. A level may stand there, as Sigma gives single events a low
// one, unless it is higher than what is reported.
func (p *pass) unseen() {
	whole := p.whole()
	if whole == nil {
		return
	}
	by := p.parts[p.rule].Name
	for _, key := range reported {
		if p.outline().Has(p.rule.At, key) {
			p.report([]string{key}, "%s is never reported: %q refers to the rule without generate: true; say it in %q, or generate: true in %q", key, by, whole.Name, by)
		}
	}
	if p.rule.Level > whole.Level {
		p.report([]string{"level"}, "level %s is never reported: %q refers to the rule without generate: true, and findings have the level of %q, %s", p.rule.Level, by, whole.Name, whole.Level)
	}
}
