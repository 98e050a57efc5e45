package capture

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestNoAllocation: reading a frame must cost no memory.
func TestNoAllocation(t *testing.T) {
	for name, file := range map[string][]byte{
		"pcap":   le.pcap(le.packets(20_000)),
		"pcapng": cat(le.section(), le.net(1, 0), bytes.Repeat(le.enhanced(0, 5, "sixteen bytes---"), 20_000)),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if n := testing.AllocsPerRun(10_000, func() {
				if _, err := r.Next(); err != nil {
					t.Fatal(err)
				}
			}); n > 0 {
				t.Errorf("%v allocations per frame", n)
			}
		})
	}
}

// TestHostileTime: damage everywhere must not make reading slow beyond measure, nor take more memory than promised.
func TestHostileTime(t *testing.T) {
	claims := cat(le.u32(epoch), le.u32(1), le.u32(largest-1), le.u32(largest-1)) // large, and plausible but for that
	blocks := cat(le.u32(blockPacket), le.u32(resyncReach))
	for name, file := range map[string][]byte{
		"pcap of nothing but large claims":     le.pcap(le.packets(1), bytes.Repeat(claims, 1<<16)),
		"pcap of large claims between packets": le.pcap(le.packets(1), bytes.Repeat(cat(claims, le.packets(4)), 1<<17)),
		"pcapng of nothing but large claims":   cat(le.section(), le.net(1, 0), bytes.Repeat(blocks, 1<<19)),
		"pcapng of zeros":                      cat(le.section(), le.net(1, 0), make([]byte, 8<<20)),
		"pcap of ones":                         le.pcap(le.packets(1), bytes.Repeat([]byte{0xff}, 8<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			r := readAll(t, &crumbs{bytes.NewReader(file), 1})
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if s := r.reader.records; memory(s) > 2*bufferSize+largest+2*ahead {
				t.Errorf("%d bytes of buffer", memory(s))
			}
		})
	}
}

func memory(r records) int {
	switch r := r.(type) {
	case *pcap:
		return len(r.home) + len(r.large)
	case *pcapng:
		return len(r.home) + len(r.large)
	}
	return 0
}

// BenchmarkRead measures reading against a plain read of the same file in the same portions: b.N times 64 MiB.
func BenchmarkRead(b *testing.B) {
	const packets = 97_000
	data := bytes.Repeat([]byte{0xee}, 664)
	files := map[string][]byte{
		"pcap":   le.pcap(bytes.Repeat(le.record(epoch, 0, 664, 664, nil, data), packets)),
		"pcapng": cat(le.section(), le.net(1, 0), bytes.Repeat(le.enhanced(0, epoch, string(data)), packets)),
	}
	for name, file := range files {
		path := filepath.Join(b.TempDir(), name)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/frames", func(b *testing.B) { benchmark(b, path, int64(len(file)), frames) })
		b.Run(name+"/plain", func(b *testing.B) { benchmark(b, path, int64(len(file)), plainRead) })
	}
}

func benchmark(b *testing.B, path string, size int64, read func(io.Reader) error) {
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := read(file); err != nil {
			b.Fatal(err)
		}
		file.Close()
	}
}

func frames(src io.Reader) error {
	r, err := NewReader(src)
	for err == nil {
		_, err = r.Next()
	}
	if err == io.EOF {
		return nil
	}
	return err
}

func plainRead(src io.Reader) error {
	buf := make([]byte, bufferSize)
	for {
		if _, err := src.Read(buf); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
