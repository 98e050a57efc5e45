package main

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
)

// windowsDiskFull is ERROR_DISK_FULL.
const windowsDiskFull = syscall.Errno(112)

// advised adds to an error of writing what to do about it.
func advised(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull):
		return fmt.Errorf("%w\nThe disk of that file, or your share of it, is full: free some space there, or choose another disk: -o of analyze and extract (reports, extracts and temporary files lie beside one another), TMPDIR for other commands", err)
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w\nThe file may not be larger: raise the limit (ulimit -f), or write to a file system that takes larger files, with -o of analyze and extract, TMPDIR for other commands", err)
	}
	return err
}
