package field

import "icmpsift/ingest"

var tunnelFields = join(
	in(ingest.ProtoAH, row("ah", Protocol, header, "IPsec authentication header")),
	in(ingest.ProtoPPPoE, row("pppoes", Protocol, header, "PPPoE session header")),
	in(ingest.ProtoPPP, row("ppp", Protocol, header, "PPP header")),
	in(ingest.ProtoMPLS,
		row("mpls", Protocol, header, "MPLS label stack entry"),
		row("mpls.label", Uint32, bits(0, 4, 0xfffff000), "MPLS label"),
		row("mpls.exp", Uint32, bits(0, 4, 0x00000e00), "MPLS traffic class"),
		row("mpls.bottom", Uint32, bits(0, 4, 0x00000100), "bottom of the label stack"),
		row("mpls.ttl", Uint32, bits(0, 4, 0x000000ff), "MPLS time to live"),
	),
	in(ingest.ProtoVXLAN,
		row("vxlan", Protocol, header, "VXLAN header").alsoIn(ingest.ProtoVXLANGPE),
		row("vxlan.vni", Uint24, number(4, 3), "VXLAN network identifier").alsoIn(ingest.ProtoVXLANGPE),
	),
	in(ingest.ProtoGeneve,
		row("geneve", Protocol, header, "Geneve header"),
		row("geneve.vni", Uint24, number(4, 3), "Geneve virtual network identifier").hex(),
	),
	in(ingest.ProtoGTP, row("gtp", Protocol, header, "GTP header")),
	in(ingest.ProtoTeredo, row("teredo", Protocol, header, "Teredo headers")),
	in(ingest.ProtoERSPAN, row("erspan", Protocol, header, "ERSPAN header")),
)
