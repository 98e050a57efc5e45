// Package builtin is the rule pack that comes with icmpsift, embedded in the binary. The captures its rules are tested
// on lie in testdata and are not embedded.
package builtin

import "embed"

// Files holds the rule files.
//
//go:embed *.yml
var Files embed.FS
