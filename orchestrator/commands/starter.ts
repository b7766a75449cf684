/**
 * A scenario to begin with: it holds, and each part says what may stand in its place.
 *
 * @param schema - path of the JSON schema from the file's folder, for editors; null for one that knows it already
 */
export function starterScenario(name: string, schema: string | null): string {
  const head = schema === null ? '' : `# yaml-language-server: $schema=${schema}\n`
  return `${head}name: ${name}
title: What this network shows, in one sentence

# A site is a LAN behind one router. nat is a preset (public, one-to-one, port-forward, full-cone, address-restricted,
# port-restricted, symmetric, cgnat), or a preset with parts of it changed: { preset: symmetric, hairpin: true }.
sites:
  cloud: { nat: one-to-one } # Azure, AWS, GCP: a public address in front, a private one inside
  home:
    nat: port-restricted # most home routers
    link: cable # delays and losses: lan, fibre, cable, dsl, wan, mobile-4g, satellite, lossy, or { latency: 40ms }

# A node is one Kademlia peer. env is its environment; {public} is the public address that its site gets.
nodes:
  server:
    site: cloud
    env: { PUBLIC_IP: '{public}' }
  laptop:
    site: home
    bootstrap: [server] # joins through it
    env: { KAD_MODE: client } # uses the network; nobody can reach it, so it serves nobody

# Done and awaited in order, in each variant that has no steps of its own.
steps:
  - expect:
      - { observer: laptop, dialable: server } # give it time where it needs some: within: 30s
      - { observer: server, not-lists: laptop, cause: CLIENT_MODE }
  - { node: laptop, put: greeting, value: hello }
  - expect:
      - { node: server, reads: greeting, value: hello }
  # - { restart: server }
  # - { flush-nat: home }

# Named changes, run one after the other and laid side by side. Without variants there is one, called default.
variants:
  client:
    title: the laptop uses the network and serves nobody

  serving:
    title: the laptop would serve others, and its router lets nobody in
    nodes:
      laptop: { env: { KAD_MODE: server } }
    steps:
      - expect:
          - { observer: laptop, dialable: server }
          - { observer: server, not-lists: laptop, cause: ONLY_PRIVATE_ADDRESSES }
`
}
