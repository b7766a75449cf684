//! A key-value peer on rust-libp2p's Kademlia, to test other implementations against.
//!
//! Commands on standard input, one a line (`command.rs`); events and answers on standard output, one JSON object a
//! line, each with `event` and `ms` (milliseconds since start). The settings (`args.rs`) choose which parts of
//! discovery the peer has, so that each way of not being found can be shown: with IDENTIFY=no and PING=no it is the
//! peer of rust-libp2p's distributed key-value example.

mod args;
mod command;
mod peer;

use clap::Parser;
use futures::StreamExt;
use libp2p::identity::Keypair;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::signal::unix::{SignalKind, signal};

use crate::{args::Args, peer::Peer};

fn keypair(args: &Args) -> Result<Keypair, Box<dyn std::error::Error>> {
    let Some(text) = &args.identity_seed else { return Ok(Keypair::generate_ed25519()) };
    let seed = hex::decode(text)
        .ok()
        .filter(|bytes| bytes.len() == 32)
        .ok_or(format!("IDENTITY_SEED {text:?}: expected 32 bytes in hex"))?;
    Ok(Keypair::ed25519_from_bytes(seed)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // Left by hand: the thread that reads standard input cannot be interrupted, and tokio would wait for it.
    match run().await {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("rust-kv: {error}");
            std::process::exit(1)
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let keypair = keypair(&args)?;
    if args.print_id {
        println!("{}", keypair.public().to_peer_id());
        return Ok(());
    }
    let mut peer = Peer::start(args, keypair)?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut stdin_open = true;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        tokio::select! {
            line = lines.next_line(), if stdin_open => match line? {
                // Compose and systemd attach no standard input: its end must not end the peer.
                None => stdin_open = false,
                Some(line) => match command::parse(&line) {
                    (_, None) => {}
                    (tag, Some(Err(error))) => peer.refuse(&tag, &error),
                    (tag, Some(Ok(command))) => if !peer.obey(tag, command) { return Ok(()) },
                }
            },
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            event = peer.swarm.select_next_some() => peer.hear(event),
        }
    }
}
