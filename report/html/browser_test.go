package html

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	tabs "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"icmpsift/report"
	"icmpsift/report/sample"
)

var pictures = flag.String("pictures", "", "folder to write pictures of the page to")

// chromium finds the browser; without one these tests are skipped, and fail where they must not be.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("Chromium is not installed")
	}
	t.Skip("Chromium is not installed")
	return ""
}

// browser starts one for the test, with a profile of its own.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1280, 900))
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	run(t, ctx)
	return ctx
}

type action = chromedp.Action[chromedp.Void]

// command is an action of the browser's protocol.
func command[P, R any](c cdp.Command[P, R], params P) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func run(t *testing.T, ctx context.Context, actions ...action) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// value is what an expression gives in the page.
func value[T any](t *testing.T, ctx context.Context, expression string) (v T) {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// watch records what a report must never do: talk to the network, complain, fail, or open a dialog.
type watch struct {
	sync.Mutex
	bad []string
}

func (w *watch) add(format string, values ...any) {
	w.Lock()
	defer w.Unlock()
	w.bad = append(w.bad, fmt.Sprintf(format, values...))
}

func (w *watch) event(e any) {
	switch x := e.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(x.Request.URL, "file://") {
			w.add("request to %s", x.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		w.add("console: %s", x.Type)
	case *runtime.EventExceptionThrown:
		w.add("exception: %s", x.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		w.add("log: %s %s", x.Entry.Source, x.Entry.Text)
	case *tabs.EventJavascriptDialogOpening:
		w.add("dialog: %s", x.Message)
	}
}

// heard turns on the events that [watch] wants.
func heard() []action {
	return []action{command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), command(tabs.Enable, tabs.EnableParams{}), command(runtime.Enable, cdp.Empty{})}
}

// visit opens a report in a tab, and checks at the end of the test that it did nothing that it must not.
func visit(t *testing.T, ctx context.Context, r *report.Report, before ...action) context.Context {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(render(t, r)), 0o644); err != nil {
		t.Fatal(err)
	}
	tab, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	w := &watch{}
	run(t, tab)
	if err := chromedp.Listen(tab, w.event); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.Lock()
		defer w.Unlock()
		for _, s := range w.bad {
			t.Error(s)
		}
	})
	run(t, tab, append(append(heard(), before...), chromedp.Navigate("file://"+path))...)
	return tab
}

// The checks of visit can fail: a page that does what a report must not is caught.
func TestWatchSees(t *testing.T) {
	ctx := browser(t)
	path := filepath.Join(t.TempDir(), "bad.html")
	if err := os.WriteFile(path, []byte(`<script>console.log("x"); fetch("http://127.0.0.1:1/x"); undefined.x</script>`), 0o644); err != nil {
		t.Fatal(err)
	}
	w := &watch{}
	if err := chromedp.Listen(ctx, w.event); err != nil {
		t.Fatal(err)
	}
	run(t, ctx, append(heard(), chromedp.Navigate("file://"+path), chromedp.Sleep(200*time.Millisecond))...)
	w.Lock()
	defer w.Unlock()
	for _, want := range []string{"console: log", "exception: ", "request to http://127.0.0.1:1/x"} {
		if !strings.Contains(strings.Join(w.bad, "\n"), want) {
			t.Errorf("no %q among %q", want, w.bad)
		}
	}
}

func TestNavigation(t *testing.T) {
	tab := visit(t, browser(t), sample.Incident(t))
	if lost := value[[]string](t, tab, `[...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href')).filter(h => !document.getElementById(h.slice(1)))`); len(lost) > 0 {
		t.Errorf("links to nowhere: %q", lost)
	}
	for _, id := range value[[]string](t, tab, `[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))`) {
		run(t, tab, chromedp.Click(chromedp.CSS(`nav a[href="#`+id+`"]`)))
		seen := value[bool](t, tab, `(() => { const r = document.getElementById('h-`+id+`').getBoundingClientRect(); return location.hash === '#`+id+`' && r.top >= 0 && r.bottom <= innerHeight; })()`)
		if !seen {
			t.Errorf("#%s is not in sight after its link was followed", id)
		}
	}
	closed := value[string](t, tab, `document.querySelector('details:not([open]) h3').id`)
	value[string](t, tab, `location.hash = '#`+closed+`'`)
	if _, err := chromedp.Run(tab, chromedp.Poll[bool](`document.getElementById('`+closed+`').closest('details').open`, chromedp.WithPollingTimeout(5*time.Second))); err != nil {
		t.Errorf("the card of %s did not open: %v", closed, err)
	}
}

