package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/report/inert"
	"icmpsift/rules"
)

const newUsage = `icmpsift rules new [flags] NAME

Writes a commented rule to start from, which loads as it is; "icmpsift rules lint" then says what is left to fill in. NAME
is the rule's name, such as "dns-over-icmp". A file that exists is not overwritten.

Examples:
  icmpsift rules new dns-over-icmp
  icmpsift rules new ping-storm --type event_count -o rules/storm.yml`

//go:embed rule.yml.tmpl
var ruleTemplate string

// everyPacket is the --type of a rule without correlation.
const everyPacket = "none"

func newTypes() []string {
	return []string{everyPacket, string(rules.EventCount), string(rules.ValueCount)}
}

var newName = regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`)

func rulesNew(d door, _ context.Context, args []string) error {
	var output, kind string
	f := pflag.NewFlagSet("rules new", pflag.ContinueOnError)
	f.StringVarP(&output, "output", "o", "", "file to make, \"-\" for standard output (default NAME.yml)")
	f.StringVar(&kind, "type", string(rules.EventCount), "correlation: "+strings.Join(newTypes(), ", "))
	rest, err := d.parse(f, args, newUsage)
	switch {
	case err != nil:
		return err
	case len(rest) != 1:
		return usagef("rules new takes the name of one rule, not %d", len(rest))
	case !newName.MatchString(rest[0]):
		return usagef("rules new: name %q: expected small letters, figures, and single \"-\" or \"_\" between them", rest[0])
	}
	if err := oneOf("rules new", "--type", kind, newTypes()); err != nil {
		return err
	}
	if output == "" {
		output = rest[0] + ".yml"
	}
	return writeRule(d, output, rest[0], kind)
}

func writeRule(d door, output, name, kind string) error {
	if output == "-" {
		return fillTemplate(d.stdout, name, kind)
	}
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("rules new: %q exists: expected the name of a new file; -o names another", output)
	case err != nil:
		return fmt.Errorf("rules new: %q: %w", output, reason(err))
	}
	if err := errors.Join(fillTemplate(file, name, kind), file.Close()); err != nil {
		return fmt.Errorf("rules new: %q: %w", output, err)
	}
	_, err = fmt.Fprintf(d.stdout, "Wrote %s. Fill it in, and let \"icmpsift rules lint %s\" say what is left.\n", inert.Text(output), inert.Text(output))
	return err
}

func fillTemplate(w io.Writer, name, kind string) error {
	return template.Must(template.New("rule").Parse(ruleTemplate)).Execute(w, map[string]string{
		"ID": newID(), "Name": name, "Date": time.Now().UTC().Format(time.DateOnly), "Type": kind,
		"Title": strings.ToUpper(name[:1]) + strings.NewReplacer("-", " ", "_", " ").Replace(name[1:]),
	})
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
