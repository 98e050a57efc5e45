package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"icmpsift/report/assets"
	"icmpsift/report/custody"
)

// largestInput bounds the tables and files that flags name: they are read whole.
const largestInput = 64 << 20

// assetTable reads the table of --assets; "" gives nil.
func assetTable(path string) (*assets.Table, error) {
	if path == "" {
		return nil, nil
	}
	data, err := readInput("--assets", path)
	if err != nil {
		return nil, err
	}
	t, err := assets.Parse(path, data)
	if err != nil {
		return nil, usagef("analyze: --assets:\n%w", err)
	}
	return t, nil
}

// inputs names what the report depends on beside evidence and rules.
func (a *analysis) inputs() ([]custody.Input, error) {
	out := []custody.Input{}
	for _, x := range []struct {
		flag  string
		paths []string
	}{{"config", []string{a.config}}, {"assets", []string{a.assets}}, {"stock", a.ruleset.stock}} {
		for _, path := range x.paths {
			if path == "" {
				continue
			}
			data, err := readInput("--"+x.flag, path)
			if err != nil {
				return nil, err
			}
			sum := sha256.Sum256(data)
			full, err := filepath.Abs(path)
			if err != nil {
				return nil, err
			}
			out = append(out, custody.Input{Flag: x.flag, File: full, SHA256: hex.EncodeToString(sum[:])})
		}
	}
	return out, nil
}

// readInput reads a file that a flag names.
func readInput(flag, path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a pipe might never end
		return nil, usagef("analyze: %s %q: expected a file", flag, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("analyze: %s %q: %w", flag, path, reason(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, largestInput+1))
	switch {
	case err != nil:
		return nil, usagef("analyze: %s %q: %w", flag, path, reason(err))
	case len(data) > largestInput:
		return nil, usagef("analyze: %s %q: expected a file of at most %d bytes", flag, path, largestInput)
	}
	return data, nil
}
