// The smallest gateway that is right, in Go: `PORT=4501 COMET_TOKEN=… go run .`; docs/gateway.md has the same in Node, step by step.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

const maxRequestBytes = 4 << 20
const maxRemembered = 100_000

// Op is what goim-job sends, of any of the three types.
type Op struct {
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	Keys      []string `json:"keys"`
	Room      string   `json:"room"`
	Body      []byte   `json:"body"` // Base64 in JSON.
	Timestamp int64    `json:"timestamp"`
}

// Gateway knows who is connected and what has been applied; one lock keeps the order.
type Gateway struct {
	mu     sync.Mutex
	byKey  map[string]*Socket
	byRoom map[string]map[*Socket]bool
	seen   map[string]int64 // Timestamps by id.
	order  []string
}

func (g *Gateway) join(s *Socket, key, room string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if older := g.byKey[key]; older != nil {
		older.Close()
	}
	g.byKey[key] = s
	if room == "" {
		return
	}
	if g.byRoom[room] == nil {
		g.byRoom[room] = map[*Socket]bool{}
	}
	g.byRoom[room][s] = true
}

func (g *Gateway) leave(s *Socket, key, room string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byKey[key] == s {
		delete(g.byKey, key)
	}
	if delete(g.byRoom[room], s); len(g.byRoom[room]) == 0 {
		delete(g.byRoom, room)
	}
}

// isNew says whether the op has not been applied: the same id and the same timestamp.
func (g *Gateway) isNew(op Op) bool {
	before, known := g.seen[op.ID]
	if known && before == op.Timestamp {
		return false
	}
	if g.seen[op.ID] = op.Timestamp; !known {
		g.order = append(g.order, op.ID)
	}
	if len(g.order) > maxRemembered {
		delete(g.seen, g.order[0])
		g.order = g.order[1:]
	}
	return true
}

func (g *Gateway) apply(op Op) {
	switch {
	case !g.isNew(op):
	case op.Type == "push":
		for _, key := range op.Keys {
			g.byKey[key].Send(op.Body)
		}
	case op.Type == "room":
		for s := range g.byRoom[op.Room] {
			s.Send(op.Body)
		}
	case op.Type == "all":
		for _, s := range g.byKey {
			s.Send(op.Body)
		}
	}
}

func isBroken(op Op) bool {
	switch op.Type {
	case "push":
		return op.Keys == nil
	case "room":
		return op.Room == ""
	}
	return op.Type != "all"
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func (g *Gateway) takeOps(w http.ResponseWriter, r *http.Request) {
	var request struct{ Ops []Op }
	if r.ContentLength > maxRequestBytes {
		answer(w, 413, map[string]string{"error": "too large"})
		return
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequestBytes)).Decode(&request)
	if err != nil || request.Ops == nil || slices.ContainsFunc(request.Ops, isBroken) {
		answer(w, 400, map[string]string{"error": "not of the form of the comet API"})
		return
	}
	g.mu.Lock()
	for _, op := range request.Ops {
		g.apply(op)
	}
	g.mu.Unlock()
	answer(w, 200, map[string]int{"done": len(request.Ops)})
}

func (g *Gateway) listRooms(w http.ResponseWriter, r *http.Request) {
	rooms := []string{}
	g.mu.Lock()
	for room := range g.byRoom {
		rooms = append(rooms, room)
	}
	g.mu.Unlock()
	slices.Sort(rooms)
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(fmt.Sprintf("%q", rooms))))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(304)
		return
	}
	answer(w, 200, map[string][]string{"rooms": rooms})
}

func (g *Gateway) connect(w http.ResponseWriter, r *http.Request) {
	key, room := r.FormValue("key"), r.FormValue("room")
	socket, err := Upgrade(w, r)
	if err != nil {
		return
	}
	g.join(socket, key, room)
	socket.ReadUntilClosed()
	g.leave(socket, key, room)
}

func main() {
	g := &Gateway{byKey: map[string]*Socket{}, byRoom: map[string]map[*Socket]bool{}, seen: map[string]int64{}}
	token := os.Getenv("COMET_TOKEN")
	guarded := func(handler http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if token != "" && r.Header.Get("Authorization") != "Bearer "+token {
				answer(w, 401, map[string]string{"error": "the token is missing or wrong"})
				return
			}
			handler(w, r)
		}
	}
	http.HandleFunc("POST /v1/ops", guarded(g.takeOps))
	http.HandleFunc("GET /v1/rooms", guarded(g.listRooms))
	http.HandleFunc("GET /", g.connect)
	// goim-job keeps a connection for 4 s: it must not be closed here a moment before it is used.
	server := &http.Server{IdleTimeout: time.Minute}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())
	log.Fatal(server.Serve(listener))
}
