# identity = "terraform": the keys stand in the state, so every peer id is known before a VM boots and a replaced VM
# keeps its own. A key lets its owner pass for that one node, nothing more; a new one:
#   terraform apply -replace='tls_private_key.node["kadlab-01"]'
resource "tls_private_key" "node" {
  for_each = var.identity == "terraform" ? local.nodes : {}

  algorithm = "ED25519"
}

module "peer_id" {
  source   = "./modules/peer-id"
  for_each = tls_private_key.node

  public_key_openssh = each.value.public_key_openssh
}

resource "tls_private_key" "ssh" {
  count = var.ssh_public_key == null ? 1 : 0

  algorithm = "ED25519"
}

locals {
  peer_ids       = { for name in local.node_names : name => var.identity == "terraform" ? module.peer_id[name].peer_id : null }
  ssh_public_key = trimspace(var.ssh_public_key == null ? tls_private_key.ssh[0].public_key_openssh : var.ssh_public_key)

  multiaddrs = {
    for name in local.node_names : name => join("", [
      "/ip4/${module.nodes.public_ips[name]}/tcp/${local.p2p_port}",
      local.peer_ids[name] == null ? "" : "/p2p/${local.peer_ids[name]}",
    ])
  }
}
