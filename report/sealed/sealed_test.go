package sealed

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var files = []File{{"recovered/a.bin", bytes.Repeat([]byte("attack at dawn. "), 5000)}, {"recovered/b.bin", nil}, {"recovered/c.bin", []byte("attack")}}

func written(t *testing.T, password string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, password, files); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The archive holds nothing readable, is the same each time, and can be read back by the form's own description.
func TestWrite(t *testing.T) {
	b := written(t, "infected")
	if !bytes.Equal(b, written(t, "infected")) || bytes.Contains(b, []byte("attack")) {
		t.Error("differs from run to run, or is not encrypted")
	}
	if bytes.Equal(b, written(t, "other")) {
		t.Error("does not depend on the password")
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	salts := map[string]bool{}
	for i, f := range r.File {
		raw, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(raw)
		if err != nil {
			t.Fatal(err)
		}
		salts[string(b[:16])] = true
		if got := opened(t, b, "infected"); f.Name != files[i].Name || !bytes.Equal(got, files[i].Bytes) {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
	if len(salts) != len(files) {
		t.Error("two files share a salt")
	}
}

// opened undoes the encryption of one file.
func opened(t *testing.T, b []byte, password string) []byte {
	t.Helper()
	keys, err := pbkdf2.Key(sha1.New, password, b[:16], 1000, 66)
	if err != nil {
		t.Fatal(err)
	}
	secret, mac := b[18:len(b)-10], hmac.New(sha1.New, keys[32:64])
	mac.Write(secret)
	if !bytes.Equal(b[16:18], keys[64:]) || !bytes.Equal(b[len(b)-10:], mac.Sum(nil)[:10]) {
		t.Fatal("password check or code of the bytes is wrong")
	}
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		t.Fatal(err)
	}
	plain := bytes.Clone(secret)
	for i := range plain {
		var counter, key [16]byte
		counter[0], counter[1], counter[2] = byte(i/16+1), byte((i/16+1)>>8), byte((i/16+1)>>16)
		block.Encrypt(key[:], counter[:])
		plain[i] ^= key[i%16]
	}
	out, err := io.ReadAll(flate.NewReader(bytes.NewReader(plain)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What others wrote for the form opens it, and not without the password.
func TestOthersOpenIt(t *testing.T) {
	tool, err := exec.LookPath("7z")
	if err != nil {
		t.Skip("needs 7z")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "a.zip")
	if err := os.WriteFile(name, written(t, "infected"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "x", "-pinfected", "-o"+dir, name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, f := range files {
		if b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Name))); err != nil || !bytes.Equal(b, f.Bytes) {
			t.Errorf("%s: %d bytes, %v", f.Name, len(b), err)
		}
	}
	if out, err := exec.Command(tool, "t", "-pwrong", name).CombinedOutput(); err == nil || !strings.Contains(string(out), "Wrong password") {
		t.Errorf("opened with another password: %v %s", err, out)
	}
}
