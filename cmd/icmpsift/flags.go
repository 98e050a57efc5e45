package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

// errHelp ends a command that was only asked for its help.
var errHelp = errors.New("help was printed")

// plain says what is wrong with a flag's value without the parser's inner life; other errors are plain enough.
func plain(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	want := map[string]string{"int": "a whole number", "bool": "true or false"}[invalid.GetFlag().Value.Type()]
	if want == "" {
		return err
	}
	return fmt.Errorf("--%s %q: expected %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}

// archivePassword is the flag of commands that read evidence.
func archivePassword(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "archive-password", "", "password of encrypted zip archives among the evidence; samples are mostly packed with \"infected\"")
}

// stallFlag is the flag of commands that read evidence: how long they wait for it.
func stallFlag(f *pflag.FlagSet, to *time.Duration, usual time.Duration) {
	f.DurationVar(to, "stall", usual, "give a file up that yields nothing for so long, such as a pipe without a writer or a network mount that hangs; what came before counts, the run goes on and ends with 4; 0 waits for ever, as for standard input")
}

// checkStall refuses what is no time to wait.
func checkStall(command string, stall time.Duration) error {
	if stall < 0 {
		return usagef("%s: --stall %v: expected a time such as 60s, or 0 to wait for ever", command, stall)
	}
	return nil
}

// parse reads a command's flags; usage is what --help says above them.
func (d door) parse(flags *pflag.FlagSet, args []string, usage string) ([]string, error) {
	if d.learn != nil {
		d.learn(flags)
		return nil, errHelp
	}
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.SetOutput(d.stderr)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(d.stdout, "Usage: %s\n", usage)
		if flags.HasFlags() {
			fmt.Fprintf(d.stdout, "\nFlags:\n%s", flags.FlagUsagesWrapped(110))
		}
		fmt.Fprintf(d.stdout, "\n%s", exitStatus)
		return nil, errHelp
	case err != nil:
		return nil, usagef("%s: %w; \"icmpsift help %s\" lists the flags", flags.Name(), plain(err), flags.Name())
	}
	return flags.Args(), nil
}
