package recover

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"icmpsift/ingest/oracle"
)

// lined repeats lines up to some 300 bytes, which need not be a multiple of anything.
func lined(line func(i int) string) []byte {
	var b []byte
	for i := 0; len(b) < 300; i++ {
		b = append(b, line(i)...)
	}
	return b
}

// lettersOf are n characters of an alphabet.
func lettersOf(rnd *rand.Rand, n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rnd.Intn(len(alphabet))]
	}
	return string(b)
}

const upperCase, figures = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"

// spoken are words of a list, with blanks, and a line end now and then.
func spoken(rnd *rand.Rand, list string) []byte {
	words := strings.Fields(list)
	return lined(func(i int) string { return words[rnd.Intn(len(words))] + []string{" ", " ", " ", ".\n"}[i%4] })
}

// clearTexts are texts of any content.
func clearTexts(rnd *rand.Rand) map[string][]byte {
	n := rnd.Intn
	random := func(k int) []byte { b := make([]byte, k); rnd.Read(b); return b }
	return map[string][]byte{
		"cards": lined(func(int) string {
			return fmt.Sprintf("%04d %04d %04d %04d %02d/%02d %03d\n", n(1e4), n(1e4), n(1e4), n(1e4), 1+n(12), n(30), n(1000))
		}),
		"card digits": lined(func(int) string { return fmt.Sprintf("%08d%08d\n", n(1e8), n(1e8)) }),
		"phones":      lined(func(int) string { return fmt.Sprintf("+%d %d %d\n", 1+n(98), 100+n(900), n(1e7)) }),
		"addresses":   lined(func(int) string { return fmt.Sprintf("10.%d.%d.%d\n", n(256), n(256), n(256)) }),
		"ipv6":        lined(func(int) string { return fmt.Sprintf("2001:db8:%x:%x::%x\n", n(1<<16), n(1<<16), n(1<<16)) }),
		"macs":        lined(func(int) string { b := random(6); return fmt.Sprintf("% x\n", b) }),
		"shadow": lined(func(i int) string {
			return fmt.Sprintf("u%d:$6$%s$%s:19700:0:99999:7:::\n", i, base64.StdEncoding.EncodeToString(random(9)), base64.StdEncoding.EncodeToString(random(30)))
		}),
		"passwords": lined(func(int) string {
			return "svc_sql:" + lettersOf(rnd, 11, upperCase+strings.ToLower(upperCase)+figures+"!#$%&+-") + "\n"
		}),
		"ntlm":   lined(func(i int) string { return fmt.Sprintf("user%d:%d:%x:%x:::\n", i, 1000+i, random(16), random(16)) }),
		"hashes": lined(func(int) string { return hex.EncodeToString(random(16)) + "\n" }),
		"HASHES": lined(func(int) string { return strings.ToUpper(hex.EncodeToString(random(20))) + "\n" }),
		"uuids": lined(func(int) string {
			b := random(16)
			return fmt.Sprintf("%x-%x-%x-%x-%x\n", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		}),
		"base64":  []byte(base64.StdEncoding.EncodeToString(random(240))),
		"numbers": lined(func(i int) string { return fmt.Sprintf("%d,%d,%d\n", i, n(1e5), n(1000)) }),
		"prices":  lined(func(int) string { return fmt.Sprintf("%d\t%d.%02d\t%d\n", n(1e6), n(1000), n(100), n(10)) }),
		"codes":   lined(func(int) string { return fmt.Sprintf("%06d ", n(1e6)) }),
		"places":  lined(func(int) string { return fmt.Sprintf("%.5f,%.5f;", 90*rnd.Float64(), 180*rnd.Float64()) }),
		"dates": lined(func(int) string {
			return fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02dZ\n", 1+n(12), 1+n(28), n(24), n(60), n(60))
		}),
		"log": lined(func(int) string {
			return fmt.Sprintf("%02d:%02d:%02d 10.0.%d.%d GET 200 %d\n", n(24), n(60), n(60), n(9), n(255), n(1e5))
		}),
		"json": lined(func(i int) string {
			return fmt.Sprintf(`{"id":%d,"k":"%s","v":%d},`, i, lettersOf(rnd, 6, upperCase), n(1e4))
		}),
		"sql": lined(func(i int) string {
			return fmt.Sprintf("INSERT INTO T VALUES(%d,'%s');\n", i, lettersOf(rnd, 8, upperCase))
		}),
		"licences": lined(func(int) string { return lettersOf(rnd, 5, upperCase+figures) + "-" }),
		"ibans": lined(func(int) string {
			return fmt.Sprintf("DE%02d %04d %04d %04d %04d %02d\n", n(100), n(1e4), n(1e4), n(1e4), n(1e4), n(100))
		}),
		"mail": lined(func(int) string {
			return lettersOf(rnd, 3+n(6), "abdeilmnorst") + "@" + lettersOf(rnd, 4+n(5), "aceilnorst") + ".org\n"
		}),
		"paths": lined(func(int) string {
			return `C:\` + lettersOf(rnd, 5, upperCase) + `\` + lettersOf(rnd, 4, figures) + ".DAT\r\n"
		}),
		"key":      append([]byte("ssh-ed25519 "), base64.StdEncoding.EncodeToString(random(220))...),
		"UPPER":    []byte(strings.ToUpper(string(spoken(rnd, "backup ledger holder shows every transfer night vault account balance of the")))),
		"lower":    spoken(rnd, "backup ledger holder shows every transfer night vault account balance of the"),
		"german":   spoken(rnd, "Schlüssel für Übergabe größer Straße zurück Männer hören fünfzig Tür"),
		"russian":  spoken(rnd, "сервер средства договор вечером ключ пароль деньги счёт перевод"),
		"greek":    spoken(rnd, "κωδικός τράπεζα αύριο βράδυ χρήματα κλειδί συμφωνία"),
		"arabic":   spoken(rnd, "كلمة السر الحساب البنك الليلة المفتاح الخادم"),
		"hebrew":   spoken(rnd, "סיסמה חשבון בנק לילה מפתח שרת כסף"),
		"chinese":  spoken(rnd, "密码是 服务器 今晚转账 账户余额 钥匙在门垫下 合同已签"),
		"japanese": spoken(rnd, "パスワード サーバー こんばん 送金する 鍵はマットの下 口座番号"),
		"korean":   spoken(rnd, "비밀번호 서버 오늘밤 송금 계좌 열쇠는 매트 아래"),
		"hindi":    spoken(rnd, "पासवर्ड सर्वर आज रात खाता चाबी पैसे भेजो"),
		"signs":    lined(func(int) string { return lettersOf(rnd, 9, "!$%&*+-/<=>?@^_|~") + "\n" }),
		"flag":     []byte("CTF{3xf1l_0v3r_1cmp_" + hex.EncodeToString(random(6)) + "}"),
	}
}

// clearCarriers are ways to carry it, a byte or more a packet.
var clearCarriers = map[string]func(b []byte) (list []Candidate, field string){
	"payload":           func(b []byte) ([]Candidate, string) { return pieced(b, 32), "sift.payload" },
	"a byte of payload": func(b []byte) ([]Candidate, string) { return pieced(b, 1), "sift.payload" },
	"type":              func(b []byte) ([]Candidate, string) { return carriedBy(b, 1, 0), "sift.type" },
	"ttl":               func(b []byte) ([]Candidate, string) { return carriedBy(b, 1, 0), "sift.ttl" },
	"dsfield":           func(b []byte) ([]Candidate, string) { return carriedBy(b, 1, 0), "sift.dsfield" },
	"seq": func(b []byte) ([]Candidate, string) {
		list := carriedBy(b, 2, 0)
		for i := range list {
			list[i].Seq = uint16(b[i])
		}
		return list, "sift.seq"
	},
	"ip.id": func(b []byte) ([]Candidate, string) { return carriedBy(b, 2, 0), "ip.id" },
}

func pieced(b []byte, size int) (out []Candidate) {
	for p := range slices.Chunk(b, size) {
		i := len(out)
		out = append(out, Candidate{Value: p, Wire: len(p), Anchor: true, Ident: 7, Seq: uint16(i + 1), Shape: Shape{TTL: 64, Length: 8 + len(p), Tail: len(p)}})
	}
	return today(retime(out))
}

func carriedBy(b []byte, width int, base uint32) []Candidate {
	return valued(octets32(b, func(v uint32) uint32 { return v + base }), width, func(int) uint16 { return 7 }, func(i int) uint16 { return uint16(i + 1) })
}

// Text of any content and language comes back as it was carried, and no key and no offset is made up for it.
func TestClearText(t *testing.T) {
	for name, b := range clearTexts(rand.New(rand.NewSource(11))) {
		for way, carry := range clearCarriers {
			list, field := carry(b)
			required := strings.HasPrefix(field, "sift.ttl") || field == "sift.dsfield" || field == "sift.seq" || field == "ip.id"
			found := Recover(list, carrierNamed(t, field), Options{Required: required})
			if len(found) == 0 {
				t.Errorf("%s by %s: nothing came back", name, way)
				continue
			}
			for _, f := range found {
				if f.underKey() || strings.ContainsAny(f.Carrier, "+-") {
					t.Errorf("%s by %s: %s, %v", name, way, f.Carrier, tell(found))
				}
			}
			if !slices.ContainsFunc(found, func(f Found) bool { return bytes.Equal(f.Bytes, b) || bytes.Equal(f.Raw, b) }) {
				t.Errorf("%s by %s: got %v, expected %q", name, way, tell(found), b[:40])
			}
		}
	}
}

// A key under which text was sent is still found, whether what it leaves is printable or not.
func TestKeysOfText(t *testing.T) {
	rnd := rand.New(rand.NewSource(12))
	prose := spoken(rnd, "the night watch changes at two be quick and bring every ledger from that vault to our boat house")
	oneLine := bytes.ReplaceAll(prose, []byte(".\n"), []byte(", "))
	for step, k := 256/oracle.Trials(t, 256, 8), 1; k < 256; k += step {
		sent := xored(oneLine, []byte{byte(k)})
		if clear(sent) && count(sent).blanks > 0 {
			continue // what a key leaves that turns letters into blanks reads as text of its own
		}
		layers, _ := unwrap(sent, nil, nil)
		if got := layers[len(layers)-1].bytes; !bytes.Equal(got, oneLine) {
			t.Errorf("key %02x: got %q", k, got[:40])
		}
	}
}
