output "peer_id" {
  description = "The peer id as libp2p prints it: base58btc of the identity multihash, 12D3KooW…"
  value       = local.peer_id
}
