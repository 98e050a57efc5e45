package phrase

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"icmpsift/report"
	"icmpsift/report/inert"
)

// Frames says which frames of one evidence file, at most limit ranges of them, and how many there are in all.
func Frames(f report.FrameSet, limit int) string {
	if len(f.Ranges) == 0 {
		return Plural(f.Total, "frame", "frames")
	}
	shown := f.Ranges[:min(limit, len(f.Ranges))]
	text := strings.Join(shown, ", ")
	if n := covered(shown); n < f.Total {
		return text + " … (first " + Of(n, f.Total, "frame", "frames") + ")"
	}
	return text + " (" + Plural(f.Total, "frame", "frames") + ")"
}

// covered counts the frames of ranges such as "12-40" and "57".
func covered(ranges []string) (n int64) {
	for _, r := range ranges {
		from, to, ok := strings.Cut(r, "-")
		first, err := strconv.ParseInt(from, 10, 64)
		last := first
		if ok && err == nil {
			last, err = strconv.ParseInt(to, 10, 64)
		}
		if err == nil {
			n += last - first + 1
		}
	}
	return n
}

// Gaps says where bytes of an artefact are missing, at most limit of them; "" when there are none.
func Gaps(gaps []report.Gap, limit int) string {
	var parts []string
	for _, g := range gaps {
		missing := "an unknown number of bytes"
		if g.Length != nil {
			missing = Plural(*g.Length, "byte", "bytes")
		}
		parts = append(parts, missing+" at offset "+Count(g.Offset))
	}
	if len(parts) == 0 {
		return ""
	}
	return List(parts, limit)
}

// Dump shows bytes given in hex as offset, hex and ASCII columns, sixteen a line. Hex that cannot be read is shown as it
// is, inert.
func Dump(preview string) string {
	data, err := hex.DecodeString(preview)
	if err != nil {
		return inert.Text(preview)
	}
	var b strings.Builder
	for at := 0; at < len(data); at += 16 {
		line := data[at:min(at+16, len(data))]
		fmt.Fprintf(&b, "%04x  %-48s %s\n", at, fmt.Sprintf("% x", line), ascii(line))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func ascii(line []byte) string {
	out := make([]byte, len(line))
	for i, c := range line {
		if out[i] = c; c < ' ' || c > '~' {
			out[i] = '.'
		}
	}
	return string(out)
}
