import type { FabricSkill } from '../words/step.ts'

/** What is known of a fabric without loading it. */
export interface FabricFacts {
  /** One sentence, for docs. */
  doc: string
  /** When one takes it, for docs. */
  when: string
  /** Among those that `auto` tries, the highest first; null where it is taken by its name alone. */
  rank: number | null
  /** What it needs of the machine, and how it is said where that is there and where it is missing; null: nothing. */
  needs: { needed: string; there: string; missing: string } | null
  /** Whether two sites may have one subnet. */
  sameSubnets: boolean
  /** Whether it runs peers of other implementations, or kadlab's own node alone. */
  foreignPrograms: boolean
  /** Whether its labs end with the process that started them; else a killed run may leave something to `clean`. */
  inProcess: boolean
  /** Whether time in its labs is simulated: it passes as fast as the work is done. */
  simulatesTime: boolean
  /** Whether it sees every packet of its labs. */
  seesPackets: boolean
  /** Whether it can block what one node sends to another. */
  blocks: boolean
  /** Whether it can give a router another public address. */
  readdresses: boolean
  /** Whether its packets meet the latency, the jitter, the rate and the loss of their links. */
  shapes: boolean
  /** Whether one node of it can have another time of day. */
  setsClocks: boolean
}

/** What a step may need of a fabric: the fact that says so, and how it is told that one cannot. */
export const FABRIC_SKILLS = {
  blocks: 'block what one node sends to another',
  shapes: 'change the link of a site while its nodes run',
  readdresses: 'give a router another public address',
  setsClocks: 'set the clock of one node',
} as const satisfies Record<FabricSkill, string>

/** Every fabric, by name. What loads it is in `commands/loaders.ts`. */
export const FABRICS = {
  sim: {
    doc: 'A simulated network inside the process: no socket, no privilege, any operating system.',
    when: 'first, and in CI: hours pass in seconds, one seed gives one run, packets are recorded',
    rank: 0,
    needs: null,
    sameSubnets: true,
    foreignPrograms: false,
    inProcess: true,
    simulatesTime: true,
    seesPackets: true,
    blocks: true,
    readdresses: true,
    shapes: true,
    setsClocks: true,
  },
  netns: {
    doc: 'Processes behind routers whose kernel translates addresses, in namespaces of Linux: no engine, no root.',
    when: 'for the NAT and the timing of a real kernel, on any Linux machine',
    rank: 1,
    needs: {
      needed: 'Linux with namespaces and nft',
      there: 'namespaces and nft are here',
      missing: 'no namespaces of Linux',
    },
    sameSubnets: true,
    foreignPrograms: true,
    inProcess: true,
    simulatesTime: false,
    seesPackets: false,
    blocks: true,
    readdresses: true,
    shapes: false,
    setsClocks: false,
  },
  docker: {
    doc: "Containers behind routers whose kernel translates addresses, on a Docker engine of one's own.",
    when: 'for the very image that is deployed, peers of others without their toolchains, labs on another machine',
    rank: 2,
    needs: {
      needed: 'a Docker engine',
      there: 'an engine answers',
      missing: 'no Docker engine answers',
    },
    sameSubnets: false,
    foreignPrograms: true,
    inProcess: false,
    simulatesTime: false,
    seesPackets: false,
    blocks: true,
    readdresses: true,
    shapes: false,
    setsClocks: false,
  },
  swarm: {
    doc: 'The same containers, spread over the engines of a Docker Swarm, which `--engines` names.',
    when: 'where one machine is not enough: see the guide on several machines',
    rank: null,
    needs: {
      needed: 'the engines of a Docker Swarm',
      there: 'the engines of a Swarm answer',
      missing: 'no Docker Swarm answers',
    },
    sameSubnets: false,
    foreignPrograms: true,
    inProcess: false,
    simulatesTime: false,
    seesPackets: false,
    blocks: false,
    readdresses: false,
    shapes: false,
    setsClocks: false,
  },
} as const satisfies Readonly<Record<string, FabricFacts>>

export type FabricName = keyof typeof FABRICS

/** Names of the fabrics, for choices. */
export const FABRIC_NAMES = Object.keys(FABRICS) as [FabricName, ...FabricName[]]

/** What is known of a fabric. */
export function fabricFacts(name: FabricName): FabricFacts {
  return FABRICS[name]
}

/** The fabrics that `auto` tries, in its order. */
export function rankedFabrics(): FabricName[] {
  const rankOf = (name: FabricName): number => fabricFacts(name).rank ?? -1
  return FABRIC_NAMES.filter((name) => rankOf(name) >= 0).toSorted(
    (one, other) => rankOf(other) - rankOf(one),
  )
}
