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

	"github.com/xuri/excelize/v2"
)

// orderedZip is the zip writer of a workbook that comes out the same every time. The library writes its parts in the
// order of a map; here each part is compressed as it comes and all are put into the archive at the end, sorted by name
// and without times of their own.
type orderedZip struct {
	out   io.Writer
	parts map[string]*part
	types bytes.Buffer // [Content_Types].xml
}

// part is one compressed file of the archive.
type part struct {
	data  bytes.Buffer
	flate *flate.Writer
	crc   uint32
	size  uint64
}

const contentTypes = "[Content_Types].xml"

// epoch is the first time that a zip can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func newOrderedZip(w io.Writer) excelize.ZipWriter {
	return &orderedZip{out: w, parts: map[string]*part{}}
}

// Create adds a part.
func (z *orderedZip) Create(name string) (io.Writer, error) {
	if name == contentTypes {
		return &z.types, nil
	}
	return z.add(name)
}

func (z *orderedZip) add(name string) (*part, error) {
	p := &part{}
	var err error
	p.flate, err = flate.NewWriter(&p.data, flate.DefaultCompression)
	z.parts[name] = p
	return p, err
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
	if err := z.sortTypes(); err != nil {
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
	if err := p.flate.Close(); err != nil {
		return err
	}
	w, err := archive.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch, CRC32: p.crc,
		CompressedSize64: uint64(p.data.Len()), UncompressedSize64: p.size})
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
