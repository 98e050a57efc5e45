// Command icmpsift turns ICMP evidence into an incident report. See the README; "icmpsift help" lists the commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	if len(tooLarge) > 0 {       // none would be all
		signal.Ignore(tooLarge...) // the error of writing tells
	}
	d := door{stdout: os.Stdout, stderr: os.Stderr}
	code := d.enter(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
