package suricata

// rule options that cover every keyword that converts, as both dialects take them unless said otherwise.
type optionLine struct {
	options string
	only    Dialect
}

var lines = []optionLine{
	{"itype:8", ""}, {"itype: 0; icode: 0", ""}, {"itype:>10", ""}, {"itype:<5", ""}, {"itype:3<>9", ""}, {"itype:!8", Suricata}, {"itype:<=3", Suricata},
	{"itype:3-9", Suricata}, {"icode:1", ""}, {"icode:>0", ""}, {"itype:3; icode:1<>4", ""}, {"itype:134", ""}, {"itype:13", ""},
	{"icmp_id:4660", ""}, {"icmp_seq:1", ""}, {"itype:8; icmp_id:0x1234", ""}, {"itype:0; icmp_seq:2", ""}, {"icmp_id:1; itype:13", ""},
	{"ttl:64", ""}, {"ttl:<10", ""}, {"ttl:>64", ""}, {"ttl:1-5", ""}, {"ttl:>=64", ""}, {"id:0", ""}, {"id:4660", ""}, {"tos:0", ""}, {"tos:!0", ""},
	{"ipopts:rr", ""}, {"ipopts:any", ""}, {"ipopts:lsrr", ""}, {"itype:8; fragbits:D", ""}, {"itype:8; fragbits:D+", ""}, {"itype:8; fragbits:!D", ""},
	{"itype:8; fragbits:*MD", ""}, {"itype:8; fragoffset:0", ""}, {"itype:8; fragoffset:>0", ""}, {"ip_proto:1; itype:8", ""}, {"ip_proto:icmp", ""},
	{"sameip", ""}, {"itype:8; sameip", ""}, {"icmpv4-csum:invalid", Suricata}, {"icmpv6-csum:valid", Suricata}, {"icmpv6.mtu:<1500", Suricata},
	{"dsize:56", ""}, {"dsize:>800", ""}, {"dsize:<8", ""}, {"dsize:0", ""}, {"dsize:32<>64", ""}, {"itype:8; dsize:!56", Suricata}, {"dsize:>=56", ""},
	{`content:"abcdefgh"`, ""}, {`itype:8; content:"abcd"; depth:4`, ""}, {`content:"abc"; depth:32`, ""}, {`content:"efgh"; offset:4; depth:8`, ""},
	{`content:"ABCD"; nocase`, ""}, {`content:!"abcd"`, ""}, {`itype:8; content:!"abcd"; depth:10`, ""}, {`content:"|10 11 12|"`, ""},
	{`content:"|101112|"; offset:16`, ""}, {`content:"a|62 63|d"; rawbytes; fast_pattern`, ""}, {`content:"\;"`, ""}, {`content:"\""`, ""}, {`content:"|00|"`, ""},
	{`content:"|00 00|"; depth:2`, ""}, {`content:"abc"; content:"def"; distance:0`, ""}, {`content:"abc"; content:"efg"; distance:1; within:3`, ""},
	{`content:"a"; content:"e"; within:6; content:"i"; distance:2; within:4`, ""}, {`content:"abc"; depth:3; content:"f"; distance:1; within:3`, ""},
	{`content:"abcd"; offset:0; depth:4; content:!"x"; distance:0; within:8`, ""}, {`content:"cd"; offset:2; depth:2; content:"ab"; distance:-4; within:2`, ""},
	{`content:"|00|"; content:"|01|"; distance:0`, ""}, {`content:"ab"; startswith`, Suricata}, {`content:"wabcdefghi"; endswith`, Suricata}, {`content:"I"; nocase; endswith`, Suricata},
	{`content:"in";distance:2`, ""}, {`content:"|61|"; content:!"zzz"; content:"b"; within:1`, ""},
	{`byte_test:1,>,64,0`, ""}, {`byte_test:2,=,24930,0`, ""}, {`byte_test:2,<,1000,4`, ""}, {`byte_test:4,>,1000,0,little`, ""}, {`byte_test:2,&,1,0`, ""},
	{`byte_test:2,!&,1,0`, ""}, {`byte_test:2,!,0,0`, ""}, {`byte_test:1,!>,64,1`, ""}, {`byte_test:1,=,3,0,bitmask 0x30`, Suricata}, {`byte_test:2,>=,257,2,big`, ""},
	{`content:"abc"; depth:3; byte_test:1,=,100,0,relative`, ""}, {`content:"a"; byte_test:1,=,98,0,relative`, ""}, {`content:"a"; byte_test:2,>,25000,1,relative`, ""},
	{`content:"|00|"; byte_test:2,<,258,1,relative,little`, ""}, {`content:"|00|"; byte_test:1,&,128,0,relative`, ""}, {`content:"|00|"; byte_test:2,!&,4096,0,relative`, ""},
	{`content:"|00|"; byte_test:2,!=,0,0,relative`, ""}, {`content:"|00|"; byte_test:2,<=,256,0,relative`, ""},
	{"isdataat:56", ""}, {"isdataat:!8", ""}, {"isdataat:55", ""}, {`content:"abc"; isdataat:4,relative`, ""}, {`content:"ghi"; isdataat:!1,relative`, ""},
	{`content:"abcd"; depth:4; isdataat:28,relative`, ""}, {`content:"abcd"; depth:4; isdataat:!28,relative`, ""},
	{`pcre:"/abc.*ghi/"`, ""}, {`pcre:"/ABC/i"`, ""}, {`pcre:"/^abcd/"`, ""}, {`pcre:!"/abcd/"`, ""}, {`pcre:"/[a-c]{3}d e/x"`, ""}, {`pcre:"/\x10.\x12/s"`, ""},
	{`content:"abc"; pcre:"/^de/R"`, ""}, {`content:"abc"; pcre:"/f.h/R"`, ""}, {`content:"abc"; depth:3; pcre:"/^de/R"`, ""}, {`pcre:"/bcd/A"`, ""},
	{`pcre:"/a[bc]+/"; content:"d"; distance:0; within:1`, ""},
	{"itype:9; icode:0", ""}, {`itype:13; dsize:<20`, ""}, {`itype:3; content:"|45 00|"; depth:2`, ""}, {`itype:5; content:"|45 00|"; offset:4; depth:2`, ""},
	{`itype:135; content:"|fe 80|"; depth:2`, ""}, {`itype:136; content:"|02 01|"; offset:16; depth:2`, ""},
}
