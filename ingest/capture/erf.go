package capture

import "encoding/binary"

const (
	erfHeader  = 16
	erfTypes   = 48 // highest record type defined (Endace ERF types reference)
	erfRecords = 3  // how many must follow one another, for ERF has no magic number
)

// looksERF tells whether head is a run of ERF records in order of time (Endace Extensible Record Format; the idea is
// Wireshark's wiretap/erf.c). whole tells that head is all there is.
func looksERF(head []byte, whole bool) bool {
	var last uint64
	for n := 0; ; n++ {
		if n == erfRecords || n > 0 && len(head) == 0 && whole {
			return true
		}
		size, when := erfRecord(head)
		if size == 0 || when < last || last != 0 && when-last > 365*24*3600<<32 {
			return false
		}
		if size > len(head) {
			return false
		}
		head, last = head[size:], when
	}
}

// erfRecord gives the size of the record at the front of b and its time, in 2^-32 seconds; size 0 if it is none.
func erfRecord(b []byte) (size int, when uint64) {
	if len(b) < erfHeader {
		return 0, 0
	}
	when = binary.LittleEndian.Uint64(b)
	kind, flags := b[8]&0x7f, b[9]
	record, wire := int(binary.BigEndian.Uint16(b[10:])), int(binary.BigEndian.Uint16(b[14:]))
	if kind == 0 || kind > erfTypes || flags&0xc0 != 0 || record < erfHeader || wire == 0 || when>>32 < 1 {
		return 0, 0
	}
	return record, when
}
