package builtin_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// signed is what a rule for a tool is tested on: messages by which it is found, and near misses. Requests go from client to
// server and replies back, wherever a message is put.
type signed struct {
	least int           // so many make a finding
	span  time.Duration // within this time
	ways  []func(i int) []byte
	near  []func(i int) []byte
	pair  func(i int, m []byte) (before []byte) // the request that the message answers; nil: none
	miss  func() []sent                         // what does not fit the pattern
	most  int                                   // more than so many are something else; 0: no bound
}

const day = 24 * time.Hour

func init() {
	for name, s := range signatures {
		captures[name+"-hit"], captures[name+"-miss"] = s.hit, s.missed
	}
	maps.Copy(captures, unlike)
}

// put sends the i-th message between the two; what it answers comes a moment before.
func (s signed) put(at time.Duration, client, server string, i int, m []byte) (out []sent) {
	if s.pair != nil {
		if asked := s.pair(i, m); asked != nil {
			out = append(out, sent{at, client, server, asked})
		}
		at += 10 * time.Millisecond
	}
	if m[0] == 8 || m[0] == 128 {
		return append(out, sent{at, client, server, m})
	}
	return append(out, sent{at, server, client, m})
}

// row sends the first n messages of a way at even times from the start to the end.
func (s signed) row(from, length time.Duration, client, server string, n int, way func(i int) []byte) (out []sent) {
	for i := range n {
		at := from + length*time.Duration(i)/time.Duration(max(1, n-1))
		out = append(out, s.put(at, client, server, i, way(i))...)
	}
	return out
}

// hit is as many messages as it takes, by each way, over three quarters of the time span. Where one is enough: two over
// three quarters, which are one finding; two over one and a half, which are two; and the same between other hosts.
func (s signed) hit() (out []sent) {
	n := max(2, s.least)
	for k, way := range s.ways {
		client, server := inside, outside
		if k > 0 {
			client, server = fmt.Sprintf("10.20.3.%d", k), fmt.Sprintf("198.51.100.%d", k)
		}
		out = append(out, s.row(time.Duration(k)*time.Second, s.span*3/4, client, server, n, way)...)
	}
	if s.least > 1 {
		return out
	}
	out = append(out, s.row(time.Minute, s.span*3/2, "10.20.4.1", "198.51.100.201", 2, s.ways[0])...)
	out = append(out, s.row(2*time.Minute, 0, "10.20.4.2", outside, 1, s.ways[0])...)
	if s.most > 0 {
		out = append(out, s.row(4*time.Minute, time.Hour, "10.20.4.3", "198.51.100.203", s.most, s.ways[0])...)
	}
	return append(out, s.row(3*time.Minute, 0, inside, "198.51.100.202", 1, s.ways[0])...)
}

// missed is too few messages, between several hosts that share one, or in too long a time; and near misses, more of each
// than it would take.
func (s signed) missed() (out []sent) {
	if s.least > 1 {
		fewer := s.least - 1
		out = append(out, s.row(0, time.Minute, inside, outside, fewer, s.ways[0])...)
		out = append(out, s.row(0, time.Minute, inside, outside2, fewer, func(i int) []byte { return s.ways[0](i + fewer) })...)
		out = append(out, s.row(0, time.Minute, inside2, outside, fewer, func(i int) []byte { return s.ways[0](i + 2*fewer) })...)
		out = append(out, s.row(0, s.span*3/2, inside3, outside3, s.least, s.ways[0])...)
	}
	for k, way := range s.near {
		client, server := fmt.Sprintf("10.20.5.%d", k+1), fmt.Sprintf("198.51.100.%d", k+1)
		out = append(out, s.row(time.Second, time.Minute, client, server, s.least+2, way)...)
	}
	if s.most > 0 {
		out = append(out, s.row(0, time.Hour, "10.20.6.9", outside, s.most+1, s.ways[0])...)
	}
	if s.miss != nil {
		out = append(out, s.miss()...)
	}
	return out
}

// asks and answers make messages of payloads; identifiers stand still and sequence numbers rise.
func asks(payload func(i int) []byte) func(i int) []byte {
	return func(i int) []byte { return echo(8, 900, uint16(i+1), payload(i)) }
}

func answers(payload func(i int) []byte) func(i int) []byte {
	return func(i int) []byte { return echo(0, 900, uint16(i+1), payload(i)) }
}

// behind puts bytes that differ behind a constant front.
func behind(front string, n int) func(i int) []byte {
	return func(i int) []byte { return append([]byte(front), noise(n, i+len(front))...) }
}

func always(text string) func(i int) []byte { return func(int) []byte { return []byte(text) } }

// wordless is a payload that no tool writes: neither text nor even.
func wordless(i int) []byte { return unknown(i) }

// ptunnelHeader is the 28 bytes before the data of ptunnel and ptunnel-ng.
func ptunnelHeader(magic string, state uint32, data []byte) []byte {
	b := append([]byte(magic), 0, 0, 0, 0, 0, 0, 0, 0)
	b = be.AppendUint32(be.AppendUint32(b, state), 7)
	b = be.AppendUint32(b, uint32(len(data)))
	return append(append(b, 0, 9, 3, 132), data...)
}

func ptunnel(magic string, state uint32) func(i int) []byte {
	return func(i int) []byte { return ptunnelHeader(magic, state, noise(41+i, i)) }
}

// protobuf is a message of pingtunnel.
func protobuf(magic string) func(i int) []byte {
	return func(i int) []byte {
		id := hex.EncodeToString(noise(16, 5))
		return slices.Concat([]byte("\x0a\x20"+id+"\x22\x10"), noise(16, i), []byte("\x28\x01"+magic+"\x38\xa4\x13"))
	}
}

// ethernet is a frame with TCP in it.
func ethernet(kind string) func(i int) []byte {
	return func(i int) []byte {
		ip := slices.Concat([]byte(kind), noise(8, i), []byte{6}, noise(30, i+9))
		return slices.Concat(noise(12, 3), ip)
	}
}

// ids gives each message an identifier of its own.
func ids(make func(i int) []byte) func(i int) []byte {
	return func(i int) []byte {
		m := slices.Clone(make(i))
		be.PutUint16(m[4:], uint16(7919*(i+1)))
		return m
	}
}

// marked gives all messages one identifier and sequence number.
func marked(id, seq uint16, make func(i int) []byte) func(i int) []byte {
	return func(i int) []byte {
		m := slices.Clone(make(i))
		be.PutUint16(m[4:], id)
		be.PutUint16(m[6:], seq)
		return m
	}
}

