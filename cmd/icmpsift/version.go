package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/pflag"
)

// release is the version; it goes into reports.
const release = "0.1.0"

func version(d door, _ context.Context, args []string) error {
	rest, err := d.parse(pflag.NewFlagSet("version", pflag.ContinueOnError), args, "icmpsift version\n\nPrints the version.")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("version takes no argument, but was given %q", rest[0])
	}
	fmt.Fprintf(d.stdout, "icmpsift %s\n", release)
	if info, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintf(d.stdout, "%s\n", info.GoVersion)
	}
	return nil
}
