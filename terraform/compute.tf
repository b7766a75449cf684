locals {
  # Names that azurerm and Azure refuse for the first user.
  forbidden_usernames = [
    "1", "123", "a", "actuser", "adm", "admin", "admin1", "admin2", "administrator", "aspnet", "backup", "console",
    "david", "guest", "john", "owner", "root", "server", "sql", "support", "support_388945a0", "sys", "test", "test1",
    "test2", "test3", "user", "user1", "user2", "user3", "user4", "user5",
  ]

  # Custom data replaces the VM when it changes, so it holds only what never does: the identity, and the scripts that
  # do everything else by what user data says.
  custom_data = {
    for name in local.node_names : name => join("\n", ["#cloud-config", yamlencode({
      package_update = true
      packages       = ["docker.io", "nftables", "jq", "curl"]
      write_files = concat(
        [for file in local.vm_files : {
          path        = file.path
          permissions = file.permissions
          content     = file.content
        }],
        var.identity != "terraform" ? [] : [{
          path        = "/etc/kadlab/identity/identity.pem"
          permissions = "0400"
          content     = tls_private_key.node[name].private_key_pem_pkcs8
        }],
      )
      runcmd = [
        ["install", "-d", "-m", "0755", "/etc/kadlab/identity"],
        # By number: cloud-init's own `owner` takes names only, and the image's user has none on the VM.
        ["chown", "-R", "${local.user_id}:${local.user_id}", "/etc/kadlab/identity"],
        ["install", "-d", "-m", "0700", "-o", tostring(local.user_id), "-g", tostring(local.user_id), "/var/lib/kadlab/data"],
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "--now", "kadlab-rollout.service"],
      ]
    })])
  }

  vm_files = concat(
    [for file in ["kadlab-rollout", "kadlab-image", "kadlab-guard", "kadlab-health"] : {
      path        = "/usr/local/sbin/${file}"
      permissions = "0755"
      content     = file("${path.module}/files/${file}")
    }],
    [for unit in ["kadlab.service", "kadlab-guard.service", "kadlab-rollout.service"] : {
      path        = "/etc/systemd/system/${unit}"
      permissions = "0644"
      content = templatefile("${path.module}/templates/${unit}.tftpl", {
        p2p_port     = local.p2p_port
        api_port     = local.api_port
        user_id      = local.user_id
        poll_seconds = var.update_poll_seconds
      })
    }],
  )
}

module "nodes" {
  source = "./modules/machines"

  machines = {
    for name, node in local.nodes : name => {
      name      = name
      location  = node.location
      zone      = node.zone
      subnet_id = local.node_subnets[node.location]
      tags      = merge(local.tags, { kadlab-node = name })
      identity  = try(tls_private_key.node[name].public_key_openssh, "generated")
    }
  }
  custom_data                = local.custom_data
  user_data                  = { for name, data in local.user_data : name => jsonencode(data) }
  resource_group_name        = local.group.name
  zone_redundant_locations   = local.regions_with_zones
  size                       = var.size
  arm                        = can(regex(local.arm_sizes, var.size))
  trusted_launch             = local.trusted_launch[var.size]
  os_disk                    = { type = var.os_disk_type, size_gb = var.os_disk_size_gb }
  encryption_at_host_enabled = var.encryption_at_host_enabled
  admin_username             = var.admin_username
  ssh_public_key             = local.ssh_public_key
  foreign_tags               = local.foreign_tags
  ready                      = [azurerm_subnet_network_security_group_association.nodes, azurerm_network_security_rule.nodes]
}

locals {
  node_subnets = {
    for location, network in azurerm_virtual_network.this : location => (
      local.subnets_with_security_group ? "${network.id}/subnets/nodes" : azurerm_subnet.nodes[location].id
    )
  }
}