func withCode(code byte, make func(i int) []byte) func(i int) []byte {
	return func(i int) []byte {
		m := slices.Clone(make(i))
		m[1] = code
		return m
	}
}

// askedBy is the request that a reply answers, with the payload.
func askedBy(payload func(i int) []byte) func(i int, m []byte) []byte {
	return func(i int, m []byte) []byte {
		if m[0] != 0 {
			return nil
		}
		q := append(slices.Clone(m[:8]), payload(i)...)
		q[0] = 8
		return q
	}
}

func base64Text(i int) []byte { return []byte(base64.StdEncoding.EncodeToString(noise(36, i))) }

func hexText(i int) []byte { return []byte(hex.EncodeToString(noise(24, i))) }

func windowsBody(int) []byte { return []byte("abcdefghijklmnopqrstuvwabcdefghi") }

// bytesOf is one byte over and over.
func bytesOf(c byte, n int) func(i int) []byte {
	return func(int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = c
		}
		return b
	}
}

func sized(n int, front string) func(i int) []byte {
	return func(i int) []byte { return append([]byte(front), noise(n-len(front), i)...) }
}

// fixedID gives all of a way's messages one identifier.
func fixedID(id uint16, make func(i int) []byte) func(i int) []byte {
	return func(i int) []byte {
		m := slices.Clone(make(i))
		be.PutUint16(m[4:], id)
		return m
	}
}

func fixedSeq(seq uint16, make func(i int) []byte) func(i int) []byte {
	return func(i int) []byte {
		m := slices.Clone(make(i))
		be.PutUint16(m[6:], seq)
		return m
	}
}

// innerAt is an IPv4 packet behind a front.
func innerAt(front string) func(i int) []byte {
	return func(i int) []byte { return append([]byte(front), innerIP(i)...) }
}

// innerWithOptions is an IPv4 packet with forty bytes of options: the longest header.
func innerWithOptions(i int) []byte {
	b := slices.Concat([]byte{0x4f, 0, 0, 68, 0, byte(i), 0, 0, 64, 17, 0, 0, 10, 0, 1, 1, 10, 0, 1, 2}, bytesOf(1, 40)(0), noise(8, i))
	be.PutUint16(b[10:], sum(b[:60]))
	return b
}

// inner6 is an IPv6 packet: its first byte lies beyond those of IPv4.
func inner6(i int) []byte {
	return sent{0, inside6, outside6, echo(128, uint16(i), 1, noise(24, i))}.packet()
}

