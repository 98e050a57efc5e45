package phrase

import "strings"

// LevelMeaning defines each level, rising, for the definitions of a report.
var LevelMeaning = []struct{ Level, Meaning string }{
	{"informational", "Normal or expected activity that helps to understand the rest."},
	{"low", "Unusual, rarely harmful by itself. Look at it when time allows."},
	{"medium", "Suspicious. Needs a person to look at it."},
	{"high", "Very likely hostile or a serious fault. Act on it now."},
	{"critical", "Certain compromise or loss of data, or an attack going on. Act on it at once."},
}

// ConfidenceMeaning defines each confidence, rising.
var ConfidenceMeaning = []struct{ Confidence, Meaning string }{
	{"low", "The packets fit, but an innocent cause is as likely."},
	{"medium", "The packets fit better than the innocent causes that were weighed."},
	{"high", "The packets show it directly, for example because the bytes could be brought back."},
}

var words = map[string]string{
	"complete": "complete", "cut": "cut short", "damaged": "damaged", "unsupported": "not supported", "empty": "empty", "not-capture": "not a capture",
	"home": "inside", "outside": "outside", "multicast": "multicast",
	"gt": "more than", "gte": "at least", "lt": "less than", "lte": "at most", "eq": "exactly", "neq": "other than",
	"event_count": "matching packets", "value_count": "distinct values",
	"time": "in order of time", "seq": "in order of sequence number", "index": "in order of the numbers in them",
}

// Word says one of the report's code words (status of evidence, zone, comparison, order, correlation type); any other is
// returned with underscores as spaces.
func Word(code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return strings.ReplaceAll(code, "_", " ")
}

// Verdict says in a few words what the worst finding comes to, by its level; "none" and "" if there is none.
func Verdict(level string) string {
	switch level {
	case "", "none":
		return "Nothing found"
	case "informational":
		return "Nothing that asks for action"
	}
	return Title(level)
}

// Title is a code word such as a level with a capital letter; "" and "none" give "None".
func Title(code string) string {
	if code == "" {
		return "None"
	}
	w := []byte(Word(code))
	if 'a' <= w[0] && w[0] <= 'z' { // any other word is not ours
		w[0] -= 'a' - 'A'
	}
	return string(w)
}

// AtEnd says whether a finding was still going on when the last capture, or the time that was to be looked at, ended.
func AtEnd(ongoing bool) string {
	if ongoing {
		return "still going on"
	}
	return "over"
}

// Complete says how much is known of a recovered file being all there. Where nothing tells where it ends, no gap is all
// that can be said.
func Complete(complete, vouched bool) string {
	switch {
	case !complete:
		return "no"
	case vouched:
		return "yes"
	}
	return "no gap seen"
}
