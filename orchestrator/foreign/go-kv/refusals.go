package main

import (
	"fmt"
	"net"
	"os"
	"strings"

	logging "github.com/ipfs/go-log/v2"
	"github.com/libp2p/go-libp2p-kbucket/peerdiversity"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// As many peers of one group of addresses as go-libp2p's dual Kademlia and kubo list: so many in the whole table, and so
// many of those whose ids share as many leading bits with the own one.
const (
	maxOfGroup          = 3
	maxOfGroupPerPrefix = 2
)

// What go-libp2p-kad-dht logs where it refuses a newcomer; it tells it nowhere else.
const (
	tableFull   = "rejecting (max for table) diversity"
	prefixFull  = "rejecting (max for cpl) diversity"
	probeFailed = "connected peer not answering DHT request as expected"
)

// refusals is a core of the libraries' logs that makes events of those lines.
type refusals struct {
	zapcore.LevelEnabler
	say func(name string, fields map[string]any)
}

// tellRefusals makes events of the refusals that the routing table only logs. Errors of all libraries still go to standard
// error.
func tellRefusals() error {
	errors := zapcore.NewCore(zapcore.NewConsoleEncoder(zap.NewProductionEncoderConfig()), zapcore.Lock(os.Stderr), zap.ErrorLevel)
	logging.SetPrimaryCore(zapcore.NewTee(errors, refusals{LevelEnabler: zap.DebugLevel, say: say}))
	for _, name := range []string{"dht", "dht/RtDiversityFilter"} {
		if err := logging.SetLogLevel(name, "debug"); err != nil {
			return fmt.Errorf("the logger %s of go-libp2p-kad-dht: %w", name, err)
		}
	}
	return nil
}

func (r refusals) With([]zapcore.Field) zapcore.Core { return r }
func (r refusals) Sync() error                       { return nil }

func (r refusals) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	switch entry.Message {
	case tableFull, prefixFull, probeFailed:
		return checked.AddCore(entry, r)
	}
	return checked
}

func (r refusals) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	values := zapcore.NewMapObjectEncoder()
	for _, field := range fields {
		field.AddTo(values)
	}
	text := func(name string) string { return fmt.Sprint(values.Fields[name]) }
	event := map[string]any{"peer": text("peer")}
	switch entry.Message {
	case probeFailed:
		event["error"] = text("error")
		r.say("probe-failed", event)
	case tableFull:
		event["network"], event["limit"] = groupNetwork(text("ip group")), maxOfGroup
		r.say("group-full", event)
	case prefixFull:
		event["network"], event["limit"] = groupNetwork(text("ip group")), maxOfGroupPerPrefix
		event["sharedBits"] = values.Fields["cpl"]
		r.say("group-full", event)
	}
	return nil
}

// groupNetwork is the group of the library as a network: a /16, the /8 of a few early holders, or whom IPv6 belongs to.
func groupNetwork(key string) string {
	ip := net.ParseIP(key).To4()
	if ip == nil {
		if strings.Contains(key, " ") {
			return key
		}
		return "AS" + key
	}
	other := net.IPv4(ip[0], ip[1]^0x80, 0, 0)
	if string(peerdiversity.IPGroupKey(other)) == key {
		return key + "/8"
	}
	return key + "/16"
}