var signatures = map[string]signed{
	"tunnel-ptunnel": {least: 2, span: day,
		ways: []func(int) []byte{asks(ptunnel("\xd5\x20\x08\x80", 0x40000002))},
		near: []func(int) []byte{asks(ptunnel("\xde\xad\xc0\xde", 0x40000002)), asks(behind("\xd5\x20\x08\x80", 23)), asks(wordless)}},
	"tunnel-ptunnel-ng": {least: 2, span: day,
		ways: []func(int) []byte{asks(ptunnel("\xde\xad\xc0\xde", 0x40000002)), answers(ptunnel("\x0b\xad\xf0\x0d", 0x80000002))},
		near: []func(int) []byte{asks(ptunnel("\xd5\x20\x08\x80", 0x40000002)), asks(ptunnel("\x0b\xad\xf0\x0d", 0xc0000002)), asks(ptunnel("\x0b\xad\xf0\x0d", 0x40000009)),
			asks(behind("\xde\xad\xc0\xde\x00\x07\x00\x30", 48)), // its magic, as a sender of files may have it
			asks(func(i int) []byte {
				return append(ptunnelHeader("\x0b\xad\xf0\x0d", 0x40000002, noise(40, i)), 1, 2, 3)
			})}},
	"tunnel-hans": {least: 2, span: day,
		ways: []func(int) []byte{asks(behind("hanc\x07", 40)), answers(behind("hans\x05", 4))},
		near: []func(int) []byte{answers(behind("hanc\x07", 40)), asks(behind("hans\x07", 40)), asks(behind("hanc\x00", 40)), asks(behind("hands", 40)), answers(behind("hans\x0a", 30))}},
	"tunnel-icmptunnel": {least: 2, span: day,
		ways: []func(int) []byte{asks(behind("TUNL\x03", 40))},
		near: []func(int) []byte{asks(behind("TUNL\x06", 40)), asks(behind("TUN2\x03", 40))}},
	"tunnel-icmptunnel-raw": {least: 3, span: day,
		ways: []func(int) []byte{ids(asks(innerAt(""))), ids(answers(innerWithOptions))},
		near: []func(int) []byte{asks(innerAt("")), ids(asks(innerAt("\x01\x02\x03\x04"))), ids(asks(innerAt("\x44\x02\x03\x04"))), ids(asks(innerAt("\x50\x02\x03\x04"))), ids(asks(inner6)), ids(asks(behind("\x45\x00", 60)))}},
	"tunnel-inner-ip": {least: 2, span: day,
		ways: []func(int) []byte{asks(innerAt("\x01\x02\x03\x04"))},
		near: []func(int) []byte{asks(behind("\x45\x00\x00\x3c", 56)), asks(wordless)}},
	"tunnel-pingtunnel": {least: 2, span: day,
		ways: []func(int) []byte{asks(protobuf("\x30\xda\xfa\x06")), asks(func(i int) []byte {
			return slices.Concat([]byte("\x02\x02\x02\x02\x00\x00\x00\x00\x00\x08"), noise(8, i), []byte("\xff\xff\x00\x00\x00\x00\x04\xd2\xaa\xaa\xbb\xbb"))
		})},
		near: []func(int) []byte{asks(protobuf("\x30\xda\xfb\x06")), asks(behind("\x02\x02\x02\x02", 30))}},
	"tunnel-bledoor": {least: 2, span: day,
		ways: []func(int) []byte{asks(framed)},
		near: []func(int) []byte{asks(ethernet("\x08\x00\x46")), asks(ethernet("\x86\xdd\x45"))}},
	"tunnel-service": {least: 1, span: day, pair: serviceAsked,
		ways: []func(int) []byte{answers(behind("\x01\x02HTTP/1.1 200 OK\r\n", 8)), answers(always("\x01\x02SSH-2.0-OpenSSH_9.2\r\n")), unpaired(answers(always("HTTP/1.0 404 Not Found\r\n")))},
		near: []func(int) []byte{asks(behind("HTTP/1.1 200 OK\r\n", 8)), answers(always("HTTP/2 200\r\n")), answers(always("HTTP/1,5 is none")), answers(always("SSH-2.0 is a protocol")), answers(same)}},

	"c2-icmpdoor": {least: 3, span: day,
		ways: []func(int) []byte{fixedID(13170, asks(line)), fixedID(13170, answers(line))},
		near: []func(int) []byte{fixedID(13169, asks(line)), fixedID(13171, asks(line)), fixedID(13170, asks(windowsBody)), fixedID(13170, asks(always(""))),
			fixedID(13170, asks(bytesOf(0, 57))), fixedID(13170, asks(func(i int) []byte { return []byte{20, 21, 22, 23, 24, 25, 26, 27, 28} })), fixedID(13170, asks(bytesOf('A', 40)))}},
	"polled-reply": {least: 2, span: day, pair: askedBy(always("")),
		ways: []func(int) []byte{answers(line)},
		near: []func(int) []byte{answers(always("")), asks(line), answers(bytesOf(0, 18)), answers(ramp), answers(windowsBody), answers(resized), answers(bytesOf(0xca, 24))},
		miss: func() []sent { return filledPolls("10.20.6.1", outside) }},
	"polled-output": {least: 2, span: day,
		ways: []func(int) []byte{asks(line), asks(classes[1]), asks(classes[2]), asks(classes[3]), asks(classes[4]), asks(classes[5]), asks(classes[7]), asks(classes[8])},
		near: []func(int) []byte{answers(line), asks(windowsBody), asks(innerIP), asks(always("")), asks(bytesOf(0, 40)), asks(ramp)}},
	"c2-nishang": {least: 1, span: day,
		ways: []func(int) []byte{asks(always("Windows PowerShell running as user lab\\june on WS3")), asks(always(`PS C:\Users\june> `))},
		near: []func(int) []byte{answers(always("Windows PowerShell running as user lab\\june on WS3")), answers(always(`PS C:\Users\june> `)), asks(always("PS: see the other letter")), asks(always(`PS C:\Users\june> whoami`)), asks(always("Windows Powershell"))}},
	"c2-shell-text": {least: 1, span: day,
		ways: []func(int) []byte{asks(always("Microsoft Windows [Version 10.0.19045.3803]\r\n")), answers(always("uid=33(www-data) gid=33(www-data)\n")), asks(always("C:\\Windows\\system32>")),
			answers(always("Windows PowerShell\r\nCopyright (C) Microsoft"))},
		near: []func(int) []byte{asks(always("Microsoft Windows [Versio]")), asks(always("Windows PowerShell\r\nCopyrighs")), asks(always("uid=33(www-data) gid 33")), asks(always(`A:\> b is the way`)), answers(always("uid=33 is not gid")), asks(always("SolarWinds uid=33(www-data) gid=33")), asks(always("A: more than B> C")), asks(line)}},
	"c2-extc2": {least: 2, span: day,
		ways: []func(int) []byte{asks(behind("RQ47\x00\x00\x03\xe8", 60))}, near: []func(int) []byte{asks(behind("RQ48", 60)), answers(behind("XRQ47", 60))}},
	"c2-icmpc2": {least: 2, span: day,
		ways: []func(int) []byte{answers(sized(70, "\xae\xde\x00\x00\x01\x20"))},
		near: []func(int) []byte{answers(sized(71, "\xae\xde\x00\x00\x01\x20")), answers(sized(70, "\xae\xde\x00\x00\x02\x20")), asks(always("beacon of the light house"))}},
	"c2-pingpull": {least: 1, span: day,
		ways: []func(int) []byte{asks(behind("\x70\x24\x37\x04\x7e\x40\x41\x03R9.PROJECT_LAB_WS3_0A140B0D\r\ntotal=80\r\ncurrent=80\r\n", 20))},
		near: []func(int) []byte{answers(behind("\x70\x24\x37\x04\x7e\x40\x41\x03R9.PROJECT_LAB_WS3_0A140B0D", 20)), asks(behind("RX.PROJECT_PLAN", 20))}},
	"c2-pingback": {least: 1, span: day,
		ways: []func(int) []byte{fixedSeq(53764, asks(sized(788, "shell\x00"))), fixedSeq(54020, answers(sized(1056, "upload"))), fixedSeq(54276, asks(sized(788, "exep")))},
		near: []func(int) []byte{fixedSeq(53763, asks(sized(788, "shell\x00"))), fixedSeq(53765, asks(sized(788, "shell\x00"))), fixedSeq(54019, asks(sized(788, "shell\x00"))), fixedSeq(54021, asks(sized(788, "shell\x00"))),
			fixedSeq(54275, asks(sized(788, "shell\x00"))), fixedSeq(54277, asks(sized(788, "shell\x00"))), fixedSeq(53764, asks(sized(787, "shell\x00"))), fixedSeq(53764, asks(sized(788, "shelf")))}},
	"c2-anchor": {least: 1, span: day, pair: anchorAsked,
		ways: []func(int) []byte{answers(behind("hanc\xee", 30)), answers(behind("hanc\x07", 30)), unpaired(answers(behind("hanc\xee", 30)))},
		near: []func(int) []byte{asks(behind("hanc\xee", 30)), answers(behind("hang\xee", 30)), answers(func(i int) []byte { return append([]byte("hanc"), same(i)...) })}},
	"c2-winnti": {least: 1, span: day,
		ways: []func(int) []byte{asks(behind("\xff\xff\x09\x00\x00\x00\xff\xff", 40))}, near: []func(int) []byte{asks(behind("\xff\xff\x09\x00\x00\x00\xff\xfe", 40))}},
	"c2-regin": {least: 1, span: day,
		ways: []func(int) []byte{answers(func(i int) []byte { return append(behind("\x01shit", 20)(i), "shit\x00\x01"...) })},
		near: []func(int) []byte{asks(always("shit and shit")), answers(always("shit happens")), answers(always("shit and shins")), answers(always("SolarWinds shit shit")), answers(always("Shit, Shit"))}},
	"c2-loki2": {least: 4, span: time.Hour,
		ways: []func(int) []byte{fixedSeq(0xf001, asks(sized(56, "\xb1id\x00"))), fixedSeq(0x01f0, answers(sized(56, "\xb1id\x00")))},
		near: []func(int) []byte{fixedSeq(0xf000, asks(sized(56, "\xb1"))), fixedSeq(0xf002, asks(sized(56, "\xb1"))), fixedSeq(0x01ef, asks(sized(56, "\xb1"))), fixedSeq(0x01f1, asks(sized(56, "\xb1"))),
			fixedSeq(0xf001, asks(sized(55, "\xb1"))), fixedSeq(0xf001, asks(sized(57, "\xb1"))), fixedSeq(0xf001, asks(bytesOf(0, 56)))}},
	"c2-ddos-agent": {least: 1, span: day, ways: agents(), near: agentsMissed()},
	"c2-yyt-hac": {least: 1, span: day,
		ways: []func(int) []byte{answers(behind("This is made by yyt_hac!", 8))}, near: []func(int) []byte{asks(behind("This is made by yyt_hac!", 8)), answers(always("This is made by hand"))}},

	"knock-bpfdoor": {least: 1, span: day,
		ways: []func(int) []byte{asks(sized(24, "\x72\x55\x00\x00\xcb\x00\x71\x42\x11\x5c"))},
		near: []func(int) []byte{answers(sized(24, "\x72\x55\x00\x00")), asks(sized(25, "\x72\x55\x00\x00")), asks(sized(24, "\x72\x56\x00\x00"))}},
	"knock-prism": {least: 1, span: day, most: 5,
		ways: []func(int) []byte{asks(always("p4ssw0rd 203.0.113.66 4444")), asks(always("0pen-sesame 198.51.100.7 443\n")), asks(always("p4ssw0rd at 203.0.113.66"))},
		near: []func(int) []byte{answers(always("p4ssw0rd 203.0.113.66 4444")), answers(always("0pen-sesame 198.51.100.7 443")), asks(always("SolarWinds 203.0.113.66 4444")), asks(always("0pen-sesame 203.0.113.66 4444 and more")), asks(always("host 203.0.113.66 is up")), asks(always("key 203.0.113.66 4444"))}},

	"knock-pattern": {least: 1, span: day, most: 5,
		ways: []func(int) []byte{asks(patterned(16, 3))},
		near: []func(int) []byte{answers(patterned(16, 3)), asks(patterned(8, 3)), asks(patterned(15, 3)), asks(func(int) []byte { return stamped([]byte("0123456789abcdef"), 40) }),
			asks(func(i int) []byte { return append(patterned(16, 3)(i), patterned(16, 3)(i)...) })}},

	"exfil-bof": {least: 2, span: day,
		ways: []func(int) []byte{asks(func(i int) []byte { return []byte([]string{"^BOFplans.dwg", "^EOF", "BOFmore.txt"}[i%3]) })},
		near: []func(int) []byte{answers(func(i int) []byte { return []byte([]string{"BOFplans.dwg", "EOF"}[i%2]) }), asks(always("BOFplans.dwg")), asks(func(i int) []byte { return fmt.Appendf(nil, "the BOF of %d", i) })}},
	"exfil-det": {least: 5, span: day,
		ways: []func(int) []byte{ids(fixedSeq(1, asks(base64Text))), ids(fixedSeq(1, asks(hexText)))},
		near: []func(int) []byte{ids(fixedSeq(0, asks(base64Text))), ids(fixedSeq(2, asks(base64Text))), ids(fixedSeq(1, answers(base64Text))), ids(fixedSeq(1, asks(line))), fixedSeq(1, asks(base64Text))}},
	"exfil-pyexfil": {least: 2, span: day,
		ways: []func(int) []byte{fixedSeq(0, asks(pyExfil("\x12\x13\x14\x15")))},
		near: []func(int) []byte{fixedSeq(1, asks(pyExfil("\x12\x13\x14\x15"))), fixedSeq(0, answers(pyExfil("\x12\x13\x14\x15"))), fixedSeq(0, asks(pyExfil("\x12\x13\x14\x16")))}},
	"exfil-pyexfil-ttl": {least: 2, span: day,
		ways: []func(int) []byte{asks(behindTime("Use this for goodSSSSSSSSSSSS"))},
		near: []func(int) []byte{answers(behindTime("Use this for good")), asks(behindTime("Use this for fun, not good"))}},
	"exfil-egress-assess": {least: 3, span: day,
		ways: []func(int) []byte{marked(0, 0, asks(base64Text))},
		near: []func(int) []byte{marked(1, 0, asks(base64Text)), marked(0, 1, asks(base64Text)), marked(0, 0, answers(base64Text)), marked(0, 0, asks(line)), marked(0, 0, asks(func(int) []byte { return base64Text(1) }))}},
	"exfil-marks": {least: 2, span: day,
		ways: []func(int) []byte{asks(func(i int) []byte { return []byte([]string{"---begin---", "---end---", "---begin---2"}[i%3]) })},
		near: []func(int) []byte{answers(func(i int) []byte { return []byte([]string{"---begin---", "---end---"}[i%2]) }), asks(always("---begin---")), asks(func(i int) []byte { return fmt.Appendf(nil, "---beginning---%d", i) })}},
	"exfil-code-1": {least: 2, span: day,
		ways: []func(int) []byte{withCode(1, asks(line))},
		near: []func(int) []byte{withCode(0, asks(line)), withCode(2, asks(line)), withCode(1, answers(line)), withCode(1, asks(windowsBody)), withCode(1, asks(always("")))}},
}

