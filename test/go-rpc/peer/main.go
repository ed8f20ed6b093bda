// A comet of goim v1, as far as its RPC goes, and a client of it, on Go's own net/rpc and gob.
//
//	go run test/go-rpc/peer/main.go serve [-variant set] [-mode late|half|silent] [-log]
//	go run test/go-rpc/peer/main.go ask  -address 127.0.0.1:8092 -variant set
//	go run test/go-rpc/peer/main.go load -address 127.0.0.1:8092 -calls 100000
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/rpc"
	"os"
	"sync"
	"syscall"
	"time"
)

// goim v1.2's types.
type NoArg struct{}
type NoReply struct{}
type Proto struct {
	Ver       int16
	Operation int32
	SeqId     int32
	Body      json.RawMessage
}
type MPushMsgArg struct {
	Keys []string
	P    Proto
}
type MPushMsgReply struct{ Index int32 }
type PushMsgArg struct {
	Key string
	P   Proto
}
type MPushMsgsArg struct{ PMArgs []*PushMsgArg }
type MPushMsgsReply struct{ Index int32 }
type BoardcastArg struct{ P Proto }
type BoardcastRoomArg struct {
	RoomId int32
	P      Proto
}
type RoomsList struct{ RoomIds []int32 }
type RoomsSet struct{ RoomIds map[int32]struct{} }

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Applied is a line of the log: one packet that one target was given.
type Applied struct {
	Target    string
	Ver       int16
	Operation int32
	Body      []byte
}

// comet answers in the way that it was started with; a target named "error" is answered with an error of goim's, "fail" with one of another kind.
type comet struct {
	late  bool
	log   bool
	rooms int
	mutex sync.Mutex
}

func (c *comet) apply(target string, p Proto) error {
	if c.late {
		time.Sleep(time.Duration(rand.Intn(500)) * time.Microsecond)
	}
	switch target {
	case "key error":
		return errors.New("rpc mpushmsg arg error")
	case "key fail":
		return errors.New("the secret words of a comet")
	}
	if c.log {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if err := json.NewEncoder(os.Stdout).Encode(Applied{target, p.Ver, p.Operation, p.Body}); err != nil {
			fail(err)
		}
	}
	return nil
}

// OldPushRPC has no MPushMsgs.
type OldPushRPC struct{ comet *comet }

func (r *OldPushRPC) Ping(arg *NoArg, reply *NoReply) error { return nil }
func (r *OldPushRPC) MPushMsg(arg *MPushMsgArg, reply *MPushMsgReply) error {
	reply.Index = -1
	for n, key := range arg.Keys {
		if err := r.comet.apply("key "+key, arg.P); err != nil {
			return err
		}
		reply.Index = int32(n)
	}
	return nil
}
func (r *OldPushRPC) Broadcast(arg *BoardcastArg, reply *NoReply) error {
	return r.comet.apply("all", arg.P)
}
func (r *OldPushRPC) BroadcastRoom(arg *BoardcastRoomArg, reply *NoReply) error {
	return r.comet.apply(fmt.Sprint("room ", arg.RoomId), arg.P)
}

type ListPushRPC struct{ OldPushRPC }

func (r *ListPushRPC) MPushMsgs(arg *MPushMsgsArg, reply *MPushMsgsReply) error {
	for _, push := range arg.PMArgs {
		if err := r.comet.apply("key "+push.Key, push.P); err != nil {
			return err
		}
		reply.Index++
	}
	return nil
}

// Rooms names each room once for each of two buckets, as v1.2 does.
func (r *ListPushRPC) Rooms(arg *NoArg, reply *RoomsList) error {
	for bucket := 0; bucket < 2; bucket++ {
		for id := 0; id < r.comet.rooms; id++ {
			reply.RoomIds = append(reply.RoomIds, int32(id)*1000)
		}
	}
	return nil
}

type SetPushRPC struct{ ListPushRPC }

func (r *SetPushRPC) Rooms(arg *NoArg, reply *RoomsSet) error {
	reply.RoomIds = map[int32]struct{}{}
	for id := 0; id < r.comet.rooms; id++ {
		reply.RoomIds[int32(id)*1000] = struct{}{}
	}
	return nil
}

// cutting ends a connection in the middle of its third answer; silent never answers.
type cutting struct {
	net.Conn
	writes int
}

