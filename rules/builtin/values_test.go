package builtin_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest/timeline"
	"icmpsift/rules"
	"icmpsift/rules/engine"
	"icmpsift/rules/trial"
)

// valued is one ping a second with something written into each of them.
func valued(src, dst string, n int, write func(i int) (id, seq uint16, body []byte, header func(h []byte))) (out []sent) {
	for i := range n {
		id, seq, body, header := write(i)
		if s := pinged(parcel{time.Duration(i) * time.Second, src, dst, id, seq}, body); header != nil {
			out = append(out, withHeader(s, header))
		} else {
			out = append(out, s)
		}
	}
	return out
}

// inHeader writes a value into the IP header of ordinary pings of one process.
func inHeader(at int, b []byte, of int) func(i int) (uint16, uint16, []byte, func(h []byte)) {
	return func(i int) (uint16, uint16, []byte, func(h []byte)) {
		return 7, uint16(i), stock, func(h []byte) { copy(h[at:], b[i*of:i*of+of]) }
	}
}

// wordOf is the i-th pair of bytes as a number.
func wordOf(b []byte, i int) uint16 { return be.Uint16(b[2*i:]) }

// secrets are data that no reading makes sense of: encrypted, and that in base64 and in hexadecimal digits.
var (
	secret   = noise(120, 90)
	secret64 = []byte(base64.StdEncoding.EncodeToString(secret))[:160]
	secret16 = []byte(hex.EncodeToString(secret))[:160]
)

// oddValues are captures of fields that carry such data.
var oddValues = map[string]func() []sent{
	"ttl":     func() []sent { return valued(inside, outside, 120, inHeader(8, secret, 1)) },
	"dsfield": func() []sent { return valued(inside, outside, 120, inHeader(1, secret, 1)) },
	"ip-id":   func() []sent { return valued(inside, outside, 80, inHeader(4, secret64, 2)) },
	"flow": func() []sent {
		return valued(inside6, outside6, 60, inHeader(2, secret, 2))
	},
	"seq": func() []sent {
		return valued(inside, outside, 60, func(i int) (uint16, uint16, []byte, func([]byte)) { return 7, wordOf(secret, i), stock, nil })
	},
	"id": func() []sent {
		return valued(inside, outside, 80, func(i int) (uint16, uint16, []byte, func([]byte)) { return wordOf(secret64, i), uint16(i), stock, nil })
	},
	"length": func() []sent {
		return valued(inside, outside, 160, func(i int) (uint16, uint16, []byte, func([]byte)) {
			return 7, uint16(i), []byte(strings.Repeat(string(stock[:23]), 11))[:secret16[i]], nil
		})
	},
}

// ordinaryValues are captures of fields that look much the same and are ordinary.
var ordinaryValues = map[string]func() []sent{
	"ttl": func() (out []sent) { // nine paths by turns of chance, a trace in any order, senders of three systems behind one address, nmap
		r := rand.New(rand.NewPCG(3, 4))
		hops := func(src string, id func(i int) uint16, of func(i int) byte) {
			out = append(out, valued(src, outside, 120, func(i int) (uint16, uint16, []byte, func([]byte)) {
				v := of(i)
				return id(i), uint16(i), stock, func(h []byte) { h[8] = v }
			})...)
		}
		same := func(int) uint16 { return 7 }
		hops(inside, same, func(int) byte { return byte(50 + r.IntN(9)) })
		hops(inside2, same, func(int) byte { return byte(1 + r.IntN(30)) })
		hops(inside3, func(i int) uint16 { return uint16(1000 + i) }, func(int) byte { return []byte{64, 128, 255}[r.IntN(3)] - byte(1+r.IntN(4)) })
		for i := range 60 {
			s := pinged(parcel{time.Duration(i) * time.Minute, "10.20.0.14", outside, scattered(i), 0}, nil)
			out = append(out, withHeader(s, func(h []byte) { h[8] = byte(37 + r.IntN(23)) }))
		}
		return out
	},
	"dsfield": func() []sent { // classes that have names, in any order, and marks of congestion
		r := rand.New(rand.NewPCG(5, 6))
		return valued(inside, outside, 200, func(i int) (uint16, uint16, []byte, func([]byte)) {
			v := []byte{0, 8, 10, 14, 18, 26, 34, 46, 48}[r.IntN(9)] << 2
			if r.IntN(20) == 0 {
				v |= 3
			}
			return 7, uint16(i), stock, func(h []byte) { h[1] = v }
		})
	},
	"ip-id": func() []sent { return valued(inside, outside, 200, inHeader(4, noise(400, 91), 2)) },
	"flow": func() []sent { // a new process for each ping is a new flow
		b := noise(400, 92)
		return valued(inside6, outside6, 200, func(i int) (uint16, uint16, []byte, func([]byte)) {
			return scattered(i), 1, stock, func(h []byte) { copy(h[2:4], b[2*i:]) }
		})
	},
	"seq": func() []sent { // three counters under one identifier, some of whose packets are lost or overtaken
		r, at := rand.New(rand.NewPCG(7, 8)), [3]uint16{1, 9000, 40000}
		out := valued(inside, outside, 300, func(i int) (uint16, uint16, []byte, func([]byte)) {
			k := r.IntN(3)
			at[k]++
			return 7, at[k], stock, nil
		})
		for i := 20; i+1 < len(out); i += 20 {
			out[i].message, out[i+1].message = out[i+1].message, out[i].message
		}
		return slices.Concat(out[:50], out[60:])
	},
	"id": func() []sent { // processes get theirs by chance
		b := noise(400, 93)
		return valued(inside, outside, 200, func(i int) (uint16, uint16, []byte, func([]byte)) { return wordOf(b, i), 1, stock, nil })
	},
	"length": func() (out []sent) { // sizes of chance, a sweep, a search, and a menu
		r := rand.New(rand.NewPCG(9, 10))
		search := []int{150, 200, 225, 212, 218, 221, 219, 220}
		for k, of := range []func(i int) int{
			func(int) int { return 60 + r.IntN(80) },
			func(i int) int { return 32 + i },
			func(i int) int { return search[i%len(search)] },
			func(int) int { return 32 + 16*r.IntN(12) },
		} {
			out = append(out, valued(inside, []string{outside, outside2, outside3, "198.51.100.10"}[k], 120, func(i int) (uint16, uint16, []byte, func([]byte)) {
				return 7, uint16(i), []byte(strings.Repeat(string(stock[:23]), 11))[:of(i)], nil
			})...)
		}
		return out
	},
}

// Values that no ordinary sender writes are told at medium: what they mean is not known.
func TestValuesAloneAreMedium(t *testing.T) {
	set := &rules.Set{Rules: pack(t, context_(t))}
	for name := range oddValues {
		err := trial.Case(context.Background(), []string{"testdata/" + name + "-odd-hit.pcap"}, func(line *timeline.Timeline) error {
			found, err := engine.Analyze(context.Background(), line, set, context_(t), nil)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(found.Findings, func(f *rules.Finding) bool { return f.Rule.Name == "icmp-exfil-"+name })
			if i < 0 || found.Findings[i].Level != rules.Medium || len(found.Findings[i].Artefacts) != 1 {
				t.Errorf("%s: expected a finding at medium with one artefact", name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
