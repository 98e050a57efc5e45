package correlate

// How long an event waits for earlier ones, and how many may wait.
const (
	Tolerance = int64(5e9) // nanoseconds of packet time
	maxEarly  = 1 << 15
)

// queue is a heap of events by time and timeline number.
type queue struct {
	events []*Event
	spare  []*Event // their memory is used again
	latest int64
}

func (q *queue) len() int { return len(q.events) }

// ripe tells whether the first event cannot be overtaken any more, or has to go for want of room.
func (q *queue) ripe() bool {
	n := len(q.events)
	return n > maxEarly || n > 0 && q.latest-q.events[0].Time > Tolerance
}

func (e *Event) before(f *Event) bool {
	return e.Time < f.Time || e.Time == f.Time && e.Number < f.Number
}

// push copies the event.
func (q *queue) push(e Event) {
	x := &Event{}
	if n := len(q.spare); n > 0 {
		x, q.spare = q.spare[n-1], q.spare[:n-1]
	}
	e.Group, e.Value = append(x.Group[:0], e.Group...), append(x.Value[:0], e.Value...)
	*x = e
	if len(q.events) == 0 || e.Time > q.latest {
		q.latest = e.Time
	}
	q.events = append(q.events, x)
	for i := len(q.events) - 1; i > 0; {
		up := (i - 1) / 2
		if !q.events[i].before(q.events[up]) {
			break
		}
		q.events[i], q.events[up] = q.events[up], q.events[i]
		i = up
	}
}

// pop gives the first event, which is good until the next push.
func (q *queue) pop() *Event {
	x, n := q.events[0], len(q.events)-1
	q.events[0], q.events[n] = q.events[n], nil
	q.events = q.events[:n]
	for i := 0; 2*i+1 < n; {
		next := 2*i + 1
		if next+1 < n && q.events[next+1].before(q.events[next]) {
			next++
		}
		if !q.events[next].before(q.events[i]) {
			break
		}
		q.events[i], q.events[next] = q.events[next], q.events[i]
		i = next
	}
	q.spare = append(q.spare, x)
	return x
}
