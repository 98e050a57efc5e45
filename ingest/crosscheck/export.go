package crosscheck

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"icmpsift/ingest/capture"
	"icmpsift/ingest/tshark"
)

// scanned is how many packets of an export are looked at to tell which version made it.
const scanned = 500

// OpenExport opens what somebody's tshark wrote with -T json or -T ek, compressed or not, to be compared with the
// capture it was made from.
func OpenExport(path string) (*Answer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a, err := readExport(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("export %q: %w", path, err)
	}
	a.Source = filepath.Base(path)
	a.close = f.Close
	return a, nil
}

// readExport looks at the beginning for the version, and starts again.
func readExport(in io.ReadSeeker) (*Answer, error) {
	text, err := capture.Decompress(in)
	if err != nil {
		return nil, err
	}
	r, err := tshark.NewReader(text)
	if err != nil {
		return nil, err
	}
	for n := 0; err == nil && n < scanned; n++ {
		_, err = r.Next()
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if text, err = capture.Decompress(in); err != nil {
		return nil, err
	}
	version := r.Wireshark()
	return &Answer{Wireshark: cmp.Or(version, profiles[len(profiles)-1]), How: tells[version], EK: r.Format() == tshark.EK, Export: true,
		records: &records{in: text}}, nil
}

// tells is what gives the version of an export away; see [tshark.Reader.Wireshark].
var tells = map[string]string{
	"4.4": "the export has eth.stream, ip.stream or ipv6.stream",
	"4.2": "the export has frame.time_utc, and no ip.stream",
	"4.0": "the export has no frame.time_utc, and ip.flags of three bits",
	"3.6": "ip.flags in the export holds a whole byte",
	"":    "nothing in the export tells; the newest is assumed",
}
