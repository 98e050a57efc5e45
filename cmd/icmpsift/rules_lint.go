package main

import "context"

func rulesLint(d door, ctx context.Context, args []string) error {
	return usagef("rules lint: comes with a later version")
}
