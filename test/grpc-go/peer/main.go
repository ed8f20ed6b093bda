// A comet of goim v2, as far as its gRPC goes, and a client of it, on Go's own grpc. Messages are bytes here.
//
//	go run . serve [-streams 10] [-age 50ms] [-rooms 100000]
//	go run . load -address 127.0.0.1:3109
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// Raw is a message as its bytes.
type Raw struct{ bytes []byte }

func (m *Raw) Reset()                   { m.bytes = nil }
func (m *Raw) String() string           { return "raw" }
func (*Raw) ProtoMessage()              {}
func (m *Raw) Marshal() ([]byte, error) { return m.bytes, nil }
func (m *Raw) Unmarshal(bytes []byte) error {
	m.bytes = append([]byte(nil), bytes...)
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func delimited(field byte, bytes []byte) []byte {
	head := binary.AppendUvarint([]byte{field<<3 | 2}, uint64(len(bytes)))
	return append(head, bytes...)
}

// RoomsReply: map<string, bool>.
func roomsReply(count int) []byte {
	var reply []byte
	for room := 0; room < count; room++ {
		name := delimited(1, []byte("live://"+strconv.Itoa(room)))
		reply = append(reply, delimited(1, append(name, 2<<3, 1))...)
	}
	return reply
}

// Call is a line of the log; Body is the request's bytes.
type Call struct {
	Method string
	Body   []byte
}

func serve(args []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	streams := flags.Uint("streams", 1000, "calls at once")
	age := flags.Duration("age", time.Hour, "a connection's age when it is sent away")
	rooms := flags.Int("rooms", 0, "how many rooms there are")
	refused := flags.String("refused", "", "a method that answers ResourceExhausted")
	quiet := flags.Bool("quiet", false, "no log")
	flags.Parse(args)

	log := bufio.NewWriter(os.Stdout)
	var lock sync.Mutex
	answer := func(method string) func(interface{}, context.Context, func(interface{}) error, grpc.UnaryServerInterceptor) (interface{}, error) {
		return func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
			request := new(Raw)
			if err := decode(request); err != nil {
				return nil, err
			}
			if method == *refused {
				return nil, status.Error(codes.ResourceExhausted, "too much: 100 %, é")
			}
			if method == "Rooms" {
				return &Raw{roomsReply(*rooms)}, nil
			}
			if !*quiet {
				line, _ := json.Marshal(Call{method, request.bytes})
				lock.Lock()
				log.Write(append(line, '\n'))
				log.Flush()
				lock.Unlock()
			}
			return &Raw{}, nil
		}
	}
	service := grpc.ServiceDesc{ServiceName: "goim.comet.Comet", HandlerType: (*interface{})(nil)}
	for _, method := range []string{"PushMsg", "Broadcast", "BroadcastRoom", "Rooms"} {
		service.Methods = append(service.Methods, grpc.MethodDesc{MethodName: method, Handler: answer(method)})
	}
	server := grpc.NewServer(
		grpc.MaxConcurrentStreams(uint32(*streams)),
		grpc.MaxSendMsgSize(1<<30),
		// As stock comets have it, but for the age.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle:     time.Minute,
			MaxConnectionAge:      *age,
			MaxConnectionAgeGrace: 20 * time.Second,
			Time:                  time.Minute,
			Timeout:               20 * time.Second,
		}),
	)
	server.RegisterService(&service, struct{}{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		// Its parent is gone.
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := server.Serve(listener); err != nil {
		fail(err)
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Calls for as many ms as each line of its input says, and says how many µs of CPU one call took.
func load(args []string) {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	address := flags.String("address", "", "the comet's")
	inFlight := flags.Int("in-flight", 64, "calls at once")
	size := flags.Int("bytes", 120, "of a request")
	flags.Parse(args)

	connection, err := grpc.Dial(*address, grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		fail(err)
	}
	request := &Raw{make([]byte, *size)}
	call := func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := connection.Invoke(ctx, "/goim.comet.Comet/PushMsg", request, new(Raw)); err != nil {
			fail(err)
		}
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		ms, err := strconv.Atoi(lines.Text())
		if err != nil {
			fail(err)
		}
		end := time.Now().Add(time.Duration(ms) * time.Millisecond)
		began := cpuTime()
		var calls int64
		var group sync.WaitGroup
		for worker := 0; worker < *inFlight; worker++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for time.Now().Before(end) {
					call()
					atomic.AddInt64(&calls, 1)
				}
			}()
		}
		group.Wait()
		fmt.Println(float64((cpuTime() - began).Nanoseconds()) / 1000 / float64(calls))
	}
}

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("serve or load"))
	}
	switch os.Args[1] {
	case "serve":
		serve(os.Args[2:])
	case "load":
		load(os.Args[2:])
	default:
		fail(fmt.Errorf("serve or load"))
	}
}
