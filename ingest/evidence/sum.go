package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// Sum reads a file to its end, and nothing but files, and gives its SHA-256 in hex and its size.
func Sum(ctx context.Context, name string) (sum string, size int64, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", 0, err
	}
	if !info.Mode().IsRegular() { // a pipe would never end
		return "", 0, fmt.Errorf("%s: not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	digest := sha256.New()
	size, err = io.CopyBuffer(digest, interruptible{ctx, f}, make([]byte, 1<<18))
	return hex.EncodeToString(digest.Sum(nil)), size, err
}

// interruptible ends a long read when the context does.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
