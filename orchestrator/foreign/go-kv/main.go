// Command go-kv is a key-value peer on go-libp2p's Kademlia, to test other implementations against.
//
// Settings come as environment variables (settings.go), commands on standard input, one a line (commands.go). Events
// and answers go to standard output, one JSON object a line, each with "event" and "ms" (milliseconds since start).
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
	ma "github.com/multiformats/go-multiaddr"
)

// agent is what go-libp2p sends of a program that names none: the path of its module, and a version or a revision.
func agent() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "github.com/libp2p/go-libp2p"
	}
	if info.Main.Version != "(devel)" {
		return info.Main.Path + "@" + info.Main.Version
	}
	revision, dirty := "", ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			revision = setting.Value[:min(len(setting.Value), 9)]
		case "vcs.modified":
			if setting.Value == "true" {
				dirty = "-dirty"
			}
		}
	}
	return info.Main.Path + "@" + revision + dirty
}

// anyValue accepts every record under /kv/ and prefers the greatest value, so that all peers agree.
type anyValue struct{}

func (anyValue) Validate(string, []byte) error { return nil }
func (anyValue) Select(_ string, values [][]byte) (int, error) {
	if len(values) == 0 {
		return 0, errors.New("no values to select from")
	}
	best := 0
	for i, value := range values {
		if bytes.Compare(value, values[best]) > 0 {
			best = i
		}
	}
	return best, nil
}

var (
	born = time.Now()
	out  sync.Mutex
)

// say writes one event.
func say(name string, fields map[string]any) {
	line := map[string]any{"event": name, "ms": time.Since(born).Milliseconds()}
	for k, v := range fields {
		line[k] = v
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	out.Lock()
	defer out.Unlock()
	fmt.Println(string(text))
}

// otherTransports are those beside TCP that addresses need. Without such an address the peer speaks TCP alone.
func otherTransports(listen []ma.Multiaddr) (others []libp2p.Option) {
	needs := func(code int) bool {
		return slices.ContainsFunc(listen, func(address ma.Multiaddr) bool {
			_, err := address.ValueForProtocol(code)
			return err == nil
		})
	}
	if needs(ma.P_QUIC_V1) {
		others = append(others, libp2p.Transport(quic.NewTransport))
	}
	if needs(ma.P_WS) {
		others = append(others, libp2p.Transport(websocket.New))
	}
	return others
}

func start(ctx context.Context, s settings) (host.Host, *dht.IpfsDHT, error) {
	others := otherTransports(s.listen)
	h, err := libp2p.New(
		libp2p.ChainOptions(others...),
		libp2p.Identity(s.key),
		// Whoever connects before identify and Kademlia answer is told, for good, that they are not there.
		libp2p.NoListenAddrs,
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.AddrsFactory(func(addrs []ma.Multiaddr) []ma.Multiaddr { return append(addrs, s.announce...) }),
	)
	if err != nil {
		return nil, nil, err
	}
	options := []dht.Option{
		dht.Mode(s.mode),
		// go insists on exactly the validators of IPFS where the prefix is /ipfs.
		dht.ProtocolPrefix("/kv"),
		dht.V1ProtocolOverride(s.protocol),
		dht.NamespacedValidator("kv", anyValue{}),
		dht.BootstrapPeers(s.bootstrap...),
	}
	if s.ipDiversity {
		limits := dht.NewRTPeerDiversityFilter(h, maxOfGroupPerPrefix, maxOfGroup)
		options = append(options, dht.RoutingTablePeerDiversityFilter(limits))
	}
	kad, err := dht.New(ctx, h, options...)
	if err != nil {
		return nil, nil, errors.Join(err, h.Close())
	}
	return h, kad, nil
}

func watchTable(h host.Host, kad *dht.IpfsDHT) {
	table := kad.RoutingTable()
	added, removed := table.PeerAdded, table.PeerRemoved
	table.PeerAdded = func(id peer.ID) {
		added(id)
		say("listed", map[string]any{"peer": id.String(), "addresses": addresses(h, id)})
	}
	table.PeerRemoved = func(id peer.ID) {
		removed(id)
		say("unlisted", map[string]any{"peer": id.String()})
	}
}

func watchHost(h host.Host) (func(), error) {
	h.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, c network.Conn) {
			say("connected", map[string]any{"peer": c.RemotePeer().String(),
				"direction": strings.ToLower(c.Stat().Direction.String()), "address": c.RemoteMultiaddr().String()})
		},
		DisconnectedF: func(_ network.Network, c network.Conn) {
			say("closed", map[string]any{"peer": c.RemotePeer().String()})
		},
	})
	events, err := h.EventBus().Subscribe([]any{
		new(event.EvtPeerIdentificationCompleted), new(event.EvtPeerIdentificationFailed), new(event.EvtLocalAddressesUpdated)})
	if err != nil {
		return nil, err
	}
	go func() {
		for e := range events.Out() {
			switch e := e.(type) {
			case event.EvtPeerIdentificationCompleted:
				say("identified", map[string]any{"peer": e.Peer.String(), "agent": e.AgentVersion,
					"addresses": texts(e.ListenAddrs), "observed": fmt.Sprint(e.ObservedAddr), "protocols": e.Protocols})
			case event.EvtPeerIdentificationFailed:
				say("identify-failed", map[string]any{"peer": e.Peer.String(), "error": e.Reason.Error()})
			case event.EvtLocalAddressesUpdated:
				say("announcing", map[string]any{"addresses": texts(h.Addrs())})
			}
		}
	}()
	return func() { events.Close() }, nil
}

