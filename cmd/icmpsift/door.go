package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"icmpsift/ingest/fault"
	"icmpsift/report/inert"
)

// Exit codes. They are a contract: never re-used, new ones are added.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitFailOn     = 3
	exitIncomplete = 4
	exitCheck      = 5
	exitInterrupt  = 130
)

const exitStatus = `Exit status:
  0    done
  1    failed, no result
  2    usage, bad filter, bad rule
  3    done, and a finding reached --fail-on
  4    done, but evidence was cut, damaged or of an unsupported kind, or a
       bug in icmpsift cost a part that the report names
       (files that are no captures, and duplicates, do not count; 3 wins over 4)
  5    a check ran and failed
  130  interrupted
`

// door is where the outside comes in: commands as words, results as text and an exit code. Tests enter it in-process.
type door struct {
	stdout, stderr io.Writer
	learn          func(*pflag.FlagSet) // not nil: a command is to show its flags and do nothing more
}

// command is one verb.
type command struct {
	name, summary string
	run           func(d door, ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"analyze", "evidence files and folders to a report folder (the main job)", analyze},
		{"extract", "evidence files to one extract each, for analyze to read instead", extracts},
		{"packets", "list the ICMP packets of captures, as tshark -2 does", packets},
		{"recover", "carve by hand: the bytes that a field or payload carries", recovery},
		{"crosscheck", "compare the decoder with Wireshark's, field by field", crosschecks},
		{"verify", "read evidence and report again: is every byte as it was?", verify},
		{"diff", "compare two reports: what is new, gone or changed", diffs},
		{"rules", "list, check, test, explain, make, import and export rules", rulesVerb},
		{"fields", "the fields that filters and rules can use", fields},
		{"schema", "the JSON Schema of report.json", schema},
		{"version", "print the version", version},
		{"completion", "print what makes bash, zsh or fish complete commands and flags", completion},
		{"help", "print this help", help},
	}
}

// usageError is the caller's mistake: exit code 2.
type usageError struct{ error }

func usagef(format string, a ...any) error { return usageError{fmt.Errorf(format, a...)} }

// exitError ends a run that has a result with another code than 0; what there is to say was said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// enter runs a command and gives its exit code. A bug that nothing before kept to a unit of work ends here; what a command had begun is
// undone by then.
func (d door) enter(ctx context.Context, args []string) (code int) {
	defer func() {
		if cause := recover(); cause != nil {
			code = d.code(ctx, fault.Caught(cause))
		}
	}()
	if len(args) == 0 {
		help(door{stdout: d.stderr}, ctx, nil)
		return exitUsage
	}
	c, ok := lookup(args[0])
	if !ok {
		return d.code(ctx, unknown(args[0]))
	}
	return d.code(ctx, c.run(d, ctx, args[1:]))
}

func lookup(name string) (command, bool) {
	switch name {
	case "-h", "--help":
		name = "help"
	case "--version":
		name = "version"
	}
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

func unknown(name string) error { return usagef("no command %q; \"icmpsift help\" lists them", name) }

// code maps an error to the exit code, and says what is still to be said.
func (d door) code(ctx context.Context, err error) int {
	code := exitCode(ctx, err)
	switch {
	case err == nil, errors.Is(err, errHelp), errors.As(err, new(exitError)):
	case code == exitInterrupt:
		fmt.Fprintln(d.stderr, "icmpsift: interrupted")
	default:
		d.complain(advised(err))
	}
	return code
}

// exitCode is the exit code that an error stands for.
func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var exit exitError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return exitDone
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil:
		return exitInterrupt
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}

// complain says what went wrong, line by line. Names of files and texts of rules must not move the cursor.
func (d door) complain(err error) {
	for i, line := range strings.Split(err.Error(), "\n") {
		if i == 0 {
			line = "icmpsift: " + line
		}
		line = strings.TrimRight(line, " \t\r")
		text := strings.TrimLeft(line, " ") // a caret stays below what it points at
		fmt.Fprintln(d.stderr, line[:len(line)-len(text)]+inert.Verbatim(text))
	}
}

func help(d door, ctx context.Context, args []string) error {
	if len(args) > 0 {
		c, ok := lookup(args[0])
		if !ok {
			return unknown(args[0])
		}
		if c.name != "help" {
			return c.run(d, ctx, append(slices.Clone(args[1:]), "--help"))
		}
	}
	fmt.Fprint(d.stdout, "icmpsift turns ICMP evidence into an incident report.\n\nUsage: icmpsift COMMAND [flags] [arguments]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(d.stdout, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(d.stdout, "\n\"icmpsift help COMMAND\" tells a command's flags.\n\n%s", exitStatus)
	return nil
}
