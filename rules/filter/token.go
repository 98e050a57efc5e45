package filter

// kind is what a token is.
type kind uint8

const (
	endOfText kind = iota
	word           // a name of a field or function, or else an unquoted literal
	fieldName      // ".name": a field, never a literal
	unquoted       // a literal that cannot be a name: address, bytes, time
	integer
	float
	quoted    // "text"
	character // 'c'
	rangeText // what stands between the commas of [...]
	symbol    // operators and brackets; words such as "and" are told by their symbol
)

// span is where in the text something stands.
type span struct{ off, end int }

func (s span) to(t span) span { return span{s.off, t.end} }

// token is one lexical unit. For symbols value is the canonical spelling ("&&" for "and"); for quoted text and
// characters it is the decoded text.
type token struct {
	span
	kind  kind
	text  string // as written
	value string
}

func (t *token) is(s string) bool { return t.kind == symbol && t.value == s }

// wordSymbols are the operators that are spelled as words.
var wordSymbols = map[string]string{
	"any": "any", "all": "all", "in": "in", "contains": "contains", "matches": "matches",
	"eq": "==", "any_eq": "==", "ne": "!=", "all_ne": "!=", "all_eq": "===", "any_ne": "!==",
	"gt": ">", "ge": ">=", "lt": "<", "le": "<=",
	"not": "!", "and": "&&", "or": "||", "xor": "^^", "bitwise_and": "&", "bitand": "&",
}

// signs are the operators that are spelled as signs, longest first.
var signs = []string{
	"===", "!==", "==", "!=", ">=", "<=", "&&", "||", "^^", "..", "~=",
	"(", ")", ",", "{", "}", "$", "@", ">", "<", "~", "!", "+", "-", "*", "/", "%", "&", "#", "[", "]",
}

var signValues = map[string]string{"~": "matches", "~=": "!=="}
