// Writes vectors.json: gob streams as Go's own encoder and net/rpc make them, and what is to be read in them.
//
//	go run test/vectors/gob/main.go > test/vectors/gob/vectors.json
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/rpc"
	"os"
	"strings"
	"time"
)

// Vector is one direction of a connection: values of the named types, one after the other. A value of null cannot be read.
type Vector struct {
	Name  string `json:"name"`
	Hex   string `json:"hex"`
	Reads []Read `json:"reads"`
}

type Read struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

type object map[string]any

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
type PushMsgArg struct {
	Key string
	P   Proto
}
type MPushMsgsArg struct{ PMArgs []*PushMsgArg }
type MPushMsgReply struct{ Index int32 }
type BoardcastArg struct{ P Proto }
type BoardcastRoomArg struct {
	RoomId int32
	P      Proto
}

type Numbers struct {
	Int  int64
	Uint uint64
}
type Texts struct {
	Text  string
	Bytes []byte
}
type Small struct {
	Int  int8
	Uint uint16
}
type Lists struct {
	Ints  []int32
	Texts []string
	Set   map[int32]struct{}
	Sets  []map[string]struct{}
}
type Node struct {
	Value int
	Next  *Node
}
type Fraction struct{ Above, Below int }

func (f Fraction) GobEncode() ([]byte, error) { return []byte{byte(f.Above), byte(f.Below)}, nil }
func (f *Fraction) GobDecode([]byte) error    { return nil }

type Unasked struct {
	Bool     bool
	Float    float64
	Complex  complex128
	Largest  uint64
	Lowest   int64
	Array    [3]uint16
	Map      map[string][]int
	Structs  []struct{ A, B string }
	Node     *Node
	Time     time.Time
	Fraction Fraction
	Empty    struct{}
	Int      int
	Nothing  *Node
	Uint     uint
}

func values(name, kind string, pairs ...any) Vector {
	var stream bytes.Buffer
	encoder := gob.NewEncoder(&stream)
	reads := []Read{}
	for i := 0; i < len(pairs); i += 2 {
		if err := encoder.Encode(pairs[i]); err != nil {
			panic(err)
		}
		reads = append(reads, Read{kind, pairs[i+1]})
	}
	return Vector{name, hex.EncodeToString(stream.Bytes()), reads}
}

func numbers() Vector {
	pairs := []any{}
	add := func(value int64) {
		amount := value
		if amount < 0 {
			amount = -amount
		}
		pairs = append(pairs, Numbers{value, uint64(amount)}, object{"Int": value, "Uint": amount})
	}
	add(0)
	for bit := 0; bit <= 51; bit++ {
		for _, delta := range []int64{-1, 0, 1} {
			add(1<<bit + delta)
			add(-(1<<bit + delta))
		}
	}
	add(1<<52 - 1)
	add(-(1<<52 - 1))
	return values("numbers", "Numbers", pairs...)
}

func tooLarge() []Vector {
	none := []Vector{}
	for _, one := range []Numbers{{Int: 1 << 52}, {Int: -1 << 53}, {Int: math.MaxInt64}, {Int: math.MinInt64}, {Uint: 1 << 52}, {Uint: math.MaxUint64}} {
		none = append(none, values("a number that is too large", "Numbers", one, nil))
	}
	return none
}

func texts() Vector {
	pairs := []any{}
	for _, text := range []string{"", "a", "\x00", "ключ", "😀", strings.Repeat("x", 127), strings.Repeat("x", 128), strings.Repeat("é", 300)} {
		pairs = append(pairs, Texts{text, []byte(text)}, object{"Text": text, "Bytes": hex.EncodeToString([]byte(text))})
	}
	return values("texts and bytes", "Texts", pairs...)
}

