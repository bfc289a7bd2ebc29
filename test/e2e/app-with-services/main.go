// The app that end-to-end tests preview with what it depends on. It answers on port 8080: at / with its own content,
// and 200 only when a round trip to each service that its variables name has worked; at /data with what its volume
// holds; at /reach?url=… with what that answers to it, or why it does not.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const dataFile = "/data/owners"

var client = &http.Client{Timeout: 3 * time.Second}

func main() {
	site, err := os.ReadFile("/site/index.html")
	if err != nil {
		log.Fatal(err)
	}
	content := strings.TrimSpace(string(site)) + "\nheadline: " + os.Getenv("HEADLINE") + "\n"
	if err := signData(os.Getenv("HEADLINE")); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/{$}", func(out http.ResponseWriter, _ *http.Request) {
		told := content
		for _, service := range []struct {
			name, variable string
			roundTrip      func(string) error
		}{
			{"mysql", "WESTAGE_MYSQL_URL", mysqlRoundTrip},
			{"redis", "WESTAGE_REDIS_URL", redisRoundTrip},
			{"sqs", "WESTAGE_SQS_ORDERS_URL", sqsRoundTrip},
		} {
			address := os.Getenv(service.variable)
			if address == "" {
				continue
			}
			if err := service.roundTrip(address); err != nil {
				log.Printf("%s: %v", service.name, err)
				http.Error(out, fmt.Sprintf("%s: %v", service.name, err), http.StatusServiceUnavailable)
				return
			}
			told += service.name + " works\n"
		}
		fmt.Fprint(out, told)
	})
	http.HandleFunc("/env", func(out http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(out, strings.Join(os.Environ(), "\n"))
	})
	http.HandleFunc("/data", func(out http.ResponseWriter, request *http.Request) {
		http.ServeFile(out, request, dataFile)
	})
	http.HandleFunc("/reach", func(out http.ResponseWriter, request *http.Request) {
		fmt.Fprintln(out, reach(request.URL.Query().Get("url")))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// signData adds the app's name to its volume, where it has one.
func signData(name string) error {
	if _, err := os.Stat(filepath.Dir(dataFile)); err != nil {
		return nil
	}
	file, err := os.OpenFile(dataFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintln(file, name)
	return err
}

func reach(url string) string {
	response, err := client.Get(url)
	if err != nil {
		return "not reached: " + err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return "not reached: " + err.Error()
	}
	return "reached: " + string(body)
}
