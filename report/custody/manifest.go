package custody

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"icmpsift/ingest/evidence"
)

// line is one line of a manifest.
type line struct{ sum, name string }

// manifest writes what "sha256sum -c" reads, in the folder.
func manifest(dir string, names []string) ([]byte, error) {
	var b bytes.Buffer
	for _, name := range names {
		sum, _, err := evidence.Sum(context.Background(), filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s  %s\n", sum, name)
	}
	return b.Bytes(), nil
}

// parse reads a manifest. A name that leads out of the folder is refused: the manifest may be somebody else's.
func parse(file string, b []byte) (out []line, err error) {
	for i, text := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		text = strings.TrimSuffix(text, "\r")
		sum, name, ok := strings.Cut(text, " ")
		if raw, err := hex.DecodeString(sum); !ok || err != nil || len(raw) != 32 || len(name) < 2 || name[0] != ' ' && name[0] != '*' {
			return nil, fmt.Errorf("%s:%d: %q: expected a SHA-256 in hex, two blanks and a name, as sha256sum writes", file, i+1, text)
		}
		if name = name[1:]; !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("%s:%d: %q does not lie in the report folder", file, i+1, name)
		}
		out = append(out, line{strings.ToLower(sum), name})
	}
	return out, nil
}
