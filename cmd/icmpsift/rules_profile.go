package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"icmpsift/report/inert"
	"icmpsift/report/phrase"
	"icmpsift/rules/trial"
)

const profileUsage = `icmpsift rules profile [flags] CAPTURE...

Measures what each rule's filter costs on the ICMP packets of captures: how many packets it is asked about (those of types
it can match), how many match, the time for all of them and for one. The dearest come first. Each filter runs over the packets
again and again for a tenth of a second; packets beyond the first 200,000 are left out.

Example:
  icmpsift rules profile gateway.pcap --rules my-rules/`

func rulesProfile(d door, ctx context.Context, args []string) error {
	s := &ruleset{}
	flags := pflag.NewFlagSet("rules profile", pflag.ContinueOnError)
	s.flags(flags)
	captures, err := d.parse(flags, args, profileUsage)
	if err != nil {
		return err
	}
	if len(captures) == 0 {
		return usagef("rules profile: expected a capture to run the rules over")
	}
	set, c, err := loadRules(s, "rules profile")
	if err != nil {
		return err
	}
	costs, packets, err := trial.Profile(ctx, &set.Set, c, captures...)
	if err != nil {
		return fmt.Errorf("rules profile: %w", err)
	}
	_, err = fmt.Fprint(d.stdout, profiled(costs, packets))
	return err
}

func profiled(costs []trial.Cost, packets int64) string {
	var b strings.Builder
	var sum time.Duration
	for _, c := range costs {
		sum += c.Total
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "share\ttime\tper packet\tasked\tmatched\t  rule\n")
	for _, c := range costs {
		each := time.Duration(0)
		if c.Tried > 0 {
			each = c.Total / time.Duration(c.Tried)
		}
		fmt.Fprintf(w, "%.1f %%\t%v\t%v\t%s\t%s\t  %s\n", 100*float64(c.Total)/float64(max(sum, 1)), c.Total, each, phrase.Count(c.Tried), phrase.Count(c.Matched), inert.Text(c.Rule.Name))
	}
	w.Flush()
	fmt.Fprintf(&b, "\n%s, %s, %v in all: %v a packet\n", phrase.Plural(packets, "ICMP packet", "ICMP packets"), phrase.Plural(int64(len(costs)), "rule", "rules"),
		sum, sum/time.Duration(max(packets, 1)))
	return b.String()
}
