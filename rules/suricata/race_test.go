//go:build race

package suricata

// every is one in how many of the recorded rules are compared: the race detector makes each many times as slow.
const every = 8
