package tshark

import "strings"

// versions gathers what tells versions of tshark apart.
type versions struct{ utc, stream, flags36, frame bool }

// see looks for fields that only some versions have: frame.time_utc came with 4.2, ip.stream with 4.4, and up to 3.6
// ip.flags held the flags in their place in the byte.
func (v *versions) see(nodes []Node) {
	if v.stream {
		return
	}
	for i := range nodes {
		n := &nodes[i]
		switch n.Name {
		case "frame.time_utc":
			v.utc = true
		case "frame.time":
			v.frame = true
		case "eth.stream", "ip.stream", "ipv6.stream":
			v.stream = true
		case "ip.flags":
			v.flags36 = v.flags36 || strings.HasPrefix(n.Value, "0x") && len(n.Value) == 4 && n.Value > "0x07"
		}
	}
}

func (v *versions) version() string {
	switch {
	case v.stream:
		return "4.4"
	case v.utc:
		return "4.2"
	case v.flags36:
		return "3.6"
	case v.frame:
		return "4.0"
	}
	return ""
}

// bytewise tells whether ip.frag_offset is in bytes, not units of eight.
func (v *versions) bytewise() bool { return v.version() == "3.6" }
