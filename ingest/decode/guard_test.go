package decode

import (
	"testing"

	"icmpsift/ingest"
)

// A panic in a parser marks its frame and leaves the decoder fit for the next.
func TestPanicStaysWithItsFrame(t *testing.T) {
	d := New(Options{})
	var p ingest.Packet
	hostile := func(*Decoder, span) (step, span) { panic("index out of range") }
	func() {
		d.walk = walk{packet: &p}
		defer d.guard()
		d.run(hostile, span{parent: -1})
	}()
	if p.Problems != ingest.DecoderPanic || d.Stats().Panics != 1 {
		t.Errorf("problems %b, panics %d", p.Problems, d.Stats().Panics)
	}
	d.Decode(&ingest.Frame{Link: ingest.LinkIPv4, Data: make([]byte, 20), Wire: 20}, &p)
	if p.Problems&ingest.DecoderPanic != 0 || len(p.Layers) != 1 {
		t.Errorf("next frame: %+v", p)
	}
}
