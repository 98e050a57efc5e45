// Package ingest says what happened: it turns evidence files into ICMP packets with facts attached.
//
// This root holds the types its rooms share. Call ingest/read first: it takes paths and gives back one
// [Extract] per capture; ingest/timeline then merges the extracts into one case. ingest/field is the table of
// every fact a packet can be asked for, under Wireshark's names, and under "sift." for what Wireshark lacks.
//
// Two scopes are kept apart. File scope ([Packet].Link, fields with Wireshark names) is what tshark -2 says of one
// file. Case scope ([Packet].Case, fields under "sift.") is true of the merged, de-duplicated evidence.
package ingest
