package main

import "context"

func rulesShow(d door, ctx context.Context, args []string) error {
	return usagef("rules show: comes with a later version")
}
