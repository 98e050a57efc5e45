package exchange

import "icmpsift/ingest"

// Hold sets how many open requests are held whatever the budget says.
func (s *Spooled) Hold(n int) { s.free = n }

// Spilled tells whether matching went to files.
func (s *Spooled) Spilled() bool { return s.parts != nil }

// Put and Accuse fill facts without a case.
func (f *Facts) Put(number int64, r ingest.Reply)     { f.put(number, r) }
func (f *Facts) Accuse(number, by int64, failed bool) { f.accuse(number, by, failed) }
