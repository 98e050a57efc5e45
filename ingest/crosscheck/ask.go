package crosscheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Ask has tshark read a capture: its whole tree of every frame that carries ICMP, and the list's columns of every frame.
// tshark is given an empty configuration, so that it answers as Wireshark does out of the box, and UTC as its time zone.
func (t *Tool) Ask(ctx context.Context, capture string) (*Answer, error) {
	path, err := filepath.Abs(capture) // never an option, never "-"
	if err != nil {
		return nil, err
	}
	config, err := os.MkdirTemp("", "icmpsift-tshark-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	q := &question{tool: t, capture: path, config: config, cancel: cancel}
	a, err := q.ask(ctx)
	if err != nil {
		return nil, errors.Join(err, q.end())
	}
	return a, nil
}

// question is tshark at work on one capture.
type question struct {
	tool    *Tool
	capture string
	config  string // the empty folder
	cancel  context.CancelFunc
	runs    []*run
}

func (q *question) ask(ctx context.Context) (*Answer, error) {
	tree, err := q.start(ctx, "-T", "json", "-Y", "icmp || icmpv6")
	if err != nil {
		return nil, err
	}
	list, err := q.start(ctx, "-T", "fields", "-e", "frame.number", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info")
	if err != nil {
		return nil, err
	}
	columns := newColumns(list.out)
	return &Answer{Source: "tshark " + q.tool.Version, Wireshark: profile(q.tool.Version), How: "tshark --version",
		records: &records{in: tree.out}, columns: columns, close: q.end}, nil
}

func (q *question) start(ctx context.Context, form ...string) (*run, error) {
	r := &run{}
	r.command = exec.CommandContext(ctx, q.tool.Path, append([]string{"-n", "-2", "-r", q.capture}, form...)...)
	r.command.Env = append(os.Environ(), "TZ=UTC", "WIRESHARK_CONFIG_DIR="+q.config)
	r.command.Stderr = &r.complaint
	r.command.WaitDelay = 5 * time.Second
	out, err := r.command.StdoutPipe()
	if err == nil {
		err = r.command.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.tool.Path, err)
	}
	r.out = &counted{in: out}
	q.runs = append(q.runs, r)
	return r, nil
}

// end waits for tshark where it is done, stops it where it is not, and gives what it complained of.
func (q *question) end() error {
	var errs []error
	for _, r := range q.runs {
		if !r.out.done.Load() {
			q.cancel()
		}
	}
	for _, r := range q.runs {
		stopped := !r.out.done.Load()
		if err := r.command.Wait(); err != nil && !stopped && len(errs) == 0 { // both runs complain alike
			errs = append(errs, fmt.Errorf("tshark: %s", r.complaint.said(err)))
		}
	}
	q.cancel()
	return errors.Join(append(errs, os.RemoveAll(q.config))...)
}

// run is one process.
type run struct {
	command   *exec.Cmd
	out       *counted
	complaint complaint
}

// counted knows whether its end was reached.
type counted struct {
	in   io.Reader
	done atomic.Bool
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	if err != nil {
		c.done.Store(true)
	}
	return n, err
}

// complaint keeps the beginning of what a process writes to stderr.
type complaint struct{ text bytes.Buffer }

const complaintLimit = 4096

func (c *complaint) Write(b []byte) (int, error) {
	c.text.Write(b[:min(len(b), complaintLimit-c.text.Len())])
	return len(b), nil
}

// said is the complaint without what tshark says of everything, or else how the process ended.
func (c *complaint) said(err error) string {
	var lines []string
	for line := range strings.Lines(c.text.String()) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "Running as user") {
			lines = append(lines, strings.TrimPrefix(line, "tshark: "))
		}
	}
	if lines == nil {
		return err.Error()
	}
	return strings.Join(lines, " ")
}
