mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "tls" {
  source = "./tests/mocks/tls"
}

override_resource {
  target          = terraform_data.expiry
  values          = { output = "2026-01-04T00:00:00Z" }
  override_during = plan
}

override_resource {
  target          = terraform_data.pack_url_validity
  values          = { output = { start = "2026-01-01T00:00:00Z", expiry = "2027-01-01T00:00:00Z" } }
  override_during = plan
}

override_resource {
  target          = terraform_data.pack
  values          = { output = "0000000000000000" }
  override_during = plan
}

override_resource {
  target          = terraform_data.pack_sha256
  values          = { output = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  override_during = plan
}

# What the default deployment is.

run "the_nodes_and_nothing_else_get_addresses" {
  command = plan

  assert {
    condition     = keys(azurerm_public_ip.node) == ["kadlab-00", "kadlab-01", "kadlab-02"]
    error_message = "Three nodes are the default."
  }
  assert {
    condition     = alltrue([for ip in azurerm_public_ip.node : ip.sku == "Standard" && ip.allocation_method == "Static" && ip.idle_timeout_in_minutes == 30])
    error_message = "A node's address is static, Standard, and idles for 30 minutes."
  }
  assert {
    condition     = length(azurerm_public_ip.monitoring) == 0 && length(azurerm_linux_virtual_machine.monitoring) == 0
    error_message = "Monitoring is off by default."
  }
}

run "peers_are_let_in_and_nobody_else" {
  command = plan

  assert {
    condition = { for rule in azurerm_network_security_rule.nodes : rule.name => [rule.direction, rule.access, rule.protocol, rule.source_address_prefix, rule.destination_port_range] } == {
      AllowKademlia = ["Inbound", "Allow", "Tcp", "*", "3000"]
      DenyVnet      = ["Inbound", "Deny", "*", "VirtualNetwork", "*"]
    }
    error_message = "One port is open, and the VNet's default is closed."
  }
  assert {
    condition     = azurerm_network_security_rule.nodes["westeurope/DenyVnet"].priority > azurerm_network_security_rule.nodes["westeurope/AllowKademlia"].priority
    error_message = "Peers of the same VNet are let in before the rest of it is shut out."
  }
  assert {
    condition     = alltrue([for subnet in azurerm_subnet.nodes : subnet.default_outbound_access_enabled == false])
    error_message = "The subnet is private."
  }
  assert {
    condition     = keys(azurerm_subnet_network_security_group_association.nodes) == keys(azurerm_subnet.nodes)
    error_message = "Each subnet has its security group."
  }
}

run "ssh_is_opened_to_the_ranges_given_alone" {
  command = plan
  variables {
    ssh_source_cidrs = ["198.51.100.7/32", "192.0.2.0/24"]
  }

  assert {
    condition     = azurerm_network_security_rule.nodes["westeurope/AllowSsh"].source_address_prefixes == toset(["198.51.100.7/32", "192.0.2.0/24"])
    error_message = "SSH comes from the ranges given."
  }
  assert {
    condition     = azurerm_network_security_rule.nodes["westeurope/AllowSsh"].source_address_prefix == null
    error_message = "SSH comes from nowhere else."
  }
}

run "machines_are_closed_and_trusted" {
  command = plan

  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.node : vm.disable_password_authentication && vm.secure_boot_enabled && vm.vtpm_enabled && vm.identity[0].type == "SystemAssigned" && length(vm.boot_diagnostics) == 1])
    error_message = "SSH key only, Trusted Launch, managed identity, boot diagnostics."
  }
  assert {
    condition     = [for vm in azurerm_linux_virtual_machine.node : vm.zone] == ["1", "2", "3"] && [for ip in azurerm_public_ip.node : one(ip.zones)] == ["1", "2", "3"]
    error_message = "Nodes take the zones in turn, with their addresses."
  }
  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.node : vm.source_image_reference[0].sku == "server"])
    error_message = "An AMD size gets the image for it."
  }
  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.node : vm.tags == tomap({ kadlab-deployment = "kadlab", kadlab-expires = "2026-01-04T00:00:00Z", kadlab-node = vm.name })])
    error_message = "Tags say which deployment and until when."
  }
}

run "arm_sizes_get_the_arm_image" {
  command = plan
  variables {
    size = "Standard_B2pts_v2"
  }
  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.node : vm.source_image_reference[0].sku == "server-arm64"])
    error_message = "An ARM size gets the image for it."
  }
}

run "a_region_without_zones_gets_none" {
  command = plan
  variables {
    locations = ["northcentralus"]
  }
  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.node : vm.zone == null]) && alltrue([for ip in azurerm_public_ip.node : length(coalesce(ip.zones, [])) == 0])
    error_message = "northcentralus has no zones."
  }
}

run "regions_and_zones_are_taken_in_turn" {
  command = plan
  variables {
    locations  = ["westeurope", "northcentralus", "eastus"]
    node_count = 7
  }
  assert {
    condition     = [for vm in azurerm_linux_virtual_machine.node : "${vm.location} ${coalesce(vm.zone, "-")}"] == ["westeurope 1", "northcentralus -", "eastus 1", "westeurope 2", "northcentralus -", "eastus 2", "westeurope 3"]
    error_message = "Node i stands in region i modulo 3, in the next zone of that region."
  }
  assert {
    condition     = [for network in azurerm_virtual_network.this : one(network.address_space)] == ["10.20.2.0/24", "10.20.1.0/24", "10.20.0.0/24"]
    error_message = "Each region has a range of its own, in the order of `locations`."
  }
  assert {
    condition     = length(azurerm_network_security_rule.nodes) == 6
    error_message = "Each region has its rules."
  }
}

run "an_expiry_of_null_leaves_the_tag_out" {
  command = plan
  variables {
    expires_after_hours = null
    tags                = { owner = "somebody" }
  }
  assert {
    condition     = azurerm_resource_group.this.tags == tomap({ kadlab-deployment = "kadlab", owner = "somebody" })
    error_message = "No expiry, no tag; the user's tags are there."
  }
}
