package filter

import (
	"math"
	"strings"

	"icmpsift/ingest/field"
)

// typeNames are Wireshark's words for its types, in lower case where English allows.
var typeNames = map[field.Type]string{
	field.Protocol: "protocol", field.None: "label", field.Boolean: "boolean",
	field.Uint8: "unsigned integer (8 bits)", field.Uint16: "unsigned integer (16 bits)", field.Uint24: "unsigned integer (24 bits)",
	field.Uint32: "unsigned integer (32 bits)", field.Uint64: "unsigned integer (64 bits)",
	field.Int32: "signed integer (32 bits)", field.Int64: "signed integer (64 bits)",
	field.Uint48: "unsigned integer (48 bits)", field.Int16: "signed integer (16 bits)",
	field.Double: "floating point", field.Frame: "frame number", field.IPv4: "IPv4 address", field.IPv6: "IPv6 address",
	field.Address: "IP address", field.Ether: "Ethernet address", field.Bytes: "byte sequence", field.String: "character string",
	field.AbsoluteTime: "date and time", field.RelativeTime: "time offset",
}

// aType is a type's name with its article.
func aType(t field.Type) string {
	name := typeNames[t]
	if strings.ContainsRune("aeiouAEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

func isUnsigned(t field.Type) bool {
	switch t {
	case field.Uint8, field.Uint16, field.Uint24, field.Uint32, field.Uint48, field.Uint64, field.Frame:
		return true
	}
	return false
}

func isInteger(t field.Type) bool {
	return isUnsigned(t) || t == field.Int16 || t == field.Int32 || t == field.Int64
}

func isTime(t field.Type) bool { return t == field.AbsoluteTime || t == field.RelativeTime }

func isAddressType(t field.Type) bool {
	return t == field.IPv4 || t == field.IPv6 || t == field.Address
}

// isBytes: types whose values are compared byte by byte.
func isBytes(t field.Type) bool {
	return t == field.Bytes || t == field.Ether || t == field.Protocol
}

func canSlice(t field.Type) bool { return isBytes(t) || isAddressType(t) || t == field.String }

// canSearch: types that contains and matches look into.
func canSearch(t field.Type) bool { return isBytes(t) || t == field.String }

// canAnd: types that have a bitwise and.
func canAnd(t field.Type) bool {
	return isInteger(t) || isAddressType(t) || t == field.Bytes || t == field.Ether
}

// compatible tells whether values of the two types may be compared with each other.
func compatible(a, b field.Type) bool {
	switch {
	case a == b:
		return true
	case isInteger(a):
		return isInteger(b) || b == field.Boolean // but not the other way round
	case isAddressType(a):
		return isAddressType(b) && (a == field.Address || b == field.Address)
	case a == field.Bytes:
		return b == field.Ether
	case a == field.Ether:
		return b == field.Bytes
	}
	return false
}

// limits gives the least and greatest value of an integer type; those of Uint64 do not fit and are told by math.MaxUint64.
func limits(t field.Type) (low int64, high uint64) {
	switch t {
	case field.Uint8:
		return 0, math.MaxUint8
	case field.Uint16:
		return 0, math.MaxUint16
	case field.Uint24:
		return 0, 1<<24 - 1
	case field.Uint32, field.Frame:
		return 0, math.MaxUint32
	case field.Uint48:
		return 0, 1<<48 - 1
	case field.Int16:
		return math.MinInt16, math.MaxInt16
	case field.Int32:
		return math.MinInt32, math.MaxInt32
	case field.Int64:
		return math.MinInt64, math.MaxInt64
	}
	return 0, math.MaxUint64
}

// octets is the number of bytes an integer type has on the wire.
func octets(t field.Type) int {
	switch t {
	case field.Uint8, field.Boolean:
		return 1
	case field.Uint16, field.Int16:
		return 2
	case field.Uint24:
		return 3
	case field.Uint48:
		return 6
	case field.Uint64, field.Int64:
		return 8
	}
	return 4
}
