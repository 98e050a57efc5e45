package builtin_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	c := context_(t)
	list := pack(t, c)
	for _, p := range strings.Fields(os.Getenv("ZZ")) {
		r := run(t, list, c, strings.Split(p, ","))
		fmt.Println("==", p)
		for _, f := range r.Findings {
			fmt.Println(f.Level, f.Confidence, f.Rule.Name, f.Src, f.Dst, f.Packets, f.Notes)
			for _, a := range f.Artefacts {
				fmt.Printf("   %s %s %s %v %d bytes %s conf %s complete %v gaps %d name %q %.60q...%.40q\n      %v\n", a.SHA256[:8], a.Carrier, a.Order, a.Encodings, len(a.Bytes), a.MediaType, a.Confidence, a.Complete, len(a.Gaps), a.Name, a.Bytes, a.Bytes[max(0, len(a.Bytes)-40):], strings.Join(a.Why, " | "))
			}
		}
	}
}
