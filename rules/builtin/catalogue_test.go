package builtin_test

import (
	"strings"
	"testing"

	"icmpsift/rules"
)

// row is a way to abuse ICMP, or a tool for it: the rules that see it, or why none can.
type row struct{ what, rules, blind string }

// The kinds of reason for which no rule sees a row.
const (
	flows  = "what shows it is TCP or UDP, which evidence of ICMP does not hold"
	label  = "it names a product and accuses nobody: the table of stock payloads tells it in sift.payload.stock"
	nobody = "nothing is known of what it sends: the rules for behaviour see it, if any do"
)

const behaviour = "icmp-exfil-payload icmp-tunnel-reply icmp-exfil-reply icmp-tunnel-replies icmp-tunnel-encrypted icmp-two-way icmp-tunnel-service icmp-beacon icmp-c2-shell-text"

// catalogue is what is known of the abuse of ICMP: reconnaissance, denial of service, attacks from the middle, covert
// channels; tools by name; scanners by payload.
var catalogue = []row{
	{what: "R1 host sweep by echo requests", rules: "icmp-host-sweep icmp-host-contacts"},
	{what: "R2 sweep by timestamp, mask or information requests", rules: "icmp-query-sweep icmp-query-outside"},
	{what: "R3 nmap -sn: echo and timestamp requests", rules: "icmp-host-sweep icmp-query-sweep"},
	{what: "R3 nmap -sn: SYN and ACK", blind: flows},
	{what: "R4 IPv6 sweep by echo requests", rules: "icmp-host-sweep icmp-host-contacts"},
	{what: "R4 IPv6 ping of all nodes", rules: "icmp-group-ping icmp-group-scan icmp-group-probe"},
	{what: "R4 multicast listeners made to answer", rules: "icmp-listener-probe"},
	{what: "R4 neighbours sought one after the other", rules: "icmp-neighbor-sweep icmp-neighbor-rate"},
	{what: "R5 UDP scan by port unreachables", rules: "icmp-port-scan"},
	{what: "R6 scan by administratively prohibited", rules: "icmp-filtered-scan icmp-network-scan"},
	{what: "R7 protocol scan", rules: "icmp-protocol-scan"},
	{what: "R8 traceroute", rules: "icmp-traceroute icmp-trace-mapping"},
	{what: "R9 firewalk", rules: "icmp-firewalk"},
	{what: "R10 slow scan", rules: "icmp-host-sweep icmp-host-contacts icmp-query-sweep"},
	{what: "R10 slow scan of ports", blind: "errors about few ports in hours are everyday: clients meet closed ports"},
	{what: "R11 operating system detection", rules: "icmp-os-fingerprint icmp-echo-code"},
	{what: "R12 payloads of known scanners", rules: "icmp-scanner-ping"},
	{what: "R13 pings of worms", rules: "icmp-worm-ping icmp-host-sweep"},
	{what: "R13 Nachi, NineBall, Jadtre", rules: "icmp-host-sweep", blind: "one ping of theirs is a product's"},
	{what: "R14 clocks told to the outside", rules: "icmp-query-outside"},
	{what: "R15 reachability of the Internet checked", rules: "icmp-reachability"},

	{what: "D1 flood of echo messages", rules: "icmp-flood icmp-ping-flood"},
	{what: "D2 smurf", rules: "icmp-smurf icmp-smurf-many icmp-amplified-replies"},
	{what: "D3 reflected replies", rules: "icmp-reflected-replies icmp-reflection icmp-unasked-replies icmp-flood"},
	{what: "D4 BlackNurse", rules: "icmp-unreachable-flood icmp-unreachable-burst"},
	{what: "D5 unreachables that upset rate limits", rules: "icmp-unreachable-burst icmp-unreachable-flood"},
	{what: "D6 ping of death, overlapping fragments", rules: "icmp-ping-of-death icmp-overlapping-fragments"},
	{what: "D6 fragments that never make a whole", blind: "a fragment alone has no message to judge; lost frames and short snaplens leave such as well"},
	{what: "D7 error about a later fragment", rules: "icmp-error-of-fragment"},
	{what: "D8 options of an Apple fault", rules: "icmp-apple-options"},
	{what: "D9 flood of router advertisements", rules: "icmp-router-flood"},
	{what: "D10 flood of neighbour discovery", rules: "icmp-neighbor-flood icmp-neighbor-rate icmp-nd-afar"},
	{what: "D11 options of an impossible length", rules: "icmp-nd-option"},
	{what: "D12 flood of time exceeded", rules: "icmp-error-flood"},
	{what: "D13 source quench", rules: "icmp-source-quench"},
	{what: "D14 loops that multiply", rules: "icmp-error-loop icmp-error-flood"},
	{what: "D15 flood of redirects", rules: "icmp-redirect"},
	{what: "D16 SAD DNS", rules: "icmp-port-race"},

	{what: "M1 redirect", rules: "icmp-redirect icmp-redirect-known"},
	{what: "M2 redirect, IPv6", rules: "icmp-redirect icmp-redirect-known icmp-nd-afar"},
	{what: "M3 router advertisement of ICMPv4", rules: "icmp-irdp"},
	{what: "M4 rogue router", rules: "icmp-rogue-router icmp-router-hasty icmp-router-preferred icmp-router-kill icmp-router-denial icmp-nd-evasion icmp-nd-afar"},
	{what: "M4 rogue router, alone on its link and modest", blind: "nothing tells it from a router"},
	{what: "M5 neighbours forged", rules: "icmp-neighbor-spoof icmp-neighbor-contest icmp-neighbor-router icmp-neighbor-takeover icmp-neighbor-forced icmp-address-denial"},
	{what: "M6 TCP reset by errors", rules: "icmp-tcp-reset icmp-tcp-guess"},
	{what: "M6 errors that match a live connection", blind: flows},
	{what: "M7 path MTU forced down", rules: "icmp-pmtu icmp-pmtu-none"},
	{what: "M7 path MTU that is plausible", blind: flows},
	{what: "M8 throughput lowered by source quench", rules: "icmp-source-quench"},
	{what: "M9 probing by parameter problems", rules: "icmp-option-probing"},

	{what: "C1 data in the type", rules: "icmp-exfil-type icmp-exfil-choice"},
	{what: "C2 data in payloads", rules: "icmp-exfil-payload icmp-exfil-file icmp-exfil-spread icmp-exfil-gathered"},
	{what: "C3 tunnel", rules: "icmp-tunnel-inner-ip icmp-tunnel-reply icmp-tunnel-replies icmp-tunnel-service icmp-two-way icmp-data-near icmp-data-far"},
	{what: "C4 files and orders fetched by empty pings", rules: "icmp-fetch-polled"},
	{what: "C4 shell", rules: "icmp-c2-command icmp-c2-shell-text icmp-tunnel-reply icmp-exfil-reply"},
	{what: "C5 beacon", rules: "icmp-beacon icmp-beacon-constant icmp-beacon-fields icmp-beacon-mute icmp-beacon-steady icmp-beacon-jitter"},
	{what: "C5 beacon of stock payload", blind: "it is a monitor's, byte for byte"},
	{what: "C6 identifier, sequence number", rules: "icmp-exfil-id icmp-exfil-seq icmp-exfil-query"},
	{what: "C7 code", rules: "icmp-exfil-code icmp-exfil-error-code icmp-exfil-code-1 icmp-echo-code"},
	{what: "C8 time to live, service, IP identification", rules: "icmp-exfil-ttl icmp-exfil-dsfield icmp-exfil-ip-id"},
	{what: "C9 timing", rules: "icmp-exfil-gap"},
	{what: "C10 lengths", rules: "icmp-exfil-length"},
	{what: "C11 unused bytes of errors", rules: "icmp-exfil-unused icmp-exfil-error"},
	{what: "C11 checksums", rules: "icmp-exfil-checksum"},
	{what: "C12 extension objects", rules: "icmp-extension icmp-exfil-quote"},
	{what: "C12 extended echo", rules: "icmp-query-sweep"},
	{what: "C13 trailers, replies that are longer", rules: "icmp-exfil-reply icmp-tunnel-reply"},
	{what: "C13 Ethernet padding", blind: "it lies outside of the IP packet, and cards leave rubbish there"},
	{what: "C14 wake-up packets", rules: "icmp-knock-bpfdoor icmp-knock-prism icmp-knock-pattern"},
	{what: "C14 the connection that follows", blind: flows},
	{what: "C14 a row of sizes as a key", blind: "three pings of three sizes are a test of the path"},
	{what: "C15 fallback channel", blind: flows},
	{what: "C16 encodings", rules: "icmp-exfil-payload icmp-exfil-file"},
	{what: "C17 encrypted", rules: "icmp-tunnel-encrypted icmp-exfil-payload icmp-exfil-sealed"},
	{what: "C18 echo messages of ICMPv6", rules: "icmp-exfil-payload icmp-tunnel-reply"},
	{what: "C18 node information", rules: "icmp-query-sweep icmp-node-query"},
	{what: "C18 unassigned and experimental types", rules: "icmp-exfil-type icmp-exfil-body"},
	{what: "C18 extension headers", rules: "icmp-exfil-dstopts icmp-exfil-flow"},
	{what: "C18 RPL", blind: "it is every message of a sensor network's routing"},

	{what: "ptunnel", rules: "icmp-tunnel-ptunnel"},
	{what: "ptunnel-ng, any magic", rules: "icmp-tunnel-ptunnel-ng"},
	{what: "icmptunnel (DhavalKapil)", rules: "icmp-tunnel-icmptunnel-raw"},
	{what: "icmptunnel (jamesbarlow)", rules: "icmp-tunnel-icmptunnel"},
	{what: "hans", rules: "icmp-tunnel-hans"},
	{what: "pingtunnel, now and before", rules: "icmp-tunnel-pingtunnel"},
	{what: "pingtunnel, encrypted", rules: "icmp-tunnel-encrypted"},
	{what: "Bledoor", rules: "icmp-tunnel-bledoor"},
	{what: "HTTP in ICMP", rules: "icmp-tunnel-service"},
	{what: "icmpsh", rules: "icmp-c2-icmpsh icmp-polled-reply icmp-polled-output"},
	{what: "Nishang", rules: "icmp-c2-nishang"},
	{what: "icmpdoor, PingRAT", rules: "icmp-c2-icmpdoor"},
	{what: "CS-EXTC2-ICMP", rules: "icmp-c2-extc2"},
	{what: "icmpc2", rules: "icmp-c2-icmpc2"},
	{what: "PRISM", rules: "icmp-knock-prism"},
	{what: "BPFDoor", rules: "icmp-knock-bpfdoor"},
	{what: "Pingback", rules: "icmp-c2-pingback"},
	{what: "PingPull", rules: "icmp-c2-pingpull"},
	{what: "Regin", rules: "icmp-c2-regin"},
	{what: "Winnti for Linux", rules: "icmp-c2-winnti"},
	{what: "Anchor", rules: "icmp-c2-anchor"},
	{what: "dkangel", rules: "icmp-c2-yyt-hac"},
	{what: "Q", rules: "icmp-c2-q"},
	{what: "TFN, Stacheldraht", rules: "icmp-c2-ddos-agent"},
	{what: "Loki2", rules: "icmp-c2-loki2"},
	{what: "RomCom, CCHack, MystRodX, PlugX, SysUpdate, Symbiote", rules: behaviour, blind: nobody},
	{what: "Sliver, Havoc, Mythic", rules: behaviour, blind: nobody},
	{what: "Empire", rules: "icmp-exfil-payload icmp-exfil-file"},
	{what: "Metasploit icmp_exfil, exfiltools", rules: "icmp-exfil-bof"},
	{what: "DET", rules: "icmp-exfil-det"},
	{what: "PyExfil", rules: "icmp-exfil-pyexfil icmp-exfil-pyexfil-ttl"},
	{what: "Egress-Assess", rules: "icmp-exfil-egress-assess"},
	{what: "Invoke-ICMPExfil", rules: "icmp-exfil-marks"},
	{what: "ping -p one-liners", rules: "icmp-exfil-pattern"},
	{what: "icmp-exfil (spookyscaryyy)", rules: "icmp-exfil-code-1"},
	{what: "ICMPExfil (martinoj2009)", rules: "icmp-exfil-gap"},
	{what: "kfile-over-icmp", rules: "icmp-exfil-reply icmp-tunnel-reply"},
	{what: "hping3 --file", rules: "icmp-exfil-hping"},
	{what: "BlackPOS", rules: "icmp-exfil-payload icmp-c2-shell-text"},
	{what: "the banker of 2006", rules: "icmp-exfil-payload"},
	{what: "icmpKNOCK", rules: "icmp-knock-pattern"},

	{what: "ordinary pings of operating systems", blind: label},
	{what: "pings of tools and libraries", blind: label},
	{what: "pings with a vendor's text", rules: "icmp-scanner-ping", blind: label},
}

// Each row names rules that there are, or says why there is none; and each rule is named.
func TestCatalogue(t *testing.T) {
	set, named := &rules.Set{Rules: pack(t, context_(t))}, map[string]bool{}
	for _, r := range catalogue {
		if r.rules == "" && r.blind == "" {
			t.Errorf("%s: neither a rule nor a reason", r.what)
		}
		for _, name := range strings.Fields(r.rules) {
			named[name] = true
			if set.Named(name) == nil {
				t.Errorf("%s: there is no rule %s", r.what, name)
			}
		}
	}
	for _, r := range set.Rules {
		if !named[r.Name] && r.Name != "icmp-boundary" && r.Name != "icmp-shared-reply" && r.Name != "icmp-repeated-error" && !strings.HasPrefix(r.Name, "icmp-exfil-") {
			t.Errorf("%s stands in no row", r.Name)
		}
	}
}
