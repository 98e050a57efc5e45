package suricata

import (
	"crypto/sha1"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"icmpsift/ingest/field"
	"icmpsift/rules"
	"icmpsift/rules/file"
)

// document is a rule as its file states it, keys in the usual order.
type document struct {
	Title       string         `yaml:"title"`
	ID          string         `yaml:"id"`
	Name        string         `yaml:"name"`
	Status      string         `yaml:"status"`
	Level       string         `yaml:"level"`
	Description string         `yaml:"description"`
	Date        string         `yaml:"date,omitempty"`
	Modified    string         `yaml:"modified,omitempty"`
	References  []string       `yaml:"references,omitempty"`
	Tags        []string       `yaml:"tags,omitempty"`
	BlindSpots  []string       `yaml:"blind_spots,omitempty"`
	Requires    map[string]any `yaml:"requires,omitempty"`
	Match       string         `yaml:"match"`
	Correlation *correlation   `yaml:"correlation,omitempty"`
}

type correlation struct {
	Type      string           `yaml:"type"`
	GroupBy   []string         `yaml:"group-by,flow"`
	Timespan  string           `yaml:"timespan"`
	Condition map[string]int64 `yaml:"condition,flow"`
}

// document writes the rule, and reads it back as any rule file is read: what does not load is refused.
func (c *conversion) document() ([]byte, *Reason) {
	d := document{Title: c.title(), ID: c.uuid(), Name: c.name(), Status: "experimental", Level: c.level().String(), Description: c.description(),
		Date: c.date("created_at"), Modified: c.date("updated_at"), References: c.references(), Tags: c.tags(), Match: c.filter}
	for _, r := range c.dropped {
		d.BlindSpots = append(d.BlindSpots, fmt.Sprintf("Not imported: %s: %s.", plain(r.Text), r.Message))
	}
	for _, n := range c.notes {
		d.BlindSpots = append(d.BlindSpots, n.Text)
	}
	if c.bytes {
		d.Requires = map[string]any{"bytes": true}
	}
	if n := c.counts; n != nil {
		d.Correlation = &correlation{string(n.Type), n.GroupBy, fmt.Sprintf("%ds", n.Timespan/time.Second), map[string]int64{n.Condition[0].Op: int64(n.Condition[0].Value)}}
	}
	text, err := yaml.MarshalWithOptions(d, yaml.IndentSequence(true), yaml.UseSingleQuote(true))
	if slices.ContainsFunc(strings.Split(string(text), "\n"), func(line string) bool { return len(line) > file.LongestLine }) {
		return nil, c.wrong(0, c.id(), fmt.Sprintf("its filter takes a line of more than %d bytes, which rule files do not hold: expected a shorter pattern or content", file.LongestLine))
	}
	if err == nil {
		_, err = file.Load(&field.Context{}, file.Text("rule.yml", text))
	}
	if err != nil {
		return nil, c.wrong(0, c.id(), "what came of the rule does not load: "+strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return text, nil
}

// plain is one line without control characters.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }), " ")
}

func (c *conversion) title() string {
	if t := strings.Trim(plain(c.value("msg")), "“”"); t != "" {
		return t
	}
	return "Rule " + c.id()
}

func (c *conversion) description() string {
	at := c.at(0)
	rev := ""
	if r := plain(c.value("rev")); r != "" {
		rev = " rev " + r
	}
	engine := "Snort or Suricata"
	if c.dialect != Unknown {
		engine = map[Dialect]string{Snort2: "Snort", Suricata: "Suricata"}[c.dialect]
	}
	text := fmt.Sprintf("Imported from %s, line %d: %s rule %s%s.", plain(at.File), at.Line, engine, c.id(), rev)
	if class := plain(c.value("classtype")); class != "" {
		text += " Its class is " + class + "."
	}
	if c.disabled {
		text += " It is disabled there."
	}
	return text
}

// namespace is the UUID (version 5) under which ids are made.
var namespace = [16]byte{0x6f, 0x1d, 0x7c, 0x52, 0x9b, 0x34, 0x5e, 0x0a, 0x8c, 0x11, 0x43, 0xd0, 0xa7, 0x6e, 0x25, 0x98}

// uuid is the same for the same gid, sid and rev (RFC 9562 5.5).
func (c *conversion) uuid() string {
	h := sha1.Sum(append(namespace[:], c.id()+":"+c.value("rev")...))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// maxSlug is how much of a title goes into a name.
const maxSlug = 60

// name is the title as a slug, then the sid, and the gid unless it is 1.
func (c *conversion) name() string {
	slug := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(c.value("msg")), "-"), "-")
	slug = strings.Trim(slug[:min(len(slug), maxSlug)], "-")
	gid, sid, _ := strings.Cut(c.id(), ":")
	parts := []string{slug, sid}
	if gid != "1" {
		parts = append(parts, gid)
	}
	return strings.Trim(notSlug.ReplaceAllString(strings.Join(parts, "-"), "-"), "-")
}

