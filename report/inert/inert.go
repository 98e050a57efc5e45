// Package inert makes hostile text harmless before it is shown: as [ingest/inert] does, and for Markdown.
//
// Call [Text] for anything shown as plain text (terminal, workbook, HTML template), [Markdown] for running text and
// [Code] for single values in Markdown, [Fence] for Markdown code blocks.
package inert

import "icmpsift/ingest/inert"

// Text shows s on one line, see [inert.Text].
func Text(s string) string { return inert.Text(s) }

// Verbatim is [Text] for what readers copy and run, see [inert.Verbatim].
func Verbatim(s string) string { return inert.Verbatim(s) }

// Prose is [Text] for sentences, see [inert.Prose].
func Prose(s string) string { return inert.Prose(s) }

// Cut shortens s to at most limit characters, see [inert.Cut].
func Cut(s string, limit int) string { return inert.Cut(s, limit) }
