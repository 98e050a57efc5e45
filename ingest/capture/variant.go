package capture

// variant is a variant of pcap, named by the size of its record headers: more than that they do not differ in here.
type variant int

const (
	standard variant = 16
	nokia    variant = 20
	redHat   variant = 24 // ss990417 and ss991029: Red Hat 6.1, "modified"
	suse     variant = 28 // ss990915: SuSE 6.3
)

// guess tells which variant wrote the file, for the magic number does not: the one whose headers make most sense of the
// first three records. The tests and their order are Wireshark's (wiretap/libpcap.c, libpcap_try_variants), so that both
// count the same frames, with one exception: Wireshark takes a standard file that is cut or damaged in its first records
// for a rare variant when that happens to fit, and then shows the packets shifted. Here a rare variant needs two whole
// records as proof.
func (p *pcap) guess() variant {
	if len(p.magic.guess) == 0 {
		return standard
	}
	best := p.magic.guess[0]
	least, _ := p.try(best)
	for _, v := range p.magic.guess[1:] {
		faults, whole := p.try(v)
		if faults < least && (best != standard || faults == 0 && whole >= 2) {
			best, least = v, faults
		}
	}
	return best
}

// try counts what is wrong with the first faulty one of the first three records, and the whole records that make sense.
func (p *pcap) try(v variant) (faults, whole int) {
	at := 0
	var like seen
	for range 3 {
		if !p.have(at + int(v)) {
			return min(1, p.left()-at), whole
		}
		r := p.record(p.at(at, 16))
		if n := p.faults(r); n > 0 {
			return n, whole
		}
		at += int(v) + int(r.captured)
		if !p.have(at) {
			return 1, whole
		}
		if like.plausible(r, maxPacket, p.magic.fraction) {
			like.add(r)
			whole++
		}
	}
	return 0, whole
}

func (p *pcap) faults(r record) int {
	faults := 0
	for _, wrong := range []bool{
		r.fraction >= 1_000_000,
		r.captured > p.limit,
		r.wire > maxWire,
		r.captured > p.list[0].SnapLen,
		r.captured > r.wire,
	} {
		if wrong {
			faults++
		}
	}
	return faults
}
