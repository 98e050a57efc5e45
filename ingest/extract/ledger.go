package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"icmpsift/ingest"
	"icmpsift/ingest/decode"
)

// Entry is what a saved extract says of one evidence file, beside its packets.
type Entry struct {
	Evidence ingest.Evidence // ID, duplicates and clocks apart: these belong to a case
	Stats    decode.Stats
	Source   Source
}

// Source is the file on disk that was read, which for the files of an archive is the archive, and by whom: whether an extract can
// stand for a file depends on all of it.
type Source struct {
	File     string // absolute
	Size     int64
	Modified int64  // nanoseconds since the epoch
	Reader   string // the icmpsift that read it, and its options
}

// written is an entry as it stands in the file.
type written struct {
	Entry
	Modified [2]int64 // seconds since the epoch and nanoseconds: JSON knows no years beyond 9999
}

// line gives an entry as JSON.
func (e Entry) line() ([]byte, error) {
	w := written{Entry: e, Modified: [2]int64{e.Evidence.Modified.Unix(), int64(e.Evidence.Modified.Nanosecond())}}
	w.Evidence.Modified, w.Evidence.ID, w.Evidence.DuplicateOf, w.Evidence.Extract = time.Time{}, 0, -1, nil
	w.Evidence.ClockShift, w.Evidence.ClockOffset = 0, 0
	for _, s := range w.names() {
		*s = spelt(*s)
	}
	return json.Marshal(w)
}

// names are the texts that come from file systems and archives, and need not be UTF-8.
func (w *written) names() []*string {
	e := &w.Evidence
	return []*string{&e.Path, &e.File, &e.Container, &e.Member, &e.Problem, &w.Source.File}
}

// spelt quotes what JSON would change.
func spelt(s string) string {
	if utf8.ValidString(s) && !strings.HasPrefix(s, `"`) {
		return s
	}
	return strconv.Quote(s)
}

// ParseEntry reads an entry, and refuses what no extract of this program says.
func ParseEntry(line []byte) (e Entry, err error) {
	var w written
	if err := json.Unmarshal(line, &w); err != nil {
		return e, fmt.Errorf("the ledger entry of the extract cannot be read: %w", err)
	}
	for _, s := range w.names() {
		if strings.HasPrefix(*s, `"`) {
			if *s, err = strconv.Unquote(*s); err != nil {
				return e, fmt.Errorf("the ledger entry of the extract cannot be read: %w", err)
			}
		}
	}
	w.Evidence.Modified = time.Unix(w.Modified[0], w.Modified[1])
	return w.Entry, w.check()
}

func (e *Entry) check() error {
	v := &e.Evidence
	switch {
	case !slices.Contains([]ingest.Status{ingest.Complete, ingest.Cut, ingest.Damaged, ingest.Unsupported, ingest.Empty, ingest.NotCapture}, v.Status):
		return fmt.Errorf("the ledger entry of the extract has the unknown status %q", v.Status)
	case v.Path == "":
		return errors.New("the ledger entry of the extract names no file")
	case v.SHA256 != "" && !hexadecimal(v.SHA256):
		return fmt.Errorf("the ledger entry of the extract gives %q for a SHA-256", v.SHA256)
	}
	counts := []int64{v.Size, v.Frames, v.FramesAfter, v.ICMPFrames, v.NoTime}
	for _, n := range slices.Concat(counts, slices.Collect(maps.Values(v.Unsupported)), slices.Collect(maps.Values(v.Skipped))) {
		if n < 0 {
			return errors.New("the ledger entry of the extract has a count below zero")
		}
	}
	return nil
}

func hexadecimal(sum string) bool {
	return len(sum) == 64 && strings.Trim(sum, "0123456789abcdef") == ""
}
