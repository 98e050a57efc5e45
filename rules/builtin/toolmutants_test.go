package builtin_test

// single is why a rule that one packet meets has a mutant that no test tells.
const single = "a count is taken when a packet is counted: it is never 0"

func init() {
	for _, name := range []string{"icmp-knock-bpfdoor", "icmp-knock-prism", "icmp-knock-pattern", "icmp-c2-nishang", "icmp-c2-shell-text", "icmp-c2-pingpull", "icmp-c2-pingback", "icmp-c2-anchor",
		"icmp-c2-winnti", "icmp-c2-regin", "icmp-c2-ddos-agent", "icmp-c2-q", "icmp-c2-yyt-hac", "icmp-tunnel-service"} {
		equivalent[name] = map[string]string{"condition: gte 1 became 0": single}
	}
	equivalent["icmp-c2-nishang"]["match: dropped !sift.payload.stock"] = "no known ping looks like a prompt; the clause spares most packets the expression"
}
