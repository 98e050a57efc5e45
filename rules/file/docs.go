package file

import "strings"

// docs say what each key of a rule means, by the keys on the way to it. The tests hold them against what is read.
var docs = map[string]string{
	"title":                 "A short heading for reports.",
	"id":                    "What the rule is known by for good, also when its name or title change. A rule that others only refer to needs none.",
	"name":                  "What the rule is called on the command line and in reports.",
	"status":                "How far the rule can be trusted (Sigma).",
	"level":                 "How bad it is if the finding is real (Sigma). A rule that others only refer to needs none.",
	"description":           "What the rule sees, and why that is suspicious.",
	"author":                "Who wrote the rule.",
	"date":                  "When the rule was written.",
	"modified":              "When the rule was last changed.",
	"license":               "The rule's licence, as an SPDX identifier.",
	"references":            "Where the technique is described.",
	"tags":                  "Sigma tags: ATT&CK techniques such as attack.t1048.003, tactics, and namespaces of your own.",
	"falsepositives":        "Ordinary traffic that looks the same.",
	"response":              "What to do when the rule fires; {src} and {dst} stand for the finding's hosts.",
	"blind_spots":           "What the rule cannot see.",
	"explanations":          "Innocent causes to weigh in the report: texts, or maps with what rules them out.",
	"requires":              "What must hold for the rule to be able to fire.",
	"requires.icmpsift":     "The lowest version of icmpsift.",
	"requires.wireshark":    "The version of Wireshark whose filter meaning to use.",
	"requires.directions":   "Both directions of the traffic must be in the capture.",
	"requires.bytes":        "The capture must hold payload bytes.",
	"supersedes":            "More general rules, by name or id: where this rule has a finding, theirs between the same hosts is named in it and not reported beside it.",
	"match":                 "A Wireshark display filter: which packets count.",
	"correlation":           "When matching packets are a finding (Sigma correlation). Without it each packet is, grouped by endpoints.",
	"correlation.type":      "What is counted or measured: event_count packets, value_count different values of a field, value_sum, value_avg and value_percentile numbers in it, temporal rules seen together, temporal_ordered in order, x_interval even intervals, x_ratio a share.",
	"correlation.group-by":  "Fields; packets with the same values of them are counted together.",
	"correlation.timespan":  "The length of the sliding window of packet time, such as 60s, 5m, 1h, 7d.",
	"correlation.condition": "Thresholds, all of which must hold; of temporal, of the number of rules seen (default: all).",
	"correlation.rules":     "Names or ids of the rules whose packets or incidents count, instead of a match of its own.",
	"correlation.aliases":   "Names for group-by that stand for another field in each rule: {alias: {rule: field}}.",
	"correlation.generate":  "Whether the rules that are referred to report findings of their own as well; without it they are parts of this one.",
	"correlation.share":     "x_ratio: a display filter; its share of the packets of match is measured.",

	"correlation.condition.field": "The field whose different values value_count counts, and that has to vary in the ticks of x_interval.",

	"correlation.condition.percentile": "value_percentile: which one, 0 to 100, by nearest rank: the smallest value that so many in a hundred do not exceed.",
	"correlation.condition.minimum":    "x_ratio, value_avg, value_percentile: the least number of events to take a share, average or percentile of.",
	"correlation.condition.jitter":     "x_interval: thresholds on the spread of intervals over the median; 0 is a clock.",
	"correlation.condition.median":     "x_interval: thresholds on the median interval, in seconds.",
	"correlation.condition.measure":    "x_interval: how jitter is measured, by median absolute deviation or coefficient of variation.",
	"correlation.condition.burst":      "x_interval: events no farther apart than this are one tick.",

	"endpoints":              "Fields that hold a finding's two sides; sift.src and sift.dst if not given.",
	"endpoints.src":          "The field of the acting side.",
	"endpoints.dst":          "The field of the other side.",
	"roles":                  "Who is who in a finding.",
	"roles.src":              "The role of the acting side.",
	"roles.dst":              "The role of the other side.",
	"recover":                "Which bytes to bring back from the packets.",
	"recover.field":          "The carrier: the field that holds the bytes, or a part of it, such as icmp.seq[1], ip.ttl&0x0f or sift.payload[8:4].",
	"recover.otherwise":      "Carriers that are read in turn, until one brings something back, where field brings nothing back.",
	"recover.search":         "Whether every carrier is tried and those that bring back something believable are kept, instead of field.",
	"recover.decode":         "Which encodings are undone: auto, none, or a list, the outermost first.",
	"recover.required":       "Whether a finding stands only if something believable came back.",
	"recover.tunnel":         "Ways to look into a tunnel between the two hosts, both directions; the first that fits is taken, before field or search.",
	"recover.scope":          "A display filter: which packets between the two hosts belong to the file; the rule's match if not given, with tunnel every echo message.",
	"recover.order":          "How packets are put in order: by time, by sequence number, or found out.",
	"tests":                  "Captures that the rule is tested on: some on which it fires, some near misses.",
	"tests.capture":          "The capture, relative to this file.",
	"tests.expect":           "What must come of it; what is not named is not checked.",
	"tests.expect.findings":  "How many findings.",
	"tests.expect.src":       "The acting side of the first finding.",
	"tests.expect.dst":       "The other side of the first finding.",
	"tests.expect.frames":    "The frames of the first finding.",
	"tests.expect.recovered": "SHA-256 of the files that must come back.",

	"tests.expect.suppressed": "How many findings are suppressed; suppressions hold in tests that ask for them only.",

	"explanations.text":      "The innocent cause.",
	"explanations.unless":    "A display filter: packets of the finding that match it rule the cause out.",
	"explanations.share":     "How large a share of the finding's packets must match unless; one packet if not given.",
	"explanations.recovered": "Whether something believable that came back rules the cause out.",
	"explanations.because":   "Why that rules it out.",

	"list.kind":        "That this is a list.",
	"list.name":        "What filters call it: field in $name.",
	"list.title":       "A heading for people.",
	"list.description": "What the values have in common.",
	"list.values":      "Addresses, networks, numbers, texts, or ranges \"low .. high\".",
	"list.file":        "A file beside this one with a value a line; what follows # is a comment.",

	"suppression.kind":    "That this is a suppression.",
	"suppression.title":   "A heading for people.",
	"suppression.rules":   "Names or ids of the rules whose findings it takes out of sight.",
	"suppression.match":   "A display filter that every packet of a finding must pass; without it any does.",
	"suppression.reason":  "Why these findings are known and accepted.",
	"suppression.owner":   "Who answers for them.",
	"suppression.expires": "The first day, in UTC of packet time, on which it no longer holds.",
}

// thresholds say what the keys of a threshold mean, wherever they stand.
var thresholds = map[string]string{"gt": "More than.", "gte": "At least.", "lt": "Less than.", "lte": "At most.", "eq": "Exactly.", "neq": "Anything but this."}

// doc is what the last of the keys means.
func doc(path []string) string {
	if text, ok := docs[strings.Join(path, ".")]; ok || len(path) == 0 {
		return text
	}
	return thresholds[path[len(path)-1]]
}
