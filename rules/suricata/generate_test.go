package suricata

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"icmpsift/ingest"
)

// generator makes rules of every keyword that the importer takes, from a fixed seed.
type generator struct {
	*rand.Rand
	words []string // as contents have them, found in the lab's payloads
	rules []string
}

// generated gives rules with sids from 1. Packets give the words to look for.
func generated(t *testing.T, packets []*ingest.Packet) []string {
	t.Helper()
	g := &generator{Rand: rand.New(rand.NewSource(3))}
	g.harvest(packets)
	for _, l := range lines {
		if l.only != Snort2 {
			g.icmp(l.options)
		}
	}
	g.numbers()
	g.headers()
	g.addresses()
	g.contents()
	g.tests()
	g.perls()
	g.mixtures()
	return g.rules
}

func (g *generator) rule(header, options string) {
	g.rules = append(g.rules, fmt.Sprintf("alert %s (msg:\"%d\"; %s; sid:%d;)", header, len(g.rules)+1, options, len(g.rules)+1))
}

func (g *generator) icmp(options string) { g.rule("icmp any any -> any any", options) }

func (g *generator) each(format string, values ...any) {
	for _, v := range values {
		g.icmp(fmt.Sprintf(format, v))
	}
}

// harvest takes pieces of payloads, at places of all depths.
func (g *generator) harvest(packets []*ingest.Packet) {
	for _, i := range g.Perm(len(packets)) {
		m := packets[i].Message()
		if m == nil || len(m.Bytes) < 24 || len(g.words) > 400 {
			continue
		}
		at := 8 + g.Intn(min(len(m.Bytes)-16, 80))
		n := 1 + g.Intn(6)
		word := "|" + fmt.Sprintf("% x", m.Bytes[at:at+n]) + "|"
		if text := string(m.Bytes[at : at+n]); g.Intn(2) == 0 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
			word = text
		}
		g.words = append(g.words, fmt.Sprintf("%d %d %s", at-8, n, word))
	}
}

// word gives a piece, its length, and the place in a payload where it was.
func (g *generator) word() (text string, n, at int) {
	w := g.words[g.Intn(len(g.words))]
	fmt.Sscanf(w, "%d %d", &at, &n)
	return strings.SplitN(w, " ", 3)[2], n, at
}

func (g *generator) numbers() {
	for _, t := range []int{0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 30, 40, 128, 129, 130, 133, 134, 135, 136, 137, 143, 253, 255} {
		g.each("itype:%d", t)
		g.each("itype:%d; icode:0", t)
		g.each("itype:%d; icode:>0", t)
		g.each("itype:%d; dsize:>20", t)
		g.each("itype:%d; icmp_seq:1", t)
		g.each("itype:%d; icmp_id:53", t)
		g.each(`itype:%d; content:"|00|"; depth:4`, t)
		g.each(`itype:%d; content:"abc"`, t)
	}
	g.each("itype:%s", ">0", "<9", ">9", "<128", ">128", "0<>8", "3<>14", "8<>9", "127<>137", "<1", ">254", "<=8", ">=128", "!8", "8-14", " 8 ", ">8 ")
	g.each("icode:%s", "0", "1", "3", ">2", "<2", "0<>3", ">200", "<=1", ">=1", "!0", "1-3")
	g.each("icmp_id:%s", "0", "52", "53", "308", "309", "65535", `"52"`, "0x34", "4660")
	g.each("icmp_seq:%s", "0", "1", "2", "256", "512", `"1"`)
	g.each("dsize:%s", "0", "8", "12", "56", "1400", ">0", ">100", "<8", "<1", ">=56", "<=56", "!56", "8<>64", "8-64", "0<>2", "55<>57")
	g.each("ttl:%s", "1", "64", "255", "<5", ">64", "<=64", ">=64", "1-5", "4-64", "-64", "64-", "!64")
	g.each("id:%s", "0", "7", "4660", "65535", `"7"`, "!0")
	g.each("tos:%s", "0", "192", "3", "x10", "0x10", "!0", "!192", "16")
	for _, header := range []string{"icmpv4", "icmpv6", "ip", "icmp6", "icmp4"} {
		for _, options := range []string{"itype:8", "itype:128", "itype:0; icode:0", "itype:>0", `itype:135; content:"|fe 80|"`, "dsize:>4; itype:<140", "icmp_seq:1", "icmp_id:53", `content:"abc"; dsize:>1`, "ttl:64"} {
			g.rule(header+" any any -> any any", options)
		}
	}
}

