package evidence

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// tree makes files, one for each slashed path, and gives their folder.
func tree(t *testing.T, paths ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, path := range paths {
		name := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func labels(t *testing.T, files []File) []string {
	t.Helper()
	var out []string
	for _, f := range files {
		out = append(out, f.Path)
		if b, err := os.ReadFile(f.Name); f.Problem == "" && (err != nil || !strings.HasSuffix(string(b), lastOf(f.Path))) {
			t.Errorf("%s: opened as %s holds %q (%v)", f.Path, f.Name, b, err)
		}
	}
	return out
}

func lastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func TestWalk(t *testing.T) {
	root := tree(t, "b.pcap", "a/x.pcap", "a/y.pcap", "a/in/x.pcap", "c/a/x.pcap", "c/x.pcap")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"one folder", []string{"."}, "a/in/x.pcap a/x.pcap a/y.pcap b.pcap c/a/x.pcap c/x.pcap"},
		{"one file", []string{"a/x.pcap"}, "x.pcap"},
		{"a folder inside", []string{"a"}, "in/x.pcap x.pcap y.pcap"},
		{"a folder with a slash", []string{"a/"}, "in/x.pcap x.pcap y.pcap"},
		{"folders keep their names", []string{"a/in", "c"}, "c/a/x.pcap c/x.pcap in/x.pcap"},
		{"in any order", []string{"c", "a/in"}, "c/a/x.pcap c/x.pcap in/x.pcap"},
		{"files of the same name", []string{"a/x.pcap", "c/x.pcap", "b.pcap"}, "a/x.pcap b.pcap c/x.pcap"},
		{"files of the same name two levels up", []string{"a/x.pcap", "c/a/x.pcap"}, "c/a/x.pcap /a/x.pcap"},
		{"folders of the same name", []string{"a", "c/a"}, "a/in/x.pcap a/y.pcap c/a/x.pcap /a/x.pcap"},
		{"the same twice", []string{"a/in", "a/in", "a/in/x.pcap"}, "in/x.pcap"},
		{"a folder in another", []string{"c", "c/a"}, "c/a/x.pcap c/x.pcap"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var args []string
			for _, arg := range tt.args {
				args = append(args, root+"/"+arg)
			}
			files, err := Walk(args)
			if err != nil {
				t.Fatal(err)
			}
			got := labels(t, files)
			if !slices.IsSorted(got) {
				t.Errorf("not in order: %q", got)
			}
			// A wanted path that begins with a slash is one that shows the temporary folder's name, too.
			for _, want := range strings.Fields(tt.want) {
				i := slices.IndexFunc(got, func(s string) bool { return s == want || want[0] == '/' && s == filepath.Base(root)+want })
				if i < 0 {
					t.Fatalf("%q is missing in %q", want, got)
				}
				got = slices.Delete(got, i, i+1)
			}
			if len(got) > 0 {
				t.Errorf("more than wanted: %q", got)
			}
		})
	}
}

func TestWalkMissing(t *testing.T) {
	_, err := Walk([]string{filepath.Join(t.TempDir(), "nothing here")})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nothing here") {
		t.Errorf("error %v", err)
	}
}

func TestWalkLinks(t *testing.T) {
	outside := tree(t, "secret")
	root := tree(t, "real.pcap", "sub/more.pcap")
	for name, target := range map[string]string{
		"circle": root, "sub/up": "..", "same.pcap": "real.pcap", "out": outside, "out.pcap": filepath.Join(outside, "secret"), "broken": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Skipf("skipped: no symbolic links here: %v", err)
		}
	}
	files, err := Walk([]string{root})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(labels(t, files), " "); got != "broken out out.pcap real.pcap sub/more.pcap" {
		t.Errorf("found %s", got)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Path, "real.pcap") || strings.HasSuffix(f.Path, "more.pcap") {
			continue
		}
		if !strings.Contains(f.Problem, "symbolic link") {
			t.Errorf("%s: problem %q", f.Path, f.Problem)
		}
		if e := read(t, f); e.Status != "unsupported" || e.Problem != f.Problem || e.SHA256 != "" {
			t.Errorf("%s: entry %+v", f.Path, e)
		}
	}
	if named, err := Walk([]string{filepath.Join(root, "out")}); err != nil || len(named) != 1 || named[0].Path != "secret" {
		t.Errorf("a link that is an argument: %+v (%v)", named, err)
	}
}

func TestWalkForbidden(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("skipped: this user may read everything")
	}
	root := tree(t, "closed/x.pcap", "file.pcap", "open.pcap")
	os.Chmod(filepath.Join(root, "closed"), 0)
	os.Chmod(filepath.Join(root, "file.pcap"), 0)
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "closed"), 0o700) })
	files, err := Walk([]string{root})
	if err != nil || len(files) != 3 {
		t.Fatalf("%+v, %v", files, err)
	}
	for _, f := range files[:2] {
		if e := read(t, f); e.Status != "unsupported" || !strings.Contains(e.Problem, "permission denied") {
			t.Errorf("entry %+v", e)
		}
	}
}
