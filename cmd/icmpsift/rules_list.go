package main

import "context"

func rulesList(d door, ctx context.Context, args []string) error {
	return usagef("rules list: comes with a later version")
}
