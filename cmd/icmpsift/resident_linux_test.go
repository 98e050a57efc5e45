package main

import (
	"os"
	"syscall"
)

// resident is the most memory that a process had resident, in bytes.
func resident(p *os.ProcessState) int64 { return p.SysUsage().(*syscall.Rusage).Maxrss << 10 }