func (c *cutting) Write(bytes []byte) (int, error) {
	c.writes++
	if c.writes < 3 {
		return c.Conn.Write(bytes)
	}
	_, _ = c.Conn.Write(bytes[:len(bytes)/2])
	_ = c.Conn.Close()
	return len(bytes), nil
}

type silent struct{ net.Conn }

func (silent) Write(bytes []byte) (int, error) { return len(bytes), nil }

func serve(arguments []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	variant := flags.String("variant", "list", "of Rooms: list, set; or old, without MPushMsgs")
	mode := flags.String("mode", "", "late (and in any order), half, silent")
	log := flags.Bool("log", false, "a line for each packet that a target was given")
	rooms := flags.Int("rooms", 2, "")
	_ = flags.Parse(arguments)
	state := &comet{late: *mode == "late", log: *log, rooms: *rooms}
	old := OldPushRPC{state}
	services := map[string]any{"old": &old, "list": &ListPushRPC{old}, "set": &SetPushRPC{ListPushRPC{old}}}
	server := rpc.NewServer()
	if err := server.RegisterName("PushRPC", services[*variant]); err != nil {
		fail(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Println(listener.Addr())
	// Ends with whoever started it.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	connections := 0
	for {
		connection, err := listener.Accept()
		if err != nil {
			fail(err)
		}
		connections++
		switch {
		case *mode == "silent":
			connection = silent{connection}
		case *mode == "half" && connections == 1:
			connection = &cutting{Conn: connection}
		}
		go server.ServeConn(connection)
	}
}

// ask calls each method once and says what was answered.
func ask(client *rpc.Client, variant string) {
	p := Proto{Operation: 5, Body: json.RawMessage(`{"test":1}`)}
	answers := map[string]any{}
	call := func(method string, arg, reply any) {
		if err := client.Call("PushRPC."+method, arg, reply); err != nil {
			answers[method] = err.Error()
		} else {
			answers[method] = reply
		}
	}
	call("Ping", &NoArg{}, &NoReply{})
	call("MPushMsg", &MPushMsgArg{[]string{"k1"}, p}, &MPushMsgReply{})
	call("MPushMsgs", &MPushMsgsArg{[]*PushMsgArg{{"k1", p}, {"k2", p}}}, &MPushMsgsReply{})
	call("Broadcast", &BoardcastArg{p}, &NoReply{})
	call("BroadcastRoom", &BoardcastRoomArg{1000, p}, &NoReply{})
	call("Missing", &NoArg{}, &NoReply{})
	ids := []int32{}
	if variant == "set" {
		reply := RoomsSet{}
		call("Rooms", &NoArg{}, &reply)
		for id := range reply.RoomIds {
			ids = append(ids, id)
		}
	} else {
		reply := RoomsList{}
		call("Rooms", &NoArg{}, &reply)
		ids = reply.RoomIds
	}
	answers["Rooms"] = ids
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func cpu() time.Duration {
	usage := syscall.Rusage{}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// load pushes 100 bytes to one key each, 64 calls in flight, and says what a call cost this process.
func load(client *rpc.Client, calls int) {
	p := Proto{Operation: 5, Body: make(json.RawMessage, 100)}
	push := func(count int) {
		work := make(chan int)
		var workers sync.WaitGroup
		for worker := 0; worker < 64; worker++ {
			workers.Add(1)
			go func() {
				defer workers.Done()
				for call := range work {
					arg := MPushMsgArg{[]string{fmt.Sprint(call, "_1")}, p}
					if err := client.Call("PushRPC.MPushMsg", &arg, &MPushMsgReply{}); err != nil {
						fail(err)
					}
				}
			}()
		}
		for call := 0; call < count; call++ {
			work <- call
		}
		close(work)
		workers.Wait()
	}
	push(calls / 5)
	before := cpu()
	push(calls)
	fmt.Printf("{\"cpuUs\":%.2f}\n", float64((cpu()-before).Nanoseconds())/1000/float64(calls))
}

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("serve, ask or load"))
	}
	command, arguments := os.Args[1], os.Args[2:]
	if command == "serve" {
		serve(arguments)
		return
	}
	flags := flag.NewFlagSet(command, flag.ExitOnError)
	address := flags.String("address", "", "")
	variant := flags.String("variant", "list", "")
	calls := flags.Int("calls", 100_000, "")
	_ = flags.Parse(arguments)
	client, err := rpc.Dial("tcp", *address)
	if err != nil {
		fail(err)
	}
	if command == "ask" {
		ask(client, *variant)
	} else {
		load(client, *calls)
	}
}
