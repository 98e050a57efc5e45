package file_test

import (
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/file"
)

const head = "title: X\nid: 0b9c2f3e-5a0f-4a0e-8a54-3a3a3e1f0da1\nname: x\nlevel: low\n"

// What a correlation says comes out as it was meant, whichever file its rules stand in.
func TestCorrelations(t *testing.T) {
	gte := func(v float64) []rules.Condition { return []rules.Condition{{Op: "gte", Value: v}} }
	for name, tt := range map[string]struct {
		text string
		want rules.Correlation
	}{
		"temporal": {"correlation: {type: temporal, rules: [echo-2, 0B9C2F3E-5a0f-4a0e-8a54-3a3a3e1f0d01], group-by: [who], aliases: {who: {echo-2: sift.src, 0B9C2F3E-5a0f-4a0e-8a54-3a3a3e1f0d01: sift.dst}}, timespan: 5m, generate: true}",
			rules.Correlation{Type: rules.Temporal, GroupBy: []string{"who"}, Timespan: 5 * time.Minute, Condition: gte(2), Generate: true,
				Aliases: map[string]map[string]string{"who": {"echo-2": "sift.src", "0B9C2F3E-5a0f-4a0e-8a54-3a3a3e1f0d01": "sift.dst"}}}},
		"percentile": {"match: icmp\ncorrelation: {type: value_percentile, group-by: sift.src, timespan: 1h, condition: {field: sift.payload.length, percentile: 95, gte: 100, lt: 500}}",
			rules.Correlation{Type: rules.ValuePercentile, GroupBy: []string{"sift.src"}, Timespan: time.Hour, Field: "sift.payload.length", Percentile: 95, Condition: []rules.Condition{{Op: "gte", Value: 100}, {Op: "lt", Value: 500}}}},
		"share": {"match: icmp\ncorrelation: {type: x_ratio, share: sift.unanswered, group-by: sift.src, timespan: 1h, condition: {gte: 0.9, minimum: 20}}",
			rules.Correlation{Type: rules.XRatio, GroupBy: []string{"sift.src"}, Timespan: time.Hour, Share: "sift.unanswered", Minimum: 20, Condition: gte(0.9)}},
		"interval": {"match: icmp\ncorrelation: {type: x_interval, group-by: sift.src, timespan: 1d, condition: {gte: 20, jitter: {lte: 0.1}, median: {gte: 30}}}",
			rules.Correlation{Type: rules.XInterval, GroupBy: []string{"sift.src"}, Timespan: 24 * time.Hour, Condition: gte(20),
				Interval: rules.Interval{Measure: "mad", Burst: 3 * time.Second, Jitter: []rules.Condition{{Op: "lte", Value: 0.1}}, Median: gte(30)}}},
		"interval of values": {"match: icmp\ncorrelation: {type: x_interval, group-by: sift.src, timespan: 1d, condition: {gte: 6, field: sift.payload, measure: cv, jitter: {lte: 0.3}, burst: 3s}}",
			rules.Correlation{Type: rules.XInterval, GroupBy: []string{"sift.src"}, Timespan: 24 * time.Hour, Condition: gte(6), Field: "sift.payload",
				Interval: rules.Interval{Measure: "cv", Burst: 3 * time.Second, Jitter: []rules.Condition{{Op: "lte", Value: 0.3}}}}},
	} {
		set, err := file.Load(context(t), file.Source{FS: fstest.MapFS{"a.yml": {Data: []byte(head + tt.text)}, "b.yml": rule("1"), "c.yml": rule("2")}, Root: "."})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := *set.Rules[0].Correlation
		if n := len(got.Rules); got.Type == rules.Temporal && n != 2 {
			t.Errorf("%s: %d rules", name, n)
		}
		got.Rules = nil
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tt.want)
		}
	}
}

// A rule's filters have the meaning of the version it asks for, already when it is loaded.
func TestPinnedVersion(t *testing.T) {
	text := head + "match: dec(icmp.type) == \"5\"\n"
	for version, sound := range map[string]bool{"4.0": false, "4.4": true} {
		_, err := file.Load(&field.Context{Wireshark: "4.2"}, file.Source{FS: fstest.MapFS{"a.yml": {Data: []byte(text + "requires: {wireshark: \"" + version + "\"}\n")}}, Root: "."})
		if (err == nil) != sound {
			t.Errorf("%s: %v", version, err)
		}
	}
}
