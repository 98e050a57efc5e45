package filter

import (
	"testing"

	"icmpsift/ingest/field"
)

// TestVersions: where Wireshark 4.0 and 4.4 differ, or made us stumble. The frames are those of tshark -Y, 4.0.17 and 4.4.19;
// "-" is refused.
func TestVersions(t *testing.T) {
	const (
		icmp4 = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,21,22,23,26,27,28"
		every = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28"
		data  = "1,2,3,4,5,6,9,10,11,15,16,19,21,23,25,26,27,28"
	)
	for _, test := range []struct{ text, old, newest string }{
		{"all icmp.type in {-1}", icmp4, ""}, // a pair without an order passes in 4.0
		{"all icmp.type in {8, 0}", "1,2,3,4,9,10,11,21,26,27,28", "1,2,3,4,9,10,11,21,26,27,28"},
		{"all ip.addr in {10.0.0.1, 10.0.0.2}", "", "1,2,3,9,10,11,12,13,14,22,27,28"}, // 4.0: both equal one of them
		{"data.data contains \"\"", data, data},
		{"frame contains \"\"", "", ""},
		{"data.data contains frame[500:]", data, data},
		{"frame contains eth.src[0:2]", every, "-"},
		{"eth.src[0:2] == frame[6:2]", every, every},
		{"icmp == icmp[0:]", icmp4, "-"},
		{"eth contains eth.src", "-", "-"},
		{"icmp.length.original_datagram < 256", "-", "-"},
		{"eth.src == 2:0:0:0:0:2", "-", "2"},
		{"eth.src == 2-0-0-0-0-2", "2", "2"},
		{"eth.src == 0200.0000.0002", "2", "2"},
		{"eth.src == 0200:0000:0002", "-", "2"},
		{"eth.src == 02:00-00.00:00:02", "-", "2"},
		{"frame contains 02:00:0:0:0:2", "-", "1,2,3,4,7,8,9,10,11,12,13,14,15,16,18,19,21,22,23,25,27,28"},
		{"frame contains 02:00:00:00:00:02:", "-", "1,2,3,4,7,8,9,10,11,12,13,14,15,16,18,19,21,22,23,25,27,28"},
		{"frame contains 1:234", "-", "-"},
		{"frame contains 1-234", "", "-"},
		{"frame contains 12::34", "-", "-"},
		{"frame.protocols == eth:ethertype:arp", "-", "24"},
		{"frame.protocols contains aa:bb", "", ""},
		{"frame.protocols contains ::1", "", ""},
		{"frame.protocols contains ip:ic", "-", icmp4},
	} {
		for version, want := range map[string]string{"4.0": test.old, "4.4": test.newest} {
			f, err := Compile(test.text, &field.Context{Wireshark: version}, nil)
			got := "-"
			if err == nil {
				got = matching(f, packets(t, "testdata/dfilter.pcap", true))
			}
			if got != want {
				t.Errorf("%s: %s: frames %s, want %s (%v)", version, test.text, got, want, err)
			}
		}
	}
}
