//! What the peer can be told, by flag or by environment variable. A variable that means the same as one of kadlab's
//! nodes has its name and its values.

use clap::{Parser, ValueEnum};
use libp2p::{Multiaddr, StreamProtocol};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    Yes,
    No,
}

impl Switch {
    pub fn on(self) -> bool {
        self == Switch::Yes
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Mode {
    Server,
    Client,
    /// rust-libp2p's own: client until an external address is confirmed.
    Auto,
}

#[derive(Parser)]
#[command(version, about)]
pub struct Args {
    /// TCP port to listen on, on every interface.
    #[arg(long, env = "LISTEN_PORT", default_value_t = 3000)]
    pub listen_port: u16,
    /// Addresses to listen on instead.
    #[arg(long, env = "LISTEN", value_delimiter = ',')]
    pub listen: Vec<Multiaddr>,
    /// Public address: the peer gets /ip4/<address>/tcp/<listen port> as an external address.
    #[arg(long, env = "PUBLIC_IP")]
    pub public_ip: Option<std::net::Ipv4Addr>,
    /// Further external addresses.
    #[arg(long, env = "APPEND_ANNOUNCE", value_delimiter = ',')]
    pub append_announce: Vec<Multiaddr>,
    /// Peers to join through, as multiaddrs that end in /p2p/<peer id>.
    #[arg(long, env = "BOOTSTRAP", value_delimiter = ',')]
    pub bootstrap: Vec<Multiaddr>,
    /// Kademlia mode.
    #[arg(long, env = "KAD_MODE", value_enum, default_value = "server")]
    pub kad_mode: Mode,
    /// Name of the Kademlia protocol.
    #[arg(long, env = "KAD_PROTOCOL", default_value = "/ipfs/kad/1.0.0", value_parser = protocol)]
    pub kad_protocol: StreamProtocol,
    /// 32 bytes in hex from which the Ed25519 identity is made; random if absent.
    #[arg(long, env = "IDENTITY_SEED")]
    pub identity_seed: Option<String>,
    /// Run identify, and add the addresses that it carries to the routing table.
    #[arg(long, env = "IDENTIFY", value_enum, default_value = "yes")]
    pub identify: Switch,
    /// Run ping.
    #[arg(long, env = "PING", value_enum, default_value = "yes")]
    pub ping: Switch,
    /// Take every candidate for an external address for confirmed.
    #[arg(long, env = "TRUST_OBSERVED", value_enum, default_value = "no")]
    pub trust_observed: Switch,
    /// Add the address of each peer that this one dialled to the routing table.
    #[arg(long, env = "ADD_DIALLED", value_enum, default_value = "no")]
    pub add_dialled: Switch,
    /// Keep provider records under the bytes of the key, as the well-known example does, and not under its SHA-256
    /// multihash, as go-libp2p and js-libp2p do.
    #[arg(long, env = "RAW_PROVIDER_KEYS", value_enum, default_value = "no")]
    pub raw_provider_keys: Switch,
    /// Print the peer id and leave.
    #[arg(long)]
    pub print_id: bool,
}

fn protocol(text: &str) -> Result<StreamProtocol, String> {
    StreamProtocol::try_from_owned(text.to_owned()).map_err(|error| error.to_string())
}

impl Args {
    pub fn listen_addresses(&self) -> Vec<Multiaddr> {
        if !self.listen.is_empty() {
            return self.listen.clone();
        }
        vec![tcp("0.0.0.0".parse().expect("an address"), self.listen_port)]
    }

    pub fn external_addresses(&self) -> Vec<Multiaddr> {
        let own = self.public_ip.map(|address| tcp(address, self.listen_port));
        own.into_iter().chain(self.append_announce.iter().cloned()).collect()
    }
}

fn tcp(address: std::net::Ipv4Addr, port: u16) -> Multiaddr {
    Multiaddr::from(address).with(libp2p::multiaddr::Protocol::Tcp(port))
}
