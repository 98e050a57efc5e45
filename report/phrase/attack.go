package phrase

import (
	"regexp"
	"strings"
)

// techniques are the MITRE ATT&CK (Enterprise, v19) techniques that ICMP abuse touches. Rules name ids only; names change
// between versions of ATT&CK, so they live here.
var techniques = map[string]string{
	"T1001": "Data Obfuscation", "T1001.001": "Junk Data", "T1001.002": "Steganography", "T1001.003": "Protocol or Service Impersonation",
	"T1008": "Fallback Channels", "T1016": "System Network Configuration Discovery", "T1016.001": "Internet Connection Discovery",
	"T1018": "Remote System Discovery", "T1020": "Automated Exfiltration", "T1029": "Scheduled Transfer", "T1030": "Data Transfer Size Limits",
	"T1040": "Network Sniffing", "T1041": "Exfiltration Over C2 Channel", "T1046": "Network Service Discovery",
	"T1048": "Exfiltration Over Alternative Protocol", "T1048.003": "Exfiltration Over Unencrypted Non-C2 Protocol",
	"T1059": "Command and Scripting Interpreter", "T1090": "Proxy", "T1090.001": "Internal Proxy", "T1095": "Non-Application Layer Protocol",
	"T1124": "System Time Discovery", "T1132": "Data Encoding", "T1132.001": "Standard Encoding", "T1132.002": "Non-Standard Encoding",
	"T1205": "Traffic Signaling", "T1205.001": "Port Knocking", "T1205.002": "Socket Filters",
	"T1498": "Network Denial of Service", "T1498.001": "Direct Network Flood", "T1498.002": "Reflection Amplification",
	"T1499": "Endpoint Denial of Service", "T1499.001": "OS Exhaustion Flood", "T1499.002": "Service Exhaustion Flood", "T1499.004": "Application or System Exploitation",
	"T1557": "Adversary-in-the-Middle", "T1565.002": "Transmitted Data Manipulation", "T1572": "Protocol Tunneling", "T1573": "Encrypted Channel",
	"T1590": "Gather Victim Network Information", "T1590.004": "Network Topology", "T1590.006": "Network Security Appliances",
	"T1592": "Gather Victim Host Information", "T1595": "Active Scanning", "T1595.001": "Scanning IP Blocks", "T1595.002": "Vulnerability Scanning",
}

// Technique is the name of an ATT&CK technique, "" when it is not one that ICMP abuse touches.
func Technique(id string) string { return techniques[id] }

var techniqueID = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)

// TechniqueURL is where ATT&CK describes a technique; ok is false for what is no technique id.
func TechniqueURL(id string) (url string, ok bool) {
	if !techniqueID.MatchString(id) {
		return "", false
	}
	return "https://attack.mitre.org/techniques/" + strings.ReplaceAll(id, ".", "/") + "/", true
}

var outputPath = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*(\.[A-Za-z0-9]+)*$`)

// Linkable tells whether path is one that icmpsift gives a file of the report folder, so that a link to it can neither
// leave the folder nor carry a scheme.
func Linkable(path string) bool { return outputPath.MatchString(path) }
