package engine

import (
	"fmt"
	"net/netip"
	"testing"
)

// A few addresses that have no network in common are hosts of their own.
func TestSideHosts(t *testing.T) {
	for want, addresses := range map[string][]string{
		"[{10.0.0.1 victim [m]}]":    {"10.0.0.1"},
		"[{10.0.0.0/30 victim [m]}]": {"10.0.0.1", "10.0.0.2"},
		"[{10.0.0.255 victim [m]} {172.16.0.255 victim [m]} {203.0.113.255 victim [m]}]": {"203.0.113.255", "10.0.0.255", "172.16.0.255"},
		"[{10.0.0.255 victim [m]} {ff02::1 victim [m]}]":                                 {"ff02::1", "10.0.0.255"},
		"[{0.0.0.0/0 victim [m]}]":                                                       {"1.0.0.1", "20.0.0.1", "40.0.0.1", "60.0.0.1", "80.0.0.1", "100.0.0.1", "120.0.0.1", "140.0.0.1", "160.0.0.1"},
	} {
		s := newSide()
		for _, a := range addresses {
			s.note(netip.MustParseAddr(a))
		}
		if got := fmt.Sprint(s.hosts("victim", []string{"m"})); got != want {
			t.Errorf("%v: got %s, want %s", addresses, got, want)
		}
	}
	s := newSide()
	s.note(netip.MustParseAddr("10.0.0.255"))
	s.note(netip.MustParseAddr("172.16.0.255"))
	if got := fmt.Sprint(s.hosts("victim", []string{"m", "n"})); got != "[{10.0.0.255 victim []} {172.16.0.255 victim []}]" {
		t.Errorf("of several MACs: %s", got)
	}
}
