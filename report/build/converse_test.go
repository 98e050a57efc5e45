package build

import (
	"testing"

	"icmpsift/ingest"
	"icmpsift/report"
)

// Requests and replies are counted by kind and by what became of them; only echo stands in the conversation's own columns.
func TestConversationsByKind(t *testing.T) {
	in, n := input(t), int64(0)
	a, b := address(1), address(2)
	add := func(typ byte, forward bool, r ingest.Reply) {
		n++
		p := ping(n, a, b)
		if !forward {
			p = ping(n, b, a)
		}
		p.Layers[1].Bytes[0], p.Case.Reply = typ, r
		in.Tally.Add(p)
	}
	add(14, false, ingest.Reply{Unsolicited: true}) // seen first: the conversation still has the asking side in front
	add(13, true, ingest.Reply{In: 3, Count: 2})
	add(14, false, ingest.Reply{To: 2, Differs: true})
	add(14, false, ingest.Reply{To: 2, Extra: 1})
	add(14, false, ingest.Reply{}) // its request may have been given up
	add(17, true, ingest.Reply{Unanswered: true, ErrorIn: 9})
	add(17, true, ingest.Reply{ErrorIn: 9})
	add(42, true, ingest.Reply{Unanswered: true})
	add(8, true, ingest.Reply{ErrorIn: 9})
	add(8, true, ingest.Reply{In: 11, ErrorIn: 9})
	add(0, false, ingest.Reply{To: 10, Time: 2e6})
	add(0, false, ingest.Reply{})
	add(3, false, ingest.Reply{ErrorTo: 9})
	rows := Report(in).Exchanges
	equal(t, "rows", len(rows), 1)
	x := rows[0]
	equal(t, "asking side", x.Src+" "+x.Dst, a.String()+" "+b.String())
	equal(t, "echo", [7]int64{x.Requests, x.Replies, x.Paired, x.Unanswered, x.Failed, x.Unsolicited, x.Other}, [7]int64{2, 2, 1, 0, 1, 0, 9})
	equal(t, "time of the only pair", *x.RTTMean, 2.0)
	want := []report.Query{{Kind: "timestamp", Requests: 1, Replies: 4, Paired: 1, Unsolicited: 1, Mismatched: 1}, {Kind: "mask", Requests: 2, Unanswered: 1, Failed: 1},
		{Kind: "extended echo", Requests: 1, Unanswered: 1}}
	equal(t, "kinds", len(x.Queries), len(want))
	for i := range want {
		equal(t, want[i].Kind, x.Queries[i], want[i])
	}
}
