// Package capture reads capture files: pcap in all its variants and pcapng, plain or compressed, whole or damaged,
// and in their place what tshark exported of them.
//
// Call [NewReader] first: it identifies the input by its content and gives a [Reader], or says what the input is
// instead. Then call [Reader.Next] until io.EOF; [Reader.State] tells how it ended.
//
// Damage is a state, never an error. Frames before the damage are numbered exactly as Wireshark numbers them. Behind it
// the reader looks for the next run of records that make sense; what it finds is marked Salvaged and counted apart,
// for Wireshark shows none of it.
package capture
