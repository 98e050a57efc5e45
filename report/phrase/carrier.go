package phrase

import "strings"

var carriers = map[string]string{
	"icmp.type": "the ICMP type field", "icmpv6.type": "the ICMPv6 type field", "icmp.code": "the ICMP code field", "icmpv6.code": "the ICMPv6 code field",
	"icmp.ident": "the echo identifier", "icmpv6.echo.identifier": "the echo identifier", "icmp.seq": "the echo sequence number", "icmpv6.echo.sequence_number": "the echo sequence number",
	"icmp.checksum": "the ICMP checksum", "ip.ttl": "the time to live", "ipv6.hlim": "the hop limit", "ip.id": "the IP identification field", "ip.dsfield": "the differentiated services field",
	"sift.payload": "the echo payload", "sift.payload.length": "the length of the echo payload", "sift.reply.extra": "what replies add to their requests", "sift.gap": "the time between packets",
	"data.data": "the echo payload", "sift.type": "the type field", "sift.code": "the code field", "sift.id": "the echo identifier", "sift.seq": "the echo sequence number",
	"sift.checksum": "the checksum", "icmpv6.checksum": "the ICMPv6 checksum", "sift.ttl": "the time to live", "sift.dsfield": "the traffic class", "ipv6.tclass": "the traffic class",
	"ipv6.flow": "the flow label", "sift.timestamps": "the times of timestamp messages", "icmp.address_mask": "the mask of address mask messages",
	"sift.quoted.payload": "what errors quote", "sift.quoted": "what errors quote", "ipv6.dstopts": "IPv6 destination options",
}

// Carrier says in words which part of a packet carried bytes; narrowings such as "[1]", "&0x0f" or "-64" stay as they are. A field
// without words is returned unchanged.
func Carrier(field string) string {
	at := strings.IndexAny(field, "[&+-")
	if at < 0 {
		at = len(field)
	}
	if w, ok := carriers[field[:at]]; ok {
		return strings.TrimSpace(w + " " + field[at:])
	}
	return field
}

var fileTypes = map[string]string{
	"application/zip": "ZIP archive", "application/gzip": "gzip data", "application/x-tar": "tar archive", "application/x-7z-compressed": "7-Zip archive", "application/zstd": "zstd data",
	"application/pdf": "PDF document", "image/png": "PNG image", "image/jpeg": "JPEG image", "image/gif": "GIF image", "text/plain": "text", "text/csv": "CSV table", "text/html": "HTML page",
	"application/json": "JSON text", "text/xml": "XML text", "application/x-elf": "Linux program", "application/x-executable": "Linux program", "application/vnd.microsoft.portable-executable": "Windows program",
	"application/x-sharedlib": "Linux program or library", "application/octet-stream": "unknown bytes", "application/x-bzip2": "bzip2 data", "application/x-xz": "xz data", "application/x-sqlite3": "SQLite database", "application/vnd.sqlite3": "SQLite database",
	"application/x-pcapng": "packet capture", "application/http": "HTTP messages",
}

// FileType says a media type in words, "" when it has none.
func FileType(mediaType string) string {
	base, _, _ := strings.Cut(mediaType, ";")
	return fileTypes[base]
}
