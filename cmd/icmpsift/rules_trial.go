package main

import "context"

func rulesTest(d door, ctx context.Context, args []string) error {
	return usagef("rules test: comes with a later version")
}
