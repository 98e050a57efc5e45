package builtin_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Addresses of a group of packets: a host of ours, one outside, and both in IPv6. Groups share none.
func a4(g int) string { return fmt.Sprintf("10.30.%d.7", g) }
func b4(g int) string { return fmt.Sprintf("198.51.%d.9", g) }
func a6(g int) string { return fmt.Sprintf("fd30::%x:7", g+1) }
func b6(g int) string { return fmt.Sprintf("2001:db8:%x::9", g+1) }

// attacks are the captures of rules of reconnaissance, denial of service and adversaries in the middle, by rule file.
var attacks = map[string]spec{
	"host-sweep":            {n: 12, span: 24 * time.Hour, values: true, hits: []group{swept(6)}, more: []group{crowdSwept(1)}, misses: []group{crowdSwept(61), swept(0), again(12), few(11, 5), few(11, 5), swept4("224.0.1.%d"), clocks}},
	"host-contacts":         {n: 10, span: 24 * time.Hour, values: true, hits: []group{swept(10), swept(0), swept6}, more: []group{crowdSwept(51)}, misses: []group{swept(5), crowdSwept(1), again(10), many4, many6, ask(13)}},
	"query-sweep":           {n: 5, span: 24 * time.Hour, values: true, hits: []group{ask(13), ask(15), ask(17), ask(42), ask6(139), ask6(160)}, misses: []group{ask(8), ask(14), ask(18), ask(139), ask(160), ask6(13), ask6(15), ask6(17), ask6(42), ask6(128), ask6(140)}},
	"node-query":            {n: 1, span: time.Hour, hits: []group{node(139), ask6(139), inquirers}, misses: []group{node(140), node(138), node(128), ask(139), quoting(node(139), "")}},
	"query-outside":         {n: 1, span: 24 * time.Hour, hits: []group{outsider(13), outsider(15), outsider(17)}, misses: []group{outsider(14), outsider(16), outsider(18), outsider(12), outsider(8), insider(13), transit(13), among(13), outsider6(13), outsider6(15), outsider6(17)}},
	"os-fingerprint":        {n: 1, span: 24 * time.Hour, hits: []group{fingerprint(295, 120), fingerprint(296, 150)}, misses: []group{fingerprint(294, 120), fingerprint(297, 150), fingerprint(295, 56), fingerprintReply}},
	"echo-code":             {n: 1, span: 24 * time.Hour, hits: []group{coded(1), codedBy(c4(2), b4(0))}, misses: []group{coded(0), codedReply, codedNmap}},
	"port-scan":             {n: 10, span: 5 * time.Minute, values: true, hits: []group{refused(3, 3, 17, 1024, 0), refused6(1, 4, 17, 2000, 0), refused(3, 3, 17, 40000, 32767-9), left(21, 32768, 32768), left6(21, 40000, 50000), left(1, 1024, 32767-9)}, misses: append(refusedMisses, left(20, 40000, 32768-9), left6(20, 40000, 32768-9), left(64, 32767, 32768-9), left(64, 1023, 50000))},
	"port-race":             {n: 500, span: 2 * time.Second, values: true, hits: []group{refused(3, 3, 17, 53, 30000), refused6(1, 4, 17, 53, 30000)}, misses: []group{refused(3, 2, 17, 53, 0), refused(3, 4, 17, 53, 0), refused(4, 3, 17, 53, 0), refused(11, 3, 17, 53, 0), refused6(1, 3, 17, 53, 0), refused6(1, 5, 17, 53, 0), refused6(2, 4, 17, 53, 0), refused6(3, 3, 17, 53, 0), refused(3, 3, 6, 53, 0)}},
	"filtered-scan":         {n: 10, span: 5 * time.Minute, values: true, hits: []group{refused(3, 9, 6, 40000, 32767-9), refused(3, 10, 6, 40000, 0), refused(3, 13, 17, 40000, 0), refused6(1, 1, 6, 40000, 0), refused6(1, 5, 6, 40000, 0), refused6(1, 6, 6, 40000, 0)}, misses: filteredMisses},
	"network-scan":          {n: 20, span: 5 * time.Minute, values: true, hits: []group{lost(3, 0, 6), lost(3, 1, 17), lost(3, 9, 6), lost(3, 10, 6), lost(3, 13, 6), lost6(1, 0, 6), lost6(1, 1, 6), lost6(1, 3, 17)}, misses: lostMisses},
	"protocol-scan":         {n: 5, span: 5 * time.Minute, values: true, hits: []group{protocols(3, 2), protocols6(4, 1)}, misses: protocolMisses},
	"firewalk":              {n: 10, span: 10 * time.Minute, values: true, hits: []group{refused(11, 0, 6, 40000, 32767-9), refused6(3, 0, 6, 40000, 0)}, misses: firewalkMisses},
	"trace-mapping":         {n: 8, span: 10 * time.Minute, values: true, hits: []group{lost(11, 0, 17), lost6(3, 0, 17)}, misses: []group{lost(11, 1, 17), lost6(3, 1, 17), lost(10, 0, 17), lost(12, 0, 17), lost6(2, 0, 17), lost6(4, 0, 17), lost(3, 0, 17), lost6(11, 0, 17)}},
	"neighbor-sweep":        {n: 10, span: 10 * time.Minute, hits: []group{sought(6, false)}, misses: []group{sought(7, false), sought(0, true), soughtAgain, soughtFew, advertise, many6}},
	"group-probe":           {hits: []group{probe(128, "ff02::1", destination)}, misses: []group{probe(129, "ff02::1", destination), probe(127, "ff02::1", destination), probe(128, "fd30::1", destination), probe(128, "ff02::1", hopByHop), quoting(probe(128, "ff02::1", destination), "ff02::1")}},
	"listener-probe":        {n: 1, span: time.Hour, hits: []group{query(10, false), query(10, true), query(0, false), query(0, true)}, misses: []group{query(11, false), query(11, true), queried(131, "ff02::1"), queried(129, "ff02::1"), queried(130, "fd30::1"), quoting(query(0, false), "ff02::1")}},
	"group-ping":            {hits: []group{everybody("10.30.0.255"), everybody("224.0.0.1"), everybody("ff02::1")}, misses: []group{everybody("10.30.0.1"), everybody("203.0.113.1"), everyReply}},
	"group-scan":            {hits: []group{everybody("10.30.0.255"), filled(everybody("ff02::1"), make([]byte, 8))}, misses: []group{everybody("10.30.0.1"), everyReply, filled(everybody("10.30.0.255"), ordinary), filled(everybody("10.30.0.255"), fping)}},
	"worm-ping":             {n: 1, span: 24 * time.Hour, hits: []group{ping("Babcdefghijklmnopqrstuvwabcdefghi"), ping(repeat("Y", 28)), ping(repeat("Y", 56))}, misses: []group{ping(repeat("E", 36)), ping("Babcdefghijklmnopqrstuvwabcdefghij"), ping(repeat("Y", 27)), ping("abcdefghijklmnopqrstuvwabcdefghi"), pong(repeat("Y", 36))}},
	"scanner-ping":          {n: 1, span: 24 * time.Hour, hits: []group{ping("ISSPNGRQ"), ping("\x00\x00\x00\x00EEEEEEEEEEEE"), ping(repeat("\xaa", 64)), ping(repeat("\x00", 8)), ping("ABCDEFGHIJKLMNOPQRSTUVWABCDEFGHI")}, misses: []group{ping(repeat("\x00", 9)), ping("ISSPING"), pong("ISSPNGRQ")}},
	"reachability":          {hits: []group{online("8.8.8.8"), online("8.8.4.4"), online("1.1.1.1"), online("1.0.0.1"), online("9.9.9.9"), online("208.67.222.222"), online("2001:4860:4860::8888"), online("2606:4700:4700::1111")}, misses: []group{online("8.8.8.9"), online("2606:4700:4700::1112"), onlineOutside, onlineReply}},
	"tool-flood":            {n: 1000, span: 10 * time.Second, hits: []group{flood(8, nil), unasked(0, nil)}, misses: []group{flood(8, ordinary), flood(8, fping), answered4, flood(5, nil), floodTo("224.0.0.9"), floodTo("10.30.9.255")}},
	"ping-flood":            {n: 4000, span: 10 * time.Second, hits: []group{flood(8, ordinary), flood(8, fping), unasked(0, ordinary), answeredLarge(200, 201)}, misses: []group{flood(8, []byte("hello")), answeredPing, answeredLarge(199, 199), repliesLarge}},
	"repeated-error":        {n: 10, span: 10 * time.Second, hits: []group{looped(11, 0), looped6(3, 0)}, misses: []group{looped(11, 1), looped6(3, 1), looped(3, 0), looped(12, 0), looped6(2, 0), looped6(4, 0), looped6(11, 0), lost(11, 0, 17), loopedBy, loopedTo, bare(11, 0)}},
	"error-loop":            {n: 1, span: 10 * time.Minute, hits: []group{burst(looped(11, 0), 10), burst(looped6(3, 0), 10)}, misses: []group{burst(looped(11, 0), 9)}},
	"neighbor-rate":         {n: 2000, span: 10 * time.Second, hits: []group{rated(131), rated(132), rated(133), rated(135), rated(136), rated(143)}, misses: []group{rated(130), rated(134), rated(137), rated(142), rated(144), quoting(rated(135), "")}},
	"unreachable-burst":     {n: 500, span: 15 * time.Second, hits: []group{alien(3, 3), alien6(1, 4), foreign(3, 3), foreign6(1, 4)}, misses: []group{alien(3, 2), alien(3, 4), alien(11, 3), alien(4, 3), alien6(1, 3), alien6(1, 5), alien6(3, 4), alien6(2, 4), alien6(3, 3), refused(3, 3, 17, 40000, 0), refused6(1, 4, 17, 40000, 0), bare(3, 3), alienBy, alienTo}},
	"pmtu-none":             {n: 30, span: 10 * time.Minute, hits: []group{tooBig(0, 1500, false)}, misses: []group{tooBig(1, 1500, false), tooBig(1500, 1500, false), tooBig6(0, 1500, false), refused(3, 3, 17, 40000, 0)}},
	"unreachable-flood":     {n: 500, span: 2 * time.Second, hits: []group{bare(3, 3), bare6(1, 4)}, misses: []group{bare(3, 4), bare(4, 3), bare(5, 3), bare6(3, 3), bare(1, 3), bare6(2, 0), bare6(4, 0), bare6(0, 0)}},
	"error-flood":           {n: 500, span: 5 * time.Second, hits: []group{bare(11, 0), bare(12, 0), bare6(2, 0), bare6(3, 0), bare6(4, 0)}, misses: []group{bare(3, 4), bare(10, 0), bare(13, 0), bare6(1, 0), bare6(11, 0), bare6(12, 0), bare6(5, 0), bare(2, 0), bare(4, 0)}},
	"smurf":                 {n: 10, span: 2 * time.Second, hits: []group{everybody("10.30.0.255"), everybody("224.0.0.1"), everybody("ff02::1")}, misses: []group{everybody("10.30.0.1"), everybody("203.0.113.1"), everyReply}},
	"smurf-many":            {n: 20, span: 2 * time.Second, values: true, alone: true, hits: []group{crowdAsks("10.30.0.255"), crowdAsks("ff02::1")}, misses: []group{crowdAsks("10.30.0.1"), everybody("10.30.0.255"), answering(crowdAsks("10.30.0.255"))}},
	"amplified-replies":     {n: 10, span: 2 * time.Second, hits: []group{amplified(3)}, misses: []group{amplified(1), doubled, crowd}},
	"shared-reply":          {n: 5, span: 10 * time.Second, values: true, hits: []group{shared}, misses: []group{sharedAsked, sharedStamp, numbered, identified, addressed}},
	"reflected-replies":     {n: 15, span: 5 * time.Second, hits: []group{reflected}, misses: []group{}},
	"reflection":            {n: 30, span: 10 * time.Second, values: true, hits: []group{numbered, unaskedWith([]byte("answer this")), unaskedWith(bytes.Repeat([]byte("X"), 40))}, misses: []group{sharedAsked, sharedStamp, addressed, numberedRequests, unaskedWith(ordinary), unaskedWith(fping), again4}},
	"unasked-replies":       {n: 500, span: time.Minute, hits: []group{unaskedFrom(nil), unaskedFrom(make([]byte, 40)), unaskedFrom([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), unaskedFrom(bytes.Repeat([]byte{0xca, 0xfe}, 20)), unaskedFrom(bytes.Repeat([]byte("X"), 40))}, misses: []group{requestsFrom(nil), answeredFrom, unaskedFrom(ordinary), unaskedFrom(fping), unaskedFrom([]byte("answer this")), stampsFrom}},
	"ping-of-death":         {hits: []group{large(65536)}, misses: []group{large(65535)}},
	"overlapping-fragments": {hits: []group{pieces(0, 48, 32, 72), lapped(65535)}, misses: []group{lapped(65536), pieces(0, 40, 40, 72), pieces(0, 40, 0, 40, 40, 72)}},
	"error-of-fragment":     {hits: []group{ofFragment(3, 8)}, misses: []group{ofFragment(3, 0), ofFragment(8, 8), ofFragment6}},
	"apple-options":         {hits: []group{options("AAAAAAAA", 12, 0)}, misses: []group{options("AAAAAAA", 12, 0), options("AAAAAAAA", 12, 1), options("AAAAAAAA", 11, 0), options("AAAAAAAA", 13, 0), options("AAAAAAAA", 3, 0), options6("AAAAAAAA")}},
	"source-quench":         {n: 1, span: 10 * time.Minute, hits: []group{long(4, 36), long(4, 8)}, misses: []group{long(3, 36), long(5, 36), long6(4, 36)}},
	"router-flood":          {n: 50, span: 5 * time.Second, alone: true, hits: []group{routers(0, 255)}, misses: []group{solicitors, neighbors, quoting(routers(0, 255), "")}},
	"neighbor-flood":        {n: 500, span: 10 * time.Second, values: true, alone: true, hits: []group{madeUp(131), madeUp(132), madeUp(133), madeUp(135), madeUp(136), madeUp(143)}, misses: []group{madeUp(130), madeUp(134), madeUp(137), madeUp(142), madeUp(144), madeUp(128), quoting(madeUp(135), "")}},
	"nd-option":             {hits: []group{optional(133, 25, 4), optional(134, 3, 3), optional(135, 1, 0), optional(136, 5, 2), optional(137, 31, 1)}, misses: []group{optional(134, 25, 3), optional(132, 25, 4), optional(138, 25, 4), optional(147, 25, 4)}},
	"redirect":              {n: 1, span: time.Hour, hits: []group{gatewayless(36), long6(137, 40), bareRedirect, long6(137, 48), gatewayless(37), elsewhere, elsewhere6}, misses: []group{routed, routed6, knownLong, gatewayless(35), long6(137, 39), long(4, 36), long(6, 36), long6(136, 40), long6(138, 40), long6(5, 36), long(137, 40), known(5)}},
	"redirect-known":        {n: 1, span: time.Hour, hits: []group{known(5), known(5), routed, routed6}, misses: []group{elsewhereKnown, elsewhere, redirected6Known, known(4), known(3), known(11), known6, long(5, 36)}},
	"irdp":                  {n: 1, span: time.Hour, hits: []group{long(9, 16), long(9, 36)}, misses: []group{long(9, 15), long(8, 16), long(10, 16), long6(9, 16)}},
	"rogue-router":          {n: 1, span: time.Hour, alone: true, hits: []group{newcomer(1, 255), newcomer(0, 255), impostor(134)}, misses: []group{routers(0, 255), routers(1, 255), newcomer(3, 255), rival(1), newcomer(1, 64), impostor(133), impostor(135)}},
	"router-hasty":          {n: 6, span: 10 * time.Second, hits: []group{hasty(134, 255, false)}, misses: []group{hasty(134, 64, false), hasty(133, 255, false), hasty(137, 255, false), hasty(134, 255, true), hastyFew, patient, quoting(hasty(134, 255, false), "")}},
	"router-preferred":      {n: 1, span: 24 * time.Hour, hits: []group{preferred, preferred}, misses: []group{routers(0, 255), routers(3, 255), routers(1, 64), ended, solicitors, quoting(routers(1, 255), "")}},
	"router-denial":         {n: 6, span: 60 * time.Second, hits: []group{never}, misses: []group{killed(0), lasting, quoting(never, "")}},
	"router-kill":           {n: 4, span: 10 * time.Minute, hits: []group{killed(0)}, misses: []group{killed(30), never}},
	"neighbor-spoof":        {n: 3, span: 10 * time.Minute, hits: []group{moving(0x60, false), moving(0x20, true)}, misses: []group{moving(0x20, false), still(0x60), movingSolicit}},
	"neighbor-contest":      {n: 2, span: 30 * time.Second, hits: []group{moving(0x60, false), moving(0x20, true)}, misses: []group{moving(0x20, false), still(0x60), movingSolicit}},
	"neighbor-router":       {n: 1, span: 10 * time.Minute, hits: []group{usurped(134), usurped(136)}, misses: []group{usurped(135), moving(0x60, false), usurper(134), usurper(135), unmoved, quoting(usurped(134), ""), toEverybody(usurped(134)), toOne(usurper(134))}},
	"neighbor-takeover":     {n: 1, span: 10 * time.Minute, hits: []group{toEverybody(usurped(134)), toEverybody(usurped(134))}, misses: []group{usurped(134), moving(0x20, true), toEverybody(unmoved), usurper(134)}},
	"neighbor-forced":       {n: 4, span: 10 * time.Minute, hits: []group{forced(136, 0x20, false)}, misses: []group{forced(136, 0x60, false), forced(136, 0x00, false), forced(136, 0x20, true), forced(135, 0x20, false), forcedOthers, forcedAddresses, quoting(forced(136, 0x20, false), "")}},
	"address-denial":        {n: 2, span: 10 * time.Minute, values: true, alone: true, hits: []group{denied}, misses: []group{announcing}},
	"extension":             {n: 5, span: 10 * time.Minute, hits: []group{extended(11, 0, 6), extended(3, 3, 245), extended(12, 0, 0), extended6(1, 4, 99), extended6(3, 0, 6)}, misses: []group{extended(11, 0, 1), extended(11, 0, 5), extended(11, 0, 246), extended(11, 0, 255), unchecked, mischecked, extended6(3, 0, 2), extendedBy, extendedTo}},
	"nd-evasion":            {hits: evasions, misses: evasionMisses},
	"nd-afar":               {hits: []group{afar(133, 254), afar(134, 254), afar(135, 1), afar(136, 254), afar(137, 254), handmade(135, 1), handmade(136, 7)}, misses: []group{afar(133, 255), afar(132, 1), afar(138, 1), afar(128, 64), quoting(afar(135, 1), "")}},
	"tcp-reset":             {n: 1, span: 10 * time.Minute, hits: []group{refused(3, 2, 6, 40000, 0), refused(3, 2, 6, 40000, 0), refused6(4, 1, 6, 40000, 0)}, misses: []group{refused(3, 2, 17, 40000, 0), refused(3, 2, 5, 40000, 0), refused(3, 1, 6, 40000, 0), refused(3, 3, 6, 40000, 0), refused(4, 2, 6, 40000, 0), refused(5, 2, 6, 40000, 0), refused(11, 2, 6, 40000, 0), refused6(3, 2, 6, 40000, 0), refused6(3, 1, 6, 40000, 0), refused6(4, 0, 6, 40000, 0), refused6(4, 2, 6, 40000, 0), refused(4, 1, 6, 40000, 0)}},
	"tcp-guess":             {n: 20, span: 60 * time.Second, values: true, hits: []group{guessed(3, 3, 6), guessed6(1, 4, 6)}, misses: guessedMisses},
	"pmtu":                  {n: 1, span: 10 * time.Minute, hits: pmtuHits, misses: pmtuMisses},
	"option-probing":        {n: 4, span: 10 * time.Minute, hits: []group{lost(12, 0, 17), lost6(4, 2, 17)}, misses: []group{lost(11, 2, 17), lost(13, 0, 17), lost6(4, 1, 17), lost6(4, 3, 17), lost6(3, 2, 17), lost6(5, 2, 17), lost6(12, 2, 17), lost(4, 2, 17), bare(12, 0), bare6(4, 2)}},
}

func repeat(s string, n int) string { return string(bytes.Repeat([]byte(s), n)) }

func ask(typ byte) group {
	return one(func(g, i int) wire {
		return wire{src: a4(g), dst: fmt.Sprintf("10.40.%d.%d", g, i+1), message: message(typ, 0, uint32(i), make([]byte, 12))}
	})
}

func ask6(typ byte) group {
	return one(func(g, i int) wire {
		return wire{src: a6(g), dst: fmt.Sprintf("fd40::%x:%x", g+1, i+1), message: message(typ, 0, uint32(i), make([]byte, 12))}
	})
}

// swept asks another host each time; so many answer, from the first on. The first one is asked again just within a minute,
// the second one later.
func swept(answering int) group {
	return func(g, i int) (out []wire) {
		out = asked(g, i, fmt.Sprintf("10.40.%d.%d", g, i+1), i < answering)
		if i < 2 {
			out = append(out, later(out[:1], time.Minute+time.Duration(i)*time.Second)...)
		}
		return out
	}
}

// crowdSwept asks ten more hosts each time, of which so many answer in all.
func crowdSwept(answering int) group {
	return func(g, i int) (out []wire) {
		for k := 10 * i; k < 10*i+10; k++ {
			out = append(out, asked(g, k, fmt.Sprintf("172.%d.%d.%d", g, k/200, 1+k%200), k < answering)...)
		}
		return out
	}
}

// few asks so many hosts, twice each.
func few(hosts, answering int) group {
	return func(g, i int) []wire {
		if i >= hosts {
			return nil
		}
		list := asked(g, i, fmt.Sprintf("10.40.%d.%d", g, i+1), i < answering)
		return append(list, later(list[:1], time.Second)...)
	}
}

// again asks n hosts so slowly that they do not count, half of which answer, and much later all of them in a few seconds.
func again(n int) group {
	step := 24 * time.Hour * 4 / 5 / time.Duration(n-1)
	return func(g, i int) []wire {
		list, k := asked(g, i, fmt.Sprintf("10.40.%d.%d", g, i+1), i%2 == 0), time.Duration(i)
		return append(later(list, 2*k*time.Hour), later(list[:1], 70*time.Hour-k*step+k*time.Second)...)
	}
}

// swept6 are requests that nobody answers.
var swept6 = ask6(128)

// swept4 asks groups, and two hosts of which one answers.
func swept4(format string) group {
	return func(g, i int) []wire {
		return append(asked(g, i, fmt.Sprintf(format, i+1), false), asked(g, 50+i%2, fmt.Sprintf("10.40.%d.%d", g, i%2+1), i%2 == 0)...)
	}
}

// clocks are asked for their time, and half of them answer.
var clocks group = func(g, i int) []wire {
	list := asked(g, i, fmt.Sprintf("10.40.%d.%d", g, i+1), i%2 == 0)
	for k := range list {
		list[k].message = message([]byte{13, 14}[k], 0, uint32(g)<<16|uint32(i), make([]byte, 12))
	}
	return list
}

func asked(g, i int, dst string, answers bool) []wire {
	q := wire{src: a4(g), dst: dst, message: echo(8, uint16(g), uint16(i), nil)}
	if !answers {
		return []wire{q}
	}
	return []wire{q, {at: time.Millisecond, src: dst, dst: q.src, message: echo(0, uint16(g), uint16(i), nil)}}
}

var many6 = one(func(g, i int) wire {
	return wire{src: a6(g), dst: fmt.Sprintf("ff05::%x", i+1), message: echo(128, 1, uint16(i), nil)}
})

var many4 = one(func(g, i int) wire {
	return wire{src: a4(g), dst: fmt.Sprintf("224.0.1.%d", i+1), message: echo(8, 1, uint16(i), nil)}
})

// Queries over the border of the home networks, and elsewhere.
func crossing(typ byte, src, dst func(g int) string) group {
	return one(func(g, i int) wire {
		return wire{src: src(g), dst: dst(g), message: message(typ, 0, uint32(i), make([]byte, 12))}
	})
}

func c4(g int) string { return fmt.Sprintf("203.0.%d.5", g) }
func d4(g int) string { return fmt.Sprintf("10.33.%d.5", g) }

func outsider(typ byte) group  { return crossing(typ, b4, a4) }
func outsider6(typ byte) group { return crossing(typ, b6, a6) }
func insider(typ byte) group   { return crossing(typ, a4, b4) }
func transit(typ byte) group   { return crossing(typ, b4, c4) }
func among(typ byte) group     { return crossing(typ, a4, d4) }

func fingerprint(seq uint16, size int) group {
	return one(func(g, _ int) wire { return wire{src: a4(g), dst: b4(g), message: echo(8, 1, seq, make([]byte, size))} })
}

var fingerprintReply = one(func(g, _ int) wire { return wire{src: a4(g), dst: b4(g), message: echo(0, 1, 295, make([]byte, 120))} })

func coded(code byte) group {
	return one(func(g, i int) wire { return wire{src: a4(g), dst: b4(g), message: message(8, code, uint32(i), nil)} })
}

func codedBy(src, dst string) group {
	return one(func(_, i int) wire { return wire{src: src, dst: dst, message: message(8, 1, uint32(i), nil)} })
}

var codedReply = one(func(g, i int) wire { return wire{src: a4(g), dst: b4(g), message: message(0, 1, uint32(i), nil)} })
var codedNmap = one(func(g, i int) wire {
	return wire{src: a4(g), dst: b4(g), message: message(8, 9, uint32(i), make([]byte, 120))}
})

// datagram is one that an error quotes.
func datagram(src, dst string, proto byte, sport, dport int) []byte {
	b := quote(src, dst, be.AppendUint32(be.AppendUint32(nil, uint32(sport)<<16|uint32(dport)), 8<<16))
	be.PutUint16(b[len(b)-6:], uint16(dport)) // where the checksum of an ICMP message would be
	if b[0]>>4 == 4 {
		b[9] = proto
	} else {
		b[6] = proto
	}
	return b
}

// failed is an error of a router about a datagram.
func failed(src, to string, typ, code byte, rest uint32, about []byte) wire {
	return wire{src: src, dst: to, message: message(typ, code, rest, about)}
}

// refused are errors about datagrams from one port to many, each of a host itself.
func refused(typ, code, proto byte, sport, from int) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram(a4(g), b4(g), proto, sport, from+i))
	})
}

