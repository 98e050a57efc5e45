package spool

import (
	"encoding/binary"
	"fmt"
)

const (
	pageSlots = pageBytes / 8
	cached    = 64 // pages held while the rest is in the file
)

// Slots are numbers by index, all zero at first, set and read in any order; indexes near each other are cheap. Not for concurrent use.
type Slots struct {
	budget *Budget
	pages  map[int64]*page // all of them, or, once spilled, the cached ones
	area   *area           // once spilled
	clock  int64
	last   *page
	spare  *page // the memory of one that was evicted
	err    error
}

type page struct {
	index int64
	used  int64
	dirty bool
	slot  [pageSlots]int64
}

// NewSlots starts with every slot zero.
func NewSlots(b *Budget) *Slots { return &Slots{budget: b, pages: map[int64]*page{}} }

// Set puts v into slot i, i not negative.
func (s *Slots) Set(i, v int64) {
	if p := s.page(i/pageSlots, true); p != nil {
		p.slot[i%pageSlots], p.dirty = v, true
	}
}

// Get reads slot i.
func (s *Slots) Get(i int64) int64 {
	if p := s.page(i/pageSlots, false); p != nil {
		return p.slot[i%pageSlots]
	}
	return 0
}

// Err is the first error of the temporary file; slots read as zero behind it.
func (s *Slots) Err() error { return s.err }

// page finds a page; without add, nil stands for one of zeros that was never set.
func (s *Slots) page(index int64, add bool) *page {
	if s.last != nil && s.last.index == index {
		return s.last
	}
	p := s.pages[index]
	if p == nil && (add || s.area != nil) {
		p = s.load(index)
	}
	if p != nil {
		s.clock++
		p.used, s.last = s.clock, p
	}
	return p
}

// load makes room for a page and fills it from the file, if there is one.
func (s *Slots) load(index int64) *page {
	if s.err != nil {
		return nil
	}
	if s.area != nil {
		s.evict(cached - 1)
	}
	p := s.fresh(index)
	switch {
	case s.area != nil:
		s.read(p)
	case !s.budget.Take(pageBytes):
		if s.spill(); s.err != nil {
			return nil
		}
	}
	s.pages[index] = p
	return p
}

// fresh gives a page; of what it holds all is to be set, or zero.
func (s *Slots) fresh(index int64) *page {
	p := s.spare
	if s.spare = nil; p == nil {
		p = &page{}
	}
	p.index, p.used, p.dirty = index, 0, false
	return p
}

// spill moves all pages to a file.
func (s *Slots) spill() {
	if s.area, s.err = s.budget.area(); s.err != nil {
		return
	}
	for _, p := range s.pages {
		s.write(p)
		s.budget.Give(pageBytes)
	}
	clear(s.pages)
	s.last = nil
}

// evict writes out the pages used longest ago until keep are left.
func (s *Slots) evict(keep int) {
	for len(s.pages) > keep {
		var oldest *page
		for _, p := range s.pages {
			if oldest == nil || p.used < oldest.used {
				oldest = p
			}
		}
		s.write(oldest)
		delete(s.pages, oldest.index)
		s.spare = oldest
	}
	s.last = nil
}

func (s *Slots) write(p *page) {
	if !p.dirty || s.err != nil {
		return
	}
	var buf [pageBytes]byte
	for i, v := range p.slot {
		binary.LittleEndian.PutUint64(buf[8*i:], uint64(v))
	}
	if _, err := s.area.WriteAt(buf[:], p.index*pageBytes); err != nil {
		s.err = fmt.Errorf("write spool: %w", err)
	}
}

// read fills p.
func (s *Slots) read(p *page) {
	var buf [pageBytes]byte
	if _, err := s.area.ReadAt(buf[:], p.index*pageBytes); err != nil {
		s.err = fmt.Errorf("read spool: %w", err)
	}
	for i := range p.slot {
		p.slot[i] = int64(binary.LittleEndian.Uint64(buf[8*i:]))
	}
}

// Rest writes out what the memory beside the file holds, and frees it; slots may be set and read on. See Err.
func (s *Slots) Rest() {
	if s.area != nil {
		s.evict(0)
		s.spare = nil
	}
}

// Close gives memory and room in the file back.
func (s *Slots) Close() error {
	if s.area != nil {
		return s.area.Close()
	}
	s.budget.Give(len(s.pages) * pageBytes)
	s.pages = nil
	return nil
}
