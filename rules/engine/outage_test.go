package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"icmpsift/rules"
)

// lost are errors to hosts, at one time after the other, that each of many others cannot be reached.
func lost(hosts []string, apart time.Duration, network string) (list []sent) {
	for h, host := range hosts {
		for i := range 25 {
			about := sent{src: host, dst: fmt.Sprintf("%s.%d", network, i+1), message: []byte{0x9c, 0x40, 1, 0xbb, 0, 0, 0, 0}}.packet()
			about[9] = 6 // TCP
			list = append(list, sent{at: time.Duration(h)*apart + time.Duration(i)*time.Second, src: "10.20.0.1", dst: host, message: append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, about...)})
		}
	}
	return list
}

func several(n int) (hosts []string) {
	for i := range n {
		hosts = append(hosts, fmt.Sprintf("10.20.0.%d", i+11))
	}
	return hosts
}

// Many hosts that are told at once of one network that it cannot be reached do not scan it: it is told once.
func TestOutageIsToldOnce(t *testing.T) {
	c := facts(t)
	for name, tt := range map[string]struct {
		list []sent
		low  int
	}{
		"one host":            {lost(several(1), 0, "10.44.2"), 1},
		"too few hosts":       {lost(several(4), time.Second, "10.44.2"), 4},
		"an outage":           {lost(several(5), time.Second, "10.44.2"), 1},
		"one after the other": {lost(several(6), time.Hour, "10.44.2"), 6},
		"of two networks":     {append(lost(several(5), time.Second, "10.44.2"), lost([]string{"10.20.0.90"}, 0, "10.55.2")...), 2},
	} {
		t.Run(name, func(t *testing.T) {
			low, notes := 0, 0
			for _, f := range judge(t, pack(t, c), c, write(t, tt.list)).Findings {
				switch {
				case f.Rule.Name != "icmp-network-scan":
				case f.Level == rules.Low:
					low++
				case !strings.Contains(strings.Join(f.Notes, "\n"), "see the finding for "):
					t.Errorf("%s is %s without a reason", f.Src, f.Level)
				}
				notes += strings.Count(strings.Join(f.Notes, "\n"), "other hosts were told the same")
			}
			if low != tt.low {
				t.Errorf("%d findings at low, want %d", low, tt.low)
			}
			if told := tt.low < len(tt.list)/25; told != (notes == 1) {
				t.Errorf("%d findings tell of the others", notes)
			}
		})
	}
}

// A finding between hosts of both versions of IP is about no network, and is told as it is.
func TestOutageOfNoNetwork(t *testing.T) {
	about := func(src, dst string, kind []byte) []byte {
		return append(kind, sent{src: src, dst: dst, message: make([]byte, 8)}.packet()...)
	}
	list := []sent{
		{src: "10.20.0.1", dst: "10.20.0.9", message: about("10.20.0.9", "10.9.9.9", []byte{3, 1, 0, 0, 0, 0, 0, 0})},
		{at: time.Second, src: "2001:db8::1", dst: "2001:db8::9", message: about("2001:db8::9", "2001:db8:9::9", []byte{1, 0, 0, 0, 0, 0, 0, 0})},
	}
	r := rule("sift.error", counting(rules.EventCount, "", 2, "sift.multicast"))
	r.Endpoints, r.Level = rules.Endpoints{Src: "sift.quoted.src", Dst: "sift.quoted.dst"}, rules.Low
	f := only(t, judge(t, []*rules.Rule{r}, facts(t), write(t, list)))
	if f.Dst != "any" || f.Level != rules.Low {
		t.Errorf("to %s at %s", f.Dst, f.Level)
	}
}
