package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// release is the version; it goes into reports.
const release = "0.1.0"

func version(d door, _ context.Context, _ []string) error {
	fmt.Fprintf(d.stdout, "icmpsift %s\n", release)
	if info, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintf(d.stdout, "%s\n", info.GoVersion)
	}
	return nil
}