func refused6(typ, code, proto byte, sport, from int) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram(a6(g), b6(g), proto, sport, from+i))
	})
}

// left are errors about datagrams with so many hops left.
func left(hops byte, sport, from int) group {
	return one(func(g, i int) wire {
		about := datagram(a4(g), b4(g), 17, sport, from+i)
		about[8] = hops
		return failed(b4(g), a4(g), 3, 3, 0, about)
	})
}

func left6(hops byte, sport, from int) group {
	return one(func(g, i int) wire {
		about := datagram(a6(g), b6(g), 17, sport, from+i)
		about[7] = hops
		return failed(b6(g), a6(g), 1, 4, 0, about)
	})
}

// looped are errors of one router about one datagram.
func looped(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram(a4(g), "192.0.2.7", 17, 40000, 53))
	})
}

func looped6(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram(a6(g), "2001:db9::7", 17, 40000, 53))
	})
}

// burst is n packets at once.
func burst(f group, n int) group {
	return func(g, _ int) []wire { return series(f, g, n, time.Second) }
}

// loopedBy are those of a router each, loopedTo those to a host each.
var loopedBy = one(func(g, i int) wire {
	return failed(b4(g+i), a4(g), 11, 0, 0, datagram(a4(g), "192.0.2.7", 17, 40000, 53))
})
var loopedTo = one(func(g, i int) wire {
	return failed(b4(g), fmt.Sprintf("10.28.%d.%d", g, i+1), 11, 0, 0, datagram(a4(g), "192.0.2.7", 17, 40000, 53))
})

