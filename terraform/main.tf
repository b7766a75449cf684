locals {
  # Region, zone and place of each node, by its stable name. Names sort in the order of a rolling update.
  node_names       = [for index in range(var.node_count) : format("%s-%02d", var.prefix, index)]
  regions_of_nodes = { for index, name in local.node_names : name => var.locations[index % length(var.locations)] }
  # A node's turn among the nodes of its region.
  turns = { for index, name in local.node_names : name => floor(index / length(var.locations)) }
  nodes = {
    for index, name in local.node_names : name => {
      location = local.regions_of_nodes[name]
      zone     = terraform_data.zone[name].input == "" ? null : terraform_data.zone[name].input
      before   = index == 0 ? null : local.node_names[index - 1]
    }
  }
  seed = local.node_names[0]

  zones_of_region = {
    for location in var.locations : location => (
      var.zones != null ? var.zones : contains(local.regions_with_zones, location) ? ["1", "2", "3"] : []
    )
  }

  tags = merge(
    var.tags,
    { kadlab-deployment = var.prefix },
    var.expires_after_hours == null ? {} : { kadlab-expires = terraform_data.expiry.output },
  )
}

resource "azurerm_resource_group" "this" {
  count = var.resource_group_name == null ? 1 : 0

  name     = "${var.prefix}-rg"
  location = var.locations[0]
  tags     = local.tags

  lifecycle {
    # Where a group stands says where its list is kept, no more. Another first region must not replace it: it is full.
    ignore_changes = [location]
  }
}

data "azurerm_resource_group" "given" {
  count = var.resource_group_name == null ? 0 : 1

  name = var.resource_group_name
}

locals {
  group = one(concat(
    [for group in azurerm_resource_group.this : { id = group.id, name = group.name, location = group.location }],
    [for group in data.azurerm_resource_group.given : { id = group.id, name = group.name, location = group.location }],
  ))
}

# What others, policies as a rule, have put on resources: read, so that the next apply leaves it there.
data "azurerm_resources" "all" {
  count = length(var.ignored_tags) == 0 ? 0 : 1

  resource_group_name = coalesce(var.resource_group_name, "${var.prefix}-rg")
}

locals {
  foreign_tags = {
    for resource in flatten(data.azurerm_resources.all[*].resources) : lower("${resource.type}/${resource.name}") => {
      for name, value in resource.tags : name => value if contains([for tag in var.ignored_tags : lower(tag)], lower(name))
    }
  }
}
