// Package payload says what an echo payload is: whose ordinary ping, or what kind of bytes. It states facts and judges
// nothing. [Table.Classify] is the way in.
package payload

// Table is the stock payload table: the senders whose pings are known.
type Table struct{}
