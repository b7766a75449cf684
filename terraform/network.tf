locals {
  p2p_port = 3000
  # Where nodes serve Prometheus metrics, and nothing else, if there is a monitoring VM.
  metrics_port = 9464

  # /24 for each region, the lower half for nodes. Other regions are appended, so ranges never move.
  vnet_cidrs = {
    for index, location in var.locations : location => cidrsubnet(var.address_space, 24 - tonumber(split("/", var.address_space)[1]), index)
  }

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
        priority    = 110, access = "Allow", protocol = "Tcp", port = "22", sources = var.ssh_source_cidrs
        description = "SSH from the ranges given."
      }
    },
    !var.monitoring ? {} : {
      AllowMetrics = {
        priority    = 120, access = "Allow", protocol = "Tcp", port = tostring(local.metrics_port)
        sources     = ["${azurerm_public_ip.monitoring[0].ip_address}/32"]
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
}

resource "azurerm_virtual_network" "this" {
  for_each = local.vnet_cidrs

  name                = "${var.prefix}-${each.key}-vnet"
  resource_group_name = azurerm_resource_group.this.name
  location            = each.key
  address_space       = [each.value]
  tags                = local.tags
}

resource "azurerm_subnet" "nodes" {
  for_each = local.vnet_cidrs

  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this[each.key].name
  address_prefixes     = [cidrsubnet(each.value, 1, 0)]
  # Private: the way out is each VM's own public address, not the one that Azure lent by default.
  default_outbound_access_enabled = false
}

resource "azurerm_network_security_group" "nodes" {
  for_each = local.vnet_cidrs

  name                = "${var.prefix}-${each.key}-nodes-nsg"
  resource_group_name = azurerm_resource_group.this.name
  location            = each.key
  tags                = local.tags
}

resource "azurerm_network_security_rule" "nodes" {
  for_each = local.region_rules

  name                        = each.value.name
  description                 = each.value.description
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.nodes[each.value.location].name
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
  for_each = local.vnet_cidrs

  subnet_id                 = azurerm_subnet.nodes[each.key].id
  network_security_group_id = azurerm_network_security_group.nodes[each.key].id
}

resource "azurerm_public_ip" "node" {
  for_each = local.nodes

  name                    = "${each.key}-ip"
  resource_group_name     = azurerm_resource_group.this.name
  location                = each.value.location
  sku                     = "Standard"
  allocation_method       = "Static"
  idle_timeout_in_minutes = 30
  zones                   = each.value.zone == null ? null : [each.value.zone]
  tags                    = merge(local.tags, { kadlab-node = each.key })
}

resource "azurerm_network_interface" "node" {
  for_each = local.nodes

  name                = "${each.key}-nic"
  resource_group_name = azurerm_resource_group.this.name
  location            = each.value.location
  tags                = merge(local.tags, { kadlab-node = each.key })

  ip_configuration {
    name                          = "primary"
    subnet_id                     = azurerm_subnet.nodes[each.value.location].id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = azurerm_public_ip.node[each.key].id
  }
}