// priorities are those of Suricata's classification.config, 1 the worst.
var priorities = map[int64][]string{
	1: {"attempted-user", "unsuccessful-user", "successful-user", "attempted-admin", "successful-admin", "shellcode-detect", "trojan-activity",
		"web-application-attack", "inappropriate-content", "policy-violation", "targeted-activity", "exploit-kit", "domain-c2", "credential-theft",
		"command-and-control", "sdf", "file-format", "malware-cnc", "client-side-exploit"},
	2: {"bad-unknown", "attempted-recon", "successful-recon-limited", "successful-recon-largescale", "attempted-dos", "successful-dos",
		"rpc-portmap-decode", "suspicious-filename-detect", "suspicious-login", "system-call-detect", "unusual-client-port-connection",
		"denial-of-service", "non-standard-protocol", "web-application-activity", "misc-attack", "default-login-attempt", "external-ip-check",
		"pup-activity", "social-engineering", "coin-mining"},
	4: {"tcp-connection"},
}

var levels = map[int64]rules.Level{1: rules.High, 2: rules.Medium, 3: rules.Low, 4: rules.Informational}

// level comes from the priority, else the class. That some type of message was seen is information and no more.
func (c *conversion) level() rules.Level {
	if !c.beyond && c.counts == nil {
		return rules.Informational
	}
	if p := number(c.value("priority")); p > 0 {
		return levels[min(p, 4)]
	}
	for p, classes := range priorities {
		if slices.Contains(classes, c.value("classtype")) {
			return levels[p]
		}
	}
	return rules.Low
}

// references gives links where the kind of reference has them.
func (c *conversion) references() (out []string) {
	for _, o := range c.options {
		if o.name != "reference" {
			continue
		}
		kind, value, _ := strings.Cut(o.value, ",")
		value = plain(strings.ReplaceAll(unquote(strings.TrimSpace(value)), `\`, ""))
		switch kind = plain(strings.ToLower(kind)); {
		case value == "":
		case kind == "url" && strings.Contains(value, "://"):
			out = append(out, value)
		case kind == "url":
			out = append(out, "http://"+value)
		case kind == "cve":
			out = append(out, "https://www.cve.org/CVERecord?id=CVE-"+strings.TrimPrefix(strings.ToUpper(value), "CVE-"))
		default:
			out = append(out, kind+" "+value)
		}
	}
	return out
}

// metadata gives the values of a key of the metadata, of which there may be several.
func (c *conversion) metadata(key string) (out []string) {
	for _, o := range c.options {
		if o.name != "metadata" {
			continue
		}
		for _, pair := range strings.Split(o.value, ",") {
			if f := strings.Fields(pair); len(f) == 2 && strings.EqualFold(f[0], key) {
				out = append(out, f[1])
			}
		}
	}
	return out
}

func (c *conversion) date(key string) string {
	for _, v := range c.metadata(key) {
		if t, err := time.Parse(time.DateOnly, strings.ReplaceAll(v, "_", "-")); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return ""
}

var (
	technique = regexp.MustCompile(`^t[0-9]{4}(\.[0-9]{3})?$`)
	tactic    = regexp.MustCompile(`^([a-su-z][a-z-]*|t[a-z-]+)$`)
)

// tags are the ATT&CK techniques and tactics of the metadata.
func (c *conversion) tags() (out []string) {
	for _, v := range c.metadata("mitre_technique_id") {
		if v = strings.ToLower(v); technique.MatchString(v) {
			out = append(out, "attack."+v)
		}
	}
	for _, v := range c.metadata("mitre_tactic_name") {
		if v = strings.ReplaceAll(strings.ToLower(v), "_", "-"); tactic.MatchString(v) {
			out = append(out, "attack."+v)
		}
	}
	return slices.Compact(out)
}
