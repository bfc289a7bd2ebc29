// One round trip to each service: what is written is read again.
package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

const timeout = 3 * time.Second

// The table is one that the seed has made.
func mysqlRoundTrip(address string) error {
	at, err := url.Parse(address)
	if err != nil {
		return err
	}
	config := mysql.NewConfig()
	config.Net, config.Addr, config.DBName = "tcp", at.Host, strings.TrimPrefix(at.Path, "/")
	config.User = at.User.Username()
	config.Passwd, _ = at.User.Password()
	config.Timeout, config.ReadTimeout, config.WriteTimeout = timeout, timeout, timeout
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	database := sql.OpenDB(connector)
	defer database.Close()
	added, err := database.Exec("INSERT INTO visits (visitor) VALUES (?)", "shop")
	if err != nil {
		return err
	}
	id, err := added.LastInsertId()
	if err != nil {
		return err
	}
	var visitor string
	if err := database.QueryRow("SELECT visitor FROM visits WHERE id = ?", id).Scan(&visitor); err != nil {
		return err
	}
	if visitor != "shop" {
		return fmt.Errorf("the row %d holds %q", id, visitor)
	}
	return nil
}

// Redis: "Redis serialization protocol specification". A command may be a line of words.
func redisRoundTrip(address string) error {
	at, err := url.Parse(address)
	if err != nil {
		return err
	}
	connection, err := net.DialTimeout("tcp", at.Host, timeout)
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(timeout))
	answers := bufio.NewReader(connection)
	password, _ := at.User.Password()
	for _, step := range []struct{ command, answer string }{
		{"AUTH " + password, "+OK"},
		{"SET visitor shop", "+OK"},
		{"GET visitor", "$4"},
	} {
		fmt.Fprintf(connection, "%s\r\n", step.command)
		answer, err := answers.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(answer) != step.answer {
			return fmt.Errorf("%s is answered by %q", strings.Fields(step.command)[0], answer)
		}
	}
	value, err := answers.ReadString('\n')
	if err != nil {
		return err
	}
	if strings.TrimSpace(value) != "shop" {
		return fmt.Errorf("visitor is %q", value)
	}
	return nil
}

// Amazon SQS: "AWS JSON protocol". The server asks for no signature; a client library would find it by the same variable.
func sqsRoundTrip(queue string) error {
	sent := struct{ MessageId string }{}
	if err := sqs("SendMessage", map[string]any{"QueueUrl": queue, "MessageBody": "shop"}, &sent); err != nil {
		return err
	}
	received := struct {
		Messages []struct{ Body, ReceiptHandle string }
	}{}
	if err := sqs("ReceiveMessage", map[string]any{"QueueUrl": queue, "WaitTimeSeconds": 1}, &received); err != nil {
		return err
	}
	if len(received.Messages) == 0 || received.Messages[0].Body != "shop" {
		return fmt.Errorf("%d messages came back", len(received.Messages))
	}
	handle := received.Messages[0].ReceiptHandle
	return sqs("DeleteMessage", map[string]any{"QueueUrl": queue, "ReceiptHandle": handle}, &struct{}{})
}

func sqs(action string, parameters any, answer any) error {
	body, err := json.Marshal(parameters)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, os.Getenv("AWS_ENDPOINT_URL_SQS"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is answered by %s: %s", action, response.Status, text)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, answer)
}
