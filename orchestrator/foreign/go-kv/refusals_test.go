package main

import (
	"errors"
	"reflect"
	"testing"

	"github.com/libp2p/go-libp2p-kbucket/peerdiversity"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestGroupNetworkIsASixteenOrOneOfTheEarlyEights(t *testing.T) {
	for key, want := range map[string]string{
		"11.3.0.0": "11.3.0.0/16", "12.0.0.0": "12.0.0.0/8", "13335": "AS13335"} {
		if got := groupNetwork(key); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
}

func TestRefusalsMakeEventsOfWhatTheTableLogs(t *testing.T) {
	var names []string
	var lines []map[string]any
	core := refusals{LevelEnabler: zap.DebugLevel, say: func(name string, fields map[string]any) {
		names, lines = append(names, name), append(lines, fields)
	}}
	log := zap.New(zapcore.Core(core)).Sugar()
	group := peerdiversity.PeerIPGroupKey("11.0.0.0")
	log.Debugw(tableFull, "peer", "P", "cpl", 1, "ip group", group)
	log.Debugw(prefixFull, "peer", "P", "cpl", 4, "ip group", group)
	log.Debugw(probeFailed, "peer", "P", "error", errors.New("stream reset"))
	log.Debugw("anything else", "peer", "P")
	if want := []string{"group-full", "group-full", "probe-failed"}; !reflect.DeepEqual(names, want) {
		t.Fatalf("got %v", names)
	}
	if lines[0]["network"] != "11.0.0.0/16" || lines[0]["limit"] != 3 || lines[1]["limit"] != 2 {
		t.Errorf("got %v", lines)
	}
	if lines[2]["error"] != "stream reset" {
		t.Errorf("got %v", lines[2])
	}
}
