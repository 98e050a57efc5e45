package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"icmpsift/report"
)

// file is what is read of a report folder.
const file = "report.json"

// largest bounds what is read: a folder may be somebody else's.
const largest = 1 << 30

// Load reads the report of a folder, or a report.json itself. Errors name the file and, where it is no report, the place.
func Load(name string) (*report.Report, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		name = filepath.Join(name, file)
		info, err = os.Stat(name)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w; expected a folder that analyze has made", err)
	case !info.Mode().IsRegular() || info.Size() > largest:
		return nil, fmt.Errorf("%q: expected a file of at most %d bytes", name, largest)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var r report.Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%q: %s%w; expected a report of icmpsift", name, place(err), err)
	}
	if r.Schema != report.Schema {
		return nil, fmt.Errorf("%q: schema %q: expected %q", name, r.Schema, report.Schema)
	}
	return &r, nil
}

func place(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("byte %d: ", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("byte %d: ", kind.Offset)
	}
	return ""
}