// same is what a request and its reply both hold.
func same(int) []byte { return []byte("HTTP/1.1 and SSH-2.0- both") }

// unpaired marks a reply that nobody asked for.
func unpaired(make func(i int) []byte) func(i int) []byte { return fixedID(901, make) }

// serviceAsked is the request before a reply: what an echo returns is what was sent.
func serviceAsked(i int, m []byte) []byte {
	switch {
	case be.Uint16(m[4:]) == 901:
		return nil
	case string(m[8:]) == string(same(i)):
		return askedBy(same)(i, m)
	}
	return askedBy(always("GET / please"))(i, m)
}

func anchorAsked(i int, m []byte) []byte {
	switch {
	case be.Uint16(m[4:]) == 901:
		return nil
	case string(m[12:]) == string(same(i)):
		return askedBy(func(i int) []byte { return append([]byte("hanc"), same(i)...) })(i, m)
	}
	return askedBy(line)(i, m)
}

// agents are the words of Stacheldraht and TFN, each with an identifier it comes with.
func agents() (out []func(i int) []byte) {
	words := []string{"shell bound to port", "skillz", "ficken", "gesundheit!", "sicken\n", "spoofworks", "skillz", "ficken", "skillz"}
	for k, id := range []uint16{123, 666, 667, 668, 669, 1000, 6666, 6667, 9015} {
		out = append(out, fixedID(id, answers(always(words[k]))))
	}
	return out
}

func agentsMissed() (out []func(i int) []byte) {
	for _, id := range []uint16{122, 124, 665, 670, 999, 1001, 6665, 6668, 9014, 9016} {
		out = append(out, fixedID(id, answers(always("skillz"))))
	}
	return append(out, fixedID(666, asks(always("skillz"))), fixedID(666, answers(line)))
}

