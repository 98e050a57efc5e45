package suricata

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"icmpsift/ingest"
	"icmpsift/ingest/capture"
	"icmpsift/ingest/decode"
)

var perLab = flag.Int("frames", 25, "how many frames of each lab capture to look at")

var update = flag.Bool("update", false, "record what the installed Suricata says")

var ruleFiles = flag.String("rules", "", "files of rules to compare with Suricata, as a pattern: published ones are not ours to copy")

// alerts are the frames that a rule alerts on, by capture and sid.
type alerts map[string]map[int][]int64

// binaryOf finds Suricata: $ICMPSIFT_SURICATA_BIN, or suricata from the path. Its answers are also on record.
func binaryOf(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath(cmp.Or(os.Getenv("ICMPSIFT_SURICATA_BIN"), "suricata"))
	if err != nil {
		t.Skipf("Suricata is not installed (%v): only its recorded answers are compared, see TestRecorded", err)
	}
	return path
}

// captured are the first frames of the lab's captures, and the built ones.
func captured(t *testing.T) map[string][]*ingest.Frame {
	t.Helper()
	out := map[string][]*ingest.Frame{"built": builtFrames()}
	paths, err := filepath.Glob("../../testdata/lab/*.pcap*")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d captures, error %v", len(paths), err)
	}
	for _, path := range paths {
		out[stem(filepath.Base(path))] = framesOf(t, path, *perLab)
	}
	return out
}

// framesOf reads a capture's frames, most at the most.
func framesOf(t *testing.T, path string, most int) (out []*ingest.Frame) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := capture.Decompress(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(plain)
	for err == nil && len(out) < most {
		var frame *ingest.Frame
		if frame, err = r.Next(); err == nil {
			own := *frame
			own.Data = slices.Clone(frame.Data)
			out = append(out, &own)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// packetsOf decodes a capture's frames in their order.
func packetsOf(frames []*ingest.Frame) (out []*ingest.Packet) {
	d := decode.New(decode.Options{})
	for _, f := range frames {
		var p ingest.Packet
		d.Decode(f, &p)
		out = append(out, p.Clone())
	}
	return out
}

// distinct gives each frame a time of its own, in microseconds: packets that Suricata puts together or unpacks have no
// frame number, but the time of their last frame.
func distinct(frames []*ingest.Frame) (times []int64) {
	used := map[int64]bool{}
	for _, f := range frames {
		at := f.Time / 1000
		for used[at] {
			at++
		}
		used[at] = true
		times = append(times, at)
	}
	return times
}

// pcapFile writes frames in the format that everything reads.
func pcapFile(frames []*ingest.Frame, times []int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(frames[0].Link))
	for i, f := range frames {
		for _, n := range []int64{times[i] / 1e6, times[i] % 1e6, int64(len(f.Data)), int64(f.Wire)} {
			b = binary.LittleEndian.AppendUint32(b, uint32(n))
		}
		b = append(b, f.Data...)
	}
	return b
}

const homeNet = "[10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,fe80::/10]"

const configuration = `%YAML 1.1
---
vars:
  address-groups:
    HOME_NET: "` + homeNet + `"
    EXTERNAL_NET: "!$HOME_NET"
  port-groups: {}
outputs:
  - eve-log: {enabled: yes, filetype: regular, filename: eve.json, types: [alert]}
packet-alert-max: 255
`

// perRun is how many rules go into one run: Suricata keeps 255 alerts of a packet.
const perRun = 250

// mixed is a capture that Suricata reads: frames of one link type, and where each is from.
type mixed struct {
	frames []*ingest.Frame
	from   []string
}

// byLink puts the captures of each link type into one, so that Suricata need not start for each. It does not read SLL2.
func byLink(captures map[string][]*ingest.Frame) map[ingest.LinkType]*mixed {
	out := map[ingest.LinkType]*mixed{}
	for _, name := range sortedKeys(captures) {
		for _, f := range captures[name] {
			if f.Link == ingest.LinkSLL2 {
				continue
			}
			m := out[f.Link]
			if m == nil {
				m = &mixed{}
				out[f.Link] = m
			}
			m.frames, m.from = append(m.frames, f), append(m.from, name)
		}
	}
	return out
}

// asked is what Suricata says of rules on captures; rejected are the sids of rules that it does not load.
func asked(t *testing.T, rules []string, captures map[string][]*ingest.Frame) (found alerts, rejected map[int]bool) {
	t.Helper()
	found, rejected = alerts{}, map[int]bool{}
	bin, dir := binaryOf(t), t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := write("suricata.yaml", []byte(configuration))
	for link, m := range byLink(captures) {
		times := distinct(m.frames)
		file := write(fmt.Sprintf("%d.pcap", link), pcapFile(m.frames, times))
		for batch := range slices.Chunk(rules, perRun) {
			list := write("list.rules", []byte(strings.Join(batch, "\n")+"\n"))
			for _, sid := range refusals(run(t, bin, "-c", config, "-S", list, "-r", file, "-l", dir)) {
				rejected[sid] = true
			}
			found.read(t, m, times, filepath.Join(dir, "eve.json"))
			os.Remove(filepath.Join(dir, "eve.json"))
		}
	}
	return found, rejected
}

func run(t *testing.T, bin string, arguments ...string) string {
	t.Helper()
	cmd := exec.Command(bin, append(arguments, "-k", "none", "--runmode", "single")...)
	talk, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, talk)
	}
	return string(talk)
}

