locals {
  # Region, zone and place of each node, by its stable name. Names sort in the order of a rolling update.
  node_names = [for index in range(var.node_count) : format("%s-%02d", var.prefix, index)]
  nodes = {
    for index, name in local.node_names : name => {
      location = var.locations[index % length(var.locations)]
      zone     = one(slice(local.zones_in_turn[index], 0, min(1, length(local.zones_in_turn[index]))))
      before   = index == 0 ? null : local.node_names[index - 1]
    }
  }
  seed = local.node_names[0]

  zones_of_region = {
    for location in var.locations : location => (
      var.zones != null ? var.zones : contains(local.regions_with_zones, location) ? ["1", "2", "3"] : []
    )
  }
  # The zone of node i as a list of one or none: round robin within its region.
  zones_in_turn = [
    for index in range(var.node_count) : [
      for zones in [local.zones_of_region[var.locations[index % length(var.locations)]]] :
      zones[floor(index / length(var.locations)) % length(zones)] if length(zones) > 0
    ]
  ]

  # Regions with availability zones that every subscription can use, as Microsoft lists them. A region that is not
  # here gets no zones, which every region accepts.
  regions_with_zones = [
    "australiaeast", "austriaeast", "belgiumcentral", "brazilsouth", "canadacentral", "centralindia", "centralus",
    "chilecentral", "eastasia", "eastus", "eastus2", "francecentral", "germanywestcentral", "indonesiacentral",
    "israelcentral", "italynorth", "japaneast", "japanwest", "koreacentral", "malaysiawest", "mexicocentral",
    "newzealandnorth", "northeurope", "norwayeast", "polandcentral", "qatarcentral", "southafricanorth",
    "southcentralus", "southeastasia", "spaincentral", "swedencentral", "switzerlandnorth", "uaenorth", "uksouth",
    "westeurope", "westus2", "westus3",
  ]

  tags = merge(
    var.tags,
    { kadlab-deployment = var.prefix },
    var.expires_after_hours == null ? {} : { kadlab-expires = terraform_data.expiry.output },
  )
}

# When the deployment counts as forgotten. A time must not wander from plan to plan, so it is decided once and
# remembered; another `expires_after_hours` decides anew, and so does -replace=terraform_data.expiry.
resource "terraform_data" "expiry" {
  input            = timeadd(plantimestamp(), "${coalesce(var.expires_after_hours, 1)}h")
  triggers_replace = [var.expires_after_hours]

  lifecycle {
    ignore_changes = [input]
  }
}

resource "azurerm_resource_group" "this" {
  name     = "${var.prefix}-rg"
  location = var.locations[0]
  tags     = local.tags
}
