//! A peer on litep2p as its library makes it, on loopback. Settings are environment variables; it prints the address on
//! which it listens, and ends with its standard input.

use std::{env, error::Error, future::pending};

use futures::StreamExt;
use litep2p::{
    Litep2p,
    config::ConfigBuilder,
    protocol::libp2p::{identify, kademlia, ping},
    transport::tcp,
};
use tokio::io::{AsyncReadExt, stdin};

fn is(name: &str, value: &str) -> bool {
    env::var(name).is_ok_and(|told| told == value)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut kad = kademlia::ConfigBuilder::new();
    if is("KAD_MODE", "client") {
        kad = kad.with_mode(kademlia::KademliaMode::Client);
    }
    if let Ok(name) = env::var("KAD_PROTOCOL") {
        kad = kad.with_protocol_names(vec![name.into()]);
    }
    let (kad, mut kad_events) = kad.build();
    let mut config = ConfigBuilder::new()
        .with_tcp(tcp::config::Config {
            listen_addresses: vec!["/ip4/127.0.0.1/tcp/0".parse()?],
            ..Default::default()
        })
        .with_libp2p_kademlia(kad);
    tokio::spawn(async move { while kad_events.next().await.is_some() {} });
    if !is("IDENTIFY", "no") {
        // None: the agent that the library names.
        let (identify, mut events) = identify::Config::new("/ipfs/1.0.0".into(), None);
        config = config.with_libp2p_identify(identify);
        tokio::spawn(async move { while events.next().await.is_some() {} });
    }
    if !is("PING", "no") {
        let (ping, mut events) = ping::Config::default();
        config = config.with_libp2p_ping(ping);
        tokio::spawn(async move { while events.next().await.is_some() {} });
    }
    let mut peer = Litep2p::new(config.build())?;
    if let Ok(address) = env::var("ANNOUNCE") {
        peer.public_addresses()
            .add_address(address.parse()?)
            .map_err(|error| format!("{address}: {error:?}"))?;
    }
    for address in peer.listen_addresses() {
        println!("{address}");
    }
    let serving = async {
        while peer.next_event().await.is_some() {}
        pending::<()>().await;
    };
    let mut told = Vec::new();
    let mut input = stdin();
    tokio::select! {
        () = serving => {}
        _ = input.read_to_end(&mut told) => {}
    }
    Ok(())
}
