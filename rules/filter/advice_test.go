package filter

import (
	"fmt"
	"slices"
	"testing"

	"icmpsift/ingest/field"
)

func TestAdvice(t *testing.T) {
	for text, want := range map[string][]string{
		"icmp.type == 8":                                         nil,
		"sift.echo.request && sift.ttl < 5":                      nil,
		"ip.src != 10.0.0.1":                                     {"bare-inequality ip.src != 10.0.0.1"},
		"ip.src#1 != 10.0.0.1":                                   nil,
		"all ip.src != 10.0.0.1":                                 nil,
		"sift.src != 10.0.0.1":                                   nil,
		"frame.len != 60":                                        nil,
		"icmp.type not in {0, 8}":                                {"bare-inequality icmp.type not in {0, 8}", "version-dependent icmp.type not in {0, 8}"},
		"sift.type not in {0, 8}":                                nil,
		"icmp.type in {8..0}":                                    {"unreachable 8..0"},
		"icmp && sift.ttl > 10 && sift.ttl < 5":                  {"unreachable sift.ttl < 5"},
		"sift.ttl > 10 && icmp.code == 3 && sift.ttl <= 10":      {"unreachable sift.ttl <= 10"},
		"sift.ttl > 10 || sift.ttl < 5":                          nil,
		"ip.ttl > 10 && ip.ttl < 5":                              nil, // of two headers
		"ip.ttl#1 > 10 && ip.ttl#1 < 5":                          {"unreachable ip.ttl#1 < 5"},
		"sift.type == 8 && sift.type == 0":                       {"unreachable sift.type == 0"},
		"icmp.code == 1 && icmp.seq == 2 && icmp.code == 1":      {"redundant icmp.code == 1"},
		"icmp.code == 1 || icmp.code == 1":                       {"redundant icmp.code == 1"},
		`sift.payload matches ".*abc"`:                           {`slow-pattern ".*abc"`},
		`sift.payload matches "abc.*"`:                           nil,
		"icmp xor sift.ttl == 3":                                 {"version-dependent xor"},
		"icmp.type == 8 and len(sift.payload) and sift.ttl == 3": {"version-dependent len(sift.payload)"},
		"icmp.nosuch":                                            nil, // does not compile: an error, not advice
	} {
		var got []string
		for _, a := range Advise(text, &field.Context{}, nil) {
			got = append(got, fmt.Sprint(a.Code, " ", text[a.Offset:a.Offset+a.Length]))
			if a.Message == "" || a.Hint == "" {
				t.Errorf("%s: %+v", text, a)
			}
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
