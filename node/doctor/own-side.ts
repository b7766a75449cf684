/** A host and a port, as one end of a connection. */
export interface End {
  host: string
  port: number
}

/** How one peer saw a connection that was opened to it. */
export interface View {
  /** The peer, as it was named. */
  via: string
  /** This side, as it is here; null where nothing was opened. */
  local: End | null
  /** The peer's side; null where nothing was opened. */
  remote: End | null
  /** Where the peer saw this side; null where it did not say. */
  observed: End | null
  /** Why it could not be asked; null where it could. */
  error: string | null
}

/** The NAT of one's own side, in the words of RFC 4787, as far as peers can tell it. */
export interface OwnSide {
  schema: 'kadlab.doctor-self/1'
  /** True where the mapping could be told. */
  healthy: boolean
  views: View[]
  /** `none`: nothing translates. Null where too few peers said where they see this side. */
  mapping: 'none' | 'EI' | 'AD or APD' | 'APD' | null
  /** Whether the outside port is the inside one; null where nobody said. */
  ports: 'preserved' | 'changed' | null
  /**
   * Whether a carrier translates too, or alone. Peers see the last translation only, which a carrier's and a home's do in
   * different ways: `likely` and `unlikely` say which of them it looks like.
   */
  carrier: 'no' | 'unlikely' | 'likely' | 'yes' | 'unknown'
  /** What that means, and what to do: sentences. */
  advice: string[]
}

/**
 * Judges the NAT of one's own side by how peers saw connections that were opened from one local port.
 *
 * Only what connections out of it show: whom it lets in is shown by a peer that dials back.
 */
export function judgeOwnSide(views: readonly View[]): OwnSide {
  const seen = views.flatMap(({ local, remote, observed }) =>
    local === null || remote === null || observed === null ? [] : [{ local, remote, observed }],
  )
  const mapping = mappingOf(seen)
  const ports =
    seen.length === 0
      ? null
      : seen.every(({ local, observed }) => local.port === observed.port)
        ? 'preserved'
        : 'changed'
  const carrier = carrierOf(seen, { mapping, ports })
  return {
    schema: 'kadlab.doctor-self/1',
    healthy: mapping !== null,
    views: [...views],
    mapping,
    ports,
    carrier,
    advice: adviceFor(mapping, ports, carrierAdvice(carrier, seen)),
  }
}

type Seen = { [Name in 'local' | 'remote' | 'observed']: End }

function mappingOf(seen: readonly Seen[]): OwnSide['mapping'] {
  if (new Set(seen.map(({ remote }) => nameOf(remote))).size < 2) return null
  if (seen.every(({ local, observed }) => nameOf(local) === nameOf(observed))) return 'none'
  if (new Set(seen.map(({ observed }) => nameOf(observed))).size === 1) return 'EI'
  const differsWithinHost = seen.some((one) =>
    seen.some(
      (other) =>
        other.remote.host === one.remote.host && nameOf(other.observed) !== nameOf(one.observed),
    ),
  )
  return differsWithinHost ? 'APD' : 'AD or APD'
}

function carrierOf(
  seen: readonly Seen[],
  { mapping, ports }: Pick<OwnSide, 'mapping' | 'ports'>,
): OwnSide['carrier'] {
  if (seen.some(({ local, observed }) => isShared(local.host) || isShared(observed.host)))
    return 'yes'
  if (mapping === 'none') return 'no'
  // A home has one public address; a carrier's pool hands out several.
  if (new Set(seen.map(({ observed }) => observed.host)).size > 1) return 'likely'
  // A home's router keeps a port that is free (RFC 4787, 4.2.1); a carrier hands out ports of a block (RFC 7422).
  return mapping === 'EI' ? (ports === 'preserved' ? 'unlikely' : 'likely') : 'unknown'
}

/** 100.64.0.0/10 (RFC 6598): between a carrier's translation and the homes behind it. */
function isShared(host: string): boolean {
  const [first, second] = host.split('.').map(Number)
  return first === 100 && second !== undefined && second >= 64 && second < 128
}

/** What speaks for a carrier, or against it. */
const SIGNS: Readonly<Record<'unlikely' | 'likely' | 'unknown', string>> = {
  unlikely: "The outside port is this side's own, as a home's router keeps it and a carrier seldom",
  likely: 'Outside addresses or ports look like those that a carrier hands out',
  unknown: 'Peers cannot tell whether a carrier translates too',
}

/** Peers see the outermost translation alone; that there is another one shows at the router, which knows its own address. */
function carrierAdvice(carrier: OwnSide['carrier'], seen: readonly Seen[]): string[] {
  const [host] = seen.map(({ observed }) => observed.host)
  if (carrier === 'no' || host === undefined) return []
  if (carrier !== 'yes') {
    return [
      `${SIGNS[carrier]}. Your router knows: where its status page names another outside address than ${host}, a carrier translates too and no port can be forwarded there; then ask it for an address of your own, or run the node elsewhere.`,
    ]
  }
  return [
    'A carrier shares public addresses among its customers: no port can be forwarded there. Ask it for an address of your own, or run the node elsewhere.',
  ]
}

function adviceFor(
  mapping: OwnSide['mapping'],
  ports: OwnSide['ports'],
  ofCarrier: readonly string[],
): string[] {
  const byMapping = {
    none: [
      'Nothing translates between these peers and this machine: what is let in is decided by its firewall alone.',
    ],
    EI: [
      `One outside port stands for this port, whoever is spoken to${ports === 'preserved' ? ', and it is the same number' : ''}. Forward a port of the router to this machine and announce it (PUBLIC_IP, or ANNOUNCE where the number differs).`,
    ],
    'AD or APD': [
      'Each peer sees another port: no address that one peer sees is of use to another. Forward a port of the router, and announce it.',
    ],
    APD: [
      'Each port of each peer sees another port (a symmetric NAT): no address that one peer sees is of use to another. Forward a port of the router, and announce it.',
    ],
  } as const
  return mapping === null
    ? [
        'Name two peers at least, on different addresses, that answer identify: how this side is mapped shows only in the difference.',
      ]
    : [...byMapping[mapping], ...ofCarrier]
}

function nameOf({ host, port }: End): string {
  return `${host} ${port}`
}
