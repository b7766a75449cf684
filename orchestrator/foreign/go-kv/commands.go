package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	cid "github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	mh "github.com/multiformats/go-multihash"
)

const (
	usage          = "expected GET key, PUT key value, PUT64 key base64, GET_PROVIDERS key, PUT_PROVIDER key, DIAL multiaddr, PEERS or QUIT"
	commandTimeout = time.Minute
	// Long enough for a slow link, short enough for a lab: a NAT that drops packets answers never.
	dialTimeout = 3 * time.Second
)

// commander carries out what comes in on standard input, one command a line. A word @<tag> before a command comes
// back as "tag" in its answer, so that a program can tell answers apart.
type commander struct {
	host host.Host
	kad  *dht.IpfsDHT
}

// split takes a line apart into its tag and its words.
func split(line string) (tag string, words []string) {
	words = strings.Fields(line)
	if len(words) > 0 && strings.HasPrefix(words[0], "@") {
		return words[0][1:], words[1:]
	}
	return "", words
}

func (c commander) answer(tag, name string, err error, fields map[string]any) {
	line := map[string]any{"ok": err == nil}
	if err != nil {
		line["error"] = err.Error()
	}
	if tag != "" {
		line["tag"] = tag
	}
	for k, v := range fields {
		line[k] = v
	}
	say(name, line)
}

func (c commander) obey(ctx context.Context, tag string, words []string) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	switch {
	case len(words) == 2 && words[0] == "GET":
		value, err := c.kad.GetValue(ctx, words[1])
		c.answer(tag, "get", err, map[string]any{
			"key": words[1], "value": string(value), "base64": base64.StdEncoding.EncodeToString(value), "from": nil})
	case len(words) > 2 && words[0] == "PUT":
		c.put(ctx, tag, words[1], []byte(strings.Join(words[2:], " ")))
	case len(words) == 2 && words[0] == "PUT64":
		c.put(ctx, tag, words[1], nil)
	case len(words) == 3 && words[0] == "PUT64":
		value, err := base64.StdEncoding.DecodeString(words[2])
		if err != nil {
			c.answer(tag, "error", fmt.Errorf("PUT64: %w", err), nil)
			return
		}
		c.put(ctx, tag, words[1], value)
	case len(words) == 2 && words[0] == "GET_PROVIDERS":
		infos, err := c.kad.FindProviders(ctx, contentID(words[1]))
		ids := []string{}
		for _, info := range infos {
			ids = append(ids, info.ID.String())
		}
		c.answer(tag, "providers", err, map[string]any{"key": words[1], "providers": ids})
		c.answer(tag, "providers-done", nil, nil)
	case len(words) == 2 && words[0] == "PUT_PROVIDER":
		c.answer(tag, "provide", c.kad.Provide(ctx, contentID(words[1]), true), map[string]any{"key": words[1]})
	case len(words) == 2 && words[0] == "DIAL":
		c.answer(tag, "dial", dial(ctx, words[1]), map[string]any{"address": words[1]})
	case len(words) == 1 && words[0] == "PEERS":
		peers := []map[string]any{}
		for _, id := range c.kad.RoutingTable().ListPeers() {
			peers = append(peers, map[string]any{"peer": id.String(), "addresses": addresses(c.host, id)})
		}
		c.answer(tag, "peers", nil, map[string]any{"peers": peers})
	default:
		c.answer(tag, "error", fmt.Errorf("%q: %s", strings.Join(words, " "), usage), nil)
	}
}

func (c commander) put(ctx context.Context, tag, key string, value []byte) {
	c.answer(tag, "put", c.kad.PutValue(ctx, key, value), map[string]any{"key": key})
}

// dial tries an address from a host of its own, so that no connection that there is can answer for it.
func dial(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	address, err := ma.NewMultiaddr(text)
	if err != nil {
		return err
	}
	info, err := peer.AddrInfoFromP2pAddr(address)
	if err != nil {
		return fmt.Errorf("expected a multiaddr that ends in /p2p/<peer id>: %w", err)
	}
	fresh, err := libp2p.New(
		libp2p.NoListenAddrs,
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
	)
	if err != nil {
		return err
	}
	defer fresh.Close()
	return fresh.Connect(ctx, *info)
}

// contentID is the CID under which a provider record for a key is kept: raw codec, SHA-256 of the key.
func contentID(key string) cid.Cid {
	digest, err := mh.Sum([]byte(key), mh.SHA2_256, -1)
	if err != nil {
		panic(err)
	}
	return cid.NewCidV1(cid.Raw, digest)
}

func addresses(h host.Host, id peer.ID) []string {
	texts := []string{}
	for _, address := range h.Peerstore().Addrs(id) {
		texts = append(texts, address.String())
	}
	return texts
}
