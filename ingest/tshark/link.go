package tshark

import "icmpsift/ingest"

// encapsulations are the link types by frame.encap_type, Wireshark's WTAP_ENCAP_ numbers (wiretap/wtap.h; each verified with
// tshark 4.0 and 4.4 on a capture of that link type). Where several link types share a number, it is the usual one.
var encapsulations = map[int]ingest.LinkType{
	1: ingest.LinkEthernet, 2: 6, 3: 8, 4: 9, 6: 10, 7: ingest.LinkRaw, 8: 7, 9: 129, 10: 100, 11: 106, 13: 123, 15: ingest.LinkNull, 18: 122, 19: 204, 20: 105, 21: 119, 23: 127, 24: 163,
	25: ingest.LinkSLL, 26: 107, 28: 104, 33: 143, 38: 109, 39: 117, 47: 149, 62: 138, 63: 165, 97: 192, 104: 195, 115: 220, 124: 226, 129: ingest.LinkIPv4, 130: ingest.LinkIPv6, 139: 51,
	141: 239, 152: 249, 158: 253, 171: 258, 174: ingest.LinkLoop, 180: 242, 210: ingest.LinkSLL2,
}

// unknownLink is a link type nobody decodes.
const unknownLink ingest.LinkType = 0xffff
