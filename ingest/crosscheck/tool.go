package crosscheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// Binary is the environment variable that names a tshark to use instead of the one in PATH.
const Binary = "ICMPSIFT_TSHARK_BIN"

// Tool is an installed tshark.
type Tool struct {
	Path    string
	Version string // "4.0.17"
}

// Find finds tshark: the one named, else the one in the environment variable [Binary], else the one in PATH.
func Find(ctx context.Context, name string) (*Tool, error) {
	name = cmp.Or(name, os.Getenv(Binary), "tshark")
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("cannot find tshark as %q: %w; install Wireshark's tshark, name it with --tshark or in %s, or give its output with --tshark-json", name, cause(err), Binary)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", path, err)
	}
	version, ok := versionOf(out)
	if !ok {
		return nil, fmt.Errorf("%s --version says %.60q: expected \"TShark (Wireshark) 4.0.17 ...\"", path, out)
	}
	return &Tool{Path: path, Version: version}, nil
}

// cause is an error without the name of what was looked for, which the caller says.
func cause(err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// banner is the first line of tshark --version; before 3.0 it was in other words.
var banner = regexp.MustCompile(`(?i)^(?:.*\n)?tshark \(Wireshark\) (\d+\.\d+(?:\.\d+)?)`)

func versionOf(out []byte) (string, bool) {
	m := banner.FindSubmatch(out)
	if m == nil {
		return "", false
	}
	return string(m[1]), true
}

var leading = regexp.MustCompile(`^(\d+)\.(\d+)`)

// numbers are the first two numbers of a version; zero if it has none.
func numbers(version string) (major, minor int) {
	if m := leading.FindStringSubmatch(version); m != nil {
		major, _ = strconv.Atoi(m[1])
		minor, _ = strconv.Atoi(m[2])
	}
	return major, minor
}
