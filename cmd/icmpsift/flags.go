package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// errHelp ends a command that was only asked for its help.
var errHelp = errors.New("help was printed")

// parse reads a command's flags; usage is what --help says above them.
func (d door) parse(flags *pflag.FlagSet, args []string, usage string) ([]string, error) {
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
		return nil, usagef("%s: %w; \"icmpsift %s --help\" lists the flags", flags.Name(), err, flags.Name())
	}
	return flags.Args(), nil
}
