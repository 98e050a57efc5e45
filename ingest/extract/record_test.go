package extract

import (
	"errors"
	"math"
	"math/rand"
	"reflect"
	"testing"

	"icmpsift/ingest"
)

func randomBytes(rnd *rand.Rand, most int) []byte {
	b := make([]byte, rnd.Intn(most))
	rnd.Read(b)
	return b
}

// randomPacket has all that a record keeps, often at its limits.
func randomPacket(rnd *rand.Rand) *ingest.Packet {
	number := func() int64 {
		return []int64{0, 1, -1, math.MaxInt64, math.MinInt64, rnd.Int63(), -rnd.Int63n(1000)}[rnd.Intn(7)]
	}
	p := &ingest.Packet{Frame: ingest.Frame{Number: number(), Time: number(), NoTime: rnd.Intn(2) == 0, Salvaged: rnd.Intn(2) == 0, BigEndian: rnd.Intn(2) == 0,
		Section: int(number()), Interface: int(number()), Link: ingest.LinkType(number()), FCS: rnd.Intn(5), Offset: number(), Wire: int(number()),
		Data: randomBytes(rnd, 300)}, Problems: ingest.Problem(number())}
	for range rnd.Intn(3) {
		p.Comments = append(p.Comments, string(randomBytes(rnd, 40)))
	}
	into := &p.Whole
	for range rnd.Intn(4) {
		*into = &ingest.Datagram{Payload: randomBytes(rnd, 200), Next: uint8(number()), Layer: int8(rnd.Intn(100))}
		for range rnd.Intn(5) {
			(*into).Frames = append((*into).Frames, number())
			(*into).Parts = append((*into).Parts, ingest.Part{Offset: rnd.Intn(1 << 16), Length: rnd.Intn(1 << 16), Flags: ingest.PartFlags(rnd.Intn(16))})
		}
		into = &(*into).Inner
	}
	return p
}

func TestRecordRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	var buf []byte
	for range 20_000 {
		p := randomPacket(rnd)
		buf = appendRecord(buf[:0], p)
		if recordSize(buf) != int64(len(buf)-headSize) {
			t.Fatalf("size %d of %d bytes", recordSize(buf), len(buf))
		}
		var f ingest.Frame
		whole, problems, err := readRecord(buf[headSize:], &f)
		if err != nil || problems != p.Problems || !reflect.DeepEqual(f, p.Frame) || !reflect.DeepEqual(whole, p.Whole) {
			t.Fatalf("wrote %+v\nread %+v, %+v, problems %x, error %v", p, f, whole, problems, err)
		}
		if cut := buf[headSize : headSize+rnd.Intn(len(buf)-headSize)]; len(cut) > 0 {
			checkHostile(t, cut)
		}
	}
}

// checkHostile reads bytes that may be no record: it may fail, but give nothing that is not in them.
func checkHostile(t *testing.T, b []byte) {
	t.Helper()
	var f ingest.Frame
	whole, _, err := readRecord(b, &f)
	if err != nil && !errors.Is(err, errRecord) {
		t.Fatalf("error %v", err)
	}
	size := len(f.Data) + len(f.Comments)
	for _, c := range f.Comments {
		size += len(c)
	}
	for d := whole; d != nil; d = d.Inner {
		size += 1 + len(d.Payload) + len(d.Frames)
	}
	if size > 2*len(b)+2 {
		t.Fatalf("%d bytes and numbers out of %d bytes", size, len(b))
	}
}

func FuzzRecord(f *testing.F) {
	rnd := rand.New(rand.NewSource(1))
	for range 20 {
		f.Add(appendRecord(nil, randomPacket(rnd))[headSize:])
	}
	f.Add([]byte{8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) { checkHostile(t, b) })
}
