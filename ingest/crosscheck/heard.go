package crosscheck

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"icmpsift/ingest/field"
	"icmpsift/ingest/tshark"
)

// heard is what tshark said of one frame, by field: each value as it stands in the export, in order.
type heard struct {
	texts map[string][]string // lists of earlier frames are emptied, not freed
	names []string            // that this frame has, in order of their first node
	shown string              // frame.time_epoch of the frame that was heard of before, "" if there was none
	epoch string              // of this one
}

const maxNames = 1 << 13 // a hostile export may make up names

func (h *heard) fill(r *tshark.Record) {
	for _, name := range h.names {
		h.texts[name] = h.texts[name][:0]
	}
	h.names = h.names[:0]
	if h.texts == nil || len(h.texts) > maxNames {
		h.texts = map[string][]string{}
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		list := h.texts[n.Name]
		if len(list) == 0 {
			h.names = append(h.names, n.Name)
		}
		h.texts[n.Name] = append(list, n.Value)
	}
	h.shown, h.epoch = h.epoch, ""
	if t := h.texts["frame.time_epoch"]; len(t) == 1 {
		h.epoch = t[0]
	}
}

// icmp tells whether tshark found ICMP in the frame.
func (h *heard) icmp() bool { return len(h.texts["icmp"]) > 0 || len(h.texts["icmpv6"]) > 0 }

// lacking calls back with each field that the table does not have.
func (h *heard) lacking(call func(name string, values int)) {
	for _, name := range h.names {
		if _, ok := field.Lookup(name); !ok && isField(name) {
			call(name, len(h.texts[name]))
		}
	}
}

// isField tells names of fields and protocols from the labels that tshark gives items without a name of their own.
func isField(name string) bool {
	if name == "" || name[0] >= 'A' && name[0] <= 'Z' || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}) < 0
}

// displayed tells whether a time is that since the frame heard of before: an export, or an answer, holds what was displayed.
func (h *heard) displayed(want []string) bool {
	if len(want) != 1 {
		return false
	}
	since, errSince := nanoseconds(want[0])
	now, errNow := nanoseconds(h.epoch)
	before, errBefore := nanoseconds(cmp.Or(h.shown, h.epoch))
	return errSince == nil && errNow == nil && errBefore == nil && since == now-before
}

// nanoseconds reads seconds with nine decimals, or a time as -T ek writes it.
func nanoseconds(text string) (int64, error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UnixNano(), nil
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, ok := strings.Cut(digits, ".")
	if !ok || len(part) != 9 {
		return 0, fmt.Errorf("%.40q: expected seconds with nine decimals", text)
	}
	n, err := strconv.ParseInt(whole+part, 10, 64)
	if negative {
		n = -n
	}
	return n, err
}
