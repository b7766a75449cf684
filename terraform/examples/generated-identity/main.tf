# No secret in the state or in custom data: each node makes its own key at its first start, SSH takes the key that you
# have, and the image is a published one, so that no storage key signs anything. Nodes dial the seed by its address.

variable "image" {
  description = "The node's image, by digest: ghcr.io/owner/kadlab@sha256:…"
  type        = string
}

variable "ssh_public_key" {
  description = "The content of ~/.ssh/id_ed25519.pub."
  type        = string
}

module "cluster" {
  source = "../.."

  identity       = "generated"
  image          = var.image
  ssh_public_key = var.ssh_public_key
}

output "bootstrap_multiaddr" {
  description = "Without /p2p: whoever joins trusts the address on first use."
  value       = module.cluster.bootstrap_multiaddr
}

output "hosts" {
  description = "For `npm run doctor -- --hosts -`."
  value       = module.cluster.hosts
}
