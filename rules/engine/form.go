package engine

// form watches whether values are one form filled in again and again: a good part of their bytes is always the same. The
// pieces of a file have next to none in common.
type form struct {
	first []byte
	other []bool // by place: not all values have the first one's byte
}

func (f *form) add(value []byte) {
	if f.first == nil {
		f.first = append([]byte{}, value[:min(len(value), maxValue)]...)
		f.other = make([]bool, len(f.first))
	}
	for i, b := range f.first {
		f.other[i] = f.other[i] || i >= len(value) || value[i] != b
	}
}

// alike tells whether a quarter of the bytes is the same in all values.
func (f *form) alike() bool {
	same := 0
	for _, other := range f.other {
		if !other {
			same++
		}
	}
	return 4*same >= len(f.first)
}
