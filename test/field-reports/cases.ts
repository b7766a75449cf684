/** A network that somebody had trouble with, what was wrong with it, and what becomes of it once kadlab's remedies are applied. */
export interface FieldCase {
  /** What the report was about, as a test's name. */
  title: string
  /** Sites and nodes, as in a scenario file. */
  yaml: string
  /** `N at Boot`: the cause that must be named. */
  causes: Record<string, string>
  /** Pairs that nothing cures; all others end dialable. */
  incurable?: string[]
}

const CLOUDS = `
  a: { nat: one-to-one, subnet: 10.1.0.0/24, public: 11.0.0.11 }
  b: { nat: one-to-one, subnet: 10.2.0.0/24, public: 11.0.0.12 }`

const STRANGER = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'

export const FIELD_CASES: readonly FieldCase[] = [
  {
    title: 'a port forwarded by the router and again by the container engine, and KAD_MODE=auto',
    yaml: `
sites:
  net: { nat: public }
  home:
    nat: { preset: cgnat, forwards: [{ port: tcp/9010, to: N }], carrier: { forwards: [{ port: tcp/9010, to: N }] } }
    subnet: 172.18.0.0/24
nodes:
  Boot: { site: net }
  Other: { site: net, bootstrap: [Boot] }
  N: { site: home, bootstrap: [Boot], env: { LISTEN_PORT: 9010, KAD_MODE: auto } }`,
    causes: { 'N at Boot': 'CLIENT_MODE', 'N at Other': 'CLIENT_MODE' },
  },
  {
    title: 'a NodePort, with PUBLIC_IP announcing the port inside',
    yaml: `
sites:
  net: { nat: public }
  k8s: { nat: { preset: port-forward, forwards: [{ port: tcp/32685, to: Pod, toPort: 30333 }] } }
nodes:
  Boot: { site: net }
  Pod: { site: k8s, bootstrap: [Boot], env: { LISTEN_PORT: 30333, PUBLIC_IP: '{public}' } }`,
    causes: { 'Pod at Boot': 'ADDRESS_TIMED_OUT' },
  },
  {
    title: 'an announced port that is neither listened on nor forwarded',
    yaml: `
sites:
  net: { nat: public }
  home: { nat: { preset: port-forward, forwards: [{ port: tcp/9010, to: N }] } }
nodes:
  Boot: { site: net }
  N: { site: home, bootstrap: [Boot], env: { LISTEN_PORT: 9010, ANNOUNCE: '/ip4/{public}/tcp/53211' } }`,
    causes: { 'N at Boot': 'ADDRESS_WRONG_PORT' },
  },
  {
    title: 'two homes without a forward, told to set PUBLIC_IP',
    yaml: `
sites:
  vps: { nat: { preset: one-to-one, allow: [tcp/10000] } }
  home-a: { nat: port-restricted, subnet: 192.168.1.0/24 }
  home-b: { nat: port-restricted, subnet: 192.168.2.0/24 }
nodes:
  Seeder: { site: vps, env: { LISTEN_PORT: 10000, PUBLIC_IP: '{public}' } }
  A: { site: home-a, bootstrap: [Seeder], env: { PUBLIC_IP: '{public}' } }
  B: { site: home-b, bootstrap: [Seeder], env: { PUBLIC_IP: '{public}' } }`,
    causes: { 'A at Seeder': 'ADDRESS_TIMED_OUT', 'B at A': 'DIAL_TIMED_OUT' },
  },
  {
    title: 'two clients behind carriers, who owe each other nothing',
    yaml: `
sites: { net: { nat: public }, one: { nat: cgnat }, other: { nat: cgnat } }
nodes:
  Seeder: { site: net }
  A: { site: one, bootstrap: [Seeder], env: { KAD_MODE: client } }
  B: { site: other, bootstrap: [Seeder], env: { KAD_MODE: client } }`,
    causes: { 'A at Seeder': 'CLIENT_MODE', 'B at A': 'NOT_TOLD', 'A at B': 'NOT_TOLD' },
    incurable: ['A at Seeder', 'B at Seeder', 'B at A', 'A at B'],
  },
  {
    title: 'a home node with its port forwarded, KAD_MODE=auto and nothing announced',
    yaml: `
sites: { net: { nat: public }, home: { nat: port-forward } }
nodes:
  Boot: { site: net, env: { LISTEN_PORT: 4001 } }
  Home: { site: home, bootstrap: [Boot], env: { LISTEN_PORT: 4001, KAD_MODE: auto } }`,
    causes: { 'Home at Boot': 'CLIENT_MODE' },
  },
  {
    title: 'private addresses of another cluster beside the public ones',
    yaml: `
sites: ${CLOUDS}
  c: { nat: one-to-one, subnet: 10.3.0.0/24 }
nodes:
  Server: { site: a, env: { PUBLIC_IP: '{public}', ADDRESS_SCOPE: any } }
  P1: { site: b, bootstrap: [Server], env: { ANNOUNCE: '/ip4/{address}/tcp/3000,/ip4/{public}/tcp/3000' } }
  P2: { site: c, bootstrap: [Server], env: { ANNOUNCE: '/ip4/{address}/tcp/3000' } }`,
    causes: { 'P2 at Server': 'ADDRESS_NO_ROUTE', 'P2 at P1': 'ONLY_PRIVATE_ADDRESSES' },
  },
  {
    title: 'a boot node that has another identity than the others expect',
    yaml: `
sites: { lan: { nat: port-restricted, subnet: 172.20.0.0/24 } }
nodes:
  Boot: { site: lan, env: { ADDRESS_SCOPE: any } }
  N1: { site: lan, env: { ADDRESS_SCOPE: any, BOOTSTRAP: '/ip4/{Boot.address}/tcp/3000/p2p/${STRANGER}' } }
  N2: { site: lan, env: { ADDRESS_SCOPE: any, BOOTSTRAP: '/ip4/{Boot.address}/tcp/3000/p2p/${STRANGER}' } }`,
    causes: { 'Boot at N1': 'WRONG_PEER_ID', 'N2 at N1': 'NOT_JOINED', 'N1 at Boot': 'NOT_JOINED' },
  },
  {
    title: 'BOOTSTRAP without a peer id that leads to a closed port',
    yaml: `
sites: ${CLOUDS}
nodes:
  A: { site: a, env: { PUBLIC_IP: '{public}' } }
  B: { site: b, env: { PUBLIC_IP: '{public}', BOOTSTRAP: '/ip4/{A.public}/tcp/3001' } }`,
    causes: { 'A at B': 'DIAL_TIMED_OUT' },
  },
  {
    title: 'BOOTSTRAP without a peer id that leads to a private address',
    yaml: `
sites: ${CLOUDS}
nodes:
  A: { site: a, env: { PUBLIC_IP: '{public}' } }
  B: { site: b, env: { PUBLIC_IP: '{public}', BOOTSTRAP: '/ip4/{A.address}/tcp/3000' } }`,
    causes: { 'A at B': 'DIAL_NO_ROUTE' },
  },
  {
    title: 'two nodes in one home whose router does not hairpin',
    yaml: `
sites:
  net: { nat: public }
  home: { nat: { preset: port-forward, hairpin: false }, subnet: 192.168.0.0/24 }
nodes:
  Boot: { site: net }
  N1: { site: home, bootstrap: [Boot], env: { PUBLIC_IP: '{public}' } }
  N2: { site: home, bootstrap: [Boot], env: { PUBLIC_IP: '{public}', LISTEN_PORT: 4002 } }`,
    causes: { 'N2 at N1': 'NO_HAIRPIN', 'N1 at N2': 'NO_HAIRPIN' },
  },
  {
    title: 'two nodes with one identity',
    yaml: `
sites: { net: { nat: public } }
nodes:
  S: { site: net }
  A: { site: net, bootstrap: [S], env: { IDENTITY_SEED: '${'7'.repeat(64)}' } }
  B: { site: net, bootstrap: [S], env: { IDENTITY_SEED: '${'7'.repeat(64)}' } }`,
    causes: { 'A at S': 'SAME_IDENTITY', 'B at A': 'SAME_IDENTITY' },
  },
  {
    title: 'LISTEN at the public address of a cloud, which is on no interface',
    yaml: `
sites: ${CLOUDS}
nodes:
  A: { site: a, env: { PUBLIC_IP: '{public}' } }
  B: { site: b, bootstrap: [A], env: { LISTEN: '/ip4/{public}/tcp/3000' } }`,
    causes: { 'B at A': 'CANNOT_START' },
  },
]
