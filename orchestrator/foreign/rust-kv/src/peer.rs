//! The peer itself: a swarm, what it is asked, and what it says about both.

use std::{collections::HashMap, error::Error, num::NonZeroUsize, time::Duration, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder,
    core::ConnectedPoint,
    identify,
    identity::Keypair,
    kad::{self, QueryId, QueryResult, Quorum, Record, RecordKey, store::MemoryStore},
    multiaddr::Protocol,
    noise, ping,
    swarm::{NetworkBehaviour, SwarmEvent, behaviour::toggle::Toggle, dummy},
    tcp, yamux,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    args::{Args, Mode},
    command::Command,
};

/// Long enough for a slow link, short enough for a lab: a NAT that drops packets answers never.
const DIAL_TIMEOUT: Duration = Duration::from_secs(3);
/// rust-libp2p ends idle connections after 10 s by itself; others hold theirs.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3600);

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    kademlia: kad::Behaviour<MemoryStore>,
    identify: Toggle<identify::Behaviour>,
    ping: Toggle<ping::Behaviour>,
}

type Tag = Option<String>;

pub struct Peer {
    pub swarm: Swarm<Behaviour>,
    args: Args,
    born: Instant,
    /// Who asked for which query, and under which key.
    queries: HashMap<QueryId, (Tag, String)>,
    /// Dialled once there is a listening address: rust-libp2p then dials from the listening port, as a peer that joins
    /// some time after its start does.
    bootstrap: Vec<Multiaddr>,
    /// What identify would carry, as it was said last.
    announced: Vec<String>,
}

impl Peer {
    pub fn start(args: Args, keypair: Keypair) -> Result<Self, Box<dyn Error>> {
        let agent = identify_config(&keypair).agent_version().to_owned();
        let mut swarm = SwarmBuilder::with_existing_identity(keypair)
            .with_tokio()
            .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
            .with_behaviour(|keypair| behaviour(&args, keypair))?
            .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
            .with_connection_timeout(DIAL_TIMEOUT)
            .build();
        for address in args.listen_addresses() {
            swarm.listen_on(address)?;
        }
        for address in args.external_addresses() {
            swarm.add_external_address(address);
        }
        let mut peer = Peer {
            swarm,
            args,
            born: Instant::now(),
            queries: HashMap::new(),
            bootstrap: vec![],
            announced: vec![],
        };
        let id = peer.swarm.local_peer_id().to_string();
        let mode = match peer.args.kad_mode {
            Mode::Server => json!("server"),
            Mode::Client => json!("client"),
            Mode::Auto => Value::Null,
        };
        let protocol = peer.args.kad_protocol.to_string();
        peer.say(json!({"event": "start", "peer": id, "agent": agent, "mode": mode, "protocol": protocol}));
        peer.say_announced();
        for address in peer.args.bootstrap.clone() {
            let Some(id) = peer_of(&address) else {
                return Err(format!("BOOTSTRAP {address}: expected a multiaddr that ends in /p2p/<peer id>").into());
            };
            peer.swarm.behaviour_mut().kademlia.add_address(&id, address.clone());
            peer.bootstrap.push(address);
        }
        Ok(peer)
    }

    pub fn say(&self, line: Value) {
        print(self.born, &None, line);
    }

    fn answer(&self, tag: &Tag, line: Value) {
        print(self.born, tag, line);
    }

    pub fn refuse(&self, tag: &Tag, error: &str) {
        self.answer(tag, json!({"event": "error", "ok": false, "error": error}));
    }

    /// Carries a command out; false ends the peer.
    pub fn obey(&mut self, tag: Tag, command: Command) -> bool {
        let raw_keys = self.args.raw_provider_keys.on();
        let kademlia = &mut self.swarm.behaviour_mut().kademlia;
        match command {
            Command::Get(key) => {
                let query = kademlia.get_record(RecordKey::new(&key));
                self.queries.insert(query, (tag, key));
            }
            Command::Put(key, value) => {
                let record = Record { key: RecordKey::new(&key), value, publisher: None, expires: None };
                match kademlia.put_record(record, Quorum::N(NonZeroUsize::MIN)) {
                    Ok(query) => drop(self.queries.insert(query, (tag, key))),
                    Err(error) => {
                        self.answer(&tag, json!({"event": "put", "ok": false, "key": key, "error": error.to_string()}))
                    }
                }
            }
            Command::GetProviders(key) => {
                let query = kademlia.get_providers(provider_key(&key, raw_keys));
                self.queries.insert(query, (tag, key));
            }
            Command::PutProvider(key) => match kademlia.start_providing(provider_key(&key, raw_keys)) {
                Ok(query) => drop(self.queries.insert(query, (tag, key))),
                Err(error) => {
                    self.answer(&tag, json!({"event": "provide", "ok": false, "key": key, "error": error.to_string()}))
                }
            },
            Command::Dial(address) => self.dial(tag, address),
            Command::Peers => {
                let peers: Vec<Value> = kademlia
                    .kbuckets()
                    .flat_map(|bucket| {
                        let entries = bucket.iter().map(|entry| {
                            json!({"peer": entry.node.key.preimage().to_string(), "addresses": strings(entry.node.value.iter())})
                        });
                        entries.collect::<Vec<_>>()
                    })
                    .collect();
                self.answer(&tag, json!({"event": "peers", "ok": true, "peers": peers}));
            }
            Command::Quit => return false,
        }
        true
    }

