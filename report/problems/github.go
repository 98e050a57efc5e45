package problems

import (
	"fmt"
	"io"
	"strings"

	"icmpsift/report/inert"
	"icmpsift/rules/lint"
)

// GitHub's escapes, of messages and of properties (actions/toolkit, packages/core/src/command.ts).
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	githubWords    = map[lint.Severity]string{lint.Error: "error", lint.Warning: "warning", lint.Note: "notice"}
)

// writeGitHub writes workflow commands ("::error file=a.yml,line=1::...").
func writeGitHub(w io.Writer, list []lint.Problem) error {
	for _, p := range list {
		if p.Waived != "" {
			continue
		}
		at := "file=" + githubProperty.Replace(inert.Text(p.Path))
		if p.Line > 0 {
			at += fmt.Sprintf(",line=%d,col=%d,endColumn=%d", p.Line, p.Column, p.Column+p.Length)
		}
		title := githubProperty.Replace(p.Code)
		if _, err := fmt.Fprintf(w, "::%s %s,title=%s::%s\n", githubWords[p.Severity], at, title, githubData.Replace(inert.Verbatim(p.Message))); err != nil {
			return err
		}
	}
	return nil
}
