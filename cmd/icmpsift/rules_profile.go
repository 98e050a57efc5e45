package main

import "context"

func rulesProfile(d door, ctx context.Context, args []string) error {
	return usagef("rules profile: comes with a later version")
}
