package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"icmpsift/rules/file"
)

const schemaUsage = `icmpsift rules schema

Prints the JSON Schema (2020-12) of rule files, so that editors complete and check keys while one writes. Editors with the
YAML language server take it from a first line "# yaml-language-server: $schema=rule.schema.json" of the rule file.

Example:
  icmpsift rules schema > rule.schema.json`

func rulesSchema(d door, _ context.Context, args []string) error {
	rest, err := d.parse(pflag.NewFlagSet("rules schema", pflag.ContinueOnError), args, schemaUsage)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("rules schema takes no argument, but was given %q", rest[0])
	}
	text, err := file.Schema()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.stdout, "%s\n", text)
	return err
}
