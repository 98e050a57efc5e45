package builtin_test

import "maps"

// everywhere are mutants that mean the same in every rule, and why.
var everywhere = map[string]string{
	"match: == became <= in sift.version == 4":     "a version is 4 or 6",
	"match: == became >= in sift.version == 6":     "a version is 4 or 6",
	"match: == became <= in sift.contact.age == 0": "no time is shorter than none",
	"condition: gte 1 became 0":                    "a count is taken when a packet is counted: it is never 0",
}

// unordered are the mutants of rules whose packets nothing orders but time.
var unordered = map[string]string{"recover: order auto became time": noNumbers, "recover: order auto became seq": noNumbers}

const (
	hopLimit  = "a hop limit has 8 bits"
	noQuote4  = "of ICMP's types below 3 none quotes a datagram"
	noQuote6  = "ICMPv6 has no type 0 that quotes a datagram"
	bothTypes = "ICMP type 1 quotes nothing"
	oneType   = "packets of one type alone match"
	noError   = "an error has no fact of neighbour discovery"
	noUnused  = "errors alone have these bytes, and what is counted and recovered is they"
	noNumbers = "the bytes lie where other messages have their numbers: nothing orders them but time"
	noExtra   = "a reply that returns what it was sent has nothing of its own to recover"
	noPin     = "no sender's name has pin without ping"
	oneHeader = "an advertisement quotes nothing: it has the flag once"
)

var ofErrors = map[string]string{
	"match: == became <= in sift.type == 3":    noQuote4,
	"match: == became <= in sift.type == 1":    noQuote6,
	"match: dropped sift.version == 6":         bothTypes,
	"match: == became <= in sift.version == 6": bothTypes,
}

var ofExpired = map[string]string{
	"match: dropped sift.version == 4":         "ICMPv6 type 11 quotes nothing",
	"match: == became >= in sift.version == 4": "ICMPv6 type 11 quotes nothing",
}

