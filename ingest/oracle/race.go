//go:build race

package oracle

// Raced tells that the race detector runs.
const Raced = true
