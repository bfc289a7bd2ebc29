// What pods run of a callback's way. Without arguments, on port 80, a preview and a provider: /send?url=… sends what it
// got on to that address, with its headers, and answers with what that answered; /reached says what came to all other
// paths, byte for byte. With an address as the argument it hands whatever connects to port 8080 on to that.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

type reached struct {
	Host, Path, Delivery, Signature string
	Body                            []byte
}

var (
	lock sync.Mutex
	had  = []reached{}
)

// A connection of its own for each: one of before outlives the pod that a Service stood for.
var client = &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func main() {
	if len(os.Args) > 1 {
		log.Fatal(forward(os.Args[1]))
	}
	http.HandleFunc("/send", send)
	http.HandleFunc("/reached", func(out http.ResponseWriter, _ *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		json.NewEncoder(out).Encode(had)
	})
	http.HandleFunc("/", take)
	log.Fatal(http.ListenAndServe(":80", nil))
}

func take(_ http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	header := request.Header
	lock.Lock()
	defer lock.Unlock()
	had = append(had, reached{request.Host, request.URL.Path, header.Get("WeHook-Delivery"), header.Get("Stripe-Signature"), body})
}

func send(out http.ResponseWriter, request *http.Request) {
	sent, err := http.NewRequest("POST", request.URL.Query().Get("url"), request.Body)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	sent.Header, sent.ContentLength = request.Header, request.ContentLength
	answer, err := client.Do(sent)
	if err != nil {
		http.Error(out, "not reached: "+err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	out.WriteHeader(answer.StatusCode)
	io.Copy(out, answer.Body)
}

func forward(address string) error {
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		return err
	}
	for {
		near, err := listener.Accept()
		if err != nil {
			return err
		}
		go join(near, address)
	}
}

func join(near net.Conn, address string) {
	defer near.Close()
	far, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer far.Close()
	go func() {
		io.Copy(far, near)
		far.Close()
	}()
	io.Copy(near, far)
}
