package suricata

import (
	"fmt"
	"strings"
	"testing"
)

// broken rules, and what is said of them: place, text and the reason's beginning.
var broken = []struct{ rule, say string }{
	{`alert tcp any any -> any any (sid:1;)`, "1:7 tcp: not about ICMP"},
	{`alert ip any any -> any any (sid:1; content:"x";)`, "1:7 ip: not about ICMP"},
	{`suppress gen_id 1, sig_id 2`, "1:1 suppress: no action"},
	{`alert icmp any any any any (sid:1;)`, "1:1 alert icmp any any any any : a rule's header has seven parts"},
	{`alert icmp any any => any any (sid:1;)`, "1:20 =>: no direction"},
	{`alert icmp any any -> any any`, "1:30 : the rule has no options"},
	{`alert icmp any any -> any any (sid:1; itype:8`, "1:46 : the rule ends too early"},
	{`alert icmp any any -> any any (sid:1;) rest`, "1:39 rest: unexpected text"},
	{`alert icmp any any -> any any (itype:8;)`, "1:1 : a rule needs a sid"},
	{`pass icmp any any -> any any (sid:1;)`, "1:1 pass: a pass rule suppresses"},
	{"alert icmp any any -> any any \\\n  (sid:1; itype:300;)", "2:17 300: itype: expected a number up to 255"},
	{`alert icmp any any -> any any (sid:1; itype:5<>6;)`, "1:45 5<>6: itype: there is no number"},
	{`alert icmp any any -> any any (sid:1; byte_jump:1,2;)`, "1:39 byte_jump: a place that is computed"},
	{`alert icmp any any -> any any (sid:1; frobnicate:1;)`, "1:39 frobnicate: this keyword has no counterpart"},
	{`alert icmp any any -> any any (sid:1; icmpv6_type:134;)`, `1:39 icmpv6_type: this keyword has no counterpart in a rule about ICMP packets; did you mean "itype"?`},
	{`alert icmp any any -> any any (sid:1; icmp-type 8;)`, `1:39 icmp-type 8: this keyword has no counterpart in a rule about ICMP packets; did you mean "itype"?`},
	{`alert icmp any any -> any any (sid:1; contnet:"a";)`, `1:39 contnet: this keyword has no counterpart in a rule about ICMP packets; did you mean "content"?`},
	{"alert icmp any any -> any any (\n  msg:\"a\";\n  itype:300; sid:1;\n)", "3:9 300: itype: expected a number up to 255"},
	{`alert icmp any any -> any any (sid:1; xbits:isset,x,track ip_src;)`, "1:39 xbits: whether the rule applies"},
	{`alert icmp any any -> any any (sid:1; flowbits:isset,x;)`, "1:39 flowbits: whether the rule applies"},
	{`alert icmp any any -> any any (sid:1; content:abc;)`, "1:47 abc: content: expected text in double quotes"},
	{`alert icmp any any -> any any (sid:1; content:"|0|";)`, "1:47 |0|: content: expected pairs"},
	{`alert icmp any any -> any any (sid:1; content:"abc"; depth:2;)`, `1:39 content:"abc": the content is longer than its window`},
	{`alert icmp any any -> any any (sid:1; depth:2;)`, "1:39 depth: depth: no content stands before it"},
	{`alert icmp any any -> any any (sid:1; content:"a"; content:!"b"; within:5;)`, `1:52 content:!"b": that something is missing`},
	{`alert icmp any any -> any any (sid:1; content:"a"; content:"b"; distance:-5;)`, `1:52 content:"b": a place before a content`},
	{`alert icmp any any -> any any (sid:1; content:"a"; byte_test:1,>,1,0,relative; isdataat:5,relative;)`, "1:80 isdataat: several tests behind"},
	{`alert icmp any any -> any any (sid:1; byte_test:1,>,300,0;)`, "1:49 1,>,300,0: byte_test: 1 bytes cannot hold"},
	{`alert icmp any any -> any any (sid:1; byte_test:4,>,300,0,string,dec;)`, "1:49 string: byte_test: numbers written as text"},
	{`alert icmp any any -> any any (sid:1; pcre:"/a(?=b)/";)`, "1:44 a(?=b): pcre: RE2"},
	{`alert icmp any any -> any any (sid:1; pcre:"/a/U";)`, "1:44 U: pcre: this flag"},
	{`alert icmp $OTHER any -> any any (sid:1;)`, "1:12 $OTHER: the value of this variable is not known; say --var OTHER=NETWORKS"},
	{`alert icmp 10.0.0.300 any -> any any (sid:1;)`, "1:12 10.0.0.300: no address"},
	{`alert icmp any any -> !any any (sid:1;)`, "1:23 !any: no address is left"},
	{`alert icmpv6 any any -> any any (sid:1; ipopts:rr;)`, "1:41 ipopts: no ICMP packet is left"},
	{`alert pkthdr any any -> any any (sid:1; decode-event:icmpv4.unknown_code;)`, "1:41 decode-event:icmpv4.unknown_code: a remark of the engine"},
	{`alert icmp any any -> any any (sid:1; icmpv6.hdr; content:"|80|";)`, "1:39 icmpv6.hdr: contents of the header"},
	{`alert icmp any any -> any any (sid:1; itype:8; fragoffset:>0;)`, "1:48 fragoffset:>0: the message of a datagram"},
	{`alert icmp any any -> any any (sid:1; itype:8; fragbits:M;)`, "1:48 fragbits:M: the message of a datagram"},
	{`alert icmp any any -> any any (sid:1; threshold:type both, track by_rule, count 1, seconds 5;)`, "1:49 type both, track by_rule, count 1, seconds 5: threshold: expected track"},
}

func TestRefused(t *testing.T) {
	for _, test := range broken {
		im := Importer{Dialect: Suricata}
		l := im.File("x.rules", []byte(test.rule))[0]
		if l.Outcome != Refused {
			t.Errorf("%s: %s", test.rule, l.Outcome)
			continue
		}
		r := l.Reasons[0]
		if got := fmt.Sprintf("%d:%d %s: %s", r.At.Line, r.At.Column, r.Text, r.Message); !strings.HasPrefix(got, test.say) {
			t.Errorf("%s:\n got %s\nwant %s", test.rule, got, test.say)
		}
	}
}