func pyExfil(end string) func(i int) []byte {
	return func(i int) []byte { return append(base64Text(i), end...) }
}

func behindTime(text string) func(i int) []byte {
	return func(i int) []byte { return append(noise(8, i), text...) }
}

// unlike are captures that follow no common pattern.
var unlike = map[string]func() []sent{
	"tunnel-encrypted-hit":  encryptedHit,
	"tunnel-encrypted-miss": encryptedMiss,
	"tunnel-replies-hit":    repliesHit,
	"tunnel-replies-miss":   repliesMiss,
	"c2-q-hit":              qHit,
	"c2-q-miss":             qMiss,
	"c2-extc2-transfer":     func() []sent { return transfer("RQ47") },
	"encrypted-transfer":    func() []sent { return transfer("ZK09") },
	"exfil-hping-hit":       hpingHit,
	"exfil-hping-miss":      hpingMiss,
	"c2-icmpsh-hit":         polledHit,
	"c2-icmpsh-miss":        polledMiss,
	"fetch-polled-hit":      fetchHit,
	"fetch-polled-blank":    fetchBlank,
	"fetch-polled-order":    fetchOrder,
	"fetch-polled-miss":     fetchMiss,
	"data-near-hit":         func() []sent { return oneWayHit(nearHost, farHost) },
	"data-near-miss":        func() []sent { return oneWayMiss(nearHost, farHost) },
	"data-far-hit":          func() []sent { return oneWayHit(farHost, nearHost) },
	"data-far-miss":         func() []sent { return oneWayMiss(farHost, nearHost) },
	"two-way-hit":           twoWayHit,
	"two-way-miss":          twoWayMiss,
	"beacon-hit":            beaconHit,
	"beacon-miss":           beaconMiss,
	"c2-command-hit":        commandHit,
	"c2-command-miss":       commandMiss,
	"sealed-hit":            sealedHit,
	"sealed-miss":           sealedMiss,
	"beacon-jitter-hit":     jitterHit,
	"beacon-jitter-miss":    jitterMiss,
	"beacon-constant-hit":   constantHit,
	"beacon-constant-miss":  constantMiss,
	"beacon-fields-hit":     func() []sent { return evenHit(fieldsOf) },
	"beacon-fields-miss":    fieldsMiss,
	"beacon-mute-hit":       func() []sent { return evenHit(constants()) },
	"beacon-mute-miss":      muteMiss,
	"beacon-steady-hit":     func() []sent { return evenHit(constants()) },
	"beacon-steady-miss":    func() []sent { return evenMiss(constants()[0], notOf...) },
}

// twice is a request, a reply that returns it, and another.
func twice(at time.Duration, client, server string, seq uint16, other []byte) []sent {
	const question = "anything new?"
	return append(answered(at, client, server, seq, []byte(question), []byte(question)), sent{at + 20*time.Millisecond, server, client, echo(0, 7, seq, other)})
}

func repliesHit() (out []sent) {
	for i := range 3 {
		out = append(out, twice(time.Duration(i)*22*time.Minute, inside, outside, uint16(i), line(i))...)
	}
	return out
}

func repliesMiss() (out []sent) {
	for i := range 2 {
		at := time.Duration(i) * time.Second
		out = append(out, twice(at, inside, outside, uint16(i), line(i))...)
		out = append(out, twice(at, inside, outside2, uint16(i), line(i))...)
		out = append(out, twice(at, inside2, outside, uint16(i), line(i))...)
	}
	for i := range 5 {
		at, seq := time.Duration(i)*time.Second, uint16(i)
		out = append(out, twice(at, "10.20.5.1", outside, seq, []byte("anything new?"))...) // the same twice
		out = append(out, answered(at, "10.20.5.2", outside, seq, line(0), line(i+1))...)   // once, another
		stamp := be.AppendUint32(nil, 1000)
		out = append(out, sent{at, "10.20.5.3", outside, message(13, 0, uint32(i), append(stamp, make([]byte, 8)...))})
		for k := range 2 { // of timestamps, not of pings
			out = append(out, sent{at + 10*time.Millisecond, outside, "10.20.5.3", message(14, 0, uint32(i), append(slices.Clone(stamp), noise(8, k)...))})
		}
	}
	for i := range 3 {
		out = append(out, twice(time.Duration(i)*45*time.Minute, inside3, outside3, uint16(i), line(i))...)
	}
	return out
}

const nowhere = "255.255.255.7"

func qHit() []sent {
	order := echo(0, 0, 0, []byte("id"))
	return []sent{{0, nowhere, inside, order}, {18 * time.Hour, nowhere, inside, order}, {time.Minute, nowhere, inside2, order}, {37 * time.Hour, nowhere, inside2, order},
		{time.Minute, nowhere, inside3, order}, {2 * time.Minute, "255.255.255.200", inside, order}}
}

func qMiss() []sent {
	order := echo(0, 0, 0, []byte("id"))
	return []sent{{0, "255.255.254.7", inside, order}, {0, nowhere, inside, echo(8, 0, 0, []byte("id"))}, {0, nowhere, inside, echo(0, 0, 0, []byte("i"))}, {0, outside, inside, order}}
}

// beats are n messages at even times, with payloads of their own.
func beats(from, period time.Duration, src, dst string, n int, payload func(i int) []byte) (out []sent) {
	typ := byte(8)
	if slices.Contains([]string{inside6, outside6}, src) {
		typ = 128
	}
	for i := range n {
		out = append(out, sent{from + time.Duration(i)*period, src, dst, echo(typ, 7, uint16(i), payload(i))})
	}
	return out
}

// slow is a period of which six ticks take three quarters of a week.
const slow = 7 * day * 3 / 4 / 5

// small are payloads of each class that the rule names.
var small = []func(i int) []byte{
	line, classes[1], classes[2], classes[3], classes[4], classes[5], unknown,
	func(i int) []byte { return noise(256, i) }, func(i int) []byte { return line(i)[:8] }, func(i int) []byte { return clock(17, i*i) },
}

func beaconHit() (out []sent) {
	for k, payload := range small {
		at := time.Duration(k) * time.Second
		client, server := inside, outside
		if k > 0 {
			client, server = fmt.Sprintf("10.20.3.%d", k), fmt.Sprintf("198.51.100.%d", k)
		}
		out = append(out, beats(at, slow, client, server, 6, payload)...)
	}
	out = append(out, threes("10.20.4.1", outside)...)
	out = append(out, beats(0, 5*time.Second, "10.20.4.2", outside, 6, even(300))...) // the shortest period
	out = append(out, uneven(0.3, "10.20.4.3", outside, 5, 0)...)                     // within the jitter
	return append(out, uneven(0.4, "10.20.4.4", outside, 9, 5)...)                    // just
}

