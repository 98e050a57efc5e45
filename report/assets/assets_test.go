package assets

import (
	"net/netip"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	table, err := Parse("a.csv", []byte("\xef\xbb\xbf# our hosts\n10.20.0.12, mx1, mail server\n10.20.0.0/24,office\n10.0.0.0/8,\"all, of us\"\n2001:db8::/32,six,lab\n::ffff:192.0.2.1,mapped\n"))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"10.20.0.12": "mx1/mail server", "10.20.0.13": "office/", "10.21.0.13": "all, of us/", "2001:db8::7": "six/lab", "192.0.2.1": "mapped/", "192.0.2.2": "",
		"10.20.0.0/25": "office/", "10.20.0.0/23": "all, of us/", "0.0.0.0/0": "", "02:42:0a:14:00:0f": "", "::": "",
	} {
		got := ""
		if a, ok := table.OfText(address); ok {
			got = a.Name + "/" + a.Role
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if _, ok := (*Table)(nil).Of(netip.MustParseAddr("10.0.0.1")); ok {
		t.Error("no table knows a host")
	}
}

func TestColumns(t *testing.T) {
	table, err := Parse("a.csv", []byte("Owner,Role,Name,Address\nme,db,one,10.0.0.1\nyou,,two,10.0.0.2,more\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := table.OfText("10.0.0.1"); a.Name != "one" || a.Role != "db" || table.Len() != 2 {
		t.Errorf("%+v", a)
	}
}

// Mistakes are told with line and column, all at once.
func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.1,a\n10.0.0.400,b\n":       `a.csv:2:1: "10.0.0.400": expected an address or a network such as`,
		"10.0.0.1;a\n":                     `a.csv:1:1: 1 field: expected an address or network, a name and, if you like, a role, with commas between them`,
		"10.0.0.1,a\n\n10.0.0.0/33,b,c\n":  `a.csv:3:1: "10.0.0.0/33": expected`,
		"10.0.0.1, ,c\n":                   `a.csv:1:11: 10.0.0.1 has no name`,
		"10.0.0.1,a\n10.0.0.1,b\n":         `a.csv:2:1: 10.0.0.1 stands in line 1 already`,
		"10.0.0.1,a\n10.0.0.2,\"b\n":       `a.csv:`,
		"10.0.0.1,a\"b\n":                  `a.csv:1:11: bare " in non-quoted-field`,
		"address,role\n10.0.0.1,a\n":       `a.csv:1:1: no column "name"`,
		"address,name,name\n10.0.0.1,a,b":  `a.csv:1:14: a second column "name"`,
		"10.0.0.1,a,b,c\n":                 `a.csv:1:1: 4 fields`,
		"x,a\ny,b\n":                       "a.csv:1:1: \"x\": expected an address or a network such as 10.20.0.12 or 10.20.30.0/24\na.csv:2:1: \"y\"",
		"10.0.0.1,a\nname,address,role\n":  `a.csv:2:1: "name": expected an address`,
		"fe80::1%eth0,a\n10.0.0.1,b,c,d\n": `a.csv:1:1: "fe80::1%eth0": expected an address`,
	} {
		if _, err := Parse("a.csv", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzParse: mistakes name the file, and what was read tells who an address is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"10.0.0.1,a\n", "address,name\n::1,b", "10.0.0.0/8,\"a\"\"b\",c\n", "10.0.0.0/99,x", "\"", "address,name,role\n,,\n", "#\n,\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		table, err := Parse("f.csv", []byte(s))
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				if table != nil || strings.HasPrefix(line, "f.csv:") {
					return
				}
			}
			t.Fatalf("%q: %v names no place", s, err)
		}
		for p, a := range table.by {
			if got, ok := table.OfText(p.String()); !ok || got != a || a.Name == "" {
				t.Errorf("%q: %v is %+v, want %+v", s, p, got, a)
			}
		}
	})
}
