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
    condition     = keys(module.nodes.public_ips) == ["kadlab-00", "kadlab-01", "kadlab-02"]
    error_message = "Three nodes are the default."
  }
  assert {
    condition     = length(module.monitoring.public_ips) == 0
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

run "zones_are_taken_in_turn" {
  command = plan

  assert {
    condition     = [for node in local.nodes : node.zone] == ["1", "2", "3"]
    error_message = "Nodes take the zones in turn."
  }
  assert {
    condition     = local.tags == { kadlab-deployment = "kadlab", kadlab-expires = "2026-01-04T00:00:00Z" }
    error_message = "Tags say which deployment and until when."
  }
}

run "trusted_launch_is_on_where_the_size_can" {
  command = plan
  variables {
    size            = "Standard_D2pls_v6"
    monitoring_size = "Standard_B2pts_v2"
  }
  assert {
    condition     = local.trusted_launch == { Standard_D2pls_v6 = true, Standard_B2pts_v2 = false }
    error_message = "Ampere's sizes have no Trusted Launch, Cobalt's have."
  }
}

run "trusted_launch_may_be_left_out" {
  command = plan
  variables {
    trusted_launch = false
    # The size that the monitoring VM has too.
    size = "Standard_B2als_v2"
  }
  assert {
    condition     = local.trusted_launch["Standard_B2als_v2"] == false
    error_message = "The switch decides."
  }
}

run "a_region_without_zones_gets_none" {
  command = plan
  variables {
    locations = ["northcentralus"]
  }
  assert {
    condition     = alltrue([for node in local.nodes : node.zone == null]) && !contains(local.regions_with_zones, "northcentralus")
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
    condition     = [for node in local.nodes : "${node.location} ${coalesce(node.zone, "-")}"] == ["westeurope 1", "northcentralus -", "eastus 1", "westeurope 2", "northcentralus -", "eastus 2", "westeurope 3"]
    error_message = "Node i stands in region i modulo 3, in the next zone of that region."
  }
  assert {
    condition     = { for network in azurerm_virtual_network.this : network.location => one(network.address_space) } == { eastus = "10.20.25.0/24", northcentralus = "10.20.64.0/24", westeurope = "10.20.50.0/24" }
    error_message = "Each region has the range of its number, wherever it stands in `locations`."
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
    condition     = azurerm_resource_group.this[0].tags == tomap({ kadlab-deployment = "kadlab", owner = "somebody" })
    error_message = "No expiry, no tag; the user's tags are there."
  }
}

run "a_given_group_is_used_and_none_is_made" {
  command = plan
  variables {
    resource_group_name = "somebody-elses"
  }

  assert {
    condition     = length(azurerm_resource_group.this) == 0 && output.resource_group == "somebody-elses"
    error_message = "The group is the one that is given."
  }
  assert {
    condition     = alltrue([for network in azurerm_virtual_network.this : network.resource_group_name == "somebody-elses"])
    error_message = "Everything stands in it."
  }
}

run "subnets_may_come_with_their_security_group" {
  command = plan
  variables {
    subnets_with_security_group = true
    monitoring                  = true
  }

  assert {
    condition     = length(azurerm_subnet.nodes) + length(azurerm_subnet.monitoring) + length(azurerm_subnet_network_security_group_association.nodes) == 0
    error_message = "No subnet of its own is made."
  }
  assert {
    condition     = { for subnet in azurerm_virtual_network.this["westeurope"].subnet : subnet.name => one(subnet.address_prefixes) } == { nodes = "10.20.50.0/25", monitoring = "10.20.50.240/28" }
    error_message = "The subnets are a part of the network."
  }
  assert {
    condition     = alltrue([for subnet in azurerm_virtual_network.this["westeurope"].subnet : subnet.security_group != null && subnet.default_outbound_access_enabled == false])
    error_message = "Each has its group from the first moment, and is private."
  }
}

run "a_region_newer_than_the_module_is_let_in_on_purpose" {
  command = plan
  variables {
    locations    = ["atlantisnorth"]
    more_regions = ["atlantisnorth"]
    zones        = ["2"]
  }

  assert {
    condition     = [for node in local.nodes : node.zone] == ["2", "2", "2"]
    error_message = "Its zones are as said."
  }
}

run "ssh_ranges_are_written_as_azure_keeps_them" {
  command = plan
  variables {
    ssh_source_cidrs = ["198.51.100.7/24"]
  }

  assert {
    condition     = azurerm_network_security_rule.nodes["westeurope/AllowSsh"].source_address_prefix == "198.51.100.0/24"
    error_message = "Without the bits of a host."
  }
}
