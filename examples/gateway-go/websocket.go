package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

const maxQueued = 1024
const binaryFrame, closeFrame, pingFrame, pongFrame = 2, 8, 9, 10

// Socket is the server's half of RFC 6455, with what a gateway needs of it. Its own goroutine writes, so that a slow client holds up nobody.
type Socket struct {
	conn   net.Conn
	reader *bufio.Reader
	queue  chan []byte
	closed chan struct{}
}

// Upgrade answers the handshake.
func Upgrade(w http.ResponseWriter, r *http.Request) (*Socket, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if key == "" {
		http.Error(w, "not a WebSocket", 426)
		return nil, errors.New("not a WebSocket")
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	s := &Socket{conn, buffered.Reader, make(chan []byte, maxQueued), make(chan struct{})}
	go s.write()
	return s, nil
}

func (s *Socket) write() {
	for {
		select {
		case frame := <-s.queue:
			if _, err := s.conn.Write(frame); err != nil {
				s.conn.Close()
				return
			}
		case <-s.closed:
			return
		}
	}
}

// Send queues a body; what a client that reads too slowly has no room for is dropped, as goim does. A nil socket takes nothing.
func (s *Socket) Send(body []byte) {
	if s != nil {
		s.enqueue(binaryFrame, body)
	}
}

func (s *Socket) enqueue(opcode byte, body []byte) {
	frame := []byte{0x80 | opcode}
	switch length := len(body); {
	case length < 126:
		frame = append(frame, byte(length))
	case length < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(length))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 127), uint64(length))
	}
	select {
	case s.queue <- append(frame, body...):
	default:
	}
}

// Close ends the connection.
func (s *Socket) Close() { s.conn.Close() }

// ReadUntilClosed answers pings and a close; what else a client says is passed over.
func (s *Socket) ReadUntilClosed() {
	defer close(s.closed)
	defer s.conn.Close()
	for {
		head := make([]byte, 6) // Two bytes and the mask: a client's control frames are short.
		if _, err := io.ReadFull(s.reader, head[:2]); err != nil {
			return
		}
		length := int64(head[1] & 0x7f)
		if length > 125 { // Longer than a client of this gateway has a reason to write.
			return
		}
		if _, err := io.ReadFull(s.reader, head[2:]); err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(s.reader, body); err != nil {
			return
		}
		for at := range body {
			body[at] ^= head[2+at%4]
		}
		switch head[0] & 0x0f {
		case closeFrame:
			s.conn.Write(append([]byte{0x80 | closeFrame, byte(length)}, body...))
			return
		case pingFrame:
			s.enqueue(pongFrame, body)
		}
	}
}
