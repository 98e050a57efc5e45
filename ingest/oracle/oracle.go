// Package oracle finds the Wireshark programs that tests compare with. A machine without them skips those tests, for all
// to see; continuous integration must have them. It also thins out what long tests do under the race detector.
package oracle

import (
	"cmp"
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// Tshark is the tshark that ICMPSIFT_TSHARK_BIN names, or the installed one.
func Tshark(t testing.TB) string {
	t.Helper()
	return find(t, "ICMPSIFT_TSHARK_BIN", "tshark")
}

// Sharkd is the sharkd that ICMPSIFT_SHARKD_BIN names, or the installed one.
func Sharkd(t testing.TB) string {
	t.Helper()
	return find(t, "ICMPSIFT_SHARKD_BIN", "sharkd")
}

// Program is another program that tests compare with, or have make their input.
func Program(t testing.TB, name string) string {
	t.Helper()
	return find(t, "", name)
}

func find(t testing.TB, variable, name string) string {
	t.Helper()
	name = cmp.Or(os.Getenv(variable), name)
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatalf("continuous integration needs %s: %v", name, err)
	}
	t.Skipf("%s is not installed: nothing to compare with", name)
	return ""
}

var banner = regexp.MustCompile(`\(Wireshark\) (\d+\.\d+)`)

// Version is the version of a Wireshark program, as "4.0".
func Version(t testing.TB, path string) string {
	t.Helper()
	out, err := exec.Command(path, "--version").Output()
	m := banner.FindSubmatch(out)
	if m == nil {
		t.Fatalf("%s --version says %.80q (%v): expected \"... (Wireshark) 4.0.17 ...\"", path, out, err)
	}
	return string(m[1])
}
