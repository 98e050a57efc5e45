package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/xml"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// orderedZip is the zip writer of a workbook that comes out the same every time. The library writes its parts in the
// order of a map; here each part is compressed as it comes and all are put into the archive at the end, sorted by name
// and without times of their own.
type orderedZip struct {
	out   io.Writer
	dir   string // of temporary files
	parts map[string]*part
	last  *part                    // the one being written
	types bytes.Buffer             // [Content_Types].xml
	loose map[string]*bytes.Buffer // parts whose elements are to be put in order
}

// part is one compressed file of the archive.
type part struct {
	data   spill
	size   uint64 // uncompressed
	stored uint64 // compressed
	flate  *flate.Writer
	crc    uint32
}

const contentTypes = "[Content_Types].xml"

// epoch is the first time that a zip can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func newOrderedZip(w io.Writer, dir string) *orderedZip {
	return &orderedZip{out: w, dir: dir, parts: map[string]*part{}, loose: map[string]*bytes.Buffer{}}
}

// remove deletes the temporary files that are left if writing ended early.
func (z *orderedZip) remove() error {
	var all []error
	for _, p := range z.parts {
		all = append(all, p.data.close())
	}
	return errors.Join(all...)
}

// Create adds a part.
func (z *orderedZip) Create(name string) (io.Writer, error) {
	if name == contentTypes {
		return &z.types, nil
	}
	if reorders(name) {
		z.loose[name] = &bytes.Buffer{}
		return z.loose[name], nil
	}
	return z.add(name)
}

func (z *orderedZip) add(name string) (*part, error) {
	if err := z.finish(); err != nil {
		return nil, err
	}
	p := &part{data: spill{dir: z.dir}}
	z.last = p
	var err error
	p.flate, err = flate.NewWriter(counter{p}, flate.DefaultCompression)
	z.parts[name] = p
	return p, err
}

// finish ends the part that is being written: a compressor takes a megabyte.
func (z *orderedZip) finish() error {
	if z.last == nil {
		return nil
	}
	p := z.last
	z.last = nil
	return p.flate.Close()
}

// counter counts what is stored of a part.
type counter struct{ *part }

func (c counter) Write(b []byte) (int, error) {
	c.stored += uint64(len(b))
	return c.data.Write(b)
}

// Write compresses.
func (p *part) Write(b []byte) (int, error) {
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.size += uint64(len(b))
	return p.flate.Write(b)
}

// AddFS is not used by the library when it saves.
func (z *orderedZip) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the archive.
func (z *orderedZip) Close() error {
	if err := z.sortTypes(); err != nil { // which is a part
		return err
	}
	if err := z.sortElements(); err != nil {
		return err
	}
	if err := z.finish(); err != nil {
		return err
	}
	archive := zip.NewWriter(z.out)
	for _, name := range slices.Sorted(maps.Keys(z.parts)) {
		if err := z.parts[name].store(archive, name); err != nil {
			return err
		}
	}
	return archive.Close()
}

func (p *part) store(archive *zip.Writer, name string) error {
	w, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch, CRC32: p.crc,
		CompressedSize64: p.stored, UncompressedSize64: p.size})
	if err != nil {
		return err
	}
	_, err = p.data.WriteTo(w)
	return err
}

type packageTypes struct {
	XMLName   xml.Name       `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
	Defaults  []defaultType  `xml:"Default"`
	Overrides []overrideType `xml:"Override"`
}

type defaultType struct {
	Extension   string `xml:",attr"`
	ContentType string `xml:",attr"`
}

type overrideType struct {
	PartName    string `xml:",attr"`
	ContentType string `xml:",attr"`
}

// sortElements adds the parts whose elements are to be put in order.
func (z *orderedZip) sortElements() error {
	for name, text := range z.loose {
		sorted, err := inOrder(text.Bytes())
		if err != nil {
			return err
		}
		p, err := z.add(name)
		if err != nil {
			return err
		}
		if _, err := p.Write(sorted); err != nil {
			return err
		}
	}
	return nil
}

// sortTypes puts the list of parts in order, whose order the library leaves to a map too.
func (z *orderedZip) sortTypes() error {
	var t packageTypes
	if err := xml.Unmarshal(z.types.Bytes(), &t); err != nil {
		return err
	}
	slices.SortFunc(t.Defaults, func(a, b defaultType) int { return cmp.Compare(a.Extension, b.Extension) })
	slices.SortFunc(t.Overrides, func(a, b overrideType) int { return cmp.Compare(a.PartName, b.PartName) })
	p, err := z.add(contentTypes)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p, xml.Header); err != nil {
		return err
	}
	return xml.NewEncoder(p).Encode(t)
}