// alien are errors about datagrams that went to another host, foreign those of another host.
func alien(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram(a4(g), "192.0.2.7", 17, 40000, i))
	})
}

func alien6(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram(a6(g), "2001:db9::7", 17, 40000, i))
	})
}

func foreign(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram("192.0.2.7", b4(g), 17, 40000, i))
	})
}

func foreign6(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram("2001:db9::7", b6(g), 17, 40000, i))
	})
}

// alienBy are those of a host each, alienTo those to a host each.
var alienBy = one(func(g, i int) wire {
	return failed(fmt.Sprintf("198.50.%d.%d", i/200, i%200), a4(g), 3, 3, 0, datagram(a4(g), "192.0.2.7", 17, 40000, i))
})
var alienTo = one(func(g, i int) wire {
	return failed(b4(g), fmt.Sprintf("10.28.%d.%d", i/200, i%200), 3, 3, 0, datagram(a4(g), "192.0.2.7", 17, 40000, i))
})

// rated are messages of one node.
func rated(typ byte) group {
	return one(func(g, i int) wire {
		return wire{src: a6(g), dst: "ff02::1", message: message(typ, 0, 0, target(1)), hops: 255}
	})
}

var refusedMisses = []group{refused(3, 2, 17, 40000, 0), refused(3, 4, 17, 40000, 0), refused(4, 3, 17, 40000, 0), refused(11, 3, 17, 40000, 0),
	refused6(1, 3, 17, 40000, 0), refused6(1, 5, 17, 40000, 0), refused6(2, 4, 17, 40000, 0), refused6(3, 3, 17, 40000, 0), refused(3, 3, 17, 1023, 0),
	one(func(g, i int) wire { // a target each
		return failed(b4(g+i), a4(g), 3, 3, 0, datagram(a4(g), fmt.Sprintf("198.50.%d.1", i), 17, 40000, i))
	}),
	one(func(g, i int) wire { // a scanner each
		from := fmt.Sprintf("10.29.%d.1", i)
		return failed(b4(g), from, 3, 3, 0, datagram(from, b4(g), 17, 40000, i))
	})}