// column is the text of one column of the table with the given name.
func column(t *testing.T, tab context.Context, about string, n int) []string {
	t.Helper()
	return value[[]string](t, tab, fmt.Sprintf(`[...document.querySelector('[aria-label="%s"] tbody').rows].map(r => r.cells[%d].textContent)`, about, n))
}

func TestSorting(t *testing.T) {
	tab := visit(t, browser(t), sample.Incident(t))
	const about, peers = "Hosts", 6
	before := column(t, tab, about, peers)
	head := `[aria-label="Hosts"] th:nth-child(7)`
	for _, want := range []struct{ state, first, last string }{{"ascending", "1", "255"}, {"descending", "255", "1"}} {
		run(t, tab, chromedp.Click(chromedp.CSS(head+" button")))
		got := column(t, tab, about, peers)
		if got[0] != want.first || got[len(got)-1] != want.last || len(got) != len(before) {
			t.Errorf("%s: from %s to %s in %d rows, before %q", want.state, got[0], got[len(got)-1], len(got), before)
		}
		if state := value[string](t, tab, `document.querySelector('`+head+`').getAttribute('aria-sort')`); state != want.state {
			t.Errorf("aria-sort %q, want %q", state, want.state)
		}
	}
	run(t, tab, chromedp.Focus(chromedp.CSS(`[aria-label="Hosts"] th:nth-child(8) button`)), chromedp.KeyEvent(kb.Enter))
	if got := column(t, tab, about, 7); !strings.HasPrefix(got[len(got)-1], "18.6 kB") { // by bytes, where as text "9.1 kB" would be last
		t.Errorf("sorted by bytes, the last is %q", got[len(got)-1])
	}
}

// counted is how many elements of each kind there are.
func counted(t *testing.T, tab context.Context) map[string]int {
	t.Helper()
	return value[map[string]int](t, tab, `[...document.querySelectorAll('*')].reduce((n, e) => {
		const k = e.localName + ' ' + e.getAttributeNames().filter(a => !['id', 'rel', 'open', 'aria-labelledby'].includes(a)).sort().join(' ');
		if (!['p ', 'strong ', 'li ', 'code ', 'a href'].includes(k)) n[k] = (n[k] || 0) + 1;
		return n; }, {})`)
}

// Hostile text, wherever it stands, makes no element, runs no script and asks for nothing.
func TestHostileInBrowser(t *testing.T) {
	ctx := browser(t)
	known := map[string]map[string]int{} // elements, by page
	elements := func(t *testing.T, r *report.Report) (n map[string]int, tab context.Context) {
		tab = visit(t, ctx, pictured(t, r))
		return counted(t, tab), tab
	}
	sample.Everywhere(t, func(t *testing.T, r, harmless *report.Report) {
		page := render(t, pictured(t, harmless))
		if known[page] == nil { // most have the same
			known[page], _ = elements(t, harmless)
		}
		got, tab := elements(t, r)
		if want := known[page]; !maps.Equal(got, want) {
			t.Errorf("elements %v, with harmless text %v", got, want)
		}
		if odd := value[[]string](t, tab, `[...document.querySelectorAll('a')].map(a => a.href).filter(h => !/^(file:|https:\/\/attack\.mitre\.org\/techniques\/[T0-9\/]+$)/.test(h))`); len(odd) > 0 {
			t.Errorf("links to %q", odd)
		}
	})
}

// pictured gives a report the figures that there are: their kinds are icmpsift's own words.
func pictured(t *testing.T, r *report.Report) *report.Report {
	t.Helper()
	for i, f := range sample.Incident(t).Figures {
		x := &r.Figures[i]
		x.ID, x.Kind = f.ID, f.Kind
		if x.Finding = ""; f.Finding != "" {
			x.Missing = cmp.Or(x.Missing, "none")
		} else {
			x.Missing = f.Missing
		}
	}
	return r
}