func (g *generator) headers() {
	for _, o := range []string{"rr", "eol", "nop", "ts", "sec", "esec", "lsrr", "lsrre", "ssrr", "satid", "any"} {
		g.each("ipopts:%s", o)
		g.each("itype:8; ipopts:%s", o)
	}
	for _, o := range []string{"M", "D", "R", "MD", "RD", "M+", "D+", "+D", "R+", "MR+", "!M", "!D", "!R", "D*", "*MD", "RD*", "!MDR"} {
		g.each("fragbits:%s", o)
		g.each("itype:8; fragbits:%s", o)
	}
	g.each("fragoffset:%s", "0", ">0", "<5", "4", "!0", ">4")
	g.each("itype:>0; fragoffset:%s", "0", ">0", "<5")
	g.each("ip_proto:%s; ttl:>0", "1", "icmp", "58")
	for _, p := range []string{"1", "58", "icmp", "ipv6-icmp", ">0", "!17", "!1", "<2"} {
		g.rule("ip any any -> any any", "ip_proto:"+p+"; ttl:>0; itype:>0")
	}
	for _, p := range []string{"1", "58", "icmp", "ipv6-icmp"} {
		g.rule("ip any any -> any any", "ip_proto:"+p+"; ttl:>0")
	}
	g.each("%s", "sameip", "sameip; itype:8", "sameip; ttl:64", "icmpv4-csum:valid", "icmpv4-csum:invalid", "icmpv6-csum:valid", "icmpv6-csum:invalid",
		"icmpv4-csum:invalid; itype:8", "icmpv6.mtu:<1500", "icmpv6.mtu:>52", "icmpv6.mtu:0<>2000", "icmpv6.mtu:53",
		`icmpv4.hdr; content:"|08 00|"; startswith`, `icmpv4.hdr; content:"|00 34|"; offset:4; depth:2`, `icmpv6.hdr; content:"|80 00|"; depth:2`,
		`icmpv6.hdr; content:"|87 00|"; startswith; dsize:>8`, `icmpv6.hdr; byte_test:1,=,128,0`, `icmpv4.hdr; content:"|00 01|"; offset:6`,
		`ipv4.hdr; content:"|01|"; offset:9; depth:1`, `ipv6.hdr; content:"|3a|"; offset:6; depth:1; itype:128`,
		`flow:stateless; itype:8`, `itype:8; flow:to_server`, `itype:0; flow:established`, `ipv4-csum:invalid; itype:>0`)
}

func (g *generator) addresses() {
	for _, a := range []string{"10.0.0.1", "10.0.0.0/8", "![10.0.0.0/8]", "!10.0.0.1", "[10.0.0.0/24,192.168.1.1]", "[10.0.0.0/8,!10.9.0.0/16]", "[!10.0.0.1,!10.0.0.2]",
		"$HOME_NET", "$EXTERNAL_NET", "!$HOME_NET", "[$HOME_NET,203.0.113.0/24]", "[203.0.113.9,!$HOME_NET]", "fd00::/8", "[fe80::/10,10.0.0.0/8]", "!fe80::/10", "2001:db8::1",
		"[any,!10.0.0.1]", "[10.0.0.1-10.0.0.9]", "10.0.0.1/24", "[!$EXTERNAL_NET,10.0.0.0/8]", "!$EXTERNAL_NET", "![$HOME_NET,8.8.8.8]", "[![10.0.0.0/8],10.9.0.7]",
		"[10.0.0.0/8,![10.0.0.0/24,10.9.0.0/24]]", "0.0.0.0/0", "::/0", "[0.0.0.0/0,!8.8.8.8]", "255.255.255.255", "224.0.0.0/4", "ff00::/8"} {
		for _, options := range []string{"itype:>0", "ttl:>0; icode:0", "icode:>0"} {
			g.rule("icmp "+a+" any -> any any", options)
			g.rule("icmp any any -> "+a+" any", options)
			g.rule("icmp "+a+" any <> [8.8.8.8,203.0.113.0/24,2001:db8::/32] any", options)
			g.rule("icmp "+a+" any -> !"+strings.TrimPrefix(a, "!")+" any", options)
		}
	}
}

