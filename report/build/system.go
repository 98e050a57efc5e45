package build

import "strings"

// systems are the operating systems whose ping writes payloads of a known form, and the TTL that they send with.
var systems = []struct {
	sender string // as the table of payloads names it, or how its names begin
	name   string
	ttl    uint8
}{
	{"iputils ping", "Linux", 64},
	{"Windows ping", "Windows", 128},
	{"BSD ping", "BSD or macOS", 64},
}

// maxHops is how many routers a packet passes at most on its way, as a rule.
const maxHops = 32

// system guesses what a host runs: only where its pings name one system, and the highest TTL its packets came with is one that this
// system's have after some hops. Both can be forged, and a tool can be taken from one system to the other: "" if they do not agree.
func (h *host) system() string {
	var guess string
	var ttl uint8
	for _, p := range h.payloads {
		for _, s := range systems {
			if !strings.HasPrefix(p, s.sender) || s.name == guess {
				continue
			}
			if guess != "" {
				return ""
			}
			guess, ttl = s.name, s.ttl
		}
	}
	var highest uint8
	for _, t := range h.ttls {
		if t < 255 || !h.address.Is6() { // which neighbour discovery asks of all
			highest = max(highest, t)
		}
	}
	if guess == "" || highest > ttl || highest <= ttl-maxHops {
		return ""
	}
	return "likely " + guess
}
