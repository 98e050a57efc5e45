package main

import "context"

func rulesNew(d door, ctx context.Context, args []string) error {
	return usagef("rules new: comes with a later version")
}
