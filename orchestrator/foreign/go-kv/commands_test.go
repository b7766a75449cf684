package main

import (
	"slices"
	"testing"
)

func TestSplitTakesATagBeforeACommand(t *testing.T) {
	tag, words := split("@7 GET /kv/x")
	if tag != "7" || !slices.Equal(words, []string{"GET", "/kv/x"}) {
		t.Fatalf("got %q, %q", tag, words)
	}
}

func TestContentIDIsTheRawSHA256(t *testing.T) {
	// The same text gives the same CID in js-libp2p: CIDv1, raw, sha2-256.
	if got := contentID("x").String(); got != "bafkreibnoelefnzgwbcacyt4vh52ymxvzbjq7mmqhtcnwarfq4lzegsiqe" {
		t.Fatalf("got %s", got)
	}
}
