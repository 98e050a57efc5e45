package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"icmpsift/report/inert"
	"icmpsift/rules"
	"icmpsift/rules/suricata"
)

const importUsage = `icmpsift rules import [flags] FILE.rules...

Turns ICMP rules of Snort and Suricata into rules of ours, one document each: into a file each in the folder that -o
names, or all to stdout. Every rule of the input is listed as converted, partial (and what was dropped) or refused (and
why), on stdout if the rules go to a folder, else on stderr.

$HOME_NET is the home networks that analyze has (--home-net), $EXTERNAL_NET all others; --var gives these and other
variables values. Where the payload of an ICMP message starts depends on the engine a rule was written for; that is told
from its sid and keywords, or by --dialect. Snort 3 counts as snort2.

Published sets have most of their ICMP rules commented out; --disabled converts these too.

Exits with 0 if nothing was refused, with 4 if something was, with 1 if no rule came of it.

Examples:
  icmpsift rules import emerging-icmp.rules -o imported
  icmpsift rules import local.rules --dialect snort2 --var 'DNS_SERVERS=[10.0.0.53,10.0.1.53]' > imported.yml`

// maxImport bounds a file of rules; the largest published sets have 40 MB.
const maxImport = 256 << 20

// importing is what the flags of import say.
type importing struct {
	output, dialect string
	vars            []string
	force, disabled bool
	lines           []suricata.Line
}

func rulesImport(d door, ctx context.Context, args []string) error {
	m := &importing{}
	f := pflag.NewFlagSet("rules import", pflag.ContinueOnError)
	f.StringVarP(&m.output, "output", "o", "-", "folder for the rules' files, made if it is not there; - is stdout")
	f.StringVar(&m.dialect, "dialect", "", "whose meaning the rules have: snort2 or suricata (default: told from the rules)")
	f.StringArrayVar(&m.vars, "var", nil, "value of an address variable, as HOME_NET=[10.0.0.0/8,192.168.0.0/16] (repeatable)")
	f.BoolVar(&m.disabled, "disabled", false, "convert rules that are commented out as well")
	f.BoolVar(&m.force, "force", false, "replace files in the folder that say something else")
	paths, err := d.parse(f, args, importUsage)
	if err != nil {
		return err
	}
	im, err := m.importer()
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef("rules import: no file of rules given")
	}
	for _, p := range paths {
		data, err := readAtMost(p, maxImport)
		if err != nil {
			return fmt.Errorf("rules import: %q: %w", p, reason(err))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		m.lines = append(m.lines, im.File(filepath.ToSlash(p), data)...)
	}
	return m.finish(d)
}

func (m *importing) importer() (*suricata.Importer, error) {
	im := &suricata.Importer{Dialect: suricata.Dialect(m.dialect), Vars: map[string]string{}, Disabled: m.disabled}
	switch im.Dialect {
	case suricata.Unknown, suricata.Snort2, suricata.Suricata:
	default:
		return nil, usagef("rules import: --dialect %q: expected snort2 or suricata", m.dialect)
	}
	for _, v := range m.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" || value == "" {
			return nil, usagef("rules import: --var %q: expected NAME=NETWORKS, such as HOME_NET=10.0.0.0/8", v)
		}
		im.Vars[strings.TrimPrefix(name, "$")] = value
	}
	return im, nil
}

func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("more than %d bytes, which is no file of rules", most)
	}
	return data, err
}

// finish writes the rules, then tells what became of every line.
func (m *importing) finish(d door) error {
	talk := d.stderr
	if m.output != "-" {
		talk = d.stdout
	}
	if err := m.write(d.stdout); err != nil {
		return fmt.Errorf("rules import: %w", err)
	}
	counts, err := m.tell(talk)
	switch {
	case err != nil:
		return err
	case counts[suricata.Converted]+counts[suricata.Partial] == 0:
		return exitError(exitFailed)
	case counts[suricata.Refused] > 0:
		return exitError(exitIncomplete)
	}
	return nil
}

func (m *importing) write(stdout io.Writer) error {
	if m.output == "-" {
		var all bytes.Buffer
		for _, l := range m.lines {
			if l.YAML != nil {
				fmt.Fprintf(&all, "---\n%s", l.YAML)
			}
		}
		_, err := all.WriteTo(stdout)
		return err
	}
	if err := m.spare(); err != nil {
		return err
	}
	if err := os.MkdirAll(m.output, 0o755); err != nil {
		return err
	}
	for _, l := range m.lines {
		if l.YAML == nil {
			continue
		}
		if err := os.WriteFile(m.path(l), l.YAML, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (m *importing) path(l suricata.Line) string { return filepath.Join(m.output, l.Name+".yml") }

// spare refuses to write where a file says something else: somebody may have worked on it since it was imported.
func (m *importing) spare() error {
	for _, l := range m.lines {
		if l.YAML == nil || m.force {
			continue
		}
		if there, err := os.ReadFile(m.path(l)); err == nil && !bytes.Equal(there, l.YAML) {
			return usagef("%q is there already and differs; --force replaces it", m.path(l))
		}
	}
	return nil
}

// tell prints the table of rules and the counts of all lines.
func (m *importing) tell(w io.Writer) (map[suricata.Outcome]int, error) {
	counts := map[suricata.Outcome]int{}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range m.lines {
		if counts[l.Outcome]++; l.Outcome == suricata.Disabled || l.Outcome == suricata.Comment {
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", place(l.At), l.Outcome, inert.Text(l.ID), inert.Text(l.Title))
		for _, r := range l.Reasons {
			fmt.Fprintf(t, "%s\t\t\t%s\n", place(r.At), inert.Verbatim(because(r)))
		}
	}
	if err := t.Flush(); err != nil {
		return nil, err
	}
	var parts []string
	for _, o := range suricata.Outcomes {
		parts = append(parts, fmt.Sprintf("%s %d", o, counts[o]))
	}
	_, err := fmt.Fprintln(w, strings.Join(parts, ", "))
	return counts, err
}

func place(p rules.Position) string {
	return fmt.Sprintf("%s:%d:%d", inert.Verbatim(p.File), p.Line, p.Column)
}

func because(r suricata.Reason) string {
	if r.Text == "" {
		return r.Message
	}
	return fmt.Sprintf("%s: %s", inert.Cut(r.Text, 80), r.Message)
}