// With scripts off the page says the same, and cards still open.
func TestWithoutScripts(t *testing.T) {
	ctx := browser(t)
	with := visit(t, ctx, sample.Incident(t))
	without := visit(t, ctx, sample.Incident(t), command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	const text = `(() => { const m = document.querySelector('main').cloneNode(true); m.querySelectorAll('.bar').forEach(e => e.remove()); return m.textContent; })()`
	if a, b := value[string](t, with, text), value[string](t, without, text); a != b || len(a) < 5000 {
		t.Errorf("%d characters with scripts, %d without", len(a), len(b))
	}
	if n := value[int](t, without, `document.querySelectorAll('button').length`); n != 0 {
		t.Errorf("%d buttons that do nothing", n)
	}
	run(t, without, chromedp.Click(chromedp.CSS(`details:not([open]) summary`)))
	if n := value[int](t, without, `document.querySelectorAll('details:not([open])').length`); n != value[int](t, with, `document.querySelectorAll('details:not([open])').length`)-1 {
		t.Error("a card did not open")
	}
}

// sized makes the page as large as a screen, a telephone's if it is narrow.
func sized(width, height int64) action {
	return command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500})
}

// colored asks for a light or a dark page.
func colored(scheme string) action {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// A page as wide as a telephone is not wider than it, and nothing in it is cut off.
func TestNarrow(t *testing.T) {
	ctx := browser(t)
	for _, r := range []*report.Report{sample.Incident(t), hostile(t, sample.Texts["long"]), hostile(t, strings.Repeat("x", 3000))} {
		tab := visit(t, ctx, r, sized(400, 800))
		if w := value[int](t, tab, `document.documentElement.scrollWidth`); w > 400 {
			t.Errorf("%d px wide", w)
		}
		beyond := value[[]string](t, tab, `[...document.querySelectorAll('main *, header *')].filter(e => !e.closest('pre, .picture, thead') && e.getBoundingClientRect().right > 401).map(e => e.localName + ' ' + e.textContent.slice(0, 30))`)
		if len(beyond) > 0 {
			t.Errorf("beyond the edge: %q", beyond)
		}
	}
}

// TestContrast asks of every text that it stand out from what is behind it: WCAG 2 AA, 4.5 to 1, in both schemes.
func TestContrast(t *testing.T) {
	ctx := browser(t)
	for _, scheme := range []string{"light", "dark"} {
		tab := visit(t, ctx, sample.Incident(t), colored(scheme))
		faint := value[[]string](t, tab, `(() => {
			const rgb = c => c.match(/[\d.]+/g).map(Number);
			const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
			const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] !== 0) return c; } return 'rgb(255,255,255)'; };
			return [...document.querySelectorAll('body *')].filter(e => !e.closest('svg') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => {
				const a = light(getComputedStyle(e).color), b = light(behind(e));
				return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.localName + '.' + e.className + ' ' + e.textContent.slice(0, 30)];
			}).filter(([ratio, what]) => ratio < 4.5 && !what.startsWith('script')).map(([ratio, what]) => ratio.toFixed(2) + ' ' + what); })()`)
		if len(faint) > 0 {
			t.Errorf("%s: %q", scheme, faint)
		}
	}
}

// TestPictures writes pictures for people to look at; it takes a page as given by -pictures FOLDER and a report.html in it.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("no -pictures FOLDER given")
	}
	ctx := browser(t)
	for _, width := range []int64{1280, 400} {
		for _, scheme := range []string{"light", "dark"} {
			tab, stop := chromedp.NewContext(ctx)
			defer stop()
			run(t, tab, sized(width, 900), colored(scheme),
				chromedp.Navigate("file://"+filepath.Join(*pictures, "report.html")))
			high := value[float64](t, tab, `document.documentElement.scrollHeight`)
			for i, step := 0, 2*float64(width); float64(i)*step < high && i < 12; i++ {
				shot(t, tab, fmt.Sprintf("%d-%s-%02d.png", width, scheme, i), &tabs.Viewport{Y: float64(i) * step, Width: float64(width), Height: min(step, high-float64(i)*step), Scale: 1})
			}
		}
	}
	paper(t, ctx)
}

func shot(t *testing.T, tab context.Context, name string, clip *tabs.Viewport) {
	t.Helper()
	run(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		picture, err := cdp.Call(ctx, target, tabs.CaptureScreenshot, tabs.CaptureScreenshotParams{Clip: clip, CaptureBeyondViewport: new(true)})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(*pictures, name), picture.Data, 0o644)
	}))
}

// paper prints the page.
func paper(t *testing.T, ctx context.Context) {
	t.Helper()
	tab, stop := chromedp.NewContext(ctx)
	defer stop()
	run(t, tab, chromedp.Navigate("file://"+filepath.Join(*pictures, "report.html")))
	pdf, err := chromedp.Run(tab, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, "report.pdf"), pdf, 0o644); err != nil {
		t.Fatal(err)
	}
}
