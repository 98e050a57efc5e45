package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// rulesCommands are the verbs of "icmpsift rules", each in a file of its own.
func rulesCommands() []command {
	return []command{
		{"list", "the rules: name, level, ATT&CK, status, source", rulesList},
		{"show", "one rule, as its file states it", rulesShow},
		{"lint", "everything that is wrong in rule files", rulesLint},
		{"test", "run the captures that rules are tested on", rulesTest},
		{"explain", "why a rule finds something in a capture, or why not", rulesExplain},
		{"new", "a commented rule to start from", rulesNew},
		{"schema", "the JSON Schema of rule files, for editors", rulesSchema},
		{"import", "turn Snort and Suricata rules into rules", rulesImport},
		{"export", "the rules' conditions as Wireshark filter buttons and colours", rulesExport},
		{"score", "how well the rules do on labelled captures", rulesScore},
		{"profile", "time and matches of each rule", rulesProfile},
	}
}

// rulesVerb passes on to the verb that the first word names.
func rulesVerb(d door, ctx context.Context, args []string) error {
	if len(args) > 0 {
		for _, c := range rulesCommands() {
			if c.name == args[0] {
				return c.run(d, ctx, args[1:])
			}
		}
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return usagef("no command %q under rules; \"icmpsift rules --help\" lists them", args[0])
	}
	if _, err := d.parse(pflag.NewFlagSet("rules", pflag.ContinueOnError), args, rulesUsage()); err != nil {
		return err
	}
	return usagef("rules: say what to do with them; \"icmpsift rules --help\" lists what there is")
}

func rulesUsage() string {
	var b strings.Builder
	b.WriteString("icmpsift rules COMMAND [flags] [arguments]\n\nRules say what is suspicious. Commands:\n")
	for _, c := range rulesCommands() {
		fmt.Fprintf(&b, "  %-10s %s\n", c.name, c.summary)
	}
	return b.String() + "\n\"icmpsift rules COMMAND --help\" tells a command's flags."
}
