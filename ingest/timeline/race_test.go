//go:build race

package timeline

const raceDetector = true // which makes everything some twenty times slower
