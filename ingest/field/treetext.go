package field

import (
	"fmt"

	"icmpsift/ingest"
)

// walkers are the walkers of repeated structures by the names that layouts call them; each gets the layer's bytes.
var walkers = map[string]walker{
	"routers":    advertisement(func(d *dissection, _ *ingest.Layer) { walkRouters(d) }),
	"mobile":     advertisement(func(d *dissection, l *ingest.Layer) { mobileExtensions(d, l.Reported) }),
	"options4":   walkOptions4,
	"options6":   func(p *ingest.Packet, i int, d *dissection) { walkIP6Options(d, p, i) },
	"tcp":        func(p *ingest.Packet, i int, d *dissection) { tcpOptions(d, tcpOptionEnd(&p.Layers[i])) },
	"extensions": walkExtensions,
	"body":       func(p *ingest.Packet, i int, d *dissection) { body6(d, &p.Layers[i]) },
	"fragments":  walkFragments,
}

// advertisement walks router advertisements.
func advertisement(walk func(d *dissection, l *ingest.Layer)) walker {
	return func(p *ingest.Packet, i int, d *dissection) {
		if l := &p.Layers[i]; len(l.Bytes) >= shown && l.Bytes[0] == 9 {
			walk(d, l)
		}
	}
}

func walkOptions4(p *ingest.Packet, i int, d *dissection) {
	l := &p.Layers[i]
	if len(l.Bytes) >= 20 && len(l.Bytes) >= headerLength4(l) && l.Bytes[0]>>4 == 4 {
		ip4Options(d, headerLength4(l))
	}
}

func walkExtensions(p *ingest.Packet, i int, d *dissection) {
	if start := extensionStart(d.c, &p.Layers[i]); start >= 0 {
		extensions(d, &p.Layers[i], start)
	}
}

// walkFragments walks the fragments of the datagram that the frame completes at layer i, with what is wrong with each.
func walkFragments(p *ingest.Packet, i int, d *dissection) {
	w := completed(p, i)
	if w == nil {
		return
	}
	name := p.Layers[i].Proto.String() + ".fragment"
	for k, frame := range w.Frames {
		var part ingest.Part
		if k < len(w.Parts) {
			part = w.Parts[k]
		}
		v := Value{Int: frame, Bytes: span(w.Payload, part.Offset, part.Length)}
		if part.Error() {
			d.put(name+".error", v)
		} else {
			d.put(name, v)
		}
		for _, f := range partFlags {
			if part.Flags&f.flag != 0 {
				d.present(name + f.name)
			}
		}
	}
}

// completed is the datagram that the frame completes at an IP header or at an extension header behind it; nil if there is none.
func completed(p *ingest.Packet, i int) *ingest.Datagram {
	for k := i; k < len(p.Layers) && (k == i || extends(p.Layers[k].Proto)); k++ {
		if w := p.Completed(k); w != nil {
			return w
		}
	}
	return nil
}

var partFlags = [...]struct {
	flag ingest.PartFlags
	name string
}{
	{ingest.PartOverlap, ".overlap"}, {ingest.PartConflict, ".overlap.conflict"}, {ingest.PartMultipleTails, ".multipletails"},
	{ingest.PartTooLong, ".toolongfragment"},
}

// texts are the texts of items that have no field, from what stands in them, by the names that layouts call them.
var texts = map[string]text{
	"options4": optionsText,
	"mobile":   mobileText,
	"object":   objectText,
	"label":    labelText,
	"seed":     func(_ []Node, _ *ingest.Layer, nth int) string { return fmt.Sprintf("MPL Seed Info: [%d]", nth) },
}

// text tells what an item says that is only text, from what stands in it, its layer, and how many of its kind
// there are in the walk with it.
type text func(in []Node, l *ingest.Layer, nth int) string

// numberOf finds a field among the items.
func numberOf(in []Node, name string) int64 {
	for _, n := range in {
		if n.Field != nil && n.Field.Name == name {
			return n.Value.Int
		}
	}
	return 0
}

func mobileText(in []Node, _ *ingest.Layer, _ int) string {
	if name, ok := mobileTypes[numberOf(in, "icmp.mip.type")]; ok {
		return "Ext: " + name
	}
	return fmt.Sprintf("Ext: Unknown ext %d", numberOf(in, "icmp.mip.type"))
}

func objectText(in []Node, _ *ingest.Layer, _ int) string {
	class, ctype := numberOf(in, "icmp.ext.class"), numberOf(in, "icmp.ext.ctype")
	switch {
	case class == classMPLS && ctype == 1:
		return "MPLS Stack Entry"
	case class == classInterface:
		return "Interface Information Object"
	case class == classIdentification:
		return "Interface Identification Object"
	}
	name := fmt.Sprintf("Unknown object (%d/%d)", class, ctype)
	if last := &in[len(in)-1]; last.Field != nil && last.Field.Name == "icmp.ext.data" && numberOf(in, "icmp.ext.length")-4 > int64(len(last.Value.Bytes)) {
		name += " (truncated)"
	}
	return name
}

func labelText(in []Node, _ *ingest.Layer, _ int) string {
	return fmt.Sprintf("Label: %d, Exp: %d, S: %d, TTL: %d", numberOf(in, "icmp.mpls.label"), numberOf(in, "icmp.mpls.exp"),
		numberOf(in, "icmp.mpls.s"), numberOf(in, "icmp.mpls.ttl"))
}

// optionNames are how the header's "Options" item calls the options that it names.
var optionNames = map[string]string{
	"ip.options.record_route": "Record Route", "ip.options.timestamp": "Time Stamp", "ip.options.routeralert": "Router Alert",
	"ip.options.route": "Loose Source Route", "ip.options.source_route": "Strict Source Route", "ip.options.security": "Security",
	"ip.options.ext_security": "Extended Security", "ip.options.cipso": "Commercial Security", "ip.options.sid": "Stream ID",
	"ip.options.mtu_probe": "MTU Probe", "ip.options.mtu_reply": "MTU Reply", "ip.options.traceroute": "Traceroute", "ip.options.sdb": "Selective Directed Broadcast",
	"ip.options.qs": "Quick-Start",
}

// optionsText counts the bytes of the options and names those that are not padding.
func optionsText(in []Node, l *ingest.Layer, _ int) string {
	var names string
	for _, n := range in {
		if name := optionNames[n.Field.Name]; name != "" && n.Depth == in[0].Depth {
			names += ", " + name
		}
	}
	return fmt.Sprintf("Options: (%d bytes)%s", headerLength4(l)-20, names)
}