// uneven are pings whose intervals are shorter than ten seconds by a share, ten, longer by the same, so many times; then so
// many of ten.
func uneven(by float64, src, dst string, times, tens int) []sent {
	return unevenOf(by, src, dst, times, tens, func(i int) []byte { return noise(40, i+70) })
}

func unevenOf(by float64, src, dst string, times, tens int, body func(i int) []byte) (out []sent) {
	list := slices.Concat(slices.Repeat([]float64{1 - by, 1, 1 + by}, times), slices.Repeat([]float64{1}, tens))
	at := time.Duration(0)
	for i, step := range append(list, 0) {
		out = append(out, sent{at, src, dst, echo(8, 7, uint16(i), body(i))})
		at += time.Duration(step * 1e10)
	}
	return out
}

// threes are three pings, two seconds apart, every ten minutes.
func threes(client, server string) (out []sent) {
	for i := range 8 {
		out = append(out, beats(time.Duration(i)*10*time.Minute, 2*time.Second, client, server, 3, func(k int) []byte { return noise(40, 10*i+k) })...)
	}
	return out
}

func beaconMiss() (out []sent) {
	out = append(out, beats(0, time.Hour, inside, outside, 5, line)...)
	out = append(out, beats(30*time.Minute, time.Hour, inside, outside2, 5, classes[1])...)
	out = append(out, beats(30*time.Minute, time.Hour, inside2, outside, 5, classes[1])...)
	out = append(out, beats(0, 2*slow, inside3, outside3, 6, line)...)
	for k, payload := range []func(i int) []byte{
		func(i int) []byte { return noise(257, i) }, innerIP, func(i int) []byte { return clock(16, i*i) }, func(i int) []byte { return clock(13, i*37%50) },
		func(int) []byte { return []byte("probe of a gateway") },                          // a monitor's constant text
		func(i int) []byte { return fmt.Appendf(nil, "probe %06d", i+80) },                // a counter
		func(i int) []byte { return be.AppendUint64([]byte("NOC\x01"), uint64(i*60000)) }, // a clock
	} {
		out = append(out, beats(time.Second, time.Hour, fmt.Sprintf("10.20.5.%d", k+1), outside, 12, payload)...)
	}
	out = append(out, beats(time.Second, time.Hour, inside6, outside6, 12, func(i int) []byte { return clock(16, i*i) })...)
	out = append(out, beats(time.Second, time.Second, "10.20.6.1", outside, 30, line)...)                                         // no beat, but one burst
	out = append(out, beats(time.Second, 4*time.Second, "10.20.6.2", outside, 30, func(i int) []byte { return noise(40, i) })...) // too fast
	out = append(out, uneven(0.43, "10.20.6.4", outside, 8, 0)...)
	at := time.Duration(0)
	for i, minutes := range []int{1, 30, 2, 55, 4, 90, 7, 1, 150, 12, 40, 3} { // people's
		at += time.Duration(minutes) * time.Minute
		out = append(out, sent{at, "10.20.6.3", outside, echo(8, 7, uint16(i), noise(40, i))})
	}
	return out
}

const sentence = "the quick brown fox jumps over the lazy dog "

// constantHit are beacons of each class, in twenty beats, as slow, as fast and as uneven as can be.
func constantHit() (out []sent) {
	const third, most = 7 * 24 * time.Hour * 9 / 10 / 19, 256
	for k, text := range []string{"hello from ws57 #d41d8cd9 #", "hello ABCDEF01 again", "9f86d081884c7d65", "b2YgaG9zdDlmODZkMDgxODg0YzdkNjU5YTJm/9f86d081aa", "here 12345a01 and more", "hello a1234567 you", "hello 1234567a you"} {
		out = append(out, beats(time.Duration(k)*time.Second, third, fmt.Sprintf("10.20.3.%d", k), fmt.Sprintf("198.51.100.%d", k), 20, always(text))...)
	}
	long := append([]byte("d41d8cd9 "), repeat(sentence, most)...)[:most]
	out = append(out, beats(0, 5*time.Second, inside, outside, 20, func(int) []byte { return long })...)
	out = append(out, unevenOf(0.4, inside2, outside, 9, 5, always("hello d41d8cd9"))...)
	for i := range 20 { // two each time
		out = append(out, beats(time.Duration(i)*time.Minute, 2900*time.Millisecond, inside3, outside, 2, always("hello d41d8cd9"))...)
	}
	return out
}

func constantMiss() (out []sent) {
	const mark = "hello d41d8cd9 "
	for k, text := range []string{"monitor of the uplink", "hello d41d8cd", "hello 20261128", "hello deadbeef", string(noise(40, 1)) + "d41d8cd9", (mark + repeat(sentence, 20))[:257]} {
		out = append(out, beats(time.Second, time.Minute, fmt.Sprintf("10.20.5.%d", k+1), outside, 30, always(text))...)
	}
	out = append(out, beats(0, time.Minute, inside, inside2, 30, always(mark))...)
	out = append(out, beats(0, time.Minute, outside, inside, 30, always(mark))...)
	out = append(out, beats(0, time.Minute, outside, outside2, 30, always(mark))...)
	out = append(out, beats(0, time.Minute, inside, outside, 19, always(mark))...)
	out = append(out, beats(30*time.Second, time.Minute, inside, outside2, 19, always(mark))...)
	out = append(out, beats(30*time.Second, time.Minute, inside2, outside, 19, always(mark))...)
	out = append(out, beats(30*time.Second, time.Minute, inside, outside, 19, always(mark+"again"))...)
	out = append(out, beats(0, 14*24*time.Hour/19, inside3, outside, 20, always(mark))...)
	out = append(out, beats(0, 4*time.Second, inside3, outside2, 40, always(mark))...)
	out = append(out, unevenOf(0.43, "10.20.6.4", outside, 8, 0, always(mark))...)
	for i := range 30 {
		out = append(out, sent{time.Duration(i) * time.Minute, "10.20.6.5", outside, echo(0, 7, uint16(i), []byte(mark))})
	}
	return out
}

// secrets are n requests and replies of random bytes, at even times from the start to the end.
func secrets(from, length time.Duration, client, server string, n int, question, answer func(i int) []byte) (out []sent) {
	for i := range n {
		out = append(out, answered(from+length*time.Duration(i)/time.Duration(n-1), client, server, uint16(i), question(i), answer(i))...)
	}
	return out
}

