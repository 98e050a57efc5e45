package build

import (
	"testing"

	"icmpsift/rules"
)

// Packets are said to go where they went, whichever side the finding names first.
func TestWay(t *testing.T) {
	for want, f := range map[string]rules.Finding{
		"1 packet from a to b.":                      {Src: "a", Dst: "b", From: "a", To: "b", Packets: 1},
		"1,500 packets from b to a.":                 {Src: "a", Dst: "b", From: "b", To: "a", Packets: 1500, Returned: 1500},
		"7 packets between a and b, 3 of them to a.": {Src: "a", Dst: "b", From: "10.0.0.0/8", To: "10.0.0.0/8", Packets: 7, Returned: 3},
		"4 packets from c to a.":                     {Src: "a", Dst: "b", From: "c", To: "a", Packets: 4, Returned: 4},
		"9 packets from many networks to b.":         {Src: "0.0.0.0/0", Dst: "b", From: "0.0.0.0/0", To: "b", Packets: 9},
		"9 packets from many networks to 2::1.":      {Src: "any", Dst: "2::1", From: "any", To: "2::1", Packets: 9},
	} {
		if got := way(&f); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
