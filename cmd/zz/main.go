package main

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"icmpsift/ingest/field"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
	"icmpsift/rules/builtin"
	"icmpsift/rules/file"
	"icmpsift/rules/trial"
)

func main() {
	min := flag.String("min", "informational", "")
	only := flag.String("only", "", "")
	flag.Parse()
	stock, _ := payload.NewTable()
	c := &field.Context{Stock: stock}
	for _, n := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"} {
		c.Home = append(c.Home, netip.MustParsePrefix(n))
	}
	set, err := file.Load(c, file.Embedded(builtin.Files))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	l, _ := rules.ParseLevel(*min)
	for _, f := range flag.Args() {
		func() {
			defer func() {
				if x := recover(); x != nil {
					fmt.Println("PANIC", f, x)
				}
			}()
			r, err := trial.Run(context.Background(), &set.Set, c, strings.Split(f, ",")...)
			fmt.Println("==", filepath.Base(f), err)
			if err != nil {
				return
			}
			for _, x := range r.Findings {
				if x.Level >= l && strings.Contains(x.Rule.Name, *only) {
					fmt.Printf("   %-13s %-28s %s > %s pk=%d", x.Level, x.Rule.Name, x.Src, x.Dst, x.Packets)
					for _, o := range x.Observed {
						fmt.Printf(" [%s %g %s %g]", o.Name, o.Value, o.Op, o.Threshold)
					}
					for _, h := range x.Hosts {
						fmt.Printf(" {%s %s %v}", h.Address, h.Role, h.MACs)
					}
					fmt.Println()
				}
			}
		}()
	}
}
