package payload

// stampSizes are the lengths of time stamps that pings put before a pattern.
var stampSizes = []int{0, 16, 8, 4}

// Pattern gives the up to 16 bytes that a payload repeats to its end, at least twice, behind a time stamp or nothing; nil if it does
// not. It is what the user of "ping -p" chose.
func Pattern(b []byte) []byte {
	for _, skip := range stampSizes {
		if len(b) < skip+leastPattern {
			continue
		}
		if p := period(b[skip:], 16); p > 0 && len(b)-skip >= 2*p {
			return b[skip : skip+p]
		}
	}
	return nil
}
