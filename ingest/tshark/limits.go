package tshark

import "strconv"

// Limits says in words what an export does not hold of the capture it was made of, and what that costs.
func (f *Frames) Limits() []string {
	t := f.tally
	var out []string
	say := func(n int64, one, many string) {
		switch {
		case n == 1:
			out = append(out, "1 "+one)
		case n > 1:
			out = append(out, strconv.FormatInt(n, 10)+" "+many)
		}
	}
	if f.state.Records > 0 {
		out = append(out, "an export of tshark, not the capture itself: frame numbers and times are the capture's, and what it holds is what tshark dissected")
	}
	upTo := " up to number " + strconv.FormatInt(f.last, 10)
	say(t.Missing, "of the capture's frames"+upTo+" is not in the export (a filter, or a cut)", "of the capture's frames"+upTo+" are not in the export (a filter, or a cut)")
	say(t.Unnumbered, "packet has no frame number and was counted on", "packets have no frame number and were counted on")
	say(t.Joined, "time frame numbers begin again (exports joined): they were counted on", "times frame numbers begin again (exports joined): they were counted on")
	say(t.Rebuilt, "frame has no raw bytes and was rebuilt from field values; export with -x to have them", "frames have no raw bytes and were rebuilt from field values; export with -x to have them")
	say(t.Proven, "ICMP message holds bytes that tshark does not show (a time in the payload, reserved fields): worked out, and proven by its checksum",
		"ICMP messages hold bytes that tshark does not show (a time in the payload, reserved fields): worked out, and proven by their checksums")
	say(t.Incomplete, "ICMP message holds bytes that the export does not tell: it ends there, as if cut by a snaplen",
		"ICMP messages hold bytes that the export does not tell: they end there, as if cut by a snaplen")
	say(t.Contradicted, "ICMP message does not give the checksum that tshark found good: only its header is used",
		"ICMP messages do not give the checksum that tshark found good: only their headers are used")
	say(t.Folded, "datagram lacks fragments in the export, or its fragments contradict one another: it is one frame, as tshark put it together",
		"datagrams lack fragments in the export, or their fragments contradict one another: they are one frame each, as tshark put them together")
	say(t.Stripped, "frame has IP options or extension headers that the export does not tell: left out", "frames have IP options or extension headers that the export does not tell: left out")
	say(t.Unwrapped, "frame has outer headers that cannot be rebuilt: it begins with the IP header of the ICMP message",
		"frames have outer headers that cannot be rebuilt: they begin with the IP header of the ICMP message")
	say(t.Unbuilt, "packet lacks the fields to rebuild a frame (exported with -e or -j): nothing can be judged of it",
		"packets lack the fields to rebuild a frame (exported with -e or -j): nothing can be judged of them")
	return out
}