    /// Dials from a swarm of its own, so that no connection that there is can answer for the address, and so that
    /// Kademlia does not hear of a failure: it would forget the address.
    fn dial(&self, tag: Tag, address: Multiaddr) {
        let born = self.born;
        tokio::spawn(async move {
            let mut line = json!({"event": "dial", "ok": true, "address": address.to_string()});
            if let Err(error) = fresh_dial(address).await {
                line["ok"] = json!(false);
                line["error"] = json!(error);
            }
            print(born, &tag, line);
        });
    }

    pub fn hear(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                self.say(json!({"event": "listening", "address": address.to_string()}));
                self.say_announced();
                self.join(&address);
            }
            SwarmEvent::NewExternalAddrCandidate { address } => {
                self.say(json!({"event": "external-candidate", "address": address.to_string()}));
                if self.args.trust_observed.on() {
                    self.confirm(address);
                }
            }
            SwarmEvent::ExternalAddrConfirmed { .. } | SwarmEvent::ExternalAddrExpired { .. } => self.say_announced(),
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => {
                let (direction, address) = match &endpoint {
                    ConnectedPoint::Dialer { address, .. } => ("outbound", address),
                    ConnectedPoint::Listener { send_back_addr, .. } => ("inbound", send_back_addr),
                };
                self.say(json!({"event": "connected", "peer": peer_id.to_string(), "direction": direction,
                    "address": address.to_string()}));
                if self.args.add_dialled.on() && endpoint.is_dialer() {
                    self.swarm.behaviour_mut().kademlia.add_address(&peer_id, address.clone());
                }
            }
            SwarmEvent::ConnectionClosed { peer_id, cause, .. } => {
                self.say(json!({"event": "closed", "peer": peer_id.to_string(), "cause": cause.map(|c| explain(&c))}));
            }
            SwarmEvent::OutgoingConnectionError { peer_id, error, .. } => {
                let peer = peer_id.map(|peer| peer.to_string());
                self.say(json!({"event": "dial-failed", "peer": peer, "error": explain(&error)}));
            }
            SwarmEvent::Behaviour(BehaviourEvent::Identify(event)) => self.hear_identify(event),
            SwarmEvent::Behaviour(BehaviourEvent::Kademlia(event)) => self.hear_kademlia(event),
            _ => {}
        }
    }

    fn hear_identify(&mut self, event: identify::Event) {
        match event {
            identify::Event::Received { peer_id, info, .. } => {
                self.say(json!({"event": "identified", "peer": peer_id.to_string(), "agent": info.agent_version,
                    "addresses": strings(&info.listen_addrs), "observed": info.observed_addr.to_string(),
                    "protocols": strings(&info.protocols)}));
                // What the documentation of libp2p-kad advises, word by word: every address that identify carries.
                if info.protocols.contains(&self.args.kad_protocol) {
                    for address in info.listen_addrs {
                        self.swarm.behaviour_mut().kademlia.add_address(&peer_id, address);
                    }
                }
            }
            identify::Event::Error { peer_id, error, .. } => {
                self.say(json!({"event": "identify-failed", "peer": peer_id.to_string(), "error": explain(&error)}))
            }
            _ => {}
        }
    }

    fn hear_kademlia(&mut self, event: kad::Event) {
        match event {
            kad::Event::UnroutablePeer { peer } => {
                self.say(json!({"event": "unroutable-peer", "peer": peer.to_string()}))
            }
            kad::Event::RoutingUpdated { peer, addresses, .. } => {
                self.say(json!({"event": "listed", "peer": peer.to_string(), "addresses": strings(addresses.iter())}))
            }
            kad::Event::ModeChanged { new_mode } => self.say(json!({"event": "mode", "mode": new_mode.to_string()})),
            kad::Event::OutboundQueryProgressed { id, result, step, .. } => {
                let Some((tag, key)) = self.queries.get(&id) else { return };
                if let Some(mut line) = outcome(result) {
                    line["key"] = json!(key);
                    self.answer(tag, line);
                }
                if step.last {
                    self.queries.remove(&id);
                }
            }
            _ => {}
        }
    }

    /// Takes a candidate for an external address, and tells those who have identified this peer already: of itself
    /// identify would tell them with its next periodic message, in 5 minutes.
    fn confirm(&mut self, address: Multiaddr) {
        self.swarm.add_external_address(address);
        self.say_announced();
        let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        if let Some(identify) = self.swarm.behaviour_mut().identify.as_mut() {
            identify.push(connected);
        }
    }

    /// Dials the bootstrap peers, once, when `address` is one from which others are reached.
    fn join(&mut self, address: &Multiaddr) {
        let loopback = address.iter().any(|part| matches!(part, Protocol::Ip4(ip) if ip.is_loopback()));
        let everywhere = self.args.listen.is_empty();
        if loopback && everywhere {
            return;
        }
        for address in std::mem::take(&mut self.bootstrap) {
            if let Err(error) = self.swarm.dial(address) {
                self.say(json!({"event": "dial-failed", "peer": null, "error": explain(&error)}));
            }
        }
    }

    fn say_announced(&mut self) {
        let listening: Vec<String> = self.swarm.listeners().map(ToString::to_string).collect();
        let external = self.swarm.external_addresses().map(ToString::to_string);
        let mut announced = listening;
        announced.extend(external);
        announced.sort();
        announced.dedup();
        if announced != self.announced {
            self.say(json!({"event": "announcing", "addresses": announced}));
            self.announced = announced;
        }
    }
}

