package broker

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nkrun/nkrun/worker"
)

// A rank that dies, or whose host is lost, cannot say so, and MPI tells nobody in time. Therefore each rank keeps a TCP
// connection to the broker, over which both say four times a second that they live, and the rank where it is. The connection of a
// process that dies is closed at once by its system; one whose host is gone falls silent. None of it is in the way of the
// steps: goroutines that sleep nearly always do it all.
const (
	beatEvery  = 250 * time.Millisecond
	silentFor  = 8 * time.Second
	dialWithin = 2 * time.Second
)

// address is where the broker can be reached.
type address struct {
	Hosts []string
	Port  int
	Token string // keeps strangers out
}

// hello opens a connection, beat follows in every interval. Both are lines of JSON.
type hello struct {
	Token string
	Rank  int
}

type beat struct {
	State worker.State
	Bye   bool   // the end of the connection is no accident
	Fault string // the rank ends, and has told why
}

// links are the broker's ends.
type links struct {
	listener net.Listener
	token    string
	mu       sync.Mutex
	peers    map[int]heard
	conns    []net.Conn
	lost     func(rank int, cause error)
}

// heard is what is known of a rank.
type heard struct {
	state worker.State
	since time.Time // when the state became what it is
}

// errGone says that a connection ended.
var errGone = errors.New("its process is gone: killed, out of memory, or crashed")

// listen opens the broker's side. lost is called, from another goroutine, for each rank that vanishes.
func listen(lost func(rank int, cause error)) (*links, error) {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		return nil, err
	}
	k := &links{listener: l, token: rand.Text(), peers: map[int]heard{}, lost: lost}
	go k.accept()
	return k, nil
}

// address tells the other ranks how to get here: by whichever of the machine's addresses they can reach.
func (k *links) address() address {
	a := address{Port: k.listener.Addr().(*net.TCPAddr).Port, Token: k.token}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return a
	}
	for _, one := range all {
		if ip, ok := one.(*net.IPNet); ok && !ip.IP.IsLoopback() && !ip.IP.IsLinkLocalUnicast() {
			a.Hosts = append(a.Hosts, ip.IP.String())
		}
	}
	a.Hosts = append(a.Hosts, "127.0.0.1")
	return a
}

func (k *links) accept() {
	for {
		c, err := k.listener.Accept()
		if err != nil {
			return
		}
		go k.serve(c)
	}
}

// serve listens to one rank.
func (k *links) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	var h hello
	if err := readLine(c, in, &h); err != nil || h.Token != k.token {
		return
	}
	if json.NewEncoder(c).Encode(beat{}) != nil {
		return
	}
	k.mu.Lock()
	k.conns = append(k.conns, c)
	k.mu.Unlock()
	done := make(chan struct{})
	defer close(done)
	go sendBeats(c, done, func() worker.State { return worker.State{} })
	for {
		var b beat
		if err := readLine(c, in, &b); err != nil {
			k.lost(h.Rank, cause(err))
			return
		}
		switch {
		case b.Bye:
			return
		case b.Fault != "":
			k.lost(h.Rank, &rankError{errors.New(b.Fault), true})
			return
		}
		k.note(h.Rank, b.State)
	}
}

func (k *links) note(rank int, s worker.State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, ok := k.peers[rank]; !ok || p.state != s {
		k.peers[rank] = heard{state: s, since: time.Now()}
	}
}

// of returns what was last heard of a rank, which may be nothing.
func (k *links) of(rank int) heard {
	if k == nil {
		return heard{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.peers[rank]
}

// bye tells all ranks that the end of their connections is no accident.
func (k *links) bye() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.conns {
		json.NewEncoder(c).Encode(beat{Bye: true})
	}
}

func (k *links) close() {
	if k != nil {
		k.listener.Close()
	}
}

// link is the end of a rank that is not the broker.
type link struct {
	conn  net.Conn
	state atomic.Pointer[func() worker.State]
	left  atomic.Bool
	done  chan struct{}
}

// connect reaches the broker. gone is called, from another goroutine, when the broker vanishes.
func connect(a address, rank int, gone func(cause error)) (*link, error) {
	var errs []error
	for _, host := range a.Hosts {
		c, err := net.DialTimeout("tcp", net.JoinHostPort(host, strconv.Itoa(a.Port)), dialWithin)
		if err == nil {
			l := &link{conn: c, done: make(chan struct{})}
			in := bufio.NewReader(c)
			if err = l.greet(in, a, rank); err == nil {
				go sendBeats(c, l.done, l.now)
				go l.listen(in, gone)
				return l, nil
			}
			c.Close()
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// greet says who is there, and makes sure that it is the broker who answers.
func (l *link) greet(in *bufio.Reader, a address, rank int) error {
	if err := json.NewEncoder(l.conn).Encode(hello{a.Token, rank}); err != nil {
		return err
	}
	var answer beat
	return readLine(l.conn, in, &answer)
}

// follow makes the link tell the state of a worker from now on.
func (l *link) follow(w *worker.Worker) {
	if l != nil {
		state := w.State
		l.state.Store(&state)
	}
}

func (l *link) now() worker.State {
	if f := l.state.Load(); f != nil {
		return (*f)()
	}
	return worker.State{Doing: "loads its LPUs"}
}

// listen notices when the broker falls silent.
func (l *link) listen(in *bufio.Reader, gone func(error)) {
	for {
		var b beat
		if err := readLine(l.conn, in, &b); err != nil {
			if !l.left.Load() {
				gone(cause(err))
			}
			return
		}
		if b.Bye {
			return
		}
	}
}

// bye ends the connection in order.
func (l *link) bye() { l.last(beat{Bye: true}) }

// last sends the last message.
func (l *link) last(b beat) {
	if l == nil || l.left.Swap(true) {
		return
	}
	close(l.done)
	json.NewEncoder(l.conn).Encode(b)
}

// sendBeats tells the other side where this one is, until done or the other side is gone.
func sendBeats(c net.Conn, done chan struct{}, state func() worker.State) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			c.SetWriteDeadline(time.Now().Add(silentFor))
			if json.NewEncoder(c).Encode(beat{State: state()}) != nil {
				return
			}
		}
	}
}

// readLine reads a message that must come before the other side counts as silent.
func readLine(c net.Conn, in *bufio.Reader, v any) error {
	c.SetReadDeadline(time.Now().Add(silentFor))
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// cause says in words why a connection ended.
func cause(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("nothing was heard of it for %s: its host or the network is lost, or it was suspended", silentFor)
	case errors.Is(err, io.EOF), isReset(err):
		return errGone
	}
	return err
}

func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}