func even(from int) func(i int) []byte { return func(i int) []byte { return noise(70+i, from+i) } }

func encryptedHit() []sent {
	return slices.Concat(
		secrets(0, 45*time.Minute, inside, outside, 5, even(0), even(50)),
		beats(time.Second, time.Second, "10.20.3.1", outside2, 8, even(0)), secrets(10*time.Second, time.Second, "10.20.3.1", outside2, 2, line, even(50)), // two of ten
		secrets(time.Second, 19*time.Second, "10.20.3.2", outside2, 19, line, even(50)), beats(time.Minute, 0, "10.20.3.2", outside2, 1, even(0))) // nineteen of twenty
}

func encryptedMiss() []sent {
	return slices.Concat(
		secrets(0, time.Minute, inside, outside, 4, even(0), even(50)),
		secrets(0, time.Minute, inside, outside2, 4, even(0), even(50)),
		secrets(0, time.Minute, inside2, outside, 4, even(0), even(50)),
		secrets(0, 90*time.Minute, inside3, outside3, 5, even(0), even(50)),
		secrets(0, time.Minute, "10.20.6.1", outside, 4, even(0), even(50)), beats(2*time.Minute, 0, "10.20.6.1", outside, 1, even(0)), // nine
		beats(0, time.Second, "10.20.6.2", outside, 9, even(0)), secrets(10*time.Second, time.Second, "10.20.6.2", outside, 2, line, even(50))[:2], // one of ten
		secrets(0, 19*time.Second, "10.20.6.3", outside, 23, line, even(50)), beats(time.Minute, 0, "10.20.6.3", outside, 1, even(0)), // all but one of twenty-four
		secrets(0, time.Minute, "10.20.5.1", outside, 20, windowsBody, even(50)),                                  // a file in replies
		secrets(0, time.Minute, "10.20.5.2", outside, 20, even(0), even(0)),                                       // one in requests, which come back
		secrets(0, time.Minute, "10.20.5.3", outside, 20, even(0), func(i int) []byte { return even(0)(i)[:40] }), // and are cut short
		secrets(0, time.Minute, "10.20.5.4", outside, 20, line, func(i int) []byte { return line(i + 1) }))
}

// stamped is a payload of ping -p: time, then the pattern over n bytes.
func stamped(pattern []byte, n int) []byte {
	b := le.AppendUint64(le.AppendUint64(nil, uint64(start.Unix())), 123456)
	return append(b, bytes.Repeat(pattern, n/len(pattern)+1)[:n]...)
}

// patterned is a ping with a pattern of n random bytes.
func patterned(n, seed int) func(i int) []byte {
	return func(int) []byte { return stamped(noise(n, seed), 40) }
}

// steps are n requests whose sequence numbers go up so much, over the time given.
func steps(from, length time.Duration, src, dst string, n int, first, step uint16, payload func(i int) []byte) (out []sent) {
	for i := range n {
		at := from + length*time.Duration(i)/time.Duration(n-1)
		out = append(out, sent{at, src, dst, echo(8, 900, first+step*uint16(i), payload(i))})
	}
	return out
}

func hpingHit() (out []sent) {
	out = append(steps(0, 45*time.Minute, inside, outside, 4, 512, 256, line), odd("10.20.4.1", 9)...)
	for k, payload := range classes[:8] {
		if k != 0 && k != 6 { // inner packets are not of the rule's
			out = append(out, steps(time.Second, 40*time.Minute, fmt.Sprintf("10.20.3.%d", k), outside2, 4, 512, 256, payload)...)
		}
	}
	return out
}

// odd is a first request of another number, then n of hping3's.
func odd(src string, n int) []sent {
	return append(steps(0, 2*time.Second, src, outside, 2, 257, 0, line)[:1], steps(3*time.Second, time.Minute, src, outside, n, 512, 256, line)...)
}

func hpingMiss() (out []sent) {
	out = append(out, odd("10.20.6.4", 6)...)
	out = append(out, steps(0, time.Minute, inside, outside, 3, 512, 256, line)...)
	out = append(out, steps(0, time.Minute, inside, outside2, 3, 512, 256, line)...)
	out = append(out, steps(0, time.Minute, inside2, outside, 3, 512, 256, line)...)
	out = append(out, steps(0, 90*time.Minute, inside3, outside3, 4, 512, 256, line)...)
	for k, s := range [][2]uint16{{1024, 1}, {256, 0}, {0, 0}, {513, 256}, {512, 128}} {
		out = append(out, steps(0, time.Minute, fmt.Sprintf("10.20.5.%d", k+1), outside, 9, s[0], s[1], line)...)
	}
	out = append(out, steps(0, time.Minute, "10.20.6.1", outside, 9, 512, 256, windowsBody)...)
	out = append(out, steps(0, time.Minute, "10.20.6.3", outside, 2, 257, 0, line)...) // another number among them
	out = append(out, steps(0, time.Minute, "10.20.6.3", outside, 4, 512, 256, line)...)
	for i := range 9 {
		out = append(out, sent{time.Duration(i) * time.Second, outside, "10.20.6.2", echo(0, 9, uint16(512+256*i), line(i))})
	}
	return out
}

// framed is an Ethernet frame with TCP over IPv4 in it.
func framed(i int) []byte {
	b := slices.Concat([]byte{0x45, 0, 0, 60, 0, byte(i), 0x40, 0, 64, 6, 0, 0, 10, 0, 1, 1, 10, 0, 1, 2, 0x9c, 0x40, 0, 80}, noise(8, i), []byte{0x80, 0x18}, noise(26, i+9))
	be.PutUint16(b[10:], sum(b[:20]))
	return slices.Concat(noise(12, 3), []byte{8, 0}, b)
}

// transfer is a stage that a controller sends behind a tag, after its length was agreed, and the beats and orders that follow.
func transfer(tag string) (out []sent) {
	stage := noise(2500, 11)
	out = answered(0, inside, outside, 0, be.AppendUint32([]byte(tag), 0), be.AppendUint32([]byte(tag), uint32(len(stage))))
	at := 20 * time.Millisecond
	for i, piece := range slices.Collect(slices.Chunk(stage, 996)) {
		at += 10 * time.Millisecond
		out = append(out, sent{at, outside, inside, echo(0, 7, uint16(i+1), append([]byte(tag), piece...))})
	}
	for i := range 10 {
		out = append(out, answered(time.Duration(i+2)*time.Second, inside, outside, uint16(i+1), append([]byte(tag), noise(64, i)...), append([]byte(tag), noise(72, i+40)...))...)
	}
	return out
}