fn behaviour(args: &Args, keypair: &Keypair) -> Behaviour {
    let id = keypair.public().to_peer_id();
    let mut kademlia =
        kad::Behaviour::with_config(id, MemoryStore::new(id), kad::Config::new(args.kad_protocol.clone()));
    kademlia.set_mode(match args.kad_mode {
        Mode::Server => Some(kad::Mode::Server),
        Mode::Client => Some(kad::Mode::Client),
        Mode::Auto => None,
    });
    let identify = args.identify.on().then(|| identify::Behaviour::new(identify_config(keypair)));
    let ping = args.ping.on().then(ping::Behaviour::default);
    Behaviour { kademlia, identify: identify.into(), ping: ping.into() }
}

/// One JSON object a line.
fn print(born: Instant, tag: &Tag, mut line: Value) {
    if let Some(tag) = tag {
        line["tag"] = json!(tag);
    }
    line["ms"] = json!(born.elapsed().as_millis() as u64);
    println!("{line}");
}

async fn fresh_dial(address: Multiaddr) -> Result<(), String> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| explain(&error))?
        .with_behaviour(|_| dummy::Behaviour)
        .expect("a behaviour that does nothing")
        .with_swarm_config(|config| config)
        .with_connection_timeout(DIAL_TIMEOUT)
        .build();
    swarm.dial(address).map_err(|error| explain(&error))?;
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => return Ok(()),
            SwarmEvent::OutgoingConnectionError { error, .. } => return Err(explain(&error)),
            _ => {}
        }
    }
}

/// With the agent that the library names by itself.
fn identify_config(keypair: &Keypair) -> identify::Config {
    identify::Config::new("/kv/1.0.0".into(), keypair.public())
}

fn peer_of(address: &Multiaddr) -> Option<PeerId> {
    match address.iter().last() {
        Some(Protocol::P2p(id)) => Some(id),
        _ => None,
    }
}

/// The key of a provider record: the multihash (code 0x12, length 0x20) of the SHA-256 of the text.
fn provider_key(text: &str, raw: bool) -> RecordKey {
    if raw {
        return RecordKey::new(&text);
    }
    RecordKey::from([&[0x12, 0x20], Sha256::digest(text).as_slice()].concat())
}

fn strings<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    items.into_iter().map(|item| Value::from(item.to_string())).collect()
}

/// An error with all that lies under it: libp2p's own text often leaves the reason to the innermost one.
fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(below) = source {
        let below_text = below.to_string();
        if !text.contains(&below_text) {
            text = format!("{text}: {below_text}");
        }
        source = below.source();
    }
    text
}

/// One step of a query as a line; none where the step says nothing.
fn outcome(result: QueryResult) -> Option<Value> {
    let line = match result {
        QueryResult::GetRecord(Ok(kad::GetRecordOk::FoundRecord(found))) => json!({"event": "get", "ok": true,
            "value": String::from_utf8_lossy(&found.record.value), "base64": STANDARD.encode(&found.record.value),
            "from": found.peer.map(|peer| peer.to_string())}),
        QueryResult::GetRecord(Ok(_)) => json!({"event": "get-done"}),
        QueryResult::GetRecord(Err(error)) => json!({"event": "get", "ok": false, "error": error.to_string()}),
        QueryResult::PutRecord(Ok(_)) => json!({"event": "put", "ok": true}),
        QueryResult::PutRecord(Err(error)) => json!({"event": "put", "ok": false, "error": error.to_string()}),
        QueryResult::GetProviders(Ok(kad::GetProvidersOk::FoundProviders { providers, .. })) => {
            json!({"event": "providers", "ok": true, "providers": strings(providers)})
        }
        QueryResult::GetProviders(Ok(_)) => json!({"event": "providers-done"}),
        QueryResult::GetProviders(Err(error)) => json!({"event": "providers", "ok": false, "error": error.to_string()}),
        QueryResult::StartProviding(Ok(_)) => json!({"event": "provide", "ok": true}),
        QueryResult::StartProviding(Err(error)) => json!({"event": "provide", "ok": false, "error": error.to_string()}),
        _ => return None,
    };
    Some(line)
}
