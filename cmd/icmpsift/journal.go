package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"icmpsift/ingest/evidence"
	"icmpsift/rules"
)

const jsonLogHelp = "write what happens to the new file FILE, one JSON object a line; \"-\" is standard error, which then gets nothing else. Each has time and event: start, phase, file, problem, progress, finding, note, and at the end done, error or interrupted"

// eventTime is RFC 3339 in UTC with nine digits of a second.
const eventTime = "2006-01-02T15:04:05.000000000Z"

// journal tells machines what a run does, one event a line. A nil one tells nothing. It may be used from any goroutine.
type journal struct {
	log   *slog.Logger
	out   *plainJSON
	began time.Time
	alone bool // it has standard error for itself
	close func() error
}

// openJournal opens the log of --json-log, "" for none; it may lie neither in the evidence nor in the folders that the run makes.
func (d door) openJournal(name string, files []evidence.File, sources, folders []string) (*journal, error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		j := newJournal(d.stderr)
		j.alone = true
		return j, nil
	}
	if info, err := os.Stat(name); err != nil || info.Mode().IsRegular() || info.IsDir() {
		if err := logApart(name, files, sources, folders); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, usagef("--json-log %q cannot be written: %w", name, reason(err))
	}
	j := newJournal(f)
	j.close = f.Close
	return j, nil
}

// logApart keeps the log off evidence, reports and files that are there.
func logApart(name string, files []evidence.File, sources, folders []string) error {
	full, err := settled(name)
	if err != nil {
		return err
	}
	for _, f := range files {
		if real, err := settled(f.Name); err == nil && within(full, real) {
			return usagef("--json-log %q is the evidence %q, which is never written to; choose another file", name, f.Path)
		}
	}
	for _, s := range sources {
		if real, err := settled(s); err == nil && within(full, real) {
			return usagef("--json-log %q would lie inside the evidence %q, which is never written to; choose another file", name, s)
		}
	}
	for _, dir := range folders {
		if real, err := settled(dir); err == nil && within(full, real) {
			return usagef("--json-log %q would lie inside the folder %q that this run makes; choose a file elsewhere", name, dir)
		}
	}
	if info, err := os.Stat(full); err == nil && (info.IsDir() || info.Size() > 0) {
		return usagef("--json-log %q is there and not empty; expected the name of a new file", name)
	}
	return nil
}

func newJournal(w io.Writer) *journal {
	out := &plainJSON{to: w}
	h := slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.LevelKey:
			if _, ok := a.Value.Any().(slog.Level); ok { // a finding has a level of its own
				return slog.Attr{}
			}
		case slog.MessageKey:
			a.Key = "event"
		case slog.TimeKey:
			a.Value = slog.StringValue(a.Value.Time().UTC().Format(eventTime))
		}
		return a
	}})
	return &journal{log: slog.New(h), out: out, began: time.Now()}
}

func (j *journal) tell(event string, fields ...any) {
	if j != nil {
		j.log.Info(event, fields...)
	}
}

func (j *journal) findings(list []*rules.Finding) {
	for _, f := range list {
		j.tell("finding", "id", f.ID, "rule", f.Rule.ID, "title", f.Rule.Title, "level", f.Level.String(), "src", f.Src, "dst", f.Dst)
	}
}

// door is where the run talks to people: if the log has standard error for itself, what is said becomes its events.
func (j *journal) door(d door) door {
	if j != nil && j.alone {
		d.stderr = notes{j}
	}
	return d
}

// end tells how the run ended, and closes the log. The error is what is still to be said.
func (j *journal) end(ctx context.Context, err error) error {
	if j == nil {
		return err
	}
	code := exitCode(ctx, err)
	end := []any{"exit_code", code, "seconds", time.Since(j.began).Seconds()}
	switch {
	case code == exitInterrupt:
		j.tell("interrupted", end...)
	case code == exitFailed || code == exitUsage:
		j.tell("error", append(end, "text", err.Error())...)
	default:
		j.tell("done", end...)
	}
	failed := j.out.err
	if j.close != nil {
		failed = errors.Join(failed, j.close())
	}
	switch {
	case j.alone:
		return exitError(code)
	case failed != nil && (err == nil || errors.As(err, new(exitError))):
		return fmt.Errorf("the run is done, but --json-log is not whole: %w", failed)
	}
	return err
}

// notes makes events of lines for people.
type notes struct{ *journal }

func (n notes) Write(b []byte) (int, error) {
	if text := strings.TrimSpace(string(b)); text != "" {
		n.tell("note", "text", strings.TrimPrefix(text, "icmpsift: "))
	}
	return len(b), nil
}

// plainJSON writes JSON in ASCII, so that no text of evidence moves a cursor or turns its direction. It keeps the first error.
type plainJSON struct {
	sync.Mutex
	to  io.Writer
	err error
}

func (p *plainJSON) Write(b []byte) (int, error) {
	p.Lock()
	defer p.Unlock()
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		if r < 0x7f {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, u)
		}
	}
	if _, err := p.to.Write(out); err != nil && p.err == nil {
		p.err = err
	}
	return len(b), nil
}
