package builtin_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/rules"
)

// variant is traffic as a tool or a monitor makes it, with other hosts, identifiers, sizes and keys than the captures of
// testdata have.
type variant struct {
	rule     string // that finds it; "" is ordinary traffic
	src, dst string
	packets  func() []sent
}

const (
	desk, desk6    = "172.16.9.40", "fd77:9::40"
	away, away6    = "192.0.2.130", "2001:db8:9::130"
	minute, second = time.Minute, time.Second
)

// exchange is a request and the replies to it, each five milliseconds later; IPv6 where the addresses are.
func exchanged(at time.Duration, client, server string, id, seq uint16, question []byte, answers ...[]byte) (out []sent) {
	ask, answer := byte(8), byte(0)
	if strings.Contains(client, ":") {
		ask, answer = 128, 129
	}
	out = append(out, sent{at, client, server, echo(ask, id, seq, question)})
	for i, a := range answers {
		out = append(out, sent{at + time.Duration(i+1)*5*time.Millisecond, server, client, echo(answer, id, seq, a)})
	}
	return out
}

func times(n int, make func(i int) []sent) (out []sent) {
	for i := range n {
		out = append(out, make(i)...)
	}
	return out
}

// jittered are n times around multiples of a period, some of them missing, by a clock that is a little fast.
func jittered(n int, period time.Duration, jitter, missing float64, seed uint64) (out []time.Duration) {
	r := rand.New(rand.NewPCG(seed, 7))
	for at := time.Duration(0); len(out) < n; {
		at += time.Duration(float64(period) * 1.0002 * (1 + jitter*(2*r.Float64()-1)))
		if r.Float64() >= missing {
			out = append(out, at)
		}
	}
	return out
}

func beacon(client, server string, times []time.Duration, size int) (out []sent) {
	for i, at := range times {
		b := noise(size, 1000+i)
		out = append(out, exchanged(at, client, server, uint16(5000+7*i), uint16(i), b, b)...)
	}
	return out
}

func echoed(b []byte) []byte { return slices.Clone(b) }

// constantBeacon beats every three quarters of a minute or so.
func constantBeacon(client, server string, payload func(i int) []byte) (out []sent) {
	for i, at := range jittered(40, 45*second, 0.15, 0.05, 8) {
		out = append(out, exchanged(at, client, server, 4, uint16(i), payload(i), payload(i))...)
	}
	return out
}

// vary sends a monitor's pings to many targets, in rounds.
func vary(targets, rounds int, period time.Duration, payload func(target, round int) []byte) (out []sent) {
	for round := range rounds {
		for k := range targets {
			at := time.Duration(round)*period + time.Duration(k)*300*time.Millisecond
			b := payload(k, round)
			out = append(out, exchanged(at, desk, fmt.Sprintf("192.0.2.%d", k+1), 77, uint16(round), b, echoed(b))...)
		}
	}
	return out
}

