package engine

import (
	"slices"

	"icmpsift/ingest"
	"icmpsift/ingest/payload"
	"icmpsift/rules"
)

// noise watches whether all that a draft's packets carry is random bytes of one length, as tests of a line send them
// (fping -R).
type noise struct {
	size  int
	other bool // something else was seen
	asked bool // there are requests among the packets
	pace  pace
}

func (n *noise) add(d *draft, p *ingest.Packet) {
	b, ok := p.EchoPayload()
	_, request := p.Exchange()
	n.asked = n.asked || request
	if n.other || !ok || d.context.Stock == nil {
		n.other = true
		return
	}
	n.pace.add(d, p)
	size := p.Message().Reported
	class := d.context.Stock.Classify(b, size-8).Class
	n.other = n.size != 0 && n.size != size || class != payload.HighEntropy && class != payload.Unknown
	n.size = size
}

// Lengths of a cipher's blocks, and of pieces that are too many blocks long to make up a file by chance.
const cipherBlock, manyBlocks = 16, 256

// odd tells whether the length is one that pieces of an encrypted file seldom all have.
func (n *noise) odd() bool {
	payload := n.size - 8
	return payload%cipherBlock != 0 || payload >= manyBlocks
}

// lineTests marks drafts of a host that sends random bytes of one length to many, or gets them back from many: what is stolen
// goes to few. A list of targets, gone through again and again, may be short; so may be a list of one, if it is gone through on a schedule. To one host they may be a test as well: a file is
// seldom so many pieces long, to the last byte, and who takes it out seldom keeps to the numbers and the pace of a ping.
func lineTests(drafts []*draft) {
	type test struct {
		x    *compiled
		src  string
		size int
	}
	targets := map[test][]*draft{}
	for _, d := range drafts {
		if d.x.correlation.Type == rules.ValueCount && !d.noise.other && d.noise.size > 0 {
			t := test{d.x, d.monitoring(), d.noise.size}
			targets[t] = append(targets[t], d)
		}
	}
	for _, list := range targets {
		for _, d := range list {
			d.lineTest = len(list) >= manyTargets || len(list) > 1 && inStep(list) || d.noise.odd() && d.noise.pace.rounds.even()
			d.drill = !d.lineTest && d.noise.odd() && d.noise.pace.even()
		}
	}
}

// inStep tells whether all got as many packets, over the same time: a file that is sent to two is over sooner at one of them,
// unless it is the same file.
func inStep(list []*draft) bool {
	first := &list[0].incident
	n := first.Members.Total()
	interval := (first.Last - first.First) / max(1, n-1)
	for _, d := range list[1:] {
		i := &d.incident
		if i.Members.Total() != n || max(first.First-i.First, i.First-first.First, first.Last-i.Last, i.Last-first.Last) > interval {
			return false
		}
	}
	return true
}

// local tells whether the draft may be a test of a line within the home networks: what is stolen leaves them, sooner or later.
func (d *draft) local() bool { return d.drill && !d.noise.pace.abroad }

// drilled tells whether the draft may be a test of a line by all that came of it: noise makes no text and no file.
func (d *draft) drilled() bool {
	return d.drill && !slices.ContainsFunc(d.carved, func(a *rules.Artefact) bool { return a.MediaType != "application/octet-stream" })
}

// monitor tells whether the draft is what monitors and tests of a line do: told at low, once, and nothing is recovered.
func (d *draft) monitor() bool { return d.lineTest || d.local() || d.counters.only() }

// monitoring is the host that would be the monitor: who asks, or who gets the answers.
func (d *draft) monitoring() string {
	if d.x.correlation.Type == rules.ValueCount && !d.noise.asked {
		return "answers to " + d.dst.name()
	}
	return d.src.name()
}

// way is what a rule sees between two hosts, one way.
type way struct {
	x        *compiled
	src, dst string
}

func (w way) back() way { return way{w.x, w.dst, w.src} }

func (d *draft) way() way { return way{d.x, d.src.name(), d.dst.name()} }

// echoed leaves out drafts of answers that hold what a monitor sent, the questions of which the capture lost, and those that take both for
// two programs that talk.
func echoed(drafts []*draft) []*draft {
	monitors, answered := map[way]*draft{}, map[way]bool{}
	for _, d := range drafts {
		if d.monitor() {
			monitors[d.way()] = d
		}
	}
	drafts = slices.DeleteFunc(drafts, func(d *draft) bool {
		m := monitors[d.way().back()]
		is := m != nil && d.x.correlation.Type == rules.ValueCount && !d.noise.asked && d.like(m)
		if is {
			answered[m.way()], answered[d.way()] = true, true
		}
		return is
	})
	return slices.DeleteFunc(drafts, func(d *draft) bool { return d.x.rule.Refers() && d.talks(answered) })
}

// talks tells whether the draft is of a rule above that of a monitor and its answers, between the same hosts.
func (d *draft) talks(answered map[way]bool) bool {
	for x := range d.x.general {
		if answered[way{x, d.src.name(), d.dst.name()}] {
			return true
		}
	}
	return false
}

// like tells whether the draft's packets hold the same kind of thing as the monitor's.
func (d *draft) like(m *draft) bool {
	return d.counters.only() || (m.lineTest || m.local()) && !d.noise.other && d.noise.size == m.noise.size
}
