// Reads YAML texts on standard input as vCluster's configuration is read, and tells on standard output what came of
// each.
//
// A text is its length in four bytes, big endian, and its bytes. An answer is framed likewise: '+' and JSON, or '-' and
// the error.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

// No text of the fuzzer is longer.
const longest = 1 << 20

func main() {
	if err := answer(bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func answer(in io.Reader, out *bufio.Writer) error {
	for {
		text, err := read(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := write(out, judge(text)); err != nil {
			return err
		}
	}
}

func judge(text []byte) []byte {
	json, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return append([]byte{'-'}, err.Error()...)
	}
	return append([]byte{'+'}, json...)
}

func read(in io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	if length > longest {
		return nil, fmt.Errorf("a text of %d bytes", length)
	}
	text := make([]byte, length)
	_, err := io.ReadFull(in, text)
	return text, err
}

func write(out *bufio.Writer, answer []byte) error {
	if err := binary.Write(out, binary.BigEndian, uint32(len(answer))); err != nil {
		return err
	}
	if _, err := out.Write(answer); err != nil {
		return err
	}
	return out.Flush()
}
