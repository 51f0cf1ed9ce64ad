// Command pstest serves Google's own fake of Pub/Sub on a port of this machine until its standard input is closed.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strconv"

	"cloud.google.com/go/pubsub/v2/pstest"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: pstest PORT; 0 is any free port, which is then written to standard output")
	}
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatalf("the port is %q: use a number", os.Args[1])
	}
	server := pstest.NewServerWithPort(port)
	defer server.Close()
	fmt.Println(server.Addr)
	// Whoever started it may end without saying so; then the pipe closes, and this ends too.
	io.Copy(io.Discard, os.Stdin)
}
