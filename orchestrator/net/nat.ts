/**
 * What a router does to packets, in the words of RFC 4787 (UDP) and RFC 5382 (TCP).
 *
 * `EI` endpoint-independent, `AD` address-dependent, `APD` address-and-port-dependent.
 */
export type Dependence = 'EI' | 'AD' | 'APD'

export type Protocol = 'tcp' | 'udp'

/**
 * How an outside port is chosen for a mapping (RFC 4787 section 4.2).
 * `preserve`: the inside port where it is free, else another. `random`: any, drawn anew for each mapping.
 */
export type PortPolicy = 'preserve' | 'random'

/** Opens an inside port to the world: a forwarded port, or an entry of a security group's allow list. */
export interface PortRule {
  protocol: Protocol
  port: number
}

/** A port forwarded to one inside host. */
export interface Forward extends PortRule {
  /** Inside IPv4 address. */
  to: string
  toPort: number
}

/** One public address for one private one, as Azure, AWS and GCP give. */
export interface AddressPair {
  private: string
  public: string
}

/** How long an idle mapping lives, in milliseconds. */
export interface MappingTimeouts {
  udpMs: number
  tcpEstablishedMs: number
  /** A TCP connection that is not established yet, or is closing. */
  tcpTransitoryMs: number
}

/** A router's whole NAT behaviour. Fabrics are compiled from this, never from a preset's name. */
export interface NatConfig {
  /** How much of the destination an outside endpoint depends on (RFC 4787 section 4.1). */
  mapping: Dependence
  /** How much of a destination an inside endpoint must have spoken to before that may come in (section 5). */
  filtering: Dependence
  ports: PortPolicy
  /**
   * Whether inside hosts reach one another at their outside endpoints (section 6). The filter judges an insider by its
   * outside endpoint, as it does an outsider. Without: such packets are dropped.
   */
  hairpin: boolean
  /**
   * Not empty: static 1:1 translation of these addresses, ports untouched; `mapping` is then `EI`, what comes in
   * unasked is what `allow` lists, and no other inside host has a way out.
   */
  oneToOne: AddressPair[]
  /** A security group before 1:1 translation: what may come in unasked. Empty: nothing. */
  allow: PortRule[]
  forwards: Forward[]
  timeouts: MappingTimeouts
}
