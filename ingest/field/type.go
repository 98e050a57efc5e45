package field

var ftypes = [...]string{Protocol: "FT_PROTOCOL", None: "FT_NONE", Boolean: "FT_BOOLEAN", Uint8: "FT_UINT8", Uint16: "FT_UINT16", Uint24: "FT_UINT24",
	Uint32: "FT_UINT32", Uint64: "FT_UINT64", Int32: "FT_INT32", Int64: "FT_INT64", Double: "FT_DOUBLE", Frame: "FT_FRAMENUM", IPv4: "FT_IPv4", IPv6: "FT_IPv6",
	Address: "address", Ether: "FT_ETHER", Bytes: "FT_BYTES", String: "FT_STRING", AbsoluteTime: "FT_ABSOLUTE_TIME", RelativeTime: "FT_RELATIVE_TIME",
	Uint48: "FT_UINT48", Int16: "FT_INT16"}

// String gives the name that "tshark -G fields" has for the type; "address" is icmpsift's own.
func (t Type) String() string {
	if int(t) < len(ftypes) {
		return ftypes[t]
	}
	return "unknown"
}
