//go:build !unix

package main

import "os"

// tooLarge are signals of a file that grows beyond what is allowed.
var tooLarge []os.Signal
