package spool

import (
	"math/bits"
	"sync"
)

// An area takes blocks of the file as it grows: of a page at first, so that thousands of small ones cost little, and of mostPages
// in the end, so that large ones are read and written in long runs.
const (
	pageBytes = 4 << 10
	mostPages = 64
)

// disk is the temporary file that all logs and slots of a budget share: a run may have more evidence than it may open files. It is
// there as long as one of them needs it.
type disk struct {
	sync.Mutex
	file  *tempFile
	areas int
	end   int64
	free  map[int64][]int64 // where blocks lie that were given back, by pages
}

// block is pages in a row, in the area as in the file.
type block struct {
	at, pages int64
	written   uint64 // a bit a page: what others have left in the file is not shown
}

// area is a file within the file. Pages that were never written read as zero. Any number may read at a time while none writes.
type area struct {
	disk   *disk
	file   *tempFile
	blocks map[int64]*block
}

// area starts an empty one, and the file with the first.
func (b *Budget) area() (*area, error) {
	d := &b.disk
	d.Lock()
	defer d.Unlock()
	if d.areas == 0 {
		f, err := b.file()
		if err != nil {
			return nil, err
		}
		d.file, d.end, d.free = f, 0, map[int64][]int64{}
	}
	d.areas++
	return &area{disk: d, file: d.file, blocks: map[int64]*block{}}, nil
}

// take finds room for a block: where one was given back, or at the end.
func (d *disk) take(pages int64) *block {
	d.Lock()
	defer d.Unlock()
	b := &block{at: d.end, pages: pages}
	if k := len(d.free[pages]); k > 0 {
		b.at, d.free[pages] = d.free[pages][k-1], d.free[pages][:k-1]
		return b
	}
	d.end += pages * pageBytes
	return b
}

// Close gives the room back; the last area removes the file.
func (a *area) Close() error {
	if a.file == nil {
		return nil
	}
	a.file = nil
	d := a.disk
	d.Lock()
	defer d.Unlock()
	for _, b := range a.blocks {
		d.free[b.pages] = append(d.free[b.pages], b.at)
	}
	if d.areas--; d.areas > 0 {
		return nil
	}
	return d.file.Close()
}

// blockOf tells in which block a page lies, and where that begins in the area: blocks have 1, 1, 2, 4 pages, and so on.
func blockOf(page int64) (number, first, pages int64) {
	if page >= mostPages {
		return page/mostPages + mostPages, page - page%mostPages, mostPages
	}
	number = int64(bits.Len64(uint64(page)))
	first = 1 << number >> 1
	return number, first, max(first, 1)
}

// run finds the block of a byte, and how many of n bytes from there on lie in it. Without add, nil stands for one never written to.
func (a *area) run(off int64, n int, add bool) (b *block, in int64, _ int) {
	number, first, pages := blockOf(off / pageBytes)
	in = off - first*pageBytes
	if b = a.blocks[number]; b == nil && add {
		b = a.disk.take(pages)
		a.blocks[number] = b
	}
	return b, in, int(min(int64(n), pages*pageBytes-in))
}

// bits are those of the pages of n bytes.
func (*block) bits(in int64, n int) uint64 {
	from, last := in/pageBytes, (in+int64(n)-1)/pageBytes
	return ^uint64(0) >> (63 - (last - from)) << from
}

// WriteAt implements [io.WriterAt].
func (a *area) WriteAt(p []byte, off int64) (done int, err error) {
	for done < len(p) {
		b, in, n := a.run(off+int64(done), len(p)-done, true)
		if _, err := a.file.WriteAt(p[done:done+n], b.at+in); err != nil {
			return done, err
		}
		b.written |= b.bits(in, n)
		done += n
	}
	return done, nil
}

// ReadAt implements [io.ReaderAt]; an area has no end.
func (a *area) ReadAt(p []byte, off int64) (done int, err error) {
	for done < len(p) {
		b, in, n := a.run(off+int64(done), len(p)-done, false)
		if !b.holds(in, n) {
			n = min(n, int(pageBytes-in%pageBytes))
		}
		if !b.holds(in, n) {
			clear(p[done : done+n])
		} else if k, err := a.file.ReadAt(p[done:done+n], b.at+in); err != nil {
			return done + k, err
		}
		done += n
	}
	return done, nil
}

// holds tells whether all pages of n bytes were written.
func (b *block) holds(in int64, n int) bool {
	return b != nil && b.bits(in, n)&^b.written == 0
}
