# What is decided once and then remembered, so that no later change of a variable moves what stands. Each may be decided
# anew on purpose: terraform apply -replace='…'.

# When the deployment counts as forgotten. A time must not wander from plan to plan; another `expires_after_hours`
# decides anew.
resource "terraform_data" "expiry" {
  input            = timeadd(plantimestamp(), "${coalesce(var.expires_after_hours, 1)}h")
  triggers_replace = [var.expires_after_hours]

  lifecycle {
    ignore_changes = [input]
  }
}

# The zone of each node, empty for none: dealt in turn when the node comes to its region, and again when `zones` change.
# Another number of regions deals nothing anew.
resource "terraform_data" "zone" {
  for_each = local.regions_of_nodes

  input            = length(local.zones_of_region[each.value]) == 0 ? "" : element(local.zones_of_region[each.value], local.turns[each.key])
  triggers_replace = [each.value, local.zones_of_region[each.value]]

  lifecycle {
    ignore_changes = [input]
  }
}

# The range that networks are cut from. Azure moves no network with NICs in it to another range: a new one replaces
# networks, NICs and VMs.
resource "terraform_data" "address_space" {
  input = var.address_space

  lifecycle {
    ignore_changes = [input]
  }
}

# Whether subnets are a part of their network.
resource "terraform_data" "subnets_with_security_group" {
  input = var.subnets_with_security_group

  lifecycle {
    ignore_changes = [input]
  }
}

# Where the monitoring VM was first put: it stays there while the region is in use.
resource "terraform_data" "monitoring_location" {
  input = var.locations[0]

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  address_space               = terraform_data.address_space.input
  subnets_with_security_group = terraform_data.subnets_with_security_group.input
  monitoring_location         = contains(var.locations, terraform_data.monitoring_location.input) ? terraform_data.monitoring_location.input : var.locations[0]
}
