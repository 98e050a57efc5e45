package listing

import (
	"fmt"
	"strings"
)

// Options are tshark's -E options.
type Options struct {
	Header     bool
	BOM        bool // a byte order mark first
	Separator  byte // between fields; a tab if 0
	Aggregator byte // between values of a field; a comma if 0
	Occurrence byte // 'f' first, 'l' last, 'a' all (the default)
	Quote      byte // around each field; 0 none
	NoEscape   bool // whitespace in values stays as it is (Wireshark 4.2 and later)
}

// ParseOption reads one "name=value" of -E, as tshark does: /t and /s stand for tab and space, of longer words the first
// character counts. The version is whose options there are; "" is the newest.
func (o *Options) ParseOption(word, version string) error {
	name, value, _ := strings.Cut(word, "=")
	var first byte
	if value != "" {
		first = value[0]
	}
	switch {
	case name == "header" && yesNo(first):
		o.Header = first == 'y'
	case name == "bom" && yesNo(first):
		o.BOM = first == 'y'
	case name == "escape" && yesNo(first) && (version == "" || version >= "4.2"):
		o.NoEscape = first == 'n'
	case name == "separator" && first != 0:
		o.Separator = character(value)
	case name == "aggregator" && first != 0:
		o.Aggregator = character(value)
	case name == "occurrence" && (first == 'f' || first == 'l' || first == 'a'):
		o.Occurrence = first
	case name == "quote" && first != 0 && strings.IndexByte("dsn", first) >= 0:
		o.Quote = map[byte]byte{'d': '"', 's': '\''}[first]
	default:
		return fmt.Errorf("-E %q: expected header=y|n, separator=/t|/s|CHARACTER, occurrence=f|l|a, aggregator=,|/s|CHARACTER, "+
			"quote=d|s|n, bom=y|n or (since Wireshark 4.2) escape=y|n", word)
	}
	return nil
}

func yesNo(b byte) bool { return b == 'y' || b == 'n' }

func character(word string) byte {
	switch word {
	case "/t":
		return '\t'
	case "/s":
		return ' '
	}
	return word[0]
}

func (o *Options) separator() byte {
	if o.Separator == 0 {
		return '\t'
	}
	return o.Separator
}

func (o *Options) aggregator() byte {
	if o.Aggregator == 0 {
		return ','
	}
	return o.Aggregator
}

// occurrences are the values that are asked for.
func (o *Options) occurrences(values [][]byte) [][]byte {
	switch {
	case len(values) == 0:
	case o.Occurrence == 'f':
		return values[:1]
	case o.Occurrence == 'l':
		return values[len(values)-1:]
	}
	return values
}
