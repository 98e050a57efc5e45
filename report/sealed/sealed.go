// Package sealed writes an encrypted zip archive, in the form that WinZip (AE-2, AES-256) defined and 7-Zip and others open: so
// that recovered files, which may be malware, travel without being run, previewed or deleted on the way. [Write] makes one.
//
// The archive is the same from run to run. Its salts, which are random elsewhere, are derived from password, name and bytes: equal
// only where all of these are, so that no two different files are ever encrypted with the same key stream.
//
// A well-known password keeps scanners and careless clicks away, not readers; and names, sizes and times in a zip are not encrypted.
package sealed

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"icmpsift/ingest/winzip"
)

// File is one file for the archive.
type File struct {
	Name  string // with slashes
	Bytes []byte
}

const (
	version  = 51   // of zip, that one needs to know
	epoch    = 0x21 // 1980-01-01, the first day that zip knows: the date of all files
	aes256   = 3
	saltSize = 16
)

// Write writes the archive. Errors are those of w.
func Write(w io.Writer, password string, files []File) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		packed, err := deflated(f.Bytes)
		if err != nil {
			return err
		}
		b, err := encrypted(packed, password, salt(password, f))
		if err != nil {
			return err
		}
		//lint:ignore SA1019 CreateRaw writes these fields as they are, and does not look at Modified.
		h := &zip.FileHeader{Name: f.Name, Method: winzip.Method, Flags: 1, ReaderVersion: version, CreatorVersion: version, ModifiedDate: epoch, Extra: extra(), CompressedSize64: uint64(len(b)), UncompressedSize64: uint64(len(f.Bytes))}
		h.SetMode(0o600)
		out, err := z.CreateRaw(h)
		if err != nil {
			return err
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return z.Close()
}

func deflated(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// extra names AE-2, the vendor, AES-256 and the real method.
func extra() []byte {
	b := binary.LittleEndian.AppendUint16(nil, winzip.ExtraID)
	b = binary.LittleEndian.AppendUint16(b, 7)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = append(b, 'A', 'E', aes256)
	return binary.LittleEndian.AppendUint16(b, zip.Deflate)
}

func salt(password string, f File) []byte {
	m := hmac.New(sha256.New, []byte(password))
	binary.Write(m, binary.LittleEndian, uint64(len(f.Name)))
	io.WriteString(m, f.Name)
	m.Write(f.Bytes)
	return m.Sum(nil)[:saltSize]
}

// encrypted is salt, password check, bytes and the front of their HMAC.
func encrypted(b []byte, password string, salt []byte) ([]byte, error) {
	keys, err := winzip.Derive(password, salt)
	if err != nil {
		return nil, err
	}
	out := append(append([]byte{}, salt...), keys.Check...)
	front := len(out)
	out = append(out, b...)
	keys.Stream.XORKeyStream(out[front:], out[front:])
	keys.Code.Write(out[front:])
	return append(out, keys.Code.Sum(nil)[:winzip.CodeSize]...), nil
}