func (g *generator) contents() {
	modifiers := []func(n, at int) string{
		func(n, at int) string { return "" },
		func(n, at int) string { return "; nocase" },
		func(n, at int) string { return fmt.Sprintf("; offset:%d", at) },
		func(n, at int) string { return fmt.Sprintf("; offset:%d", at+1) },
		func(n, at int) string { return fmt.Sprintf("; depth:%d", at+n) },
		func(n, at int) string { return fmt.Sprintf("; depth:%d", max(n, at+n-1)) },
		func(n, at int) string { return fmt.Sprintf("; offset:%d; depth:%d", at, n) },
		func(n, at int) string { return fmt.Sprintf("; offset:%d; depth:%d; nocase", at, n+2) },
		func(n, at int) string { return "; startswith" },
		func(n, at int) string { return "; endswith" },
		func(n, at int) string { return fmt.Sprintf("; isdataat:%d,relative", g.Intn(40)) },
		func(n, at int) string { return fmt.Sprintf("; isdataat:!%d,relative", g.Intn(40)) },
		func(n, at int) string { return "; startswith; endswith" },
		func(n, at int) string { return fmt.Sprintf("; offset:%d; depth:%d; endswith", at, n+8) },
		func(n, at int) string { return fmt.Sprintf("; offset:%d; endswith", at) },
		func(n, at int) string { return "; fast_pattern; rawbytes" },
	}
	for range 10 {
		for _, m := range modifiers {
			w, n, at := g.word()
			g.each(`content:%s"`+w+`"`+m(n, at), []any{"", "!"}[g.Intn(2)])
		}
	}
	relative := []func(n int) string{
		func(n int) string { return fmt.Sprintf("distance:%d", g.Intn(4)) },
		func(n int) string { return fmt.Sprintf("within:%d", n+g.Intn(20)) },
		func(n int) string { return fmt.Sprintf("distance:%d; within:%d", g.Intn(3), n+g.Intn(20)) },
		func(n int) string { return fmt.Sprintf("distance:-%d", 1+g.Intn(4)) },
		func(n int) string { return fmt.Sprintf("distance:-%d; within:%d", 1+g.Intn(4), n+g.Intn(20)) },
		func(n int) string { return fmt.Sprintf("distance:%d; nocase", g.Intn(3)) },
		func(n int) string { return "distance:0; endswith" },
		func(n int) string { return fmt.Sprintf("within:%d; isdataat:%d,relative", n+20, g.Intn(20)) },
	}
	for range 12 {
		for _, r := range relative {
			first, n1, at := g.word()
			second, n2, _ := g.word()
			if g.Intn(2) == 0 {
				second, n2 = []string{"|00|", "a", "|01|", "efg", "i", "abc"}[g.Intn(6)], 3
			}
			place := []string{"", fmt.Sprintf("; offset:%d; depth:%d", at, n1), fmt.Sprintf("; depth:%d", at+n1), "; startswith"}[g.Intn(4)]
			g.each(`content:"`+first+`"`+place+`; content:%s"`+second+`"; `+r(n2), []any{"", "", "", "!"}[g.Intn(4)])
		}
	}
}

