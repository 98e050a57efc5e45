package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// windowsDiskFull is ERROR_DISK_FULL.
const windowsDiskFull = syscall.Errno(112)

// advised adds to an error of writing what to do about it.
func advised(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull):
		return fmt.Errorf("%w\nThe disk of that file, or your share of it, is full: free some space there, or choose another disk: -o of analyze and extract (reports, extracts and temporary files lie beside one another), TMPDIR for other commands", once{err})
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w\nThe file may not be larger: raise the limit (ulimit -f), or write to a file system that takes larger files, with -o of analyze and extract, TMPDIR for other commands", once{err})
	}
	return err
}

// once is an error of which each line is said once: where several goroutines wrote to a full disk, or one wrote on, the same comes twice.
type once struct{ error }

func (e once) Unwrap() error { return e.error }

func (e once) Error() string {
	var lines []string
	for _, line := range strings.Split(e.error.Error(), "\n") {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
