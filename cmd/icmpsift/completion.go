package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"icmpsift/report/inert"
	"icmpsift/rules"
)

const completionUsage = `icmpsift completion bash|zsh|fish

Prints a script that makes the shell complete icmpsift's commands, flags and some values.

Examples:
  source <(icmpsift completion bash)
  icmpsift completion zsh > "${fpath[1]}/_icmpsift"
  icmpsift completion fish > ~/.config/fish/completions/icmpsift.fish`

// shells are those there is a script for.
var shells = []struct {
	name   string
	script func([]verb) string
}{{"bash", bashScript}, {"zsh", zshScript}, {"fish", fishScript}}

func completion(d door, ctx context.Context, args []string) error {
	names, err := d.parse(pflag.NewFlagSet("completion", pflag.ContinueOnError), args, completionUsage)
	if err != nil {
		return err
	}
	if len(names) == 1 {
		for _, s := range shells {
			if s.name == names[0] {
				_, err := fmt.Fprint(d.stdout, s.script(verbs(ctx)))
				return err
			}
		}
		return usagef("completion: shell %q: expected bash, zsh or fish", names[0])
	}
	return usagef("completion: %d shells given; name one of bash, zsh and fish", len(names))
}

// verb is a command with its flags.
type verb struct {
	words   []string // "rules", "lint"
	summary string
	flags   []*pflag.Flag
}

// verbs asks every command for its flags.
func verbs(ctx context.Context) (out []verb) {
	for _, c := range commands() {
		out = append(out, verb{[]string{c.name}, c.summary, flagsOf(ctx, c)})
		if c.name == "rules" {
			for _, sub := range rulesCommands() {
				out = append(out, verb{[]string{c.name, sub.name}, sub.summary, flagsOf(ctx, sub)})
			}
		}
	}
	return out
}

// flagsOf enters a command that gets no farther than its flags.
func flagsOf(ctx context.Context, c command) (out []*pflag.Flag) {
	if c.name == "help" { // it has none, and would print
		return nil
	}
	c.run(door{learn: func(f *pflag.FlagSet) {
		f.VisitAll(func(x *pflag.Flag) { out = append(out, x) })
	}}, ctx, nil)
	return out
}

// values are those a flag takes, where they are few.
func (v verb) values(flag string) []string {
	switch name := strings.Join(v.words, " "); {
	case flag == "fail-on", flag == "min-level":
		return rules.LevelNames()
	case flag == "tlp":
		return []string{"RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"}
	case flag == "format" && name == "analyze":
		return formatNames()
	case flag == "format" && name == "diff":
		return []string{"text", "json"}
	case flag == "wireshark":
		return wiresharks
	}
	return nil
}

// takes tells whether a value follows the flag.
func takes(f *pflag.Flag) bool { return f.NoOptDefVal == "" }

// about is the front of a flag's description, for a line beside it.
func about(s string) string {
	if at := strings.IndexAny(s, ";("); at > 0 {
		s = s[:at]
	}
	return inert.Cut(strings.TrimSpace(s), 70)
}

// names lists the words that follow the given ones.
func names(list []verb, front ...string) (out []string) {
	for _, v := range list {
		if len(v.words) == len(front)+1 && slices.Equal(v.words[:len(front)], front) {
			out = append(out, v.words[len(front)])
		}
	}
	return out
}

func bashScript(list []verb) string {
	var flags, values strings.Builder
	for _, v := range list {
		name, words := strings.Join(v.words, " "), []string{"--help"}
		for _, f := range v.flags {
			words = append(words, "--"+f.Name)
			if few := v.values(f.Name); few != nil {
				fmt.Fprintf(&values, "    \"%s --%s\") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return ;;\n", name, f.Name, strings.Join(few, " "))
			}
		}
		fmt.Fprintf(&flags, "    \"%s\") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n", name, strings.Join(words, " "))
	}
	return strings.NewReplacer("@COMMANDS@", strings.Join(names(list), " "), "@RULES@", strings.Join(names(list, "rules"), " "),
		"@FLAGS@\n", flags.String(), "@VALUES@\n", values.String()).Replace(bashFrame)
}