func lists() Vector {
	return values("lists", "Lists",
		Lists{}, object{"Ints": []int{}, "Texts": []string{}, "Set": []int{}, "Sets": []int{}},
		Lists{[]int32{0, 1, -1, math.MaxInt32, math.MinInt32}, []string{"", "a"}, map[int32]struct{}{7: {}}, []map[string]struct{}{{"a": {}}, {}, nil}},
		object{"Ints": []int{0, 1, -1, math.MaxInt32, math.MinInt32}, "Texts": []string{"", "a"}, "Set": []int{7}, "Sets": [][]string{{"a"}, {}, {}}},
	)
}

func proto(operation int32, body string) (Proto, object) {
	return Proto{Operation: operation, Body: json.RawMessage(body)},
		object{"Ver": 0, "Operation": operation, "SeqId": 0, "Body": hex.EncodeToString([]byte(body))}
}

func goim() []Vector {
	raw, rawValue := proto(5, `{"test":1}`)
	packed, packedValue := proto(11, "\x00\x00\x00\x1a\x00\x10\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00"+`{"test":1}`)
	none, noneValue := proto(0, "")
	return []Vector{
		values("a push to keys", "MPushMsgArg",
			MPushMsgArg{[]string{"42_1", "42_2"}, raw}, object{"Keys": []string{"42_1", "42_2"}, "P": rawValue},
			&MPushMsgArg{nil, none}, object{"Keys": []string{}, "P": noneValue}),
		values("pushes of different bodies", "MPushMsgsArg",
			MPushMsgsArg{[]*PushMsgArg{{"42_1", raw}, {"42_2", packed}, {"", none}}},
			object{"PMArgs": []object{{"Key": "42_1", "P": rawValue}, {"Key": "42_2", "P": packedValue}, {"Key": "", "P": noneValue}}}),
		values("a push to a room", "BoardcastRoomArg",
			BoardcastRoomArg{1000, packed}, object{"RoomId": 1000, "P": packedValue},
			BoardcastRoomArg{0, none}, object{"RoomId": 0, "P": noneValue},
			BoardcastRoomArg{math.MinInt32, raw}, object{"RoomId": math.MinInt32, "P": rawValue}),
		values("a broadcast", "BoardcastArg", BoardcastArg{raw}, object{"P": rawValue}),
		values("what a push answers", "MPushMsgReply", MPushMsgReply{-1}, object{"Index": -1}, MPushMsgReply{0}, object{"Index": 0}),
		values("nothing", "NoReply", NoReply{}, object{}, NoReply{}, object{}),
		values("rooms of v1.2", "RoomList", struct{ RoomIds []int32 }{[]int32{1, 1000, 1}}, object{"RoomIds": []int{1, 1000, 1}}),
		values("rooms since 2016-08-22", "RoomSet", struct{ RoomIds map[int32]struct{} }{map[int32]struct{}{1000: {}}}, object{"RoomIds": []int{1000}}),
		values("rooms since 2016-08-22, none", "RoomSet",
			struct{ RoomIds map[int32]struct{} }{map[int32]struct{}{}}, object{"RoomIds": []int{}},
			struct{ RoomIds map[int32]struct{} }{}, object{"RoomIds": []int{}}),
		values("rooms of the other kind", "RoomSet", struct{ RoomIds []int32 }{[]int32{1}}, nil),
		values("rooms of no kind", "RoomList", struct{ RoomIds string }{"1"}, nil),
	}
}

