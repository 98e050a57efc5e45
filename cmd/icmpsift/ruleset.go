package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"icmpsift/ingest/field"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
)

// ruleset is what the flags say of the rules to use, and of what rules mean.
type ruleset struct {
	paths     []string
	noBuiltin bool
	homeNet   []string
	suppress  []string
	lists     []string
	stock     []string
	beside    *file.Set // instead of the builtin rules: they may be named, but are not among the rules to use
}

func (s *ruleset) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&s.paths, "rules", nil, "rule file or folder to add (repeatable)")
	f.BoolVar(&s.noBuiltin, "no-builtin", false, "leave the builtin rules out")
	f.StringArrayVar(&s.suppress, "suppress", nil, "rule file or folder with suppressions to add (repeatable)")
	s.meaning(f)
}

// meaning are the flags that say what rules mean, whichever they are.
func (s *ruleset) meaning(f *pflag.FlagSet) {
	f.StringArrayVar(&s.homeNet, "home-net", nil, "home network as CIDR (repeatable; default RFC 1918, ULA, link-local)")
	f.StringArrayVar(&s.lists, "list", nil, "values for a list that rules use, instead of its own: NAME=VALUE,... or NAME=@FILE (repeatable)")
	stockFlag(f, &s.stock)
}

// context is what fields are computed with; command is who asks, for messages.
func (s *ruleset) context(command string) (*field.Context, error) {
	home, err := parseNets(s.homeNet)
	if err != nil {
		return nil, err
	}
	stock, err := stockTable(command, s.stock)
	return &field.Context{Home: home, Stock: stock}, err
}

// load reads the rules; command is who asks, for messages. The error may be [file.Problems]; the set then holds the rules
// that are sound.
func (s *ruleset) load(command string, c *field.Context) (*file.Set, error) {
	var sources []file.Source
	switch {
	case s.beside != nil:
		sources = append(sources, file.Beside(s.beside))
	case !s.noBuiltin:
		sources = append(sources, file.Embedded(builtin.Files))
	}
	for i, p := range slices.Concat(s.paths, s.suppress) {
		if _, err := os.Stat(p); err != nil {
			flag := "--rules"
			if i >= len(s.paths) {
				flag = "--suppress"
			}
			return nil, fmt.Errorf("%s: %s %q: %w", command, flag, p, reason(err))
		}
		sources = append(sources, file.Path(p))
	}
	given, err := parseLists(command, s.lists)
	if err != nil {
		return nil, err
	}
	sources = append(sources, file.Given(given))
	set, err := file.Load(c, sources...)
	if err == nil && len(set.Rules) == 0 {
		err = fmt.Errorf("%s: there are no rules: --no-builtin leaves only what --rules adds", command)
	}
	return set, err
}
