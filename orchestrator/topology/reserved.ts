/**
 * Subnets that belong to what `docker compose up` starts. A lab on Docker is never given them, running cluster or not:
 * otherwise the cluster could not start beside it.
 */
export const COMPOSE_SUBNETS: readonly string[] = ['11.210.0.0/24', '10.208.0.0/13']