var filteredMisses = []group{refused(3, 8, 6, 40000, 0), refused(3, 11, 6, 40000, 0), refused(3, 12, 6, 40000, 0), refused(3, 14, 6, 40000, 0), refused(2, 9, 6, 40000, 0), refused(4, 9, 6, 40000, 0),
	refused6(1, 0, 6, 40000, 0), refused6(1, 2, 6, 40000, 0), refused6(1, 4, 6, 40000, 0), refused6(1, 7, 6, 40000, 0), refused6(2, 1, 6, 40000, 0), refused6(0, 1, 6, 40000, 0), refused(1, 1, 6, 40000, 0), refused6(3, 9, 6, 40000, 0),
	refused(3, 9, 6, 40000, 32768), refused(3, 9, 6, 40000, 32768-9),
	one(func(g, i int) wire {
		return failed(b4(g+i), a4(g), 3, 13, 0, datagram(a4(g), fmt.Sprintf("198.50.%d.1", i), 17, 40000, i))
	}),
	one(func(g, i int) wire {
		from := fmt.Sprintf("10.29.%d.1", i)
		return failed(b4(g), from, 3, 13, 0, datagram(from, b4(g), 17, 40000, i))
	})}

// lost are errors of one router about datagrams to many hosts.
func lost(typ, code, proto byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram(a4(g), fmt.Sprintf("192.0.%d.%d", g, i+1), proto, 40000, 80))
	})
}

func lost6(typ, code, proto byte) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram(a6(g), fmt.Sprintf("2001:db8:%x::%x", g+1, i+1), proto, 40000, 80))
	})
}

var lostMisses = []group{lost(3, 2, 6), lost(3, 3, 6), lost(3, 8, 6), lost(3, 11, 6), lost(3, 12, 6), lost(3, 14, 6), lost(2, 1, 6), lost(4, 1, 6), lost(3, 1, 1), lost(11, 1, 6),
	lost6(1, 2, 6), lost6(1, 4, 6), lost6(0, 1, 6), lost6(2, 1, 6), lost6(1, 1, 58), lost6(3, 0, 6), lost6(3, 9, 6), lost(1, 3, 6), lost(1, 0, 6)}

func protocols(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram(a4(g), b4(g), byte(90+i), 0, 0))
	})
}

func protocols6(typ, code byte) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram(a6(g), b6(g), byte(90+i), 0, 0))
	})
}

var protocolMisses = []group{protocols(3, 1), protocols(3, 3), protocols(2, 2), protocols(4, 2), protocols(4, 1), protocols6(4, 0), protocols6(4, 2), protocols6(3, 1), protocols6(3, 2), protocols6(5, 1),
	one(func(g, i int) wire {
		to := fmt.Sprintf("198.50.%d.1", i)
		return failed(to, a4(g), 3, 2, 0, datagram(a4(g), to, byte(90+i), 0, 0))
	}),
	one(func(g, i int) wire {
		from := fmt.Sprintf("10.29.%d.1", i)
		return failed(b4(g), from, 3, 2, 0, datagram(from, b4(g), byte(90+i), 0, 0))
	})}

