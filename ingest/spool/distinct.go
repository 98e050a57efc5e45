package spool

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Bounds of what a [Distinct] holds in memory: under a megabyte, and while it counts up to 2 MiB to merge runs.
const (
	recentKeys = 1 << 14
	freshKeys  = 1 << 15
	mostRuns   = 1 << 9
	runBuffer  = 4 << 10
)

// Key is what a [Distinct] tells apart: hashes, or numbers.
type Key [2]uint64

const keyBytes = 16

// Distinct counts different keys, exactly, however many there are: what was seen lately is remembered, the rest sorted and put
// aside, to be merged when it is asked for. Make one with [NewDistinct]. Not for concurrent use.
type Distinct struct {
	budget *Budget
	recent []Key // by hash, the key added last
	fresh  []Key // not in a run yet
	log    *Log  // of runs, each sorted
	ends   []int64
	err    error
}

// NewDistinct starts empty.
func NewDistinct(b *Budget) *Distinct { return &Distinct{budget: b} }

// Add takes a key.
func (d *Distinct) Add(k Key) {
	if d.recent == nil {
		d.recent = make([]Key, recentKeys)
	}
	at := &d.recent[(k[0]^k[1]*0x9e3779b97f4a7c15)>>7%recentKeys]
	if *at == k && k != (Key{}) {
		return
	}
	*at = k
	if len(d.fresh) == freshKeys {
		d.pack()
	}
	d.fresh = append(d.fresh, k)
}

// pack sorts what is fresh and, if it is not mostly repetition, puts it aside.
func (d *Distinct) pack() {
	if d.sort(); len(d.fresh) <= freshKeys/2 || d.err != nil {
		return
	}
	if d.log == nil {
		d.log = NewLog(d.budget)
	}
	buf := make([]byte, 0, keyBytes*len(d.fresh))
	for _, k := range d.fresh {
		buf = k.append(buf)
	}
	d.fresh = d.fresh[:0]
	_, d.err = d.log.Write(buf)
	if d.ends = append(d.ends, d.log.Size()); len(d.ends) >= mostRuns {
		d.merge()
	}
}

func (d *Distinct) sort() {
	slices.SortFunc(d.fresh, Key.compare)
	d.fresh = slices.Compact(d.fresh)
}

func (k Key) compare(o Key) int { return cmp.Or(cmp.Compare(k[0], o[0]), cmp.Compare(k[1], o[1])) }

func (k Key) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, k[0]), k[1])
}

// merge makes one run of all.
func (d *Distinct) merge() {
	into, buf := NewLog(d.budget), make([]byte, 0, keyBytes)
	err := d.runs(nil, func(k Key) error {
		_, err := into.Write(k.append(buf))
		return err
	})
	d.err = errors.Join(d.err, err, d.log.Close())
	d.log, d.ends = into, []int64{into.Size()}
}

// Each visits each key once. Errors are those of the temporary file, also earlier ones.
func (d *Distinct) Each(visit func(Key)) error {
	d.sort()
	if d.err == nil {
		d.err = d.runs(d.fresh, func(k Key) error { visit(k); return nil })
	}
	return d.err
}

// runs merges the runs, and keys that are in none.
func (d *Distinct) runs(fresh []Key, visit func(Key) error) error {
	q := runQueue{{keys: fresh}}
	start := int64(0)
	for _, end := range d.ends {
		r, err := d.log.part(start, end)
		if err != nil {
			return err
		}
		q, start = append(q, &run{in: bufio.NewReaderSize(r, runBuffer)}), end
	}
	return q.merge(visit)
}

// run is keys in order, from memory or from a reader.
type run struct {
	keys []Key
	in   *bufio.Reader
	key  Key
}

// next moves on; io.EOF behind the last.
func (r *run) next() error {
	if r.in == nil {
		if len(r.keys) == 0 {
			return io.EOF
		}
		r.key, r.keys = r.keys[0], r.keys[1:]
		return nil
	}
	b, err := r.in.Peek(keyBytes)
	if err != nil {
		return err
	}
	r.key = Key{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
	r.in.Discard(keyBytes)
	return nil
}

// runQueue is runs by their next key.
type runQueue []*run

func (q runQueue) Len() int           { return len(q) }
func (q runQueue) Less(i, j int) bool { return q[i].key.compare(q[j].key) < 0 }
func (q runQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *runQueue) Push(x any)        { *q = append(*q, x.(*run)) }
func (q *runQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// merge visits the keys of all runs in order, each once.
func (q runQueue) merge(visit func(Key) error) error {
	begun := q[:0]
	for _, r := range q {
		switch err := r.next(); {
		case err == nil:
			begun = append(begun, r)
		case err != io.EOF:
			return err
		}
	}
	heap.Init(&begun)
	var last Key
	for first := true; len(begun) > 0; first = false {
		r := begun[0]
		if first || r.key != last {
			last = r.key
			if err := visit(last); err != nil {
				return err
			}
		}
		switch err := r.next(); {
		case err == nil:
			heap.Fix(&begun, 0)
		case err == io.EOF:
			heap.Pop(&begun)
		default:
			return err
		}
	}
	return nil
}

// Close gives memory and room in the file back.
func (d *Distinct) Close() error {
	d.recent, d.fresh = nil, nil
	if d.log == nil {
		return nil
	}
	return d.log.Close()
}
