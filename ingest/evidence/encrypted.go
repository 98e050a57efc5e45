package evidence

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"icmpsift/ingest/winzip"
)

var (
	errNoPassword    = errors.New("is encrypted: give its password with --archive-password (samples are mostly packed with \"infected\")")
	errWrongPassword = errors.New("is encrypted with another password than the one given")
)

// decrypted opens an encrypted member from its raw bytes.
func decrypted(f *zip.File, raw io.Reader, password string) (io.ReadCloser, error) {
	if password == "" {
		return nil, errNoPassword
	}
	var plain io.Reader
	var err error
	method := f.Method
	if method == winzip.Method {
		plain, method, err = decryptAES(f, raw, []byte(password))
	} else {
		plain, err = decryptTraditional(f, raw, []byte(password))
	}
	if err != nil {
		return nil, err
	}
	return inflated(method, plain, f)
}

// inflated undoes the compression below the encryption.
func inflated(method uint16, plain io.Reader, f *zip.File) (io.ReadCloser, error) {
	switch method {
	case zip.Store:
		return io.NopCloser(&checked{r: plain, f: f, sum: crc32.NewIEEE()}), nil
	case zip.Deflate:
		return io.NopCloser(&checked{r: flate.NewReader(plain), f: f, sum: crc32.NewIEEE()}), nil
	}
	return nil, fmt.Errorf("is compressed in a way (method %d) that is not known: unpack the archive first", method)
}

// checked compares size and check sum with the archive's directory; AE-2 has no check sum there.
type checked struct {
	r   io.Reader
	f   *zip.File
	sum hash.Hash32
	n   uint64
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	c.n += uint64(n)
	if err == io.EOF && (c.n != c.f.UncompressedSize64 || c.f.CRC32 != 0 && c.sum.Sum32() != c.f.CRC32) {
		err = zip.ErrChecksum
	}
	return n, err
}

// decryptTraditional is PKWARE's own stream cipher (APPNOTE 6.3.10, section 6.1), which every program writes unless told otherwise.
func decryptTraditional(f *zip.File, raw io.Reader, password []byte) (io.Reader, error) {
	k := newKeys(password)
	head := make([]byte, 12)
	if _, err := io.ReadFull(raw, head); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	for i := range head {
		head[i] = k.decrypt(head[i])
	}
	check := byte(f.CRC32 >> 24)
	if f.Flags&8 != 0 { // the check sum was not known when the header was written
		check = byte(f.ModifiedTime >> 8)
	}
	if head[11] != check {
		return nil, errWrongPassword
	}
	return &keyed{bufio.NewReader(raw), k}, nil
}

type keys [3]uint32

func newKeys(password []byte) *keys {
	k := &keys{0x12345678, 0x23456789, 0x34567890}
	for _, c := range password {
		k.update(c)
	}
	return k
}

func (k *keys) update(c byte) {
	k[0] = crc32.IEEETable[byte(k[0])^c] ^ k[0]>>8
	k[1] = (k[1]+k[0]&0xff)*134775813 + 1
	k[2] = crc32.IEEETable[byte(k[2])^byte(k[1]>>24)] ^ k[2]>>8
}

func (k *keys) decrypt(c byte) byte {
	t := k[2] | 2
	c ^= byte(t * (t ^ 1) >> 8)
	k.update(c)
	return c
}

type keyed struct {
	r io.Reader
	k *keys
}

func (k *keyed) Read(p []byte) (int, error) {
	n, err := k.r.Read(p)
	for i := range p[:n] {
		p[i] = k.k.decrypt(p[i])
	}
	return n, err
}

// decryptAES is WinZip's encryption.
func decryptAES(f *zip.File, raw io.Reader, password []byte) (io.Reader, uint16, error) {
	strength, method, ok := headerAES(f.Extra)
	if !ok {
		return nil, 0, errors.New("is encrypted in a way that is not known: unpack the archive first")
	}
	size := 8 + 8*int(strength) // of the key: 16, 24 or 32
	head := make([]byte, winzip.Head(size/2))
	if _, err := io.ReadFull(raw, head); err != nil {
		return nil, 0, io.ErrUnexpectedEOF
	}
	keys, err := winzip.Derive(string(password), head[:size/2])
	if err != nil {
		return nil, 0, err
	}
	if !bytes.Equal(keys.Check, head[size/2:]) {
		return nil, 0, errWrongPassword
	}
	length := int64(f.CompressedSize64) - int64(len(head)) - winzip.CodeSize
	if length < 0 {
		return nil, 0, io.ErrUnexpectedEOF
	}
	sealed := &sealed{r: io.LimitReader(raw, length), left: length, tail: raw, mac: keys.Code}
	return cipher.StreamReader{S: keys.Stream, R: sealed}, method, nil
}

// headerAES reads strength (1, 2, 3 for 128, 192, 256 bits) and the method of compression from a member's extra field.
func headerAES(extra []byte) (strength byte, method uint16, ok bool) {
	for len(extra) >= 4 {
		id, size := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; size > len(extra) {
			break
		}
		if id == winzip.ExtraID && size >= 7 && extra[4] >= 1 && extra[4] <= 3 {
			return extra[4], binary.LittleEndian.Uint16(extra[5:]), true
		}
		extra = extra[size:]
	}
	return 0, 0, false
}

// sealed compares the winzip.CodeSize code behind the encrypted bytes.
type sealed struct {
	r, tail io.Reader
	left    int64
	mac     hash.Hash
}

func (s *sealed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.mac.Write(p[:n])
	s.left -= int64(n)
	if err != io.EOF {
		return n, err
	}
	code := make([]byte, winzip.CodeSize)
	if _, err := io.ReadFull(s.tail, code); err != nil || s.left > 0 {
		return n, io.ErrUnexpectedEOF
	}
	if !hmac.Equal(code, s.mac.Sum(nil)[:winzip.CodeSize]) {
		return n, zip.ErrChecksum
	}
	return n, io.EOF
}