var firewalkMisses = []group{refused(11, 1, 6, 40000, 0), refused(10, 0, 6, 40000, 0), refused(12, 0, 6, 40000, 0), refused(3, 0, 6, 40000, 0), refused6(3, 1, 6, 40000, 0), refused6(2, 0, 6, 40000, 0), refused6(4, 0, 6, 40000, 0), refused6(11, 0, 6, 40000, 0),
	refused(11, 0, 6, 40000, 32768), refused(11, 0, 6, 40000, 32768-9),
	one(func(g, i int) wire { // a router each
		return failed(fmt.Sprintf("198.50.%d.1", i), a4(g), 11, 0, 0, datagram(a4(g), b4(g), 6, 40000, i))
	}),
	one(func(g, i int) wire { // a sender each
		from := fmt.Sprintf("10.29.%d.1", i)
		return failed(b4(g), from, 11, 0, 0, datagram(from, b4(g), 6, 40000, i))
	})}

func target(n int) []byte { return netip.MustParseAddr(fmt.Sprintf("fd50::%x", n)).AsSlice() }

func option(kind byte, mac byte) []byte { return []byte{kind, 1, 2, 0, 0, 0, 9, mac} }

// sought are solicitations for one neighbour each, of ten; the first so many of them answer.
func sought(there int, unicast bool) group {
	return func(g, i int) []wire {
		dst, target := fmt.Sprintf("ff02::1:ff00:%x", i+1), fmt.Sprintf("fd50::%x:%x", g, i+1)
		if unicast {
			dst = target
		}
		q := wire{src: a6(g), dst: dst, message: message(135, 0, 0, append(netip.MustParseAddr(target).AsSlice(), option(1, byte(g))...)), station: byte(g)}
		if i%10 >= there {
			return []wire{q}
		}
		return []wire{q, {at: time.Millisecond, src: target, dst: a6(g), message: message(136, 0, 0x60<<24, append(netip.MustParseAddr(target).AsSlice(), option(2, byte(i))...)), station: byte(i)}}
	}
}

// soughtFew are one too few.
var soughtFew group = func(g, i int) []wire {
	if i >= 7 {
		return nil
	}
	return sought(0, false)(g, i)
}

var soughtAgain group = func(g, _ int) []wire { return sought(0, false)(g, 1) }

var advertise = one(func(g, i int) wire { return claims(g, fmt.Sprintf("fd50::%x:%x", g, i+1), 0x20, true, byte(g)) })

func probe(typ byte, dst string, header byte) group {
	return one(func(g, i int) wire {
		return wire{src: a6(g), dst: dst, message: echo(typ, 1, uint16(i), nil), headers: []byte{58, 0, 0x80, 1, 0, 1, 1, 0}, first: header}
	})
}

// query asks all listeners to answer within so many milliseconds, by either version.
func query(delay uint16, second bool) group {
	return one(func(g, _ int) wire {
		m := message(130, 0, uint32(delay)<<16, make([]byte, 16))
		if second {
			m = append(m, 2, 125, 0, 0)
		}
		return wire{src: a6(g), dst: "ff02::1", message: m, hops: 1}
	})
}

func queried(typ byte, dst string) group {
	return one(func(g, _ int) wire {
		return wire{src: a6(g), dst: dst, message: message(typ, 0, 0, make([]byte, 16)), hops: 1}
	})
}

func everybody(dst string) group {
	return one(func(g, i int) wire {
		src, typ := a4(g), byte(8)
		if netip.MustParseAddr(dst).Is6() {
			src, typ = a6(g), 128
		}
		return wire{src: src, dst: dst, message: echo(typ, uint16(g), uint16(i), nil)}
	})
}

var everyReply = one(func(g, i int) wire { return wire{src: a4(g), dst: "224.0.0.1", message: echo(0, 1, uint16(i), nil)} })

// quoting is errors about the packets of a group, which go to dst or, if that is "", to where those went. They have the
// same extension headers.
func quoting(f group, dst string) group {
	return func(g, i int) (out []wire) {
		for _, w := range f(g, i) {
			about := w.packets()[0]
			w.message = message(1, 0, 0, about)
			if w.cuts = nil; dst != "" {
				w.dst = dst
			}
			out = append(out, w)
		}
		return out
	}
}

func ping(text string) group {
	return one(func(g, i int) wire { return wire{src: a4(g), dst: b4(g), message: echo(8, 1, uint16(i), []byte(text))} })
}

func pong(text string) group {
	return one(func(g, i int) wire { return wire{src: a4(g), dst: b4(g), message: echo(0, 1, uint16(i), []byte(text))} })
}

func online(dst string) group {
	return one(func(g, i int) wire {
		src, typ := a4(g), byte(8)
		if netip.MustParseAddr(dst).Is6() {
			src, typ = a6(g), 128
		}
		return wire{src: src, dst: dst, message: echo(typ, 1, uint16(i), nil)}
	})
}

var onlineOutside = one(func(g, i int) wire { return wire{src: b4(g), dst: "8.8.8.8", message: echo(8, 1, uint16(i), nil)} })
var onlineReply = one(func(g, i int) wire { return wire{src: a4(g), dst: "8.8.8.8", message: echo(0, 1, uint16(i), nil)} })

var fping = make([]byte, 56)
var ordinary = []byte("abcdefghijklmnopqrstuvwabcdefghi")

func flood(typ byte, body []byte) group {
	return one(func(g, i int) wire { return wire{src: a4(g), dst: b4(g), message: message(typ, 0, uint32(i), body)} })
}

func unasked(typ byte, body []byte) group { return flood(typ, body) }

func floodTo(dst string) group {
	return one(func(g, i int) wire { return wire{src: a4(g), dst: dst, message: echo(8, 1, uint16(i), nil)} })
}

// answered4 are requests to many, all of whose replies go to one.
var answered4 group = func(g, i int) []wire {
	dst := fmt.Sprintf("10.%d.%d.9", 100+g%50, i%200)
	q := wire{src: a4(g), dst: dst, message: echo(8, uint16(g), uint16(i), nil)}
	return []wire{q, {at: time.Microsecond, src: dst, dst: q.src, message: echo(0, uint16(g), uint16(i), nil)}}
}

var alphabet = bytes.Repeat(ordinary[:23], 20)

// answeredLarge are answered pings of two sizes.
func answeredLarge(sizes ...int) group {
	return func(g, i int) []wire {
		body := alphabet[:sizes[i%2]]
		return []wire{{src: a4(g), dst: b4(g), message: echo(8, uint16(g), uint16(i), body)}, {at: time.Microsecond, src: b4(g), dst: a4(g), message: echo(0, uint16(g), uint16(i), body)}}
	}
}

// repliesLarge are the replies to one of many that it asks.
var repliesLarge group = func(g, i int) []wire {
	dst, body := fmt.Sprintf("10.%d.%d.9", 100+g%50, i%200), alphabet[:200]
	q := wire{src: a4(g), dst: dst, message: echo(8, uint16(g), uint16(i), body)}
	return []wire{q, {at: time.Microsecond, src: dst, dst: q.src, message: echo(0, uint16(g), uint16(i), body)}}
}

var answeredPing group = func(g, i int) []wire {
	dst := fmt.Sprintf("10.%d.%d.9", 100+g%50, i%200)
	q := wire{src: a4(g), dst: dst, message: echo(8, uint16(g), uint16(i), ordinary)}
	return []wire{q, {at: time.Microsecond, src: dst, dst: q.src, message: echo(0, uint16(g), uint16(i), ordinary)}}
}

func bare(typ, code byte) group {
	return one(func(g, i int) wire { return wire{src: b4(g), dst: a4(g), message: message(typ, code, uint32(i), nil)} })
}

func bare6(typ, code byte) group {
	return one(func(g, i int) wire {
		return wire{src: b6(g), dst: a6(g), message: message(typ, code, uint32(i), nil), hops: 255}
	})
}

// long are messages of n bytes.
func long(typ byte, n int) group {
	return one(func(g, i int) wire {
		return wire{src: b4(g), dst: a4(g), message: message(typ, 0, uint32(i), make([]byte, n-8))}
	})
}

func long6(typ byte, n int) group {
	return one(func(g, i int) wire {
		return wire{src: b6(g), dst: a6(g), message: message(typ, 0, uint32(i), make([]byte, n-8)), hops: 255}
	})
}

// bareRedirect quotes nothing, gatewayless redirects name no gateway.
var bareRedirect = one(func(g, i int) wire {
	return wire{src: b4(g), dst: a4(g), message: message(5, 1, 10<<24|30<<16|uint32(g)<<8|66, nil)}
})