var parseError = regexp.MustCompile(`error parsing signature ".*sid:(\d+);`)

func refusals(talk string) (sids []int) {
	for _, m := range parseError.FindAllStringSubmatch(talk, -1) {
		n, _ := strconv.Atoi(m[1])
		sids = append(sids, n)
	}
	return sids
}

func (a alerts) read(t *testing.T, m *mixed, times []int64, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	place := map[int64]int{}
	for i, at := range times {
		place[at] = i
	}
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var e struct {
			Timestamp string
			Alert     struct {
				Sid int `json:"signature_id"`
			}
		}
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		when, err := time.Parse("2006-01-02T15:04:05.999999-0700", e.Timestamp)
		if err != nil {
			t.Fatal(err)
		}
		i, ok := place[when.UnixMicro()]
		if !ok {
			t.Fatalf("no frame has the time of %s", s.Bytes())
		}
		if a[m.from[i]] == nil {
			a[m.from[i]] = map[int][]int64{}
		}
		of := a[m.from[i]]
		of[e.Alert.Sid] = append(of[e.Alert.Sid], m.frames[i].Number)
	}
	for _, of := range a {
		for sid, frames := range of {
			slices.Sort(frames)
			of[sid] = slices.Compact(frames)
		}
	}
}

// TestOracle has Suricata look at frames, and the converted rules. With -update its answers go on record.
func TestOracle(t *testing.T) {
	binaryOf(t)
	captures := captured(t)
	packets := decodedAll(captures)
	var all []*ingest.Packet
	for _, name := range sortedKeys(packets) {
		all = append(all, packets[name]...)
	}
	taken := answersTo(t, generated(t, all), captures)
	if *update {
		record(t, taken)
	}
	agree(t, taken, messagesIn(taken), packets)
}

// answersTo asks Suricata about rules whose sids count from 1; those that it rejects have no answer.
func answersTo(t *testing.T, rules []string, captures map[string][]*ingest.Frame) (taken []answer) {
	t.Helper()
	found, rejected := asked(t, rules, captures)
	for i, rule := range rules {
		if rejected[i+1] {
			t.Logf("rejected: %s", rule)
			continue
		}
		a := answer{rule: rule, frames: map[string][]int64{}}
		for name, of := range found {
			if of[i+1] != nil {
				a.frames[name] = of[i+1]
			}
		}
		taken = append(taken, a)
	}
	t.Logf("%d rules, %d of them rejected by Suricata", len(rules), len(rejected))
	return taken
}

// TestRuleFiles compares what real files of rules find, those in comments too, packet by packet: what counts is left out,
// see TestOracleCounts.
func TestRuleFiles(t *testing.T) {
	binaryOf(t)
	paths, err := filepath.Glob(*ruleFiles)
	if err != nil || len(paths) == 0 {
		t.Skipf("no files of rules are given (-rules %q, error %v)", *ruleFiles, err)
	}
	captures := captured(t)
	packets := decodedAll(captures)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			taken := answersTo(t, packetRules(path, data), captures)
			agree(t, taken, messagesIn(taken), packets)
		})
	}
}

var (
	numbered = regexp.MustCompile(`\bsid\s*:\s*\d+\s*(;|\))`)
	counts   = regexp.MustCompile(`\b(threshold|detection_filter)\s*:[^;]*;`)
)

// packetRules are a file's rules without their counts, sids from 1, a line each, and two that tell what messages there are.
func packetRules(path string, data []byte) []string {
	out := []string{"alert icmp any any -> any any (msg:\"none\"; itype:0; sid:1;)", "alert icmp any any -> any any (msg:\"others\"; itype:>0; sid:2;)"}
	for _, s := range split(path, data) {
		if s.outcome == Disabled {
			s = s.enabled()
		}
		if s.outcome == "" && s.problem == nil && s.value("sid") != "" {
			text := numbered.ReplaceAllString(s.text, fmt.Sprintf("sid:%d;$1", len(out)+1))
			out = append(out, strings.ReplaceAll(counts.ReplaceAllString(text, ""), ";;", ";"))
		}
	}
	return out
}
