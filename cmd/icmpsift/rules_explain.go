package main

import "context"

func rulesExplain(d door, ctx context.Context, args []string) error {
	return usagef("rules explain: comes with a later version")
}
