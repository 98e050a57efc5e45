package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"icmpsift/report"
	"icmpsift/report/build"
	"icmpsift/report/redact"
	"icmpsift/report/sealed"
	"icmpsift/report/slice"
	"icmpsift/rules/engine"
)

// archive is the encrypted zip of recovered files in the report folder.
const archive = "recovered.zip"

// handover is what the flags say of what leaves the house, and how.
type handover struct {
	noPayload bool
	zip       bool
	password  string
}

func (h *handover) flags(f *pflag.FlagSet) {
	f.BoolVar(&h.noPayload, "no-payload", false, "take payload out, for handing the report over: no previews, recovered files, transcripts, or names from payloads; packets for Wireshark end behind their headers; sizes and hashes stay")
	f.BoolVar(&h.zip, "recovered-zip", false, "put recovered files into recovered.zip as well, encrypted with AES-256, so that they can travel")
	f.StringVar(&h.password, "recovered-password", "infected", "password of recovered.zip; the default is what malware analysts expect and keeps nobody out; not recorded in custody.json")
}

func (h *handover) check() error {
	switch {
	case h.noPayload && h.zip:
		return usagef("analyze: --no-payload takes recovered files out, so there is nothing for --recovered-zip; make two reports")
	case h.zip && h.password == "":
		return usagef("analyze: --recovered-password %q: expected a password", h.password)
	}
	return nil
}

// cutting says how packets are cut out for Wireshark.
func (h *handover) cutting(found *engine.Result) *slice.Options {
	if !h.noPayload {
		return &slice.Options{}
	}
	return &slice.Options{NoPayload: true, Withhold: slice.Withhold(found.Findings, found.Suppressed)}
}

// redact takes payload out of the report, if that is asked for.
func (h *handover) redact(r *report.Report, cut *slice.Options) {
	if !h.noPayload {
		return
	}
	withheld := int64(0)
	if cut != nil {
		withheld = cut.Withhold.Packets.Total()
	}
	redact.Payload(r, withheld)
}

// recovered writes recovered files into the folder, as far as they may be there.
func (h *handover) recovered(f *folder, found *engine.Result) error {
	if h.noPayload || len(found.Artefacts) == 0 {
		return nil
	}
	if err := f.recovered(found); err != nil || !h.zip {
		return err
	}
	var files []sealed.File
	for _, a := range found.Artefacts {
		name, raw := build.Files(a)
		files = append(files, sealed.File{Name: name, Bytes: a.Bytes})
		if raw != "" {
			files = append(files, sealed.File{Name: raw, Bytes: a.Raw})
		}
	}
	return create(filepath.Join(f.temporary, archive), 0o600, func(w io.Writer) error { return sealed.Write(w, h.password, files) })
}

// unspoken stands for a password in a record.
const unspoken = "(not recorded)"

// secrets are the flags whose values are unspoken.
var secrets = []string{"archive-password", "recovered-password"}

// spoken are the words of a command line without its passwords, for the record.
func spoken(args []string) []string {
	out := append([]string{}, args...)
	for i, w := range out {
		for _, flag := range secrets {
			switch {
			case w == "--"+flag && i+1 < len(out):
				out[i+1] = unspoken
			case strings.HasPrefix(w, "--"+flag+"="):
				out[i] = "--" + flag + "=" + unspoken
			}
		}
	}
	return out
}
