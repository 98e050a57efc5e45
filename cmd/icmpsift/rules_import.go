package main

import "context"

func rulesImport(d door, ctx context.Context, args []string) error {
	return usagef("rules import: comes with a later version")
}
