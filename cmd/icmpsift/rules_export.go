package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"icmpsift/report/inert"
	"icmpsift/rules/wireshark"
)

const exportUsage = `icmpsift rules export wireshark [flags]

Writes what the rules say of single packets as buttons of Wireshark's filter toolbar (dfilter_buttons) and as colouring
rules (colorfilters), into a folder that can be put among Wireshark's profiles. A rule that Wireshark can say only in part
is marked "(partly)" and shows more packets than the rule finds; its colour is switched off. One that Wireshark cannot say
is listed as left out.

Example:
  icmpsift rules export wireshark -o ~/.config/wireshark/profiles/icmpsift`

func rulesExport(d door, _ context.Context, args []string) error {
	var s ruleset
	f := pflag.NewFlagSet("rules export", pflag.ContinueOnError)
	folder := f.StringP("output", "o", "icmpsift-wireshark", "folder to write to, made if it is not there")
	force := f.Bool("force", false, "replace the files if the folder has them")
	s.flags(f)
	rest, err := d.parse(f, args, exportUsage)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "wireshark" {
		return usagef(`rules export: say what for: expected "wireshark"`)
	}
	items, err := s.items()
	if err != nil {
		return usageError{err}
	}
	if err := writeProfile(*folder, *force, items); err != nil {
		return err
	}
	return tellItems(d.stdout, items)
}

// items are the loaded rules as Wireshark has them.
func (s *ruleset) items() ([]wireshark.Item, error) {
	c, err := s.context("rules export")
	if err != nil {
		return nil, err
	}
	set, err := s.load("rules export", c)
	if err != nil {
		return nil, err
	}
	return wireshark.Items(set.Rules, c, set.Lists)
}

func writeProfile(folder string, force bool, items []wireshark.Item) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("rules export: %q: %w", folder, reason(err))
	}
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	for _, x := range []struct {
		name  string
		write func(io.Writer) error
	}{{"dfilter_buttons", wireshark.Rules(items).Buttons}, {"colorfilters", wireshark.Rules(items).Colours}} {
		path := filepath.Join(folder, x.name)
		f, err := os.OpenFile(path, how, 0o644)
		if os.IsExist(err) {
			return usagef("rules export: %q is there already; --force replaces it", path)
		}
		if err == nil {
			err = x.write(f)
			if closing := f.Close(); err == nil {
				err = closing
			}
		}
		if err != nil {
			return fmt.Errorf("rules export: %q: %w", path, reason(err))
		}
	}
	return nil
}

func tellItems(w io.Writer, items []wireshark.Item) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	whole, partly, out := 0, 0, 0
	for _, x := range items {
		how := "left out"
		switch {
		case x.Filter == "":
			out++
		case x.Whole:
			how = "whole"
			whole++
		default:
			how = "partly"
			partly++
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", inert.Text(x.Rule.Name), x.Rule.Level, how, x.Reason)
		if x.NoColour != "" {
			fmt.Fprintf(t, "\t\t\t%s\n", x.NoColour)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "whole %d, partly %d, left out %d\n", whole, partly, out)
	return err
}
