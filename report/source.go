package report

import "embed"

// Source is this package's own text: the JSON Schema of report.json takes its words from the comments.
//
//go:embed report.go finding.go crosscheck.go
var Source embed.FS