const bashFrame = `# completes icmpsift in bash: source <(icmpsift completion bash)
_icmpsift() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" verb="${COMP_WORDS[1]}"
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W "@COMMANDS@" -- "$cur")); return; fi
  if ((COMP_CWORD == 2)); then
    case "$verb" in
    help) COMPREPLY=($(compgen -W "@COMMANDS@" -- "$cur")); return ;;
    rules) COMPREPLY=($(compgen -W "@RULES@" -- "$cur")); return ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")); return ;;
    esac
  fi
  if [[ "$verb" == rules ]]; then verb="rules ${COMP_WORDS[2]}"; fi
  if [[ "$prev" == "=" ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$verb $prev" in
@VALUES@
  esac
  if [[ "$cur" != -* ]]; then return; fi
  case "$verb" in
@FLAGS@
  esac
}
complete -o default -F _icmpsift icmpsift
`

// quote makes a word of a shell that knows single quotes.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func zshScript(list []verb) string {
	var b strings.Builder
	b.WriteString("#compdef icmpsift\n# completes icmpsift in zsh\n_icmpsift() {\n  local -a list\n")
	describe := func(indent string, front ...string) {
		fmt.Fprintf(&b, "%slist=(", indent)
		for _, v := range list {
			if len(v.words) == len(front)+1 && slices.Equal(v.words[:len(front)], front) {
				b.WriteString("\n" + indent + "  " + quote(v.words[len(front)]+":"+v.summary))
			}
		}
		fmt.Fprintf(&b, ")\n%s_describe command list\n%sreturn\n", indent, indent)
	}
	b.WriteString("  if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then\n")
	describe("    ")
	b.WriteString("  fi\n  if (( CURRENT == 3 )) && [[ $words[2] == rules ]]; then\n")
	describe("    ", "rules")
	b.WriteString("  fi\n  local verb=$words[2]\n  shift words; (( CURRENT-- ))\n  if [[ $verb == rules ]]; then verb=\"rules $words[2]\"; shift words; (( CURRENT-- )); fi\n  case $verb in\n")
	for _, v := range list {
		fmt.Fprintf(&b, "    %s) _arguments -S", quote(strings.Join(v.words, " ")))
		for _, f := range v.flags {
			b.WriteString(" \\\n      " + zshFlag(v, f))
		}
		if v.words[0] == "completion" {
			b.WriteString(" '1:shell:(bash zsh fish)' ;;\n")
			continue
		}
		b.WriteString(" \\\n      '*:file:_files' ;;\n")
	}
	b.WriteString("  esac\n}\nif [[ $funcstack[1] == _icmpsift ]]; then _icmpsift \"$@\"; else compdef _icmpsift icmpsift; fi\n")
	return b.String()
}

// zshFlag is a flag as _arguments wants it.
func zshFlag(v verb, f *pflag.Flag) string {
	text := "[" + strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`, `\`, `\\`).Replace(about(f.Usage)) + "]"
	if !takes(f) {
		return quote("--" + f.Name + text)
	}
	what := ":value:_files"
	if few := v.values(f.Name); few != nil {
		what = ":value:(" + strings.Join(few, " ") + ")"
	}
	return quote("*--" + f.Name + "=" + text + what)
}

func fishScript(list []verb) string {
	var b strings.Builder
	b.WriteString("# completes icmpsift in fish\n")
	for _, v := range list {
		last := v.words[len(v.words)-1]
		condition, here := "__fish_use_subcommand", "__fish_seen_subcommand_from "+v.words[0]
		if len(v.words) == 2 {
			condition = here + "; and not __fish_seen_subcommand_from " + strings.Join(names(list, v.words[0]), " ")
			here += "; and __fish_seen_subcommand_from " + last
		}
		fmt.Fprintf(&b, "complete -c icmpsift -n %s -f -a %s -d %s\n", fishQuote(condition), last, fishQuote(v.summary))
		for _, f := range v.flags {
			fmt.Fprintf(&b, "complete -c icmpsift -n %s -l %s%s -d %s\n", fishQuote(here), f.Name, fishValue(v, f), fishQuote(about(f.Usage)))
		}
	}
	b.WriteString("complete -c icmpsift -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n")
	var commands []string
	for _, v := range list {
		if len(v.words) == 1 {
			commands = append(commands, v.words[0])
		}
	}
	b.WriteString("complete -c icmpsift -n '__fish_seen_subcommand_from help' -f -a '" + strings.Join(commands, " ") + "'\n")
	return b.String()
}

func fishValue(v verb, f *pflag.Flag) (out string) {
	if f.Shorthand != "" {
		out = " -s " + f.Shorthand
	}
	if few := v.values(f.Name); few != nil {
		return out + " -x -a " + fishQuote(strings.Join(few, " "))
	}
	if takes(f) {
		return out + " -r"
	}
	return out
}

// fishQuote makes a word of fish, whose single quotes know a backslash.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
