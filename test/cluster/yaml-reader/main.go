// yaml-reader says whether kubectl reads YAML as somebody claims it does. It reads as kubectl reads a file: with the decoder
// of k8s.io/cli-runtime (visitor.go, StreamVisitor) and the JSON reader of unstructured objects. Each line of standard
// input is a claim, {"yaml": "...", "objects": [...]}; each gets a line as its answer.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

type claim struct {
	Yaml    string            `json:"yaml"`
	Objects []json.RawMessage `json:"objects"`
}

type answer struct {
	// Whether it is read as claimed.
	Same bool `json:"same"`
	// What it is read as, where that differs.
	Objects []any `json:"objects,omitempty"`
	// Why it is not read at all.
	Error string `json:"error,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			fail(err)
		}
		if len(line) > 0 {
			if err := json.NewEncoder(out).Encode(judge(line)); err != nil {
				fail(err)
			}
		}
		// Whoever asks may wait for this answer before asking again.
		if in.Buffered() == 0 || err != nil {
			if err := out.Flush(); err != nil {
				fail(err)
			}
		}
		if err != nil {
			return
		}
	}
}

func judge(line []byte) answer {
	var made claim
	if err := json.Unmarshal(line, &made); err != nil {
		fail(err)
	}
	objects, err := read(made.Yaml)
	if err != nil {
		return answer{Error: err.Error()}
	}
	claimed := []any{}
	for _, text := range made.Objects {
		var object any
		if err := kjson.Unmarshal(text, &object); err != nil {
			fail(err)
		}
		claimed = append(claimed, object)
	}
	if reflect.DeepEqual(objects, claimed) || reflect.DeepEqual(written(objects), written(claimed)) {
		return answer{Same: true}
	}
	return answer{Objects: objects}
}

// read gives every document that is not null; an error in one is an error of all, as kubectl then stops.
func read(text string) (objects []any, err error) {
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("crash: %v", crash)
		}
	}()
	objects = []any{}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var raw runtime.RawExtension
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		document := bytes.TrimSpace(raw.Raw)
		if len(document) == 0 || bytes.Equal(document, []byte("null")) {
			continue
		}
		var object any
		if err := kjson.Unmarshal(document, &object); err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

// written is what an API server gets: a file that is JSON keeps 1e3 a float64, whose JSON is 1000, as that of an int64.
func written(objects []any) (sent any) {
	text, err := json.Marshal(objects)
	if err == nil {
		err = kjson.Unmarshal(text, &sent)
	}
	if err != nil {
		fail(err)
	}
	return sent
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
