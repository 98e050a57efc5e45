package tshark

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

const second = int64(time.Second)

// seconds reads "1700000000.500000000" exactly, in nanoseconds: "frame.time_epoch" and the relative times.
func seconds(v string) (int64, bool) {
	text, negative := strings.CutPrefix(v, "-")
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > (1<<62)/second || len(fraction) > 9 || strings.ContainsAny(fraction, "+-") {
		return 0, false
	}
	f, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if n = n*second + f; negative {
		n = -n
	}
	return n, err == nil
}

// zones are the layouts in which versions and formats write a point in time, where they name the zone. The letters of a
// zone other than UTC mean different things in different places, so such times are not read.
var zones = []string{"Jan _2, 2006 15:04:05.999999999 UTC", "2006-01-02T15:04:05.999999999Z", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999Z", "2006-01-02 15:04:05.999999999 UTC"}

// moment reads a point in time in nanoseconds since the Unix epoch.
func moment(v string) (int64, bool) {
	if n, ok := seconds(v); ok {
		return n, true
	}
	v = strings.Join(strings.Fields(v), " ")
	for _, layout := range zones {
		t, err := time.Parse(layout, v)
		if year := t.Year(); err == nil && year > 1678 && year < 2262 {
			return t.UnixNano(), true
		}
	}
	return 0, false
}

// stampings are the ways in which senders write a time of day into n bytes: seconds and microseconds in 32 or 64 bits,
// in either byte order.
func stampings(v string, n int) []span {
	at, ok := moment(v)
	if !ok || at < 0 || at%1000 != 0 {
		return nil
	}
	var out []span
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b []byte
		if n == 8 {
			b = order.AppendUint32(order.AppendUint32(nil, uint32(at/second)), uint32(at%second/1000))
		} else {
			b = order.AppendUint64(order.AppendUint64(nil, uint64(at/second)), uint64(at%second/1000))
		}
		out = append(out, told(b))
	}
	return out
}
