package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"icmpsift/ingest/field"
)

func fields(d door, _ context.Context, args []string) error {
	flags := pflag.NewFlagSet("fields", pflag.ContinueOnError)
	rest, err := d.parse(flags, args, `icmpsift fields [PATTERN]

Lists the fields whose name or meaning contains PATTERN: name, type, meaning. Fields marked "-2" have their value only
after the whole file was read (tshark -2). Fields under "sift." are icmpsift's own; Wireshark does not know them.`)
	if err != nil {
		return err
	}
	if len(rest) > 1 {
		return usagef("fields takes one pattern, not %d", len(rest))
	}
	pattern := strings.ToLower(strings.Join(rest, ""))
	w := tabwriter.NewWriter(d.stdout, 0, 0, 2, ' ', 0)
	found := 0
	for _, f := range field.All() {
		if !strings.Contains(strings.ToLower(f.Name+" "+f.Meaning), pattern) {
			continue
		}
		found++
		pass := ""
		if f.LookAhead {
			pass = "-2"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Name, f.Type, pass, f.Meaning)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if found == 0 {
		fmt.Fprintf(d.stderr, "icmpsift: no field matches %q; the nearest name is %q\n", pattern, field.Nearest(pattern))
		return exitError(exitFailed)
	}
	return nil
}
