package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"icmpsift/ingest/payload"
	"icmpsift/report"
)

// stockFlag lets users add the monitors of their own network, and tools, to the payload table.
func stockFlag(f *pflag.FlagSet, into *[]string) {
	f.StringArrayVar(into, "stock", nil, "payload table to add: pings of your own monitors, in the form of the builtin stock.yaml (repeatable)")
}

// payloadTables names the tables of --stock for the report. They were read before.
func payloadTables(paths []string) (out []report.PayloadTable, err error) {
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		out = append(out, report.PayloadTable{Name: filepath.Base(path), SHA256: hex.EncodeToString(sum[:])})
	}
	return out, nil
}

// stockTable loads the builtin payload table and those of --stock; command is who asks, for messages.
func stockTable(command string, paths []string) (*payload.Table, error) {
	var files []io.Reader
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a pipe might never end
			return nil, usagef("%s: --stock %q: expected a file", command, path)
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, usagef("%s: --stock %q: %w", command, path, reason(err))
		}
		defer f.Close()
		files = append(files, f)
	}
	t, err := payload.NewTable(files...)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: --stock %w", command, err)}
	}
	return t, nil
}
