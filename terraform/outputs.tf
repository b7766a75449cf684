output "public_ips" {
  description = "Name → public IP of each node."
  value       = module.nodes.public_ips
}

output "multiaddrs" {
  description = "Name → multiaddr of each node. Without /p2p where the nodes make their own identities."
  value       = local.multiaddrs
}

output "bootstrap_multiaddr" {
  description = "What others put into `BOOTSTRAP` to join the cluster: the seed's multiaddr."
  value       = local.multiaddrs[local.seed]
}

output "ssh_commands" {
  description = "Name → SSH command. They work from the ranges in `ssh_source_cidrs` only."
  value = merge(
    { for name in local.node_names : name => "ssh ${var.admin_username}@${module.nodes.public_ips[name]}" },
    { for ip in values(module.monitoring.public_ips) : "${var.prefix}-monitoring" => "ssh -L 3000:127.0.0.1:3000 -L 9090:127.0.0.1:9090 ${var.admin_username}@${ip}" },
  )
}

output "ssh_private_key" {
  description = "The private key made for SSH, in OpenSSH form; null where `ssh_public_key` was given."
  value       = var.ssh_public_key == null ? tls_private_key.ssh[0].private_key_openssh : null
  sensitive   = true
}

output "hosts" {
  description = "The deployed cluster as a file for kadlab's other commands: `terraform output -json hosts | npm run doctor -- --hosts -`. Holds no secret."
  value = {
    schema   = "kadlab.hosts/1"
    name     = var.prefix
    protocol = coalesce(var.kademlia.protocol, "/ipfs/kad/1.0.0")
    seed     = local.seed
    hosts = [
      for name in local.node_names : {
        name      = name
        region    = local.nodes[name].location
        zone      = local.nodes[name].zone
        publicIp  = module.nodes.public_ips[name]
        privateIp = module.nodes.private_ips[name]
        port      = local.p2p_port
        peerId    = local.peer_ids[name]
        multiaddr = local.multiaddrs[name]
        release   = local.releases[name]
        ssh       = length(var.ssh_source_cidrs) == 0 ? null : "${var.admin_username}@${module.nodes.public_ips[name]}"
        azure = {
          resourceGroup        = local.group.name
          virtualMachine       = name
          networkSecurityGroup = azurerm_network_security_group.nodes[local.nodes[name].location].name
          securityRule         = azurerm_network_security_rule.nodes["${local.nodes[name].location}/AllowKademlia"].name
          publicIpAddress      = module.nodes.public_ip_names[name]
        }
      }
    ]
  }
}

output "pack_version" {
  description = "Version of the pack, from its sources; null where `image` is given."
  value       = local.pack_version
}

output "resource_group" {
  description = "Name of the resource group that holds everything."
  value       = local.group.name
}
