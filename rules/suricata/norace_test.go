//go:build !race

package suricata

// every is one in how many of the recorded rules are compared.
const every = 1
