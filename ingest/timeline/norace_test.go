//go:build !race

package timeline

const raceDetector = false