func gatewayless(n int) group {
	return one(func(g, i int) wire { return wire{src: b4(g), dst: a4(g), message: message(5, 1, 0, make([]byte, n-8))} })
}

// known are messages about a ping that went before.
func known(typ byte) group {
	return func(g, i int) []wire {
		q := wire{src: a4(g), dst: b4(g), message: echo(8, uint16(g), uint16(i), nil)}
		return []wire{q, {at: time.Millisecond, src: d4(g), dst: q.src, message: message(typ, 1, 0, q.packets()[0])}}
	}
}

// from is a station of the group's own.
func from(g int, w wire) wire {
	w.station = byte(0x80 + g)
	return w
}

// brought is a packet that came by a router, announcement is that router's word that it is one.
func brought(g int) wire {
	return from(g, wire{src: c4(g), dst: a4(g), message: echo(0, 9, 9, nil), hops: 50})
}

func announcement(g int) wire {
	return advertised(fmt.Sprintf("fe80::%x", g+1), 1800, 0, byte(0x80+g), 1)
}

func redirected(g, i int) wire {
	return wire{at: time.Millisecond, src: d4(g), dst: a4(g), message: message(5, 1, uint32(i), make([]byte, 28))}
}

func redirected6(g, i int) wire {
	return wire{at: time.Millisecond, src: fmt.Sprintf("fe80::%x", g+1), dst: a6(g), message: message(137, 0, uint32(i), make([]byte, 32)), hops: 255}
}

// routed are a router's redirects, elsewhere those of another station than the router's.
var routed group = func(g, i int) []wire { return []wire{brought(g), from(g, redirected(g, i))} }
var routed6 group = func(g, i int) []wire { return []wire{announcement(g), from(g, redirected6(g, i))} }
var elsewhere group = func(g, i int) []wire {
	return []wire{from(g, wire{src: d4(g), dst: a4(g), message: echo(0, 9, 9, nil)}), redirected(g, i)}
}
var elsewhere6 group = func(g, i int) []wire { return []wire{announcement(g), redirected6(g, i)} }

// redirected6Known is about a ping that went before.
var redirected6Known group = func(g, i int) []wire {
	q := wire{src: a6(g), dst: b6(g), message: echo(128, uint16(g), uint16(i), nil)}
	about := q.packets()[0]
	r := redirected6(g, i)
	r.message = slices.Concat(r.message, []byte{4, byte(1 + len(about)/8), 0, 0, 0, 0, 0, 0}, about)
	return []wire{q, r}
}

// knownLong are redirects about large pings that went before.
var knownLong group = func(g, i int) []wire {
	q := wire{src: a4(g), dst: b4(g), message: echo(8, uint16(g), uint16(i), make([]byte, 40))}
	return []wire{q, {at: time.Millisecond, src: d4(g), dst: q.src, message: message(5, 1, 0, q.packets()[0])}}
}

// elsewhereKnown are such about a ping that went before.
var elsewhereKnown group = func(g, i int) []wire {
	list := known(5)(g, i)
	return append([]wire{from(g, wire{src: d4(g), dst: a4(g), message: echo(0, 9, 9, nil)})}, list...)
}

var known6 group = func(g, i int) []wire {
	q := wire{src: a6(g), dst: b6(g), message: echo(128, uint16(g), uint16(i), nil)}
	return []wire{q, {at: time.Millisecond, src: fmt.Sprintf("fe80::%x", g), dst: q.src, message: message(1, 0, 0, q.packets()[0])}}
}

// amplified is a request to all, which so many hosts answer.
func amplified(hosts int) group {
	return func(g, i int) (out []wire) {
		out = append(out, wire{src: a4(g), dst: "10.30.0.255", message: echo(8, uint16(g), uint16(i), nil)})
		for h := range hosts {
			out = append(out, wire{at: time.Duration(h+1) * time.Microsecond, src: fmt.Sprintf("10.30.0.%d", h+1), dst: a4(g), message: echo(0, uint16(g), uint16(i), nil)})
		}
		return out
	}
}

// crowd is one request that many hosts answer.
var crowd group = func(g, i int) []wire {
	if i > 0 {
		return nil
	}
	return amplified(20)(g, 0)
}

// doubled is a request to one host, which answers twice.
var doubled group = func(g, i int) []wire {
	reply := wire{at: time.Microsecond, src: b4(g), dst: a4(g), message: echo(0, uint16(g), uint16(i), nil)}
	return []wire{{src: a4(g), dst: b4(g), message: echo(8, uint16(g), uint16(i), nil)}, reply, later([]wire{reply}, time.Microsecond)[0]}
}

// shared is one reply that many hosts send.
var shared = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: a4(g), message: echo(0, uint16(g), 7, nil)}
})

var sharedAsked group = func(g, i int) []wire {
	return append([]wire{{src: a4(g), dst: fmt.Sprintf("198.51.%d.%d", g, i+1), message: echo(8, uint16(g), 7, nil)}}, later(shared(g, i), time.Millisecond)...)
}

var sharedStamp = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: a4(g), message: message(14, 0, 7, make([]byte, 12))}
})

var numbered = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: a4(g), message: echo(0, uint16(g), uint16(i), nil)}
})

func unaskedWith(body []byte) group {
	return one(func(g, i int) wire {
		return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: a4(g), message: echo(0, uint16(g), uint16(i), body)}
	})
}

var numberedRequests = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: a4(g), message: echo(8, uint16(g), uint16(i), nil)}
})

// again4 are many replies of a few hosts.
var again4 = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i%29+1), dst: a4(g), message: echo(0, uint16(g), uint16(i), nil)}
})

// unaskedFrom are one host's replies.
func unaskedFrom(body []byte) group {
	return one(func(g, i int) wire {
		return wire{src: "203.0.113.9", dst: a4(g), message: echo(0, uint16(g), uint16(i), body)}
	})
}

func requestsFrom(body []byte) group {
	return one(func(g, i int) wire {
		return wire{src: "203.0.113.9", dst: a4(g), message: echo(8, uint16(g), uint16(i), body)}
	})
}

var stampsFrom = one(func(g, i int) wire {
	return wire{src: "203.0.113.9", dst: a4(g), message: message(14, 0, uint32(i), make([]byte, 12))}
})

var answeredFrom group = func(g, i int) []wire {
	return []wire{{src: a4(g), dst: "203.0.113.9", message: echo(8, uint16(g), uint16(i), nil)}, later(unaskedFrom(nil)(g, i), time.Millisecond)[0]}
}

var identified = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: a4(g), message: echo(0, uint16(i), 7, nil)}
})

var addressed = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("198.51.%d.%d", g, i+1), dst: fmt.Sprintf("10.32.%d.%d", g, i+1), message: echo(0, uint16(g), 7, nil)}
})

var reflected group = func(g, i int) (out []wire) {
	for h := range 5 {
		out = append(out, wire{src: fmt.Sprintf("198.51.%d.%d", g, h+1), dst: a4(g), message: echo(0, uint16(g), uint16(i), nil)})
	}
	return out
}

// large is an echo request in fragments, which make a datagram of n bytes.
func large(n int) group {
	return one(func(g, _ int) wire {
		w := wire{src: a4(g), dst: b4(g), message: echo(8, 1, 1, make([]byte, n-28))}
		for at := 0; at < n-20; at += 65000 / 8 * 8 {
			w.cuts = append(w.cuts, at, min(at+65000, n-20))
		}
		return w
	})
}

// lapped makes a datagram of n bytes whose two fragments overlap.
func lapped(n int) group {
	return one(func(g, _ int) wire {
		return wire{src: a4(g), dst: b4(g), message: echo(8, 1, 1, make([]byte, n-28)), cuts: []int{0, 65000, 64000, n - 20}}
	})
}

func pieces(cuts ...int) group {
	return one(func(g, _ int) wire {
		return wire{src: a4(g), dst: b4(g), message: echo(8, 1, 1, noise(64, 1)), cuts: cuts}
	})
}

func ofFragment(typ byte, offset uint16) group {
	return one(func(g, _ int) wire {
		b := datagram(a4(g), b4(g), 17, 40000, 53)
		be.PutUint16(b[6:], offset/8)
		return failed(b4(g), a4(g), typ, 1, 0, b)
	})
}

var ofFragment6 = one(func(g, _ int) wire {
	b := quote(a6(g), b6(g), append([]byte{17, 0, 0, 8, 0, 0, 0, 1}, make([]byte, 16)...))
	b[6] = 44
	return failed(b6(g), a6(g), 1, 0, 0, b)
})

