package recover

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
)

// short tells that the end of a file is missing by its own structure, and how many bytes are; -1 if it does not say. Pieces that are lost
// at the end leave no other trace.
func short(format string, b []byte) (missing int64, ok bool) {
	switch format {
	case "PNG":
		return shortPNG(b)
	case "ZIP":
		return -1, !bytes.Contains(b, []byte("PK\x05\x06"))
	case "PDF":
		return -1, !bytes.Contains(b, []byte("%%EOF"))
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err == nil {
			_, err = io.Copy(io.Discard, io.LimitReader(r, maxInflated))
		}
		return -1, err == io.ErrUnexpectedEOF
	case "RIFF":
		return beyond(b, 8, func(b []byte) int64 { return 8 + int64(binary.LittleEndian.Uint32(b[4:])) })
	case "7-Zip":
		return beyond(b, 32, func(b []byte) int64 {
			return 32 + int64(binary.LittleEndian.Uint64(b[12:])&(1<<40-1)) + int64(binary.LittleEndian.Uint64(b[20:])&(1<<40-1))
		})
	case "SQLite":
		return beyond(b, 100, func(b []byte) int64 {
			page := int64(binary.BigEndian.Uint16(b[16:]))
			if page == 1 {
				page = 1 << 16
			}
			return page * int64(binary.BigEndian.Uint32(b[28:]))
		})
	case "ELF":
		return beyond(b, 64, endOfELF)
	}
	return 0, false
}

// beyond gives how far a file's end lies behind what there is, if there is a limit to it.
func beyond(b []byte, least int, end func(b []byte) int64) (missing int64, ok bool) {
	if len(b) < least {
		return 0, false
	}
	missing = end(b) - int64(len(b))
	return missing, missing > 0 && missing <= maxInflated
}

// endOfELF is where the section headers end, which linkers write last.
func endOfELF(b []byte) int64 {
	if b[4] == 2 {
		return int64(binary.LittleEndian.Uint64(b[40:])&(1<<40-1)) + int64(binary.LittleEndian.Uint16(b[58:]))*int64(binary.LittleEndian.Uint16(b[60:]))
	}
	return int64(binary.LittleEndian.Uint32(b[32:])) + int64(binary.LittleEndian.Uint16(b[46:]))*int64(binary.LittleEndian.Uint16(b[48:]))
}

// shortPNG walks the chunks to one that goes on behind the end.
func shortPNG(b []byte) (int64, bool) {
	at := int64(8)
	for at+8 <= int64(len(b)) {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if string(b[at+4:at+8]) == "IEND" && at+12 <= int64(len(b)) {
			return 0, false
		}
		if n > 1<<31-1 || !letter(b[at+4:at+8]) {
			return 0, false
		}
		at += 12 + n
	}
	return -1, true
}

func letter(b []byte) bool {
	for _, c := range b {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}

// endsEarly notes the hole at the end of bytes that their format says go on.
func (f *Found) endsEarly() {
	if len(f.Gaps) > 0 {
		return
	}
	missing, ok := short(f.Verdict.Format, f.Bytes)
	if !ok {
		return
	}
	f.Gaps = append(f.Gaps, Gap{int64(len(f.Bytes)), missing})
	f.Why = append(f.Why, fmt.Sprintf("The end of the file is missing, by its own structure%s.", howMany(missing)))
}

func howMany(missing int64) string {
	if missing < 0 {
		return ""
	}
	return fmt.Sprintf(": at least %d bytes", missing)
}
