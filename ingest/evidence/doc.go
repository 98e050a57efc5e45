// Package evidence finds evidence files and reads each of them once: frames for the analysis, and hash, size and state for
// the ledger.
//
// Call [Walk] first, then [Open] each [File], read its frames with [Reading.Next], and take the ledger entry from
// [Reading.Finish]. When all entries are there, [MarkDuplicates] names the copies.
//
// Evidence is opened read-only and never changed. What cannot be read, and what is no capture at all, gets a ledger entry
// that says so; it never ends a run.
package evidence