func init() {
	maps.Copy(equivalent, map[string]map[string]string{
		"icmp-address-denial": {"group-by: dropped sift.type": oneType},
		"icmp-repeated-error": ofExpired,
		"icmp-extension":      {"match: == became === in icmp.ext.checksum.status == 1": "a message has one extension block"},
		"icmp-exfil-body": {
			"match: dropped sift.body": "what is counted and recovered is what such messages hold: others have none",
		},
		"icmp-exfil-error": {
			"match: dropped sift.error == 1":  "what is recovered is what errors hold: other messages have none of it",
			"condition: gte 16 became 15":     "fewer than 16 numbers are never read as data",
			"recover: order auto became time": noNumbers,
			"recover: order auto became seq":  noNumbers,
		},
		"icmp-exfil-error-code": {
			"recover: order auto became time":                   noNumbers,
			"condition: gte 8 became 7":                         "so few letters are not believed to be a text",
			"type: value_count of sift.code became event_count": "so few letters are not believed to be a text",
		},
		"icmp-exfil-query":  unordered,
		"icmp-exfil-choice": merged(unordered, fewValues("sift.type")),
		"icmp-exfil-unused": {
			"match: dropped sift.error == 1 && sift.unused": noUnused,
			"match: dropped sift.error == 1":                noUnused,
			"match: dropped sift.unused":                    noUnused,
			"match: && became || before sift.unused":        noUnused,
			"recover: order auto became time":               noNumbers,
			"recover: scope: dropped sift.error == 1":       noUnused,
		},
		"icmp-exfil-reply":   {"recover: scope: dropped sift.reply.differs == 1": noExtra},
		"icmp-filtered-scan": ofErrors,
		"icmp-firewalk":      ofExpired,
		"icmp-neighbor-forced": {
			"match: == became >= in icmpv6.type#1 == 136":      "only advertisements have their flags",
			"match: == became === in icmpv6.nd.na.flag.s == 0": oneHeader,
			"match: == became === in icmpv6.nd.na.flag.o == 1": oneHeader,
		},
		"icmp-neighbor-spoof": {
			"match: == became >= in icmpv6.type#1 == 136":      "what lies above, redirects, moves nothing",
			"match: icmpv6.type#1 became icmpv6.type":          noError,
			"match: == became === in icmpv6.nd.na.flag.s == 1": oneHeader,
		},
		"icmp-unasked-replies": {
			"match: dropped sift.echo.reply": "only echoes have a payload class, and one that is unsolicited is a reply; the clause says so to readers",
		},
		"icmp-neighbor-contest": {
			"match: == became >= in icmpv6.type#1 == 136":      "what lies above, redirects, moves nothing",
			"match: icmpv6.type#1 became icmpv6.type":          noError,
			"match: == became === in icmpv6.nd.na.flag.s == 1": oneHeader,
		},
		"icmp-beacon-mute": {"match: dropped sift.echo.request": "requests alone have a destination that is mute, and echoes alone a class"},
		"icmp-neighbor-router": {
			"match: == became >= in icmpv6.type#1 == 136": "what lies above, redirects, moves nothing",
			"match: icmpv6.type#1 became icmpv6.type":     noError,
		},
		"icmp-neighbor-takeover": {
			"match: == became >= in icmpv6.type#1 == 136": "what lies above, redirects, moves nothing",
			"match: icmpv6.type#1 became icmpv6.type":     noError,
		},
		"icmp-neighbor-sweep": {
			"match: == became >= in icmpv6.type#1 == 135": "of the types above, extended echo alone has contacts, and nobody sends it to a group",
			"match: icmpv6.type#1 became icmpv6.type":     noError,
		},
		"icmp-network-scan": ofErrors,
		"icmp-tunnel-reply": {"recover: scope: dropped sift.reply.differs == 1": noExtra},
		"icmp-option-probing": {
			"match: dropped sift.version == 4":         "ICMPv6 type 12 quotes nothing",
			"match: == became >= in sift.version == 4": "ICMPv6 type 12 quotes nothing",
			"match: == became >= in sift.type == 12":   "of ICMP's types above 12 none quotes a datagram",
			"match: == became >= in sift.type == 4":    "of ICMPv6's types above 4 none quotes a datagram behind its header",
		},
		"icmp-ping-flood": {
			"match: dropped sift.exchange": "only echoes have a payload of a known sender",
			`match: " ping" became " pin"`: noPin, `match: "fping" became "fpin"`: noPin,
		},
		"icmp-flood": {`match: " ping" became " pin"`: noPin, `match: "fping" became "fpin"`: noPin},
		"icmp-pmtu": {
			"match: dropped sift.version == 4":         "an MTU so small is below ICMPv6's minimum as well",
			"match: == became >= in sift.version == 4": "an MTU so small is below ICMPv6's minimum as well",
			"match: 0 became 1":                        "an MTU of 1 is too small anyway",
		},
		"icmp-port-race": merged(ofErrors, map[string]string{
			"match: == became >= in sift.quoted.proto == 17": "of protocols above 17 none has ports that are read",
		}),
		"icmp-port-scan": ofErrors,
		"icmp-protocol-scan": {
			"match: == became <= in sift.type == 3": noQuote4,
			"match: == became >= in sift.type == 4": "of ICMPv6's types above 4 none quotes a datagram behind its header",
		},
		"icmp-redirect": {
			"match: icmp.redir_gw#1 became icmp.redir_gw": "a redirect so short quotes none",
			"match: == became <= in sift.type == 5":       "redirects alone have a sender that is judged: of types 5 and 137",
			"match: == became >= in sift.type == 137":     "redirects alone have a sender that is judged: of types 5 and 137",
		},
		"icmp-redirect-known": {"match: == became <= in sift.type == 5": "redirects alone have a sender that is judged: of types 5 and 137"},
		"icmp-rogue-router": {
			"match: icmpv6.type#1 became icmpv6.type": noError,
			"group-by: dropped sift.type":             oneType,
		},
		"icmp-router-hasty": {"match: == became >= in sift.ttl == 255": hopLimit},
		"icmp-router-preferred": {
			"match: == became >= in icmpv6.type#1 == 134":        "no type above has a preference",
			"match: == became >= in sift.ttl == 255":             hopLimit,
			"match: == became === in icmpv6.nd.ra.flag.prf == 1": oneHeader,
		},
		"icmp-router-denial": {"match: == became === in icmpv6.nd.ra.router_lifetime == 0": oneHeader},
		"icmp-router-flood":  {"group-by: dropped sift.type": oneType},
		"icmp-tcp-guess": merged(ofErrors, map[string]string{
			"match: == became <= in sift.quoted.proto == 6": "of protocols below 6 none has ports",
		}),
		"icmp-tcp-reset": {
			"match: == became <= in sift.type == 3": noQuote4,
			"match: == became >= in sift.type == 4": "of ICMPv6's types above 4 none quotes a datagram behind its header",
		},
		"icmp-trace-mapping":     ofExpired,
		"icmp-unreachable-burst": ofErrors,
	})
}

func merged(list ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range list {
		maps.Copy(out, m)
	}
	return out
}
