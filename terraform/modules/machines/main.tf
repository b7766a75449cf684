# Linux VMs, each with a static public address. Address and NIC outlive their VM: a replaced VM has the address that it
# had. Whatever cannot be changed under a VM takes the VM with it, in the order that Azure demands.

locals {
  tags = {
    for kind in ["publicipaddresses", "networkinterfaces"] : kind => {
      for key, machine in var.machines : key => merge(
        lookup(var.foreign_tags, "microsoft.network/${kind}/${machine.name}-${kind == "publicipaddresses" ? "ip" : "nic"}", {}),
        machine.tags,
      )
    }
  }
}

resource "azurerm_public_ip" "this" {
  for_each = var.machines

  name                    = "${each.value.name}-ip"
  resource_group_name     = var.resource_group_name
  location                = each.value.location
  sku                     = "Standard"
  allocation_method       = "Static"
  idle_timeout_in_minutes = 30
  # In all zones, not in the VM's own: the VM may then move to another zone and keep its address.
  zones = contains(var.zone_redundant_locations, each.value.location) ? ["1", "2", "3"] : null
  tags  = local.tags["publicipaddresses"][each.key]

  lifecycle {
    # An address that stands in one zone, from before, stays what it is: another one would be another address.
    ignore_changes = [zones]
  }
}

# Where the NIC stands. A subnet that is made anew is another one, though its id reads the same.
resource "terraform_data" "subnet" {
  for_each = var.machines

  input = each.value.subnet_id
}

resource "azurerm_network_interface" "this" {
  for_each = var.machines

  name                = "${each.value.name}-nic"
  resource_group_name = var.resource_group_name
  location            = each.value.location
  tags                = local.tags["networkinterfaces"][each.key]

  ip_configuration {
    name                          = "primary"
    subnet_id                     = each.value.subnet_id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = azurerm_public_ip.this[each.key].id
  }

  lifecycle {
    # Azure deletes no address and no subnet that a NIC holds.
    replace_triggered_by = [azurerm_public_ip.this[each.key].id, terraform_data.subnet[each.key]]
  }
}

# What a VM is replaced for when it changes: its identity. (Custom data as a whole is ignored, see below.)
resource "terraform_data" "identity" {
  for_each = var.machines

  input = each.value.identity
}

resource "azurerm_linux_virtual_machine" "this" {
  for_each = var.machines

  name                            = each.value.name
  computer_name                   = each.value.name
  resource_group_name             = var.resource_group_name
  location                        = each.value.location
  zone                            = each.value.zone
  size                            = var.size
  admin_username                  = var.admin_username
  disable_password_authentication = true
  network_interface_ids           = [azurerm_network_interface.this[each.key].id]
  secure_boot_enabled             = var.trusted_launch
  vtpm_enabled                    = var.trusted_launch
  encryption_at_host_enabled      = var.encryption_at_host_enabled
  custom_data                     = base64encode(var.custom_data[each.key])
  user_data                       = base64encode(var.user_data[each.key])
  tags                            = merge(lookup(var.foreign_tags, "microsoft.compute/virtualmachines/${each.value.name}", {}), each.value.tags)

  admin_ssh_key {
    username   = var.admin_username
    public_key = var.ssh_public_key
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = var.os_disk.type
    disk_size_gb         = var.os_disk.size_gb
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = var.arm ? "server-arm64" : "server"
    version   = "latest"
  }

  identity {
    type = "SystemAssigned"
  }

  boot_diagnostics {}

  # The way out, and the closed doors, come before the machine.
  depends_on = [var.ready]

  lifecycle {
    # A later version of the scripts is for new VMs; it must not replace those that run. A new identity must.
    ignore_changes = [custom_data]
    replace_triggered_by = [
      azurerm_network_interface.this[each.key].id,
      terraform_data.identity[each.key],
    ]

    precondition {
      condition     = nonsensitive(length(var.custom_data[each.key])) <= 65535
      error_message = "Custom data has ${nonsensitive(length(var.custom_data[each.key]))} bytes; Azure takes 65535."
    }
    precondition {
      condition     = nonsensitive(length(var.user_data[each.key])) <= 65535
      error_message = "User data has ${nonsensitive(length(var.user_data[each.key]))} bytes; Azure takes 65535: shorten `environment`."
    }
    precondition {
      condition = (
        each.value.zone == null ||
        length(coalesce(azurerm_public_ip.this[each.key].zones, [])) == 0 ||
        contains(coalesce(azurerm_public_ip.this[each.key].zones, []), each.value.zone == null ? "" : each.value.zone)
      )
      error_message = "${each.value.name} would stand in zone ${each.value.zone == null ? "-" : each.value.zone}, but its public address, made by an earlier version, stands in zone ${join(", ", coalesce(azurerm_public_ip.this[each.key].zones, []))} alone, and Azure refuses that. A new address, good for all zones: add -replace='module.nodes.azurerm_public_ip.this[\"${each.key}\"]' to this command."
    }
  }
}