var variants = map[string]variant{
	"ptunnel-ng with another magic": {"icmp-tunnel-ptunnel-ng", desk, away, func() []sent {
		return times(40, func(i int) []sent {
			up, down := ptunnelHeader("\xfe\xed\xfa\xce", 0x40000002, noise(i*7%300, i)), ptunnelHeader("\xfe\xed\xfa\xce", 0x80000002, noise(1024, i+50))
			return exchanged(time.Duration(i)*1500*time.Millisecond, desk, away, 41, uint16(i), up, echoed(up), down)
		})
	}},
	"hans with changing identifiers": {"icmp-tunnel-hans", desk, away, func() []sent {
		id, seq := uint16(9), uint16(70)
		return times(30, func(i int) []sent {
			id, seq = id+38543, seq+38543
			return exchanged(time.Duration(i)*2*second, desk, away, id, seq, []byte("hanc\x08"), append([]byte("hans\x07"), innerIP(i)...), append([]byte("hans\x07"), innerIP(i+40)...))
		})
	}},
	"icmptunnel with one sequence number": {"icmp-tunnel-icmptunnel", desk, away, func() []sent {
		return times(30, func(i int) []sent {
			return exchanged(time.Duration(i)*5*second, desk, away, 3, 1, []byte("TUNL\x05"), append([]byte("TUNL\x03"), innerIP(i)...))
		})
	}},
	"IPv6 packets in ICMPv6": {"icmp-tunnel-inner-ip", desk6, away6, func() []sent {
		return times(30, func(i int) []sent {
			return exchanged(time.Duration(i)*second, desk6, away6, 3, uint16(i), append([]byte("V6TN"), inner6(i)...), append([]byte("V6TN"), inner6(i+30)...))
		})
	}},
	"pingtunnel, encrypted": {"icmp-tunnel-encrypted", desk, away, func() []sent {
		return times(60, func(i int) []sent {
			return exchanged(time.Duration(i)*second, desk, away, 600, uint16(i), noise(54+i%9, i), noise(56+i%700, i+100))
		})
	}},
	"unnamed tunnel that sends several replies": {"icmp-tunnel-replies", away, desk, func() []sent {
		return times(10, func(i int) []sent {
			q := fmt.Appendf(nil, "job %d", i)
			return exchanged(time.Duration(i)*minute, away, desk, 800, uint16(i), q, echoed(q), line(i), line(i+1))
		})
	}},
	"icmpsh, slower": {"icmp-c2-icmpsh", desk, away, func() []sent {
		return times(100, func(i int) []sent {
			question, answer := []byte{}, []byte{}
			if i%20 == 5 {
				answer = []byte("systeminfo\n")
			} else if i%20 == 6 {
				question = []byte("Host Name: DESK40\r\n")
			}
			return exchanged(time.Duration(i)*700*time.Millisecond, desk, away, 1, uint16(i), question, answer)
		})
	}},
	"polls in ICMPv6": {"icmp-c2-icmpsh", desk6, away6, func() []sent {
		return times(40, func(i int) []sent {
			answer := []byte{}
			if i%9 == 3 {
				answer = []byte("get-process\n")
			} else if i%9 == 4 {
				return exchanged(time.Duration(i)*5*second, desk6, away6, 1, uint16(i), fmt.Appendf(nil, "%d processes", 40+i), nil)
			}
			return exchanged(time.Duration(i)*5*second, desk6, away6, 1, uint16(i), nil, answer)
		})
	}},
	"a file fetched by polls": {"icmp-fetch-polled", away, desk, func() []sent {
		return append(exchanged(0, desk, away, 1, 1, []byte("get tool.exe"), []byte("get tool.exe")), times(40, func(i int) []sent {
			return exchanged(time.Duration(i+1)*second, desk, away, 1, uint16(i+2), nil, noise(200, i))
		})...)
	}},
	"a file fetched by polls in ICMPv6": {"icmp-fetch-polled", away6, desk6, func() []sent {
		return times(20, func(i int) []sent {
			return exchanged(time.Duration(i)*second, desk6, away6, 1, uint16(i), nil, line(i))
		})
	}},
	"Nishang": {"icmp-c2-nishang", desk, away, func() []sent {
		return slices.Concat(exchanged(0, desk, away, 1, 1, []byte("Windows PowerShell running as user june on DESK40\r\nCopyright (C) 2015 Microsoft Corporation. All rights reserved.\r\n\r\n"), nil),
			times(20, func(i int) []sent {
				return exchanged(time.Duration(i+1)*5*second, desk, away, 1, uint16(i+2), []byte(`PS C:\Users\june\Documents> `), nil)
			}))
	}},
	"three orders between marks": {"icmp-c2-command", away, desk, func() []sent {
		return times(3, func(i int) []sent {
			order := [][]byte{[]byte(";;whoami;;"), []byte(";;cat /etc/shadow;;"), []byte(";;exit;;")}[i]
			return exchanged(time.Duration(i)*9*second, away, desk, 1, uint16(i), order, order)
		})
	}},
	"icmpdoor, encrypted": {"icmp-c2-icmpdoor", away, desk, func() []sent {
		return times(6, func(i int) []sent {
			q := append([]byte("gAAAAABl"), base64Text(i)...)
			return exchanged(time.Duration(i)*3*second, away, desk, 13170, 0, q, echoed(q), append([]byte("gAAAAABl"), base64Text(i+30)...))
		})
	}},
	"Loki2": {"icmp-c2-loki2", desk, away, func() []sent {
		return times(8, func(i int) []sent {
			return exchanged(time.Duration(i)*second, desk, away, 321, 0x01f0, sized(56, "\xb1ls -l\x00")(i), sized(56, "\xd1total\x00")(i+20))
		})
	}},
	"a beacon with two fifths of jitter": {"icmp-beacon", desk, away, func() []sent { return beacon(desk, away, jittered(60, 47*second, 0.4, 0.1, 1), 36) }},
	"a beacon every four hours":          {"icmp-beacon", desk, away, func() []sent { return beacon(desk, away, jittered(8, 4*time.Hour, 0.05, 0, 2), 60) }},
	"a beacon in ICMPv6 with losses":     {"icmp-beacon", desk6, away6, func() []sent { return beacon(desk6, away6, jittered(80, 20*minute, 0.2, 0.3, 3), 33) }},
	"a beacon that sleeps at night": {"icmp-beacon", desk, away, func() []sent {
		return slices.Concat(beacon(desk, away, jittered(5, 5*minute, 0.1, 0, 4), 40), shifted(14*time.Hour, beacon(desk, away, jittered(30, 5*minute, 0.1, 0, 5), 40)))
	}},
	"a beacon in replies nobody asked for": {"icmp-beacon", away, desk, func() []sent {
		return times(20, func(i int) []sent {
			return []sent{{time.Duration(i) * 90 * second, desk, away, echo(0, 4, uint16(i), noise(48, i))}}
		})
	}},
	"a beacon of text": {"icmp-beacon", desk, away, func() []sent {
		return times(30, func(i int) []sent {
			b := fmt.Appendf(nil, "%x|DESK40|june|%x", noise(4, i), noise(3, i+99))
			return exchanged(time.Duration(i)*2*minute, desk, away, 2, uint16(i), b, b)
		})
	}},

	"a beacon that says the same": {"icmp-beacon-jitter", desk, away, func() []sent {
		return constantBeacon(desk, away, func(int) []byte { return noise(12, 3) })
	}},
	"a beacon that counts, in ICMPv6": {"icmp-beacon-jitter", desk6, away6, func() []sent {
		return constantBeacon(desk6, away6, func(i int) []byte { return be.AppendUint32(noise(20, 3), uint32(i)) })
	}},

	"many targets, one text": {packets: func() []sent {
		return vary(12, 40, minute, func(int, int) []byte { return []byte("acme availability probe, ask noc@example.net") })
	}},
	"many targets, a counter": {packets: func() []sent {
		return vary(3, 60, minute, func(k, round int) []byte { return fmt.Appendf(nil, "probe of host %d, round %05d", k, round) })
	}},
	"many targets, the time of day": {packets: func() []sent {
		return vary(5, 90, minute, func(_, round int) []byte {
			return []byte(start.Add(time.Duration(round) * minute).Format("2006-01-02 15:04:05 alive?"))
		})
	}},
	"fping and what calls it":    {packets: func() []sent { return vary(15, 40, minute, func(int, int) []byte { return make([]byte, 56) }) }},
	"Windows, every half minute": {packets: func() []sent { return vary(2, 100, 30*second, func(int, int) []byte { return windowsBody(0) }) }},
	"blackbox exporter": {packets: func() []sent {
		return vary(10, 40, 15*second, func(int, int) []byte { return []byte("Prometheus Blackbox Exporter") })
	}},
	"an unknown device's clock and bytes that stay": {packets: func() []sent {
		return vary(1, 60, minute, func(_, round int) []byte {
			return append(le.AppendUint64(le.AppendUint64(nil, 1795860000+uint64(60*round)), uint64(round*7919%1000000)), noise(40, 4)...)
		})
	}},
	"an identifier anew for each ping": {packets: func() []sent {
		return times(60, func(i int) []sent {
			b := []byte("is anybody there?")
			return exchanged(time.Duration(i)*minute, desk, away, uint16(i*40503), 1, b, b)
		})
	}},
	"empty pings, answered with zero bytes": {packets: func() []sent {
		return times(60, func(i int) []sent {
			return exchanged(time.Duration(i)*10*second, desk, away, 9, uint16(i), nil, make([]byte, 18))
		})
	}},
	"empty pings": {packets: func() []sent {
		return times(60, func(i int) []sent { return exchanged(time.Duration(i)*10*second, desk, away, 9, uint16(i), nil, nil) })
	}},
	"a reply that came twice": {packets: func() []sent {
		return times(20, func(i int) []sent {
			return exchanged(time.Duration(i)*second, desk, away, 9, uint16(i), windowsBody(0), windowsBody(0), windowsBody(0))
		})
	}},
}

