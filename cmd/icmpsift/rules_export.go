package main

import "context"

func rulesExport(d door, ctx context.Context, args []string) error {
	return usagef("rules export: comes with a later version")
}