func options(text string, typ, code byte) group {
	return one(func(g, _ int) wire { return failed(a4(g), b4(g), typ, code, 20<<24, []byte(text)) })
}

func options6(text string) group {
	return one(func(g, _ int) wire { return failed(a6(g), b6(g), 12, 0, 0, []byte(text)) })
}

// advertised is a router advertisement.
func advertised(src string, lifetime uint16, preference byte, station byte, prefix int) wire {
	m := message(134, 0, 64<<24|uint32(preference)<<19|uint32(lifetime), make([]byte, 8))
	m = append(m, option(1, station)...)
	m = append(m, 3, 4, 64, 0xc0, 0, 0, 0, 60, 0, 0, 0, 60, 0, 0, 0, 0)
	m = append(m, netip.MustParseAddr(fmt.Sprintf("2001:db8:%x::", prefix)).AsSlice()...)
	return wire{src: src, dst: "ff02::1", message: m, station: station}
}

func routers(preference, hops byte) group {
	return one(func(g, i int) wire {
		w := advertised("fe80::1", 1800, preference, 1, 1)
		w.hops = hops
		return w
	})
}

// newcomer is a router of a preference that comes after another one, which offers the same unless the preference is that of most.
func newcomer(preference, hops byte) group {
	return func(g, i int) []wire {
		first, src := routers(0, 255)(g, i)[0], fmt.Sprintf("fe80::2:%x", g+1)
		w := advertised(src, 1800, preference, 2, 1)
		if preference == 0 {
			w = advertised(src, 1800, 0, 2, 2+g)
		}
		w.hops = hops
		return []wire{first, later([]wire{first}, time.Millisecond)[0], later([]wire{w}, 2*time.Millisecond)[0]}
	}
}

// hasty is a router that advertises itself, perhaps with how often it does so.
func hasty(typ, hops byte, tells bool) group {
	return one(func(g, i int) wire {
		w := advertised(fmt.Sprintf("fe80::%x", g+1), 1800, 0, 1, 1)
		w.message[0], w.hops = typ, hops
		if tells {
			w.message = append(w.message, 7, 1, 0, 0, 0, 0, 0, 100)
		}
		return w
	})
}

// hastyFew tells each host for itself, patient is many routers.
var hastyFew = one(func(g, i int) wire {
	w := advertised("fe80::77", 1800, 0, 1, 1)
	w.dst = b6(g)
	return w
})
var patient = one(func(g, i int) wire { return advertised(fmt.Sprintf("fe80::%x:%x", g+1, i+1), 1800, 0, 1, 1) })

// preferred is a router of high preference, for the shortest time there is.
var preferred = one(func(g, i int) wire { return advertised(fmt.Sprintf("fe80::%x", g+1), 1, 1, 1, 1) })

// ended prefers itself, and is none any more.
var ended = one(func(g, i int) wire { return advertised("fe80::9", 0, 1, 1, 1) })

// toOne are the messages of a group, but the last is for one host.
func toOne(f group) group {
	return func(g, i int) []wire {
		out := f(g, i)
		out[len(out)-1].dst = b6(g)
		return out
	}
}

// toEverybody are the messages of a group, but the last is for everybody.
func toEverybody(f group) group {
	return func(g, i int) []wire {
		out := f(g, i)
		out[len(out)-1].dst = "ff02::1"
		return out
	}
}

// crowdAsks is a host each that asks everybody.
func crowdAsks(dst string) group {
	return one(func(g, i int) wire {
		if netip.MustParseAddr(dst).Is6() {
			return wire{src: fmt.Sprintf("fd30::%x:%x", g+1, i+1), dst: dst, message: echo(128, uint16(g), uint16(i), nil)}
		}
		return wire{src: fmt.Sprintf("10.30.%d.%d", g, i+1), dst: dst, message: echo(8, uint16(g), uint16(i), nil)}
	})
}

// answering are requests of a group that are replies instead.
func answering(f group) group {
	return func(g, i int) []wire {
		out := f(g, i)
		out[len(out)-1].message = echo(0, uint16(g), uint16(i), nil)
		return out
	}
}

// inquirers all ask one node.
var inquirers = one(func(g, i int) wire {
	return wire{src: fmt.Sprintf("fd31::%x", i+1), dst: b6(g), message: message(139, 0, 2<<16, make([]byte, 24))}
})

// node asks a node for its name.
func node(typ byte) group {
	return one(func(g, i int) wire {
		return wire{src: a6(g), dst: b6(g), message: message(typ, 0, 2<<16, make([]byte, 24))}
	})
}

// rival is a second router.
func rival(prefix int) group {
	return one(func(g, i int) wire { return advertised("fe80::2", 1800, 0, 2, prefix) })
}

// impostor is the first router, each time at another station.
func impostor(typ byte) group {
	return one(func(g, i int) wire {
		w := advertised("fe80::1", 1800, 0, byte(3+i%2), 1)
		if w.message[0] = typ; typ == 135 {
			w.message = message(typ, 0, 0, append(target(1), option(1, w.station)...))
		}
		return w
	})
}

var solicitors = one(func(g, i int) wire { return wire{src: a6(g), dst: "ff02::2", message: message(133, 0, 0, nil)} })
var neighbors = one(func(g, i int) wire {
	return wire{src: a6(g), dst: "ff02::1", message: message(135, 0, 0, target(i)), station: byte(g)}
})

func madeUp(typ byte) group {
	return one(func(g, i int) wire {
		return wire{src: fmt.Sprintf("fe80::%x:%x", g+1, i+1), dst: "ff02::1", message: message(typ, 0, 0, target(i)), hops: 255}
	})
}

func optional(typ, kind byte, n int) group {
	return one(func(g, _ int) wire {
		body := map[byte]int{133: 0, 134: 8, 135: 16, 136: 16, 137: 32, 147: 0}[typ]
		return wire{src: a6(g), dst: "ff02::1", message: message(typ, 0, 0, slices.Concat(make([]byte, body), []byte{kind, byte(n)}, make([]byte, max(0, 8*n-2)))), hops: 255}
	})
}

// killed is a router that is said to be none, each time after it said it was for so long.
func killed(lifetime uint16) group {
	return func(g, i int) []wire {
		src := fmt.Sprintf("fe80::%x", g+1)
		return []wire{advertised(src, 1800, 0, byte(g), 1), later([]wire{advertised(src, lifetime, 0, byte(g), 1)}, time.Millisecond)[0]}
	}
}

var never = one(func(g, i int) wire { return advertised(fmt.Sprintf("fe80::%x", g+1), 0, 0, byte(g), 1) })

var lasting = one(func(g, i int) wire { return advertised(fmt.Sprintf("fe80::%x", g+1), 1, 0, byte(g), 1) })

// claims is a neighbour advertisement for the address of a group.
func claims(g int, address string, flags byte, all bool, station byte) wire {
	m := message(136, 0, uint32(flags)<<24, append(netip.MustParseAddr(address).AsSlice(), option(2, station)...))
	dst := b6(g)
	if all {
		dst = "ff02::1"
	}
	return wire{src: address, dst: dst, message: m, station: station}
}

// moving is an advertisement of one station, after another one used the address.
func moving(flags byte, all bool) group {
	return func(g, i int) []wire {
		address := fmt.Sprintf("fe80::%x:5", g+1)
		owner := wire{src: address, dst: "ff02::1:ff00:1", message: message(135, 0, 0, append(target(1), option(1, 201)...)), station: 201}
		return []wire{owner, later([]wire{claims(g, address, flags, all, 202)}, time.Millisecond)[0]}
	}
}

// usurped is an advertisement of one station, after another one said in a message of the type that it is the router. What is no
// router's says the same of itself.
func usurped(typ byte) group {
	return func(g, i int) []wire {
		address := fmt.Sprintf("fe80::%x", g+1)
		return []wire{routerSays(g, typ), later([]wire{claims(g, address, 0x60, false, 202)}, time.Millisecond)[0]}
	}
}

// routerSays is a router's word that it is one; a solicitation is no such word.
func routerSays(g int, typ byte) wire {
	address := fmt.Sprintf("fe80::%x", g+1)
	switch typ {
	case 134:
		return advertised(address, 1800, 0, 201, 1)
	case 136:
		return claims(g, address, 0xe0, true, 201)
	}
	return wire{src: address, dst: "ff02::1:ff00:1", message: message(135, 0, 0, append(target(1), option(1, 201)...)), station: 201}
}

