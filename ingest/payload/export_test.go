package payload

import "slices"

// Unprobed is a table like this that holds every payload against every sender whole.
func (t *Table) Unprobed() *Table {
	plain := &Table{slices.Clone(t.senders), slices.Clone(t.tools)}
	for _, list := range [][]sender{plain.senders, plain.tools} {
		for i := range list {
			list[i].probe = probe{at: -1}
		}
	}
	return plain
}
