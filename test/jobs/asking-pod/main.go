// What pods run that say whom they reach. It answers on the ports that are its arguments: at /ask?url=… with what that
// answered, or why it did not; with 200 at all else.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

// A connection of its own for each request: NetworkPolicies leave those alone that were there before them.
var client = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func main() {
	http.HandleFunc("/ask", func(out http.ResponseWriter, request *http.Request) {
		fmt.Fprintln(out, answerOf(request.URL.Query().Get("url")))
	})
	http.HandleFunc("/", func(out http.ResponseWriter, request *http.Request) {
		fmt.Fprintln(out, "here")
	})
	for _, port := range os.Args[1:] {
		go func() { log.Fatal(http.ListenAndServe(":"+port, nil)) }()
	}
	select {}
}

func answerOf(url string) string {
	response, err := client.Get(url)
	if err != nil {
		return "not reached: " + err.Error()
	}
	response.Body.Close()
	return "reached: " + response.Status
}
