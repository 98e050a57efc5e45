package read

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"icmpsift/ingest"
	"icmpsift/ingest/evidence"
	"icmpsift/ingest/spool"
)

// links are Wireshark's answers for one frame, as tshark prints them.
const tsharkFields = "-e frame.number -e icmp.resp_in -e icmpv6.resp_in -e icmp.resp_to -e icmpv6.resp_to -e icmp.no_resp -e icmpv6.no_resp -e icmp.resptime -e icmpv6.resptime"

func row(l ingest.Link) string {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	no := ""
	if l.NoResp {
		no = "1"
	}
	elapsed := ""
	if l.RespTo != 0 {
		elapsed = fmt.Sprint(l.RespTime)
	}
	return strings.Join([]string{number(l.RespIn), number(l.RespTo), no, elapsed}, "|")
}

// wireshark asks tshark -2. Either protocol's column may hold the answer; response times come back as nanoseconds.
func wireshark(t *testing.T, file string) map[int64]string {
	t.Helper()
	args := append([]string{"-n", "-2", "-r", file, "-Y", "icmp || icmpv6", "-T", "fields"}, strings.Fields(tsharkFields)...)
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Skipf("tshark cannot read %s: %v", file, err)
	}
	rows := map[int64]string{}
	for line := range strings.Lines(string(out)) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		var n int64
		fmt.Sscan(c[0], &n)
		elapsed := c[7] + c[8]
		if elapsed != "" {
			var ms float64
			fmt.Sscan(elapsed, &ms)
			elapsed = fmt.Sprint(int64(round(ms * 1e6)))
		}
		rows[n] = strings.Join([]string{c[1] + c[2], c[3] + c[4], c[5] + c[6], elapsed}, "|")
	}
	return rows
}

func round(x float64) float64 {
	if x < 0 {
		return -round(-x)
	}
	return float64(int64(x + 0.5))
}

func captures(t *testing.T) (out []string) {
	t.Helper()
	for _, pattern := range []string{"../../testdata/lab/*.pcap*", "../../testdata/case/*/*.pcap*", "../../testdata/case/*/*/*.pcap*", "../../../shared/captures/public/*/*", "../../../shared/reference/wireshark/*.pcap"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	return out
}

// What file scope says of echo packets is what tshark -2 says, on every capture at hand.
func TestLinksAreWiresharks(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("tshark is not installed")
	}
	total, compared := 0, 0
	for _, file := range captures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got := ours(t, file)
			want := wireshark(t, file)
			differ := 0
			for n, w := range want {
				if w == "|||" && got[n] == "" {
					continue
				}
				total++
				if got[n] != w {
					if differ++; differ <= 3 {
						t.Errorf("frame %d: %q, tshark says %q", n, got[n], w)
					}
				}
			}
			if differ > 0 {
				t.Errorf("%d of %d frames differ", differ, len(want))
			}
			compared++
		})
	}
	t.Logf("%d captures, %d frames with echo messages compared", compared, total)
	if compared < 100 {
		t.Errorf("only %d captures were compared", compared)
	}
}

func ours(t *testing.T, file string) map[int64]string {
	t.Helper()
	out := map[int64]string{}
	for _, x := range readAll(t, file).Extracts {
		r, err := x.Open()
		if err != nil {
			t.Fatal(err)
		}
		for {
			p, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.ICMP >= 0 && !p.Salvaged {
				out[p.Number] = row(p.Link)
			}
		}
	}
	return out
}

func readAll(t *testing.T, paths ...string) *Case {
	t.Helper()
	files, err := evidence.Walk(paths)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Files(context.Background(), files, Options{Jobs: 2, Budget: spool.NewBudget(64<<20, t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

