locals {
  p2p_port = 3000
  # Where nodes serve Prometheus metrics, and nothing else, if there is a monitoring VM.
  metrics_port = 9464

  # A /24 for each region, by the region's number and not by its place in `locations`; the lower half for nodes. In a
  # space smaller than /17 two regions may have the same one, which matters only to those who peer them.
  vnet_cidrs = {
    for location in var.locations : location => cidrsubnet(
      local.address_space,
      24 - local.address_space_bits,
      local.region_numbers[location] % pow(2, 24 - local.address_space_bits),
    )
  }
  address_space_bits = tonumber(split("/", local.address_space)[1])

  # Every inbound rule of a region's nodes, beside Azure's own three (65000 and up).
  node_rules = merge(
    {
      AllowKademlia = {
        priority    = 100, access = "Allow", protocol = "Tcp", port = tostring(local.p2p_port), sources = ["*"]
        description = "Peers, from everywhere: the nodes' own public addresses are among them."
      }
    },
    length(var.ssh_source_cidrs) == 0 ? {} : {
      AllowSsh = {
        priority    = 110, access = "Allow", protocol = "Tcp", port = "22", sources = local.ssh_sources
        description = "SSH from the ranges given."
      }
    },
    !var.monitoring ? {} : {
      AllowMetrics = {
        priority    = 120, access = "Allow", protocol = "Tcp", port = tostring(local.metrics_port)
        sources     = ["${module.monitoring.public_ips["monitoring"]}/32"]
        description = "Prometheus of the monitoring VM, at its one address."
      }
    },
    {
      DenyVnet = {
        priority    = 4096, access = "Deny", protocol = "*", port = "*", sources = ["VirtualNetwork"]
        description = "Azure's AllowVnetInBound would open every port to the VNet and all that is peered with it."
      }
    },
  )
  region_rules = merge([
    for location in var.locations : { for name, rule in local.node_rules : "${location}/${name}" => merge(rule, { location = location, name = name }) }
  ]...)

  # As Azure keeps them: without the bits of a host.
  ssh_sources = [for cidr in var.ssh_source_cidrs : "${cidrhost(cidr, 0)}/${split("/", cidr)[1]}"]

  monitoring_rules = { for name, rule in local.node_rules : name => rule if var.monitoring && contains(["AllowSsh", "DenyVnet"], name) }

  # The subnets of each region's network and the security group of each.
  subnets = {
    for location in var.locations : location => merge(
      { nodes = { newbits = 1, index = 0, security_group = azurerm_network_security_group.nodes[location].id } },
      !var.monitoring || location != local.monitoring_location ? {} : {
        monitoring = { newbits = 4, index = 15, security_group = azurerm_network_security_group.monitoring[0].id }
      },
    )
  }
}

resource "azurerm_virtual_network" "this" {
  for_each = local.vnet_cidrs

  name                = "${var.prefix}-${each.key}-vnet"
  resource_group_name = local.group.name
  location            = each.key
  address_space       = [each.value]
  tags                = merge(lookup(local.foreign_tags, lower("microsoft.network/virtualnetworks/${var.prefix}-${each.key}-vnet"), {}), local.tags)

  # For policies that refuse a subnet which has no security group at the moment it is made.
  dynamic "subnet" {
    for_each = local.subnets_with_security_group ? local.subnets[each.key] : {}

    content {
      name                            = subnet.key
      address_prefixes                = [cidrsubnet(each.value, subnet.value.newbits, subnet.value.index)]
      security_group                  = subnet.value.security_group
      default_outbound_access_enabled = false
    }
  }

  lifecycle {
    # A network keeps the range that it was made with; an earlier version gave ranges by the place in `locations`.
    ignore_changes       = [address_space]
    replace_triggered_by = [terraform_data.address_space]
  }
}

# Names taken from ids: what is made anew has an id that is not known yet, and so its parts are made anew too. By its bare
# name a rule would not notice that its group is another one, which is empty.
locals {
  network_names        = { for location, network in azurerm_virtual_network.this : location => reverse(split("/", network.id))[0] }
  security_group_names = { for location, group in azurerm_network_security_group.nodes : location => reverse(split("/", group.id))[0] }
}

resource "azurerm_subnet" "nodes" {
  for_each = local.subnets_with_security_group ? {} : local.vnet_cidrs

  name                 = "nodes"
  resource_group_name  = local.group.name
  virtual_network_name = local.network_names[each.key]
  address_prefixes     = [cidrsubnet(one(azurerm_virtual_network.this[each.key].address_space), 1, 0)]
  # Private: the way out is each VM's own public address, not the one that Azure lent by default.
  default_outbound_access_enabled = false
}

resource "azurerm_network_security_group" "nodes" {
  for_each = local.vnet_cidrs

  name                = "${var.prefix}-${each.key}-nodes-nsg"
  resource_group_name = local.group.name
  location            = each.key
  tags                = merge(lookup(local.foreign_tags, lower("microsoft.network/networksecuritygroups/${var.prefix}-${each.key}-nodes-nsg"), {}), local.tags)
}

resource "azurerm_network_security_rule" "nodes" {
  for_each = local.region_rules

  name                        = each.value.name
  description                 = each.value.description
  resource_group_name         = local.group.name
  network_security_group_name = local.security_group_names[each.value.location]
  priority                    = each.value.priority
  direction                   = "Inbound"
  access                      = each.value.access
  protocol                    = each.value.protocol
  source_port_range           = "*"
  destination_port_range      = each.value.port
  source_address_prefix       = length(each.value.sources) == 1 ? one(each.value.sources) : null
  source_address_prefixes     = length(each.value.sources) == 1 ? null : each.value.sources
  destination_address_prefix  = "*"
}

resource "azurerm_subnet_network_security_group_association" "nodes" {
  for_each = azurerm_subnet.nodes

  subnet_id                 = each.value.id
  network_security_group_id = azurerm_network_security_group.nodes[each.key].id
}
