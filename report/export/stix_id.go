package export

import (
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

var (
	// observables is the namespace that STIX 2.1 (section 2.9) gives for ids of what was observed, so that everybody's are the same.
	observables = uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")

	// domains is our own namespace for all other ids, for which the standard's must not be used.
	domains = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:icmpsift:stix"))
)

// observableID is made of the contributing properties that an object has, as canonical JSON (RFC 8785).
func observableID(o object, from []string) string {
	some := object{}
	for _, key := range from {
		if v, ok := o[key]; ok {
			some[key] = v
		}
	}
	b, err := json.Marshal(some)
	v := jsontext.Value(b)
	if err == nil {
		err = v.Canonicalize()
	}
	if err != nil {
		panic(err) // these are maps, lists and texts
	}
	return uuid.NewSHA1(observables, v).String()
}

// domainID is made of what tells objects of a kind apart.
func domainID(kind string, key ...string) string {
	return uuid.NewSHA1(domains, []byte(kind+"\x00"+strings.Join(key, "\x00"))).String()
}
