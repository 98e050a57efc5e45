package lint

import "time"

// soon is how long before its end lint reminds of a suppression.
const soon = 30 * 24 * time.Hour

// left is how long a suppression still holds; ok is false where the day is not known.
func (p *pass) left() (d time.Duration, ok bool) {
	end, err := time.Parse(time.DateOnly, p.suppression.Expires)
	if err != nil || p.Today.IsZero() {
		return 0, false
	}
	return end.Sub(p.Today.UTC().Truncate(24 * time.Hour)), true
}

func (p *pass) expired() {
	if d, ok := p.left(); ok && d <= 0 {
		p.report([]string{"expires"}, "the suppression of %s expired on %s: packets of that day and later are no longer covered; renew or remove it", p.suppression.Owner, p.suppression.Expires)
	}
}

func (p *pass) expiring() {
	if d, ok := p.left(); ok && d > 0 && d <= soon {
		p.report([]string{"expires"}, "the suppression of %s ends on %s, in %d days: ask whether it is to be renewed", p.suppression.Owner, p.suppression.Expires, d/(24*time.Hour))
	}
}
