// Package winzip is the encryption of files in zip archives that WinZip defined and others took over (AE-1 and AE-2,
// https://www.winzip.com/en/support/aes-encryption/): PBKDF2, AES in counter mode with a little-endian counter from 1, and
// HMAC-SHA-1 over what is encrypted. A file is its salt, its check, its encrypted bytes and the front of their code.
package winzip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"hash"
)

// Numbers of the form.
const (
	Method   = 99     // of an encrypted file; the extra field names the real one
	ExtraID  = 0x9901 // of that extra field
	CodeSize = 10     // bytes of the HMAC that stand behind a file

	iterations = 1000
	checkSize  = 2
)

// Keys are what a file is encrypted with.
type Keys struct {
	Check  []byte        // tells most wrong passwords
	Stream cipher.Stream // encrypts and decrypts, from the first byte on
	Code   hash.Hash     // over the encrypted bytes
}

// Derive makes the keys. The salt is half as long as the cipher's key: 8, 12 or 16 bytes.
func Derive(password string, salt []byte) (Keys, error) {
	size := 2 * len(salt)
	all, err := pbkdf2.Key(sha1.New, password, salt, iterations, 2*size+checkSize)
	if err != nil {
		return Keys{}, err
	}
	block, err := aes.NewCipher(all[:size])
	if err != nil {
		return Keys{}, err
	}
	return Keys{all[2*size:], &counter{block: block}, hmac.New(sha1.New, all[size:2*size])}, nil
}

// Head is how many bytes stand before the encrypted ones of a file with such a salt.
func Head(salt int) int { return salt + checkSize }

// counter is AES in counter mode, counting from 1 in little-endian.
type counter struct {
	block cipher.Block
	n     uint64
	pad   [aes.BlockSize]byte
	used  int
}

func (c *counter) XORKeyStream(dst, src []byte) {
	for i := range src {
		if c.used == 0 {
			c.n++
			c.pad = [aes.BlockSize]byte{}
			binary.LittleEndian.PutUint64(c.pad[:], c.n)
			c.block.Encrypt(c.pad[:], c.pad[:])
		}
		dst[i] = src[i] ^ c.pad[c.used]
		c.used = (c.used + 1) % aes.BlockSize
	}
}
