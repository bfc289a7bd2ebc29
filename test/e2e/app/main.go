// The app that end-to-end tests and the demo preview: answers on port 8080 with the files of /site, with its WESTAGE_
// variables at /env, and takes payments (payments.go). What /mode says makes it misbehave. Without net/http, which would
// make it four times as large.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) > 1 {
		if os.Args[1] == "fail" {
			fmt.Println("shop: there is nothing to migrate to")
			os.Exit(4)
		}
		fmt.Printf("shop does %s, and is done\n", os.Args[1])
		return
	}
	text, _ := os.ReadFile("/mode")
	mode := strings.TrimSpace(string(text))
	fmt.Printf("shop starts, mode %q\n", mode)
	if mode == "crash" {
		fmt.Println("shop: the table carts is missing")
		os.Exit(3)
	}
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go answer(connection, mode)
	}
}

// The largest body that is read.
const bodyMaxBytes = 1 << 20

type request struct {
	method, target, signature string
	body                      []byte
}

func answer(connection net.Conn, mode string) {
	defer connection.Close()
	asked, ok := read(bufio.NewReader(connection))
	if !ok {
		return
	}
	status, headers, body := answerTo(asked, mode)
	fmt.Fprintf(connection, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, headers, len(body), body)
}

// As much of a request of HTTP/1.1 as is needed here: one whose body has a length.
func read(lines *bufio.Reader) (request, bool) {
	var asked request
	first, err := lines.ReadString('\n')
	words := strings.Fields(first)
	if err != nil || len(words) < 2 {
		return asked, false
	}
	asked.method, asked.target = words[0], words[1]
	length := 0
	for {
		line, err := lines.ReadString('\n')
		if err != nil || strings.TrimSpace(line) == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "content-length":
			length, err = strconv.Atoi(strings.TrimSpace(value))
			if err != nil || length < 0 || length > bodyMaxBytes {
				return asked, false
			}
		case "stripe-signature":
			asked.signature = strings.TrimSpace(value)
		}
	}
	asked.body = make([]byte, length)
	_, err = io.ReadFull(lines, asked.body)
	return asked, err == nil
}

const html = "Content-Type: text/html; charset=utf-8\r\n"

func answerTo(asked request, mode string) (status string, headers string, body string) {
	if mode == "unready" {
		return "503 Service Unavailable", html, "shop is not ready\n"
	}
	switch asked.method + " " + asked.target {
	case "POST /pay":
		return "303 See Other", "Location: " + paymentLink() + "\r\n", ""
	case "POST /webhooks/stripe":
		status, body = takeEvent(asked.body, asked.signature)
		return status, "", body
	case "GET /orders":
		return "200 OK", html, ordersPage()
	case "GET /orders.json":
		return "200 OK", "Content-Type: application/json\r\n", ordersJSON()
	}
	status, body = page(asked.target)
	return status, typeOf(asked.target), body
}

func typeOf(target string) string {
	if strings.HasSuffix(target, ".css") {
		return "Content-Type: text/css\r\n"
	}
	return html
}

func page(target string) (string, string) {
	if target == "/env" {
		var out strings.Builder
		for _, variable := range os.Environ() {
			if strings.HasPrefix(variable, "WESTAGE") {
				fmt.Fprintln(&out, variable)
			}
		}
		return "200 OK", out.String()
	}
	file := path.Join("/site", path.Clean("/"+target))
	if strings.HasSuffix(target, "/") {
		file = path.Join(file, "index.html")
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return "404 Not Found", "no such page\n"
	}
	return "200 OK", string(body)
}
