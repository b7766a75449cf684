locals {
  # Sizes with a p after the number of processors have ARM processors: B2pts_v2, D4ps_v5.
  arm = can(regex("^Standard_[A-Z]+[0-9]+(-[0-9]+)?[a-z]*p", var.size))

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

resource "azurerm_linux_virtual_machine" "node" {
  for_each = local.nodes

  name                            = each.key
  computer_name                   = each.key
  resource_group_name             = azurerm_resource_group.this.name
  location                        = each.value.location
  zone                            = each.value.zone
  size                            = var.size
  admin_username                  = var.admin_username
  disable_password_authentication = true
  network_interface_ids           = [azurerm_network_interface.node[each.key].id]
  secure_boot_enabled             = true
  vtpm_enabled                    = true
  encryption_at_host_enabled      = var.encryption_at_host_enabled
  custom_data                     = base64encode(local.custom_data[each.key])
  user_data                       = base64encode(jsonencode(local.user_data[each.key]))
  tags                            = merge(local.tags, { kadlab-node = each.key })

  admin_ssh_key {
    username   = var.admin_username
    public_key = local.ssh_public_key
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = var.os_disk_type
    disk_size_gb         = var.os_disk_size_gb
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = local.arm ? "server-arm64" : "server"
    version   = "latest"
  }

  identity {
    type = "SystemAssigned"
  }

  boot_diagnostics {}

  # The way out, and the closed doors, come before the machine.
  depends_on = [
    azurerm_subnet_network_security_group_association.nodes,
    azurerm_network_security_rule.nodes,
  ]

  lifecycle {
    # A later version of the scripts is for new VMs; it must not replace those that run. A new identity must.
    ignore_changes       = [custom_data]
    replace_triggered_by = [terraform_data.identity[each.key]]

    precondition {
      condition     = nonsensitive(length(local.custom_data[each.key])) <= 65535
      error_message = "Custom data has ${nonsensitive(length(local.custom_data[each.key]))} bytes; Azure takes 65535."
    }
    precondition {
      condition     = nonsensitive(length(jsonencode(local.user_data[each.key]))) <= 65535
      error_message = "User data has ${nonsensitive(length(jsonencode(local.user_data[each.key])))} bytes; Azure takes 65535: shorten `environment`."
    }
  }
}