// ramp is bytes that count up, from another one each time.
func ramp(i int) (b []byte) {
	for k := range 18 {
		b = append(b, byte(40+i+k))
	}
	return b
}

// resized is an ordinary ping of another size each time.
func resized(i int) []byte { return append(windowsBody(i), "jklmnopqrstuvwabcd"[:8+i]...) }

// filledPolls are replies with other data than was asked.
func filledPolls(client, server string) (out []sent) {
	for i := range 4 {
		out = append(out, answered(time.Duration(i)*time.Second, client, server, uint16(i), []byte("id"), line(i))...)
	}
	return out
}

// orders are replies with data to empty requests, at even times up to the end.
func orders(end time.Duration, client, server string, payloads ...[]byte) (out []sent) {
	for i, b := range payloads {
		at := end * time.Duration(i) / time.Duration(max(1, len(payloads)-1))
		out = append(out, answered(at, client, server, uint16(100+i), nil, b)...)
	}
	return out
}

// polledHit is two orders in the morning, and what comes of them in the evening.
func polledHit() []sent {
	return append(orders(time.Hour, inside, outside, line(0), line(1)), shifted(17*time.Hour, spread(time.Hour, inside, outside, pings(false, line(2), line(3))...))...)
}

// polledMiss is orders, and output, alone; those of others; and output two days later.
func polledMiss() []sent {
	out := func(client, server string) []sent {
		return spread(time.Hour, client, server, pings(false, several(4, line)...)...)
	}
	return slices.Concat(
		orders(time.Hour, "10.20.6.1", outside, several(4, line)...), out("10.20.6.2", outside), out("10.20.6.1", outside2), out(outside, "10.20.6.1"),
		orders(time.Hour, "10.20.6.4", outside2, line(0), line(1)), shifted(35*time.Hour, out("10.20.6.4", outside2)))
}

func fetchHit() []sent {
	return slices.Concat(
		orders(17*time.Hour, inside, outside, line(0), line(1)),
		orders(17*time.Hour, inside2, outside2, noise(60, 1), noise(60, 2)),
		orders(17*time.Hour, inside3, inside2, line(0), line(1)),
		orders(17*time.Hour, outside2, outside3, line(0), line(1)))
}

// fetchOrder brings in eight lines in order of time; their numbers would put them in another. Other pings of the same host
// are returned as they were, and one with a word of the server's.
func fetchOrder() (out []sent) {
	for i, seq := range []uint16{3, 1, 2, 4, 6, 5, 8, 7} {
		at := time.Duration(i) * time.Second
		out = append(out, answered(at, inside, outside, seq, nil, line(i))...)
		out = append(out, answered(at+300*time.Millisecond, inside, outside, 40+seq, []byte("still there"), line(7-i))...)
	}
	return out
}

func fetchMiss() []sent {
	always := func(b []byte) [][]byte { return several(5, func(int) []byte { return b }) }
	return slices.Concat(
		orders(time.Hour, inside, outside, always([]byte("sleep on"))...),
		orders(time.Hour, inside2, outside, several(5, func(i int) []byte { return make([]byte, 10+i) })...),
		orders(time.Hour, inside3, outside, several(5, ramp)...),
		orders(time.Hour, "10.20.7.4", outside, several(5, resized)...),
		orders(time.Hour, "10.20.7.5", outside, several(5, func(i int) []byte { return bytesOf(byte(0xca+i), 24)(i) })...),
		orders(time.Hour, "10.20.7.6", outside, windowsBody(0), bytesOf(0, 56)(0), windowsBody(0)),
		orders(time.Hour, outside3, inside, several(5, line)...),
		orders(36*time.Hour, inside, outside2, line(0), line(1)),
		orders(0, "10.20.7.1", outside, line(0)), orders(0, "10.20.7.1", outside2, line(1)), orders(0, "10.20.7.2", outside, line(2)),
		filledPolls("10.20.7.3", outside))
}

// typed sends lines at even times up to the end.
func typed(end time.Duration, src, dst string, lines ...string) []sent {
	var payloads [][]byte
	for _, l := range lines {
		payloads = append(payloads, []byte(l))
	}
	return spread(end, src, dst, pings(false, payloads...)...)
}

// commandHit are orders in requests, bare and between marks; as many lines as few; and in replies that are not what was asked.
func commandHit() []sent {
	long := "cat /srv/" + repeat(sentence, 247)
	out := slices.Concat(
		typed(17*time.Hour, outside, inside, "hello", "whoami", "cat /etc/passwd"),
		typed(17*time.Hour, outside, inside2, "good morning", "ls -la /root", "you there", "ipconfig /all\r\n"),
		spread(time.Minute, outside2, inside2, pings(false, several(9, windowsBody)...)...),
		typed(time.Hour, outside2, inside2, ";;uname -a;;", ";;bye;;", ";;net user;;"),
		typed(time.Hour, outside2, inside, "nothing yet", "id\n", long[:256]))
	for i, order := range []string{"whoami", "pwd", "id"} { // returned as they were
		out = append(out, answered(time.Duration(i)*time.Minute, outside3, "10.20.6.1", uint16(i), []byte(order), []byte(order))...)
		out = append(out, answered(time.Duration(i)*time.Minute, outside3, "10.20.6.2", uint16(i), []byte(order), []byte(order))...)
	}
	for i, order := range []string{"wait", "cmd:hostname", "run ps aux"} {
		out = append(out, answered(time.Duration(i)*time.Minute, inside3, outside3, uint16(i), []byte("any orders"), []byte(order))...)
	}
	return out
}

func commandMiss() []sent {
	long := func(i int) string { return (fmt.Sprintf("cat /srv/%d", i) + repeat(sentence, 250))[:257] }
	return slices.Concat(
		typed(time.Hour, outside, inside, "hello", "hello again", "whoami", "and once more", "pwd"), // two of five
		typed(time.Hour, outside, inside2, "whoami", "pwd"),
		typed(time.Hour, outside2, inside, "whoami", "pwd"),
		typed(36*time.Hour, outside2, inside2, "hello", "whoami", "pwd"),
		typed(time.Hour, outside3, inside, "the cat is in the house", "who am I", "my id is lost", "net profit rose", "dirty hands"),
		typed(time.Hour, outside3, inside2, long(1), long(2), long(3)),
		typed(time.Hour, outside3, inside3, "whoami asks the owl", "pwd is short for it", "id est"))
}
