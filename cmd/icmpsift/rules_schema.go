package main

import "context"

func rulesSchema(d door, ctx context.Context, args []string) error {
	return usagef("rules schema: comes with a later version")
}