// usurper is what other messages of another station say under a router's address.
func usurper(typ byte) group {
	return func(g, i int) []wire {
		w := routerSays(g, typ)
		w.station = 202
		copy(w.message[len(w.message)-8:], option(1, 202))
		if typ == 134 {
			w = advertised(w.src, 1800, 0, 202, 1)
		}
		return []wire{routerSays(g, 134), later([]wire{w}, time.Millisecond)[0]}
	}
}

// unmoved is what a router says of itself.
var unmoved = func(g, i int) []wire {
	return []wire{routerSays(g, 134), later([]wire{claims(g, fmt.Sprintf("fe80::%x", g+1), 0xe0, false, 201)}, time.Millisecond)[0]}
}

func still(flags byte) group {
	return one(func(g, i int) wire { return claims(g, fmt.Sprintf("fe80::%x:5", g+1), flags, false, 202) })
}

var movingSolicit = one(func(g, i int) wire {
	station := byte(201 + i%2)
	return wire{src: fmt.Sprintf("fe80::%x:5", g+1), dst: "ff02::1:ff00:1", message: message(135, 0, 0x60<<24, append(target(1), option(1, station)...)), station: station}
})

func forced(typ, flags byte, all bool) group {
	return one(func(g, i int) wire {
		w := claims(g, fmt.Sprintf("fe80::%x:5", g+1), flags, all, 202)
		w.message[0] = typ
		return w
	})
}

var forcedOthers = one(func(g, i int) wire { // a victim each
	w := claims(g, fmt.Sprintf("fe80::%x:5", g+1), 0x20, false, 202)
	w.dst = fmt.Sprintf("fd60::%x", i+1)
	return w
})

var forcedAddresses = one(func(g, i int) wire { return claims(g, fmt.Sprintf("fe80::%x:%x", g+1, i+1), 0x20, false, 202) })

// denied is a node that looks for an address of its own, and somebody who has it.
var denied group = func(g, i int) []wire {
	address := fmt.Sprintf("fe80::%x:%x", g+1, i+1)
	question := wire{src: "::", dst: "ff02::1:ff00:1", message: message(135, 0, 0, netip.MustParseAddr(address).AsSlice()), station: 201}
	return []wire{question, later([]wire{claims(g, address, 0x20, true, 202)}, time.Millisecond)[0]}
}

// announcing is a node that tells of its new address at once.
var announcing group = func(g, i int) []wire {
	list := denied(g, i)
	list[1].station = list[0].station
	return list
}

func evading(typ, first byte, headers []byte, cuts ...int) group {
	return one(func(g, _ int) wire {
		return wire{src: a6(g), dst: "ff02::1", message: message(typ, 0, 0, make([]byte, 28)), first: first, headers: headers, cuts: cuts, hops: 255}
	})
}

var pad = []byte{58, 0, 1, 4, 0, 0, 0, 0}

var evasions = []group{evading(133, destination, pad), evading(134, hopByHop, pad), evading(135, routing, []byte{58, 0, 253, 0, 0, 0, 0, 0}), evading(136, 0, nil, 0, 16, 16, 36)}

var evasionMisses = []group{evading(134, 0, nil), evading(132, destination, pad), evading(137, destination, pad), evading(143, hopByHop, pad), evading(128, 0, nil, 0, 16, 16, 36), quoting(evading(134, destination, pad), "")}

func afar(typ, hops byte) group {
	return one(func(g, _ int) wire {
		return wire{src: a6(g), dst: "ff02::1", message: message(typ, 0, 0, make([]byte, 32)), hops: hops}
	})
}

func handmade(typ, code byte) group {
	return func(g, i int) []wire {
		out := afar(typ, 255)(g, i)
		out[0].message[1] = code
		return out
	}
}

// object is an error that carries an extension object of the class behind what it quotes (RFC 4884).
func object(src, dst string, typ, code, class byte, about []byte) wire {
	about = append(about, make([]byte, 128-len(about))...)
	block := []byte{2 << 4, 0, 0, 0, 0, 8, class, 1, 0xde, 0xad, 0xbe, 0xef}
	be.PutUint16(block[2:], sum(block))
	words := uint32(128/4) << 16
	if about[0]>>4 == 6 {
		words = 128 / 8 << 24
	}
	return failed(src, dst, typ, code, words, append(about, block...))
}

func extended(typ, code, class byte) group {
	return one(func(g, i int) wire {
		return object(b4(g), a4(g), typ, code, class, datagram(a4(g), "192.0.2.7", 17, 40000, i))
	})
}

func extended6(typ, code, class byte) group {
	return one(func(g, i int) wire {
		return object(b6(g), a6(g), typ, code, class, datagram(a6(g), "2001:db9::7", 17, 40000, i))
	})
}

// unchecked have no checksum, mischecked a wrong one, extendedBy come from a host each, extendedTo go to a host each.
var unchecked = one(func(g, i int) wire {
	w := extended(11, 0, 9)(g, i)[0]
	w.message[8+128+2], w.message[8+128+3] = 0, 0
	return w
})
var mischecked = one(func(g, i int) wire {
	w := extended(11, 0, 9)(g, i)[0]
	w.message[8+128+2]++
	return w
})
var extendedBy = one(func(g, i int) wire {
	return object(fmt.Sprintf("198.50.%d.%d", g, i+1), a4(g), 11, 0, 9, datagram(a4(g), "192.0.2.7", 17, 40000, i))
})
var extendedTo = one(func(g, i int) wire {
	return object(b4(g), fmt.Sprintf("10.28.%d.%d", g, i+1), 11, 0, 9, datagram(a4(g), "192.0.2.7", 17, 40000, i))
})

// guessed are errors about segments from many ports to one.
func guessed(typ, code, proto byte) group {
	return one(func(g, i int) wire {
		return failed(b4(g), a4(g), typ, code, 0, datagram(a4(g), b4(g), proto, 40000+i, 179))
	})
}

func guessed6(typ, code, proto byte) group {
	return one(func(g, i int) wire {
		return failed(b6(g), a6(g), typ, code, 0, datagram(a6(g), b6(g), proto, 40000+i, 179))
	})
}

var guessedMisses = []group{guessed(3, 2, 6), guessed(3, 4, 6), guessed(2, 3, 6), guessed(4, 3, 6), guessed(11, 3, 6), guessed(1, 4, 6), guessed6(1, 3, 6), guessed6(1, 5, 6), guessed6(0, 4, 6), guessed6(2, 4, 6), guessed6(3, 3, 6), guessed(3, 3, 5), guessed(3, 3, 17), guessed(3, 3, 7),
	one(func(g, i int) wire { return failed(b4(g), a4(g), 3, 3, 0, datagram(a4(g), b4(g), 6, 40000+i, 100+i)) }),
	one(func(g, i int) wire {
		to := fmt.Sprintf("10.29.%d.1", i)
		return failed(b4(g), to, 3, 3, 0, datagram(to, b4(g), 6, 40000+i, 180))
	})}

// tooBig asks for an MTU, of a router or of the destination itself, for a packet of n bytes.
func tooBig(mtu uint32, n int, itself bool) group {
	return one(func(g, _ int) wire {
		b := datagram(a4(g), c4(g), 17, 40000, 53)
		be.PutUint16(b[2:], uint16(n))
		src := b4(g)
		if itself {
			src = c4(g)
		}
		return failed(src, a4(g), 3, 4, mtu, b)
	})
}

func tooBig6(mtu uint32, n int, itself bool) group {
	return one(func(g, _ int) wire {
		b := datagram(a6(g), fmt.Sprintf("2001:db9:%x::9", g+1), 17, 40000, 53)
		be.PutUint16(b[4:], uint16(n-40))
		src := b6(g)
		if itself {
			src = fmt.Sprintf("2001:db9:%x::9", g+1)
		}
		return failed(src, a6(g), 2, 0, mtu, b)
	})
}

var (
	pmtuHits   = []group{tooBig(575, 1500, false), tooBig(1, 1500, false), tooBig6(1279, 1500, false), tooBig6(0, 1500, false), tooBig(1600, 1500, false), tooBig(1500, 1500, false), tooBig6(1400, 1400, false), tooBig6(1400, 1500, true)}
	pmtuMisses = []group{tooBig(0, 1500, false), tooBig(576, 1500, false), tooBig(0, 0, false), tooBig6(1280, 1500, false), tooBig(1400, 1500, true), tooBig(1400, 1401, false), refused(3, 3, 17, 40000, 1), refused6(1, 4, 17, 40000, 1)}
)
