package main

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"icmpsift/rules"
	"icmpsift/rules/file"
)

// defaultHome is what counts as home unless --home-net says otherwise: RFC 1918, RFC 4193, link-local.
var defaultHome = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"}

var tlpLabels = []string{"TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"}

func parseNets(words []string) ([]netip.Prefix, error) {
	if len(words) == 0 {
		words = defaultHome
	}
	var out []netip.Prefix
	for _, w := range words {
		p, err := netip.ParsePrefix(w)
		if a, aerr := netip.ParseAddr(w); err != nil && aerr == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, usagef("--home-net %q: expected a network such as 10.0.0.0/8 or 2001:db8::/32", w)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// parseLists reads "NAME=VALUE,VALUE" and "NAME=@FILE".
func parseLists(command string, words []string) (rules.Lists, error) {
	out := rules.Lists{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return nil, usagef("%s: --list %q: expected NAME=VALUE,... or NAME=@FILE", command, w)
		}
		values := strings.Split(value, ",")
		if path, fromFile := strings.CutPrefix(value, "@"); fromFile {
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, usagef("%s: --list %q: %w", command, w, reason(err))
			}
			values = file.Values(data)
		}
		list := &rules.List{Name: name}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" {
				list.Values = append(list.Values, v)
			}
		}
		out[name] = list
	}
	return out, nil
}

func parseTLP(word string) (string, error) {
	label := strings.ToUpper(word)
	if !strings.HasPrefix(label, "TLP:") {
		label = "TLP:" + label
	}
	if !slices.Contains(tlpLabels, label) {
		return "", usagef("analyze: --tlp %q: expected one of %s", word, strings.Join(tlpLabels, ", "))
	}
	return label, nil
}

func parseLevel(flag, word string) (rules.Level, error) {
	l, ok := rules.ParseLevel(strings.ToLower(word))
	if !ok {
		return 0, usagef("%s %q: expected one of %s", flag, word, strings.Join(rules.LevelNames(), ", "))
	}
	return l, nil
}

var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"B", 1}}

// parseSize reads "512MiB", "2G", "1000000".
func parseSize(word string) (int64, error) {
	number, unit := strings.ToUpper(strings.TrimSpace(word)), int64(1)
	for _, u := range sizeUnits {
		if n, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(n), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/unit {
		return 0, fmt.Errorf("%q: expected a size such as 512MiB or 2GiB", word)
	}
	return n * unit, nil
}
