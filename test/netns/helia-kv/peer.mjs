// A helia node as it comes, but that it seeks nobody: where it runs nobody is. Settings are environment variables; it
// prints the address on which it listens, and ends with its standard input.
import { libp2pDefaults } from '@helia/libp2p'
import { kadDHT } from '@libp2p/kad-dht'
import { createHelia } from 'helia'

const { KAD_MODE: mode, KAD_PROTOCOL: protocol, ANNOUNCE: announce } = process.env
const libp2p = { ...libp2pDefaults(), peerDiscovery: [] }
if (announce !== undefined) libp2p.addresses.appendAnnounce = announce.split(',')
// As it comes, its Kademlia is a client until a public address of it is confirmed.
if (mode !== undefined) libp2p.services.dht = kadDHT({ clientMode: mode === 'client', protocol })
const helia = createHelia({ libp2p })
await helia.start()
const addresses = helia.libp2p.getMultiaddrs().map(String)
const plain = addresses.find((address) => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//.test(address))
process.stdout.write(`${plain}\n`)
process.stdin.resume().on('end', () => process.exit(0))
