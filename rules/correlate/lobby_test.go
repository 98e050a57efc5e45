package correlate

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"testing"
	"time"

	"icmpsift/rules"
)

// visit is an event on its way to a lobby.
type visit struct {
	Event
	pair Pair
}

// visits are packets of so many pairs of hosts, each pair in both directions.
func visits(rnd *rand.Rand, n, pairs, step int) (out []visit) {
	at := int64(0)
	for i := range n {
		at += int64(rnd.Intn(step))
		key, side := uint64(rnd.Intn(pairs)), int8(rnd.Intn(2))
		out = append(out, visit{
			Event{Time: at, Number: int64(i + 1), Group: fmt.Append(nil, key, side), Value: []byte{byte(rnd.Intn(4))}, Amount: 1, Part: rnd.Intn(2) == 0},
			Pair{Key: key*0x9e3779b97f4a7c15 | 1<<63, Side: side}})
	}
	return out
}

// sat sends events to all correlations by way of one lobby, where they may wait.
func sat(all []rules.Correlation, events []visit, end int64) (out []*Correlator, most int) {
	r := NewRoom(math.MaxInt)
	l := r.NewLobby()
	var seats []Seat
	for _, c := range all {
		x := r.New(c)
		x.Ordered(end)
		out, seats = append(out, x), append(seats, l.Join(x))
	}
	for _, e := range events {
		for i, x := range out {
			if seats[i].Taken() {
				l.Add(seats[i], e.pair, e.Event)
			} else {
				x.Add(e.Event)
			}
		}
		most = max(most, len(out[0].groups))
	}
	return out, most
}

// Waiting, and not remembering what cannot leave its window, changes neither incidents nor what came nearest.
func TestLobby(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	groups := 0
	for range 60 {
		events := visits(rnd, 500, 1+rnd.Intn(60), 12)
		var all []rules.Correlation
		for _, least := range []float64{1, 2, 3, 5, 20} {
			for _, c := range kinds(time.Duration(20 + rnd.Intn(3000))) {
				c.Condition = []rules.Condition{atLeast(least)}
				if len(c.Rules) == 0 {
					all = append(all, c)
				}
			}
		}
		got, most := sat(all, events, events[len(events)-1].Time)
		groups += most
		for i, c := range all {
			x := New(c)
			x.Ordered(math.MaxInt64)
			for _, e := range events {
				x.Add(e.Event)
			}
			if a, b := got[i].Done(), x.Done(); !reflect.DeepEqual(a, b) {
				t.Fatalf("%s, %v: incidents by way of the lobby: %+v\nwithout: %+v", c.Type, c.Condition, a, b)
			}
			a, _ := got[i].Nearest()
			b, _ := x.Nearest()
			if !reflect.DeepEqual(a, b) || got[i].Evicted() != 0 {
				t.Fatalf("%s, %v: nearest by way of the lobby: %+v\nwithout: %+v", c.Type, c.Condition, a, b)
			}
		}
	}
	if groups == 0 {
		t.Error("nothing was ever let in")
	}
}

// A flood of pairs makes no groups and takes little memory; what has to go is counted; one pair that goes on in the middle of it is found.
func TestLobbyOfAFlood(t *testing.T) {
	const n = 2 * maxWaiting
	r := NewRoom(math.MaxInt)
	l := r.NewLobby()
	var all []*Correlator
	var seats []Seat
	for _, c := range []rules.Correlation{correlation(rules.EventCount, time.Hour, atLeast(3)), correlation(rules.ValueCount, time.Hour, atLeast(5)), correlation(rules.XInterval, time.Hour, atLeast(6))} {
		c := r.New(c)
		c.Ordered(math.MaxInt64)
		all, seats = append(all, c), append(seats, l.Join(c))
	}
	before := runtimeHeap()
	for i := range int64(n) {
		key := (uint64(i) + 3) * 0x9e3779b97f4a7c15
		if i%(maxWaiting/8) == 0 {
			key = 2
		}
		for k := range all {
			l.Add(seats[k], Pair{Key: key}, Event{Time: i, Number: i + 1, Group: binary.BigEndian.AppendUint64(nil, key), Value: fmt.Append(nil, i)})
		}
	}
	if grown := runtimeHeap() - before; grown > 28<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	for i, c := range all {
		if len(c.groups) > 10 || c.evicted < n-maxWaiting-100 || c.evicted > n-maxWaiting {
			t.Errorf("%s: %d groups, %d of %d given up", c.c.Type, len(c.groups), c.evicted, n)
		}
		if found := c.Done(); i < 2 && (len(found) != 1 || found[0].Members.Total() < 16) {
			t.Errorf("%s: %+v", c.c.Type, found)
		}
	}
	if r.left != math.MaxInt-all[0].used-all[1].used-all[2].used {
		t.Errorf("%d bytes are still charged", math.MaxInt-r.left)
	}
}

// Where a correlator gives up groups their pairs wait again, and what it counts of them is never too much.
func TestLobbyAfterEviction(t *testing.T) {
	rnd := rand.New(rand.NewSource(7))
	for range 30 {
		events := visits(rnd, 2000, 40, 5)
		c := correlation(rules.EventCount, 300, atLeast(3))
		whole := New(c)
		r := NewRoom(math.MaxInt)
		l, x := r.NewLobby(), r.New(c)
		x.most.groups = 2 + rnd.Intn(20)
		x.Ordered(math.MaxInt64)
		s, of := l.Join(x), map[Pair]string{}
		for _, e := range events {
			whole.Add(e.Event)
			l.Add(s, e.pair, e.Event)
			of[e.pair] = string(e.Group)
			for at, group := range of {
				if r := l.find(at.Key); r.key == at.Key && r.here[at.Side] != 0 && x.groups[group] == nil {
					t.Fatal("events of a pair go to the correlator at once, which has no group of it")
				}
			}
		}
		if a, b := peak(x.Done()), peak(whole.Done()); x.Evicted() == 0 || a > b || a < 3 {
			t.Errorf("%d given up, peak %d of %d", x.Evicted(), a, b)
		}
	}
}

// Sets of packets come back as they were put in, whatever their order.
func TestPacked(t *testing.T) {
	rnd := rand.New(rand.NewSource(11))
	for range 300 {
		var p packed
		var want rules.Ranges
		at := int64(rnd.Intn(5))
		for range rnd.Intn(200) {
			n := at
			if rnd.Intn(20) == 0 {
				n = at - int64(rnd.Intn(30))
			}
			p.add(n)
			want.Add(n)
			at += int64(rnd.Intn(4)) * int64(1+rnd.Intn(300))
		}
		if got := p.unpack(); !reflect.DeepEqual(got, want) || p.n != len(want) || p.n > 0 && p.first() != want[0].First {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}
