/**
 * Subnets that belong to what `docker compose up` starts. A lab on Docker is never given them, running cluster or not:
 * otherwise the cluster could not start beside it.
 */
export const COMPOSE_SUBNETS: readonly string[] = ['11.210.0.0/24', '10.208.0.0/13']

/** Networks that no site can have: "this" network, loopback, link-local, multicast and reserved addresses (RFC 6890). */
export const NO_HOSTS: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/**
 * Networks whose addresses do not look public to a node: private, reserved (IANA's registry of special-purpose
 * addresses, as libp2p reads it), multicast. An internet made of them would be filtered out of every routing table.
 */
export const NOT_PUBLIC: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
