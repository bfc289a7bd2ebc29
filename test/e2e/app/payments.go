// What the app does with payments by a payment link of Stripe's: PAYMENT_LINK is its address, STRIPE_WEBHOOK_SECRET what
// Stripe signs with. Events come for every preview of the account; WESTAGE_NAMESPACE says which one a payment is for.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// As long as WeHook tries to hand a callback over: wehook.ttl.
const tolerance = time.Hour

type callback struct {
	Event   string `json:"event"`
	Session string `json:"session"`
	IsMine  bool   `json:"isMine"`
}

var (
	guard     sync.Mutex
	callbacks = []callback{}
)

func paymentLink() string {
	return os.Getenv("PAYMENT_LINK") + "?client_reference_id=" + os.Getenv("WESTAGE_NAMESPACE")
}

// Stripe: the Event object, checkout.session.completed.
type event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Object struct {
			ID                string `json:"id"`
			ClientReferenceID string `json:"client_reference_id"`
		} `json:"object"`
	} `json:"data"`
}

// An event is taken once, however often it comes; that it is another preview's is no fault.
func takeEvent(body []byte, signature string) (string, string) {
	if !isSigned(body, signature, os.Getenv("STRIPE_WEBHOOK_SECRET"), time.Now()) {
		return "400 Bad Request", "not signed with the secret, or too long ago\n"
	}
	var came event
	if json.Unmarshal(body, &came) != nil {
		return "400 Bad Request", "not an event\n"
	}
	if came.Type != "checkout.session.completed" {
		return "200 OK", "not of interest\n"
	}
	session := came.Data.Object
	taken := callback{came.ID, session.ID, session.ClientReferenceID == os.Getenv("WESTAGE_NAMESPACE")}
	guard.Lock()
	defer guard.Unlock()
	isKnown := false
	for _, each := range callbacks {
		isKnown = isKnown || each.Event == taken.Event
	}
	if !isKnown {
		callbacks = append(callbacks, taken)
	}
	fmt.Printf("shop got %s, its own: %t\n", taken.Event, taken.IsMine)
	if taken.IsMine {
		return "200 OK", "paid\n"
	}
	return "200 OK", "not mine\n"
}

// Stripe: "Verify webhook signatures manually".
func isSigned(body []byte, signature string, secret string, now time.Time) bool {
	if secret == "" {
		return false
	}
	seconds := ""
	given := [][]byte{}
	for _, item := range strings.Split(signature, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		decoded, err := hex.DecodeString(value)
		switch {
		case name == "t":
			seconds = value
		case name == "v1" && err == nil:
			given = append(given, decoded)
		}
	}
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || now.Sub(time.Unix(at, 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	right := mac.Sum(nil)
	for _, each := range given {
		if hmac.Equal(each, right) {
			return true
		}
	}
	return false
}

func ordersJSON() string {
	guard.Lock()
	defer guard.Unlock()
	text, _ := json.Marshal(map[string][]callback{"callbacks": callbacks})
	return string(text)
}

func ordersPage() string {
	guard.Lock()
	defer guard.Unlock()
	paid := 0
	for _, each := range callbacks {
		if each.IsMine {
			paid++
		}
	}
	words := "Nothing is paid yet."
	if paid > 0 {
		words = fmt.Sprintf("<strong>Paid:</strong> %d", paid)
	}
	return fmt.Sprintf(`<!doctype html>
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<link rel="stylesheet" href="/style.css">
<p>%s</p>
<p>Callbacks that belong to another preview: %d</p>
`, words, len(callbacks)-paid)
}