func evolved() []Vector {
	time := time.Unix(1_500_000_000, 0).UTC()
	all := Unasked{true, 1.5, 2i, math.MaxUint64, math.MinInt64, [3]uint16{1, 0, 3}, map[string][]int{"a": {1, 2}},
		[]struct{ A, B string }{{"a", ""}, {"", "b"}}, &Node{1, &Node{2, &Node{3, nil}}}, time, Fraction{1, 2}, struct{}{}, -7, nil, 7}
	deep := &Node{}
	for i := 0; i < 100; i++ {
		deep = &Node{1, deep}
	}
	return []Vector{
		values("fields of smaller widths", "Numbers", Small{-128, 65535}, object{"Int": -128, "Uint": 65535}),
		values("fields in another order", "Numbers", struct {
			Uint uint
			Int  int
		}{7, -7}, object{"Int": -7, "Uint": 7}),
		values("a field that is missing", "Numbers", struct{ Uint uint }{7}, object{"Int": 0, "Uint": 7}),
		values("fields of pointers", "Numbers", struct{ Int, Nothing *int }{new(int), nil}, object{"Int": 0, "Uint": 0}),
		values("fields that nobody asks for, of every kind", "Numbers",
			all, object{"Int": -7, "Uint": 7}, Unasked{Int: 1}, object{"Int": 1, "Uint": 0}, all, object{"Int": -7, "Uint": 7}),
		values("a field that nobody asks for, of any type", "Numbers", struct{ Any any }{7}, nil),
		values("a type that holds itself too often", "Numbers", struct{ Node *Node }{deep}, nil),
		values("another type than the one before", "Numbers", Numbers{1, 2}, object{"Int": 1, "Uint": 2}, Small{3, 4}, object{"Int": 3, "Uint": 4}),
	}
}

// PushRPC is as much of goim's as a conversation needs.
type PushRPC struct{}

func (PushRPC) Ping(NoArg, *NoReply) error { return nil }
func (PushRPC) MPushMsg(arg MPushMsgArg, reply *MPushMsgReply) error {
	reply.Index = int32(len(arg.Keys)) - 1
	return nil
}
func (PushRPC) Broadcast(BoardcastArg, *NoReply) error { return errors.New("rpc broadcast arg error") }

type recorded struct {
	io.ReadWriteCloser
	read, written *bytes.Buffer
}

func (r recorded) Read(into []byte) (int, error) {
	n, err := r.ReadWriteCloser.Read(into)
	r.read.Write(into[:n])
	return n, err
}
func (r recorded) Write(from []byte) (int, error) {
	r.written.Write(from)
	return r.ReadWriteCloser.Write(from)
}

// conversation is what a client and a server of net/rpc say to each other.
func conversation() []Vector {
	near, far := net.Pipe()
	server := rpc.NewServer()
	if err := server.Register(PushRPC{}); err != nil {
		panic(err)
	}
	go server.ServeConn(far)
	var answers, calls bytes.Buffer
	client := rpc.NewClient(recorded{near, &answers, &calls})
	raw, rawValue := proto(5, `{"test":1}`)
	asked, answered := []Read{}, []Read{}
	call := func(method string, arg, reply any, body Read, answer Read) {
		failure := ""
		if err := client.Call(method, arg, reply); err != nil {
			failure = err.Error()
		}
		seq := len(asked) / 2
		asked = append(asked, Read{"Request", object{"ServiceMethod": method, "Seq": seq}}, body)
		answered = append(answered, Read{"Response", object{"Seq": seq, "Error": failure}}, answer)
	}
	nothing := Read{"NoReply", object{}}
	push := Read{"MPushMsgArg", object{"Keys": []string{"42_1"}, "P": rawValue}}
	call("PushRPC.Ping", NoArg{}, &NoReply{}, nothing, nothing)
	call("PushRPC.MPushMsg", MPushMsgArg{[]string{"42_1"}, raw}, &MPushMsgReply{}, push, Read{"MPushMsgReply", object{"Index": 0}})
	call("PushRPC.Ping", NoArg{}, &NoReply{}, nothing, nothing)
	call("PushRPC.Broadcast", BoardcastArg{raw}, &NoReply{}, Read{"BoardcastArg", object{"P": rawValue}}, nothing)
	call("PushRPC.MPushMsgs", NoArg{}, &NoReply{}, nothing, nothing)
	client.Close()
	return []Vector{
		{"the calls of a net/rpc client", hex.EncodeToString(calls.Bytes()), asked},
		{"the answers of a net/rpc server", hex.EncodeToString(answers.Bytes()), answered},
	}
}

func main() {
	vectors := append([]Vector{numbers(), texts(), lists()}, tooLarge()...)
	vectors = append(append(append(vectors, goim()...), evolved()...), conversation()...)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(vectors); err != nil {
		panic(err)
	}
}
