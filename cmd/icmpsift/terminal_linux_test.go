package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// onTerminal runs a command on a pseudo-terminal of some columns and gives what the terminal was sent.
func onTerminal(t *testing.T, columns uint16, args ...string) (int, string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	sent := make(chan string)
	go func() {
		var all bytes.Buffer
		all.ReadFrom(master) // ends with an error when the other side is closed
		sent <- all.String()
	}()
	code := door{stdout: slave, stderr: slave}.enter(context.Background(), args)
	slave.Close()
	return code, <-sent
}

var (
	colour  = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	control = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)
)

func TestTerminal(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	for name, c := range map[string]struct {
		columns      uint16
		args         []string
		noColor      bool
		color, drawn bool
	}{
		"wide":        {120, nil, false, true, true},
		"narrow":      {60, nil, false, true, true},
		"no progress": {100, []string{"--no-progress"}, false, true, false},
		"NO_COLOR":    {100, []string{"--no-progress"}, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NO_COLOR", map[bool]string{true: "1"}[c.noColor])
			code, sent := onTerminal(t, c.columns, append([]string{"analyze", caseFolder + "/day3", "-o", out, "--force"}, c.args...)...)
			if code != exitIncomplete {
				t.Errorf("exit code %d", code)
			}
			if got := colour.MatchString(sent); got != c.color {
				t.Errorf("colour: %v, want %v", got, c.color)
			}
			if got := strings.Contains(sent, "\r\x1b") || strings.Contains(sent, "\r "); got != c.drawn {
				t.Errorf("bar: %v, want %v", got, c.drawn)
			}
			if got := strings.Contains(sent, "\r\x1b[Kicmpsift: writing, 168 packets"); got != c.drawn {
				t.Errorf("phase: %v, want %v", got, c.drawn)
			}
			_, summary, _ := strings.Cut(strings.ReplaceAll(sent, "\r\n", "\n"), "High")
			for _, line := range strings.Split(control.ReplaceAllString(summary, ""), "\n") {
				if n := utf8.RuneCountInString(line); n > int(c.columns) {
					t.Errorf("%d columns: %q", n, line)
				}
			}
		})
	}
	t.Run("quiet", func(t *testing.T) {
		if _, sent := onTerminal(t, 80, "analyze", caseFolder+"/day3", "-o", out, "--force", "--quiet"); sent != "" {
			t.Errorf("%q", sent)
		}
	})
	t.Run("error", func(t *testing.T) {
		if _, sent := onTerminal(t, 80, "analyze", caseFolder+"/day3", "-o", out); strings.Contains(sent, "\x1b") || strings.Count(sent, "\n") != 1 {
			t.Errorf("%q", sent)
		}
	})
}
