package capture

import (
	"fmt"
	"io"
)

// A compressed file that yields very many bytes for each of its own is made to keep its reader busy: captures, even of
// floods of one packet, shrink to a hundredth at best, since every packet has a time of its own.
const (
	maxExpansion  = 1000
	freeExpansion = 1 << 30 // bytes that are read in any case
)

// Expansion watches how much comes out of compressed bytes, from one stream or from all members of an archive.
type Expansion struct {
	packed func() int64
	n      int64
}

// NewExpansion takes what tells how many compressed bytes were read, or are there.
func NewExpansion(packed func() int64) *Expansion { return &Expansion{packed: packed} }

// Reader reads what was decompressed until it is beyond measure; its error then says so.
func (e *Expansion) Reader(r io.Reader) io.Reader { return &expanded{r, e} }

type expanded struct {
	r io.Reader
	*Expansion
}

func (e *expanded) Read(p []byte) (int, error) {
	if e.n > freeExpansion && e.n/maxExpansion > e.packed() {
		return 0, fmt.Errorf("reading stopped: %d bytes came out of %d, more than %d for each, as from files made to exhaust their reader", e.n, e.packed(), maxExpansion)
	}
	n, err := e.r.Read(p)
	e.n += int64(n)
	return n, err
}

type metered struct {
	io.Reader
	n int64
}

func (c *metered) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
