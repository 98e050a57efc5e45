package recover

import (
	"encoding/json"
	"slices"
	"strconv"
)

// inJSON takes the pieces out of packets that are JSON objects: the text that differs most from packet to packet is the piece, a number
// that counts its place, and a name that all share the file's. Few packets may be objects of another form, or none.
func inJSON(t transfer) []transfer {
	if len(t.members) < 3 || t.place != nil || !looksLikeJSON(t.members[len(t.members)/2].Value) {
		return nil
	}
	objects, good := make([]map[string]any, len(t.members)), 0
	for i, c := range t.members {
		if json.Unmarshal(trimmed(c.Value), &objects[i]) == nil && objects[i] != nil {
			good++
		}
	}
	if good < 3 || good < len(t.members)-2*maxControl {
		return nil
	}
	key := dataKey(objects)
	if key == "" {
		return nil
	}
	next := transfer{name: nameInObjects(objects, key)}
	for i, c := range t.members {
		text, ok := objects[i][key].(string)
		if !ok || text == "" {
			objects[i] = nil
			continue
		}
		c.Value, c.Wire = []byte(text), len(text)
		next.members = append(next.members, c)
	}
	objects = slices.DeleteFunc(objects, func(o map[string]any) bool { return o == nil })
	next.place = placesIn(objects, key)
	if len(next.members) < 3 {
		return nil
	}
	return []transfer{next}
}

func looksLikeJSON(b []byte) bool {
	b = trimmed(b)
	return len(b) > 2 && b[0] == '{' && slices.Contains([]byte("}\n "), b[len(b)-1])
}

// dataKey is the key of the texts that are longest in all, and are not alike; "" if there is none that most objects have.
func dataKey(objects []map[string]any) (best string) {
	size, kinds, has := map[string]int{}, map[string]map[string]bool{}, map[string]int{}
	for _, o := range objects {
		for k, v := range o {
			if text, ok := v.(string); ok {
				if kinds[k] == nil {
					kinds[k] = map[string]bool{}
				}
				kinds[k][text] = true
				size[k], has[k] = size[k]+len(text), has[k]+1
			}
		}
	}
	for k := range size {
		if has[k] < 3 || has[k] < len(objects)-2*maxControl || 2*len(kinds[k]) < has[k] {
			continue
		}
		if best == "" || size[k] > size[best] || size[k] == size[best] && k < best {
			best = k
		}
	}
	return best
}

// placesIn are the numbers under the first key, in order of the alphabet, whose numbers count; nil if none do.
func placesIn(objects []map[string]any, data string) []int64 {
	keys := map[string]bool{}
	for _, o := range objects {
		for k := range o {
			keys[k] = k != data
		}
	}
	var sorted []string
	for k, other := range keys {
		if other {
			sorted = append(sorted, k)
		}
	}
	slices.Sort(sorted)
	for _, k := range sorted {
		if places := placesUnder(objects, k); places != nil {
			return places
		}
	}
	return nil
}

func placesUnder(objects []map[string]any, key string) []int64 {
	places, seen := make([]int64, len(objects)), map[int64]bool{}
	for i, o := range objects {
		switch v := o[key].(type) {
		case float64:
			places[i] = int64(v)
		case string:
			n, err := strconv.ParseInt(v, 10, 32)
			if err != nil {
				return nil
			}
			places[i] = n
		default:
			return nil
		}
		if places[i] < 0 {
			return nil
		}
		seen[places[i]] = true
	}
	if len(seen) < 3 || !consecutive(seen) {
		return nil
	}
	return places
}

// nameInObjects is the first name of a file among their texts.
func nameInObjects(objects []map[string]any, data string) string {
	for _, o := range objects {
		var names []string
		for k, v := range o {
			if text, ok := v.(string); ok && k != data {
				if m := fileName.FindStringSubmatch(text); m != nil && printable([]byte(text)) {
					names = append(names, m[1])
				}
			}
		}
		if len(names) > 0 {
			return slices.Min(names)
		}
	}
	return ""
}