// join dials a bootstrap peer until it answers: go-libp2p itself dials once, and then backs off.
func join(ctx context.Context, h host.Host, info peer.AddrInfo) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := h.Connect(ctx, info)
		if err == nil || ctx.Err() != nil {
			return
		}
		say("dial-failed", map[string]any{"peer": info.ID.String(), "error": err.Error()})
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if s, ok := h.Network().(*swarm.Swarm); ok {
			s.Backoff().Clear(info.ID)
		}
	}
}

func texts(addrs []ma.Multiaddr) []string {
	all := []string{}
	for _, a := range addrs {
		all = append(all, a.String())
	}
	return all
}

func run() error {
	s, err := readSettings()
	if err != nil {
		return err
	}
	if s.printID {
		id, err := peer.IDFromPrivateKey(s.key)
		if err == nil {
			fmt.Println(id)
		}
		return err
	}
	if err := tellRefusals(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	h, kad, err := start(ctx, s)
	if err != nil {
		return err
	}
	defer h.Close()
	defer kad.Close()
	watchTable(h, kad)
	unwatch, err := watchHost(h)
	if err != nil {
		return err
	}
	defer unwatch()

	mode := map[dht.ModeOpt]any{dht.ModeServer: "server", dht.ModeClient: "client"}[s.mode]
	say("start", map[string]any{"peer": h.ID().String(), "agent": agent(), "mode": mode, "protocol": string(s.protocol)})
	if err := h.Network().Listen(s.listen...); err != nil {
		return err
	}
	for _, address := range h.Network().ListenAddresses() {
		say("listening", map[string]any{"address": address.String()})
	}
	say("announcing", map[string]any{"addresses": texts(h.Addrs())})
	for _, info := range s.bootstrap {
		go join(ctx, h, info)
	}
	if err := kad.Bootstrap(ctx); err != nil {
		return err
	}

	quit := make(chan struct{})
	go func() {
		c := commander{host: h, kad: kad}
		// The end of standard input must not end the peer: Compose and systemd attach none.
		in := bufio.NewScanner(os.Stdin)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			tag, words := split(in.Text())
			if len(words) == 1 && words[0] == "QUIT" {
				close(quit)
				return
			}
			if len(words) > 0 {
				go c.obey(ctx, tag, words)
			}
		}
	}()
	select {
	case <-ctx.Done():
	case <-quit:
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "go-kv:", err)
		os.Exit(1)
	}
}
