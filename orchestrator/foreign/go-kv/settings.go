package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"
)

// settings is what the peer is told, by environment variables that have the names and values of kadlab's nodes.
type settings struct {
	key       crypto.PrivKey
	listen    []ma.Multiaddr
	announce  []ma.Multiaddr
	bootstrap []peer.AddrInfo
	mode      dht.ModeOpt
	protocol  protocol.ID
	// ipDiversity limits how many peers of one group of addresses are listed, as kubo and the dual Kademlia do.
	ipDiversity bool
	printID     bool
}

var modes = map[string]dht.ModeOpt{"server": dht.ModeServer, "client": dht.ModeClient, "auto": dht.ModeAuto}

// readSettings reads the environment and the flags. All faults are reported together.
func readSettings() (settings, error) {
	var s settings
	var faults []error
	fault := func(name, value, expected string) {
		faults = append(faults, fmt.Errorf("%s=%q: expected %s", name, value, expected))
	}
	flag.BoolVar(&s.printID, "print-id", false, "print the peer id and leave")
	flag.Parse()

	port := value("LISTEN_PORT", "3000")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		fault("LISTEN_PORT", port, "a port from 1 to 65535")
	}
	listen := list("LISTEN")
	if len(listen) == 0 {
		listen = []string{"/ip4/0.0.0.0/tcp/" + port}
	}
	announce := list("APPEND_ANNOUNCE")
	if ip := os.Getenv("PUBLIC_IP"); ip != "" {
		if _, err := netip.ParseAddr(ip); err != nil {
			fault("PUBLIC_IP", ip, "an IPv4 address")
		} else {
			announce = append(announce, "/ip4/"+ip+"/tcp/"+port)
		}
	}
	multiaddrs := func(name string, texts []string) (all []ma.Multiaddr) {
		for _, text := range texts {
			address, err := ma.NewMultiaddr(text)
			if err != nil {
				fault(name, text, "multiaddrs")
				continue
			}
			all = append(all, address)
		}
		return all
	}
	s.listen = multiaddrs("LISTEN", listen)
	s.announce = multiaddrs("APPEND_ANNOUNCE", announce)
	for _, text := range list("BOOTSTRAP") {
		info, err := peer.AddrInfoFromString(text)
		if err != nil {
			fault("BOOTSTRAP", text, "multiaddrs that end in /p2p/<peer id>")
			continue
		}
		s.bootstrap = append(s.bootstrap, *info)
	}
	mode, known := modes[value("KAD_MODE", "server")]
	if !known {
		fault("KAD_MODE", os.Getenv("KAD_MODE"), "server, client or auto")
	}
	s.mode = mode
	s.protocol = protocol.ID(value("KAD_PROTOCOL", "/ipfs/kad/1.0.0"))
	ipDiversity := value("IP_DIVERSITY", "no")
	if ipDiversity != "yes" && ipDiversity != "no" {
		fault("IP_DIVERSITY", ipDiversity, "yes or no")
	}
	s.ipDiversity = ipDiversity == "yes"
	key, err := identity(os.Getenv("IDENTITY_SEED"))
	if err != nil {
		faults = append(faults, err)
	}
	s.key = key
	return s, errors.Join(faults...)
}

func value(name, fallback string) string {
	if text := os.Getenv(name); text != "" {
		return text
	}
	return fallback
}

func list(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' || r == ' ' })
}

// identity makes an Ed25519 key from 32 bytes in hex, a random one where there are none.
func identity(seed string) (crypto.PrivKey, error) {
	if seed == "" {
		key, _, err := crypto.GenerateEd25519Key(nil)
		return key, err
	}
	raw, err := hex.DecodeString(seed)
	if err != nil || len(raw) != ed25519.SeedSize {
		return nil, fmt.Errorf("IDENTITY_SEED=%q: expected 32 bytes in hex", seed)
	}
	return crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(raw))
}
