package main

import (
	"io"
	"path/filepath"

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
	f.StringVar(&h.password, "archive-password", "infected", "password of recovered.zip; the default is what malware analysts expect and keeps nobody out; not recorded in custody.json")
}

func (h *handover) check() error {
	switch {
	case h.noPayload && h.zip:
		return usagef("analyze: --no-payload takes recovered files out, so there is nothing for --recovered-zip; make two reports")
	case h.zip && h.password == "":
		return usagef("analyze: --archive-password %q: expected a password", h.password)
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

// unspoken hides the password in the words of a command line, for the record.
func unspoken(args []string) []string {
	out := append([]string{}, args...)
	const flag = "--archive-password"
	for i, w := range out {
		switch {
		case w == flag && i+1 < len(out):
			out[i+1] = "(not recorded)"
		case len(w) > len(flag) && w[:len(flag)+1] == flag+"=":
			out[i] = flag + "=(not recorded)"
		}
	}
	return out
}