func (g *generator) tests() {
	ops := []string{"=", ">", "<", ">=", "<=", "!", "!=", "&", "^", "!&", "!>", "!<", "!="}
	for range 9 {
		for _, op := range ops {
			size := []int{1, 1, 2, 2, 3, 4, 8}[g.Intn(7)]
			value := []int{0, 1, 8, 64, 97, 100, 255, 25000, 65535, 1 << 24}[g.Intn(10)] & (1<<(8*min(size, 7)) - 1)
			more := []string{"", "", ",little", ",big", ",bitmask 0x0f", ",bitmask 0xf0", ",little,bitmask 0x7c"}[g.Intn(7)]
			test := fmt.Sprintf("byte_test:%d,%s,%d,%d", size, op, value, g.Intn(12))
			switch g.Intn(3) {
			case 0:
				w, n, at := g.word()
				test = fmt.Sprintf(`content:"%s"; offset:%d; depth:%d; %s,relative`, w, at, n, test)
			case 1:
				w, _, _ := g.word()
				test = fmt.Sprintf(`content:"%s"; %s,relative`, w, test)
			}
			g.icmp(test + more)
		}
	}
	g.each("isdataat:%s", "0", "1", "8", "55", "56", "57", "!0", "!1", "!56", "1400", "!1400", "8,rawbytes")
	g.each(`content:"abc"; byte_test:1,=,100,%s,relative`, "0", "1", "-1", "-3", "-4")
	g.each(`byte_test:1,>,64,%s`, "0", "7", "20", "1000", "-1")
	g.each("byte_jump:%s", "1,0", "1,0; isdataat:4,relative", "2,0,little", `1,0; content:"a"; distance:0`)
	g.each("byte_test:%s", "1,=,1,0,string,dec", "4,=,100,0,string,hex", "2,=,0x6162,0", "0,=,1,0", "9,=,1,0")
}

func (g *generator) perls() {
	for _, p := range []string{"/abc/", "/ABC/i", "/^abc/", "/abc$/", "/^abc$/", "/^[a-z]+$/", "/a.c/", "/a.c/s", "/\\x00{4}/", "/[\\x80-\\xff]{2}/", "/\\d{3}/", "/\\w+\\s\\w+/", "/i$/",
		"/\\Aab/", "/ghi\\z/", "/ghi\\Z/", "/(abc|def)+g/", "/a.*i/", "/a.*i/s", "/^b/m", "/b$/m", "/abc/A", "/bcd/A", "/ab c/x", "/(?i)ABC/", "/a[^b]c/", "/\\n/", "/\\bdef/",
		"/abc/R", "/a(?=b)/", "/(a)\\1/", "/a++b/", "/abc/G", "/abc/U", "/abc/E", "/[[:alpha:]]{5}/", "/\\x{41}/", "/\\Qa.c\\E/", "/\\h/", "/a{2,}/", "/abc/ism", "/^.{8}abc/s", "/\\xff$/", "/./", "/^$/"} {
		g.each(`pcre:%s"`+p+`"`, "", "!")
		g.icmp(`content:"a"; pcre:"` + p + `R"`)
		g.icmp(`content:"a"; depth:1; pcre:"` + p + `R"`)
	}
	g.each(`pcre:"/ab/"; content:"%s"; distance:0`, "c", "d", "|00|")
	g.each(`pcre:"/ab+/"; isdataat:%s,relative`, "1", "!1", "4", "!4", "!30")
}

// mixtures are two or three conditions at once.
func (g *generator) mixtures() {
	var one []string
	for _, r := range g.rules {
		body := r[strings.Index(r, `"; `)+3 : strings.LastIndex(r, "; sid")]
		if strings.HasPrefix(r, "alert icmp any any -> any any") && !strings.Contains(body, "hdr;") {
			one = append(one, body)
		}
	}
	for range 200 {
		a, b := one[g.Intn(len(one))], one[g.Intn(len(one))]
		g.icmp([]string{"itype:8; ", "itype:0; ", "", "itype:>0; "}[g.Intn(4)] + a + "; " + b)
	}
}
