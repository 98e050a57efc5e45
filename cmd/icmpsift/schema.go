package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"icmpsift/report/export"
)

const reportSchemaUsage = `icmpsift schema

Prints the JSON Schema (2020-12) of report.json, the report for machines: what each field means, and which words it may
hold. The contract is icmpsift.report/v1: fields are added, never renamed. ("icmpsift rules schema" is that of rule files.)

Example:
  icmpsift schema > report.schema.json`

func schema(d door, _ context.Context, args []string) error {
	rest, err := d.parse(pflag.NewFlagSet("schema", pflag.ContinueOnError), args, reportSchemaUsage)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("schema takes no argument, but was given %q", rest[0])
	}
	text, err := export.Schema()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.stdout, "%s\n", text)
	return err
}
