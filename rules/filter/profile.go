package filter

// Newest is the Wireshark version whose meaning filters have unless another is asked for.
const Newest = "4.4"

// profile says where the versions of Wireshark's language differ (4.0, 4.2 and 4.4 were compared on 282 recorded filters).
type profile struct {
	xor           bool // "xor" and "^^"
	bitand        bool // "bitand"
	tildeEqual    bool // "~=" for "!=="
	dollarWord    bool // "$name" besides "${name}"
	rawFields     bool // "@field"
	literalLeft   bool // a literal may stand on the left
	negativeLeft  bool // also a negative one
	bareReference bool // "${field}" counts as a field
	notInPresent  bool // "not in" needs the field to be there
	allInEach     bool // "all f in {a, b}": each value in the set, not one item that all values equal
	anyCaseTrue   bool // "true" besides "True"
	epochTimes    bool // absolute times as numbers and unquoted ISO 8601
	decimalBytes  bool // a bare number compared with bytes is decimal
	oddDigits     bool // three hex digits are a byte and a digit
	looseColons   bool // between colons may stand one hex digit, four, ...
	wideNumbers   bool // what is computed has 64 bits
	lazyFunctions bool // count() of nothing is zero, and functions of text run without their field
	sameArguments bool // max() and min() take fields of one and the same type
	epochOffset   bool // frame.time_epoch is a time offset
	columns       bool // _ws.col.* are fields
	functionTest  bool // a function may stand alone: true if not zero
	functions44   bool // dec, hex, vals, ip_multicast, ...
	fieldLength   bool // len() of fields only
	intLength     bool // len() of integers
	valueText     bool // contains and matches look at value strings
	stringSlices  bool // a slice of a string is a string
	timeScalars   bool // times may be added, and multiplied with numbers
	lengthFirst   bool // the longer of two byte strings is the greater
}

var profiles = map[string]profile{
	"4.0": {tildeEqual: true, sameArguments: true, epochOffset: true, oddDigits: true, bareReference: true, intLength: true, fieldLength: true, lengthFirst: true},
	"4.2": {xor: true, columns: true, rawFields: true, literalLeft: true, notInPresent: true, allInEach: true, anyCaseTrue: true, epochTimes: true,
		oddDigits: true, looseColons: true, stringSlices: true},
	"4.4": {xor: true, lazyFunctions: true, wideNumbers: true, columns: true, bitand: true, dollarWord: true, rawFields: true, literalLeft: true, negativeLeft: true, notInPresent: true,
		allInEach: true, anyCaseTrue: true, epochTimes: true, decimalBytes: true, functionTest: true, functions44: true, valueText: true,
		looseColons: true, stringSlices: true, timeScalars: true},
}
