// The app that end-to-end tests preview: answers on port 8080 with the files of /site, and with its WESTAGE_ variables
// at /env. What /mode says makes it misbehave. Without net/http, which would make it four times as large.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path"
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

func answer(connection net.Conn, mode string) {
	defer connection.Close()
	lines := bufio.NewReader(connection)
	first, err := lines.ReadString('\n')
	for err == nil {
		var line string
		line, err = lines.ReadString('\n')
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	words := strings.Fields(first)
	if len(words) < 2 {
		return
	}
	status, body := page(words[1], mode)
	fmt.Fprintf(connection, "HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(body), body)
}

func page(target string, mode string) (string, string) {
	if mode == "unready" {
		return "503 Service Unavailable", "shop is not ready\n"
	}
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