// Random payload at even times, but to many hosts, is a monitor's (fping -R): told once, as low.
func TestBeatsToManyHosts(t *testing.T) {
	c := context_(t)
	list := slices.DeleteFunc(pack(t, c), func(r *rules.Rule) bool { return r.Name != "icmp-beacon" })
	for targets, want := range map[int][]rules.Level{3: {rules.High, rules.High, rules.High}, 5: {rules.Low, rules.Informational, rules.Informational, rules.Informational, rules.Informational}} {
		path := filepath.Join(t.TempDir(), "many.pcap")
		if err := os.WriteFile(path, pcap(vary(targets, 30, minute, func(k, round int) []byte { return noise(56, 100*k+round) })), 0o600); err != nil {
			t.Fatal(err)
		}
		var got []rules.Level
		for _, f := range run(t, list, c, []string{path}).Findings {
			got = append(got, f.Level)
		}
		slices.SortFunc(got, func(a, b rules.Level) int { return int(b - a) })
		if !slices.Equal(got, want) {
			t.Errorf("%d targets: %v, want %v", targets, got, want)
		}
	}
}

func shifted(by time.Duration, list []sent) []sent {
	for i := range list {
		list[i].at += by
	}
	return list
}

// Variants of tools are found and named, between the right hosts; ordinary traffic that is like them is not.
func TestVariants(t *testing.T) {
	c := context_(t)
	list := pack(t, c)
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "variant.pcap")
			if err := os.WriteFile(path, pcap(v.packets()), 0o600); err != nil {
				t.Fatal(err)
			}
			found, low, r := false, 0, run(t, list, c, []string{path})
			for _, f := range r.Findings {
				found = found || f.Rule.Name == v.rule && f.Src == v.src && f.Dst == v.dst && f.Level >= rules.Medium
				switch {
				case v.rule == "" && f.Level >= rules.Medium:
					t.Errorf("%s: %s from %s to %s", f.Level, f.Rule.Name, f.Src, f.Dst)
				case v.rule == "" && f.Level == rules.Low:
					low++
				}
			}
			if low > 1 {
				t.Errorf("%d low findings, want at most one: %v", low, told(r.Findings))
			}
			if v.rule != "" && !found {
				t.Errorf("%s not found from %s to %s: got %v", v.rule, v.src, v.dst, told(r.Findings))
			}
		})
	}
}

func told(list []*rules.Finding) (out []string) {
	for _, f := range list {
		if f.Level > rules.Informational {
			out = append(out, fmt.Sprint(f.Level, " ", f.Rule.Name, " ", f.Src, " > ", f.Dst))
		}
	}
	return out
}
