# Where and how much

variable "subscription_id" {
  description = "Azure subscription to deploy to. Null takes `ARM_SUBSCRIPTION_ID`, or the default of the az command."
  type        = string
  default     = null

  validation {
    condition     = var.subscription_id == null || can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.subscription_id))
    error_message = "A subscription id is a GUID such as 00000000-0000-0000-0000-000000000000 (`az account list` prints yours), or null."
  }
}

variable "prefix" {
  description = "First part of every name, and the name of the deployment: nodes are `<prefix>-00`, `<prefix>-01`, …"
  type        = string
  default     = "kadlab"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.prefix))
    error_message = "A prefix has 2 to 20 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "resource_group_name" {
  description = "Name of a resource group that exists, for those who may not make one. Null makes `<prefix>-rg`. Another one replaces everything."
  type        = string
  default     = null

  validation {
    condition     = var.resource_group_name == null || can(regex("^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$", var.resource_group_name))
    error_message = "A resource group's name has 1 to 90 letters, digits and . _ - ( ), and no full stop at its end; or null."
  }
}

variable "register_resource_providers" {
  description = "Have azurerm register Microsoft.Compute, Microsoft.Network and Microsoft.Storage in the subscription. False for those who may not; somebody else must have done it."
  type        = bool
  default     = true
  nullable    = false
}

variable "prevent_deletion_if_contains_resources" {
  description = "Refuse to destroy the resource group while it holds something that is not the module's, such as what a policy put there. False deletes that too."
  type        = bool
  default     = true
  nullable    = false
}

variable "locations" {
  description = "Azure regions; node i stands in region i modulo their number. With another list, nodes whose region is then another one are replaced, address included."
  type        = list(string)
  default     = ["westeurope"]
  nullable    = false

  validation {
    condition     = length(var.locations) >= 1 && length(var.locations) <= 10 && length(distinct(var.locations)) == length(var.locations)
    error_message = "One to ten different regions are allowed."
  }
  validation {
    condition     = alltrue([for location in var.locations : can(regex("^[a-z][a-z0-9]{3,39}$", location))])
    error_message = "A region is written as `az account list-locations --query [].name` prints it: lower-case letters and digits, such as westeurope."
  }
  validation {
    condition     = length(setsubtract(var.locations, concat(local.known_regions, var.more_regions))) == 0
    error_message = "Not a region that this module knows: ${join(", ", setsubtract(var.locations, concat(local.known_regions, var.more_regions)))}. Misspelled? A region that is newer than the module goes into `more_regions` too. Known: ${join(", ", local.known_regions)}."
  }
}

variable "more_regions" {
  description = "Regions that the module does not know yet, to be allowed in `locations`: new ones, and those of other clouds. They get no zones unless `zones` says so."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for location in var.more_regions : can(regex("^[a-z][a-z0-9]{3,39}$", location))])
    error_message = "A region is written as `az account list-locations --query [].name` prints it: lower-case letters and digits."
  }
}

variable "node_count" {
  description = "Number of nodes, the seed included."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.node_count >= 1 && var.node_count <= 50 && floor(var.node_count) == var.node_count
    error_message = "A whole number from 1 to 50 is allowed."
  }
}

variable "zones" {
  description = "Availability zones that the nodes of a region take in turn. Null takes 1, 2 and 3 in regions known to have zones and none elsewhere; [] takes none. With others, the VMs that then stand in another zone are replaced; addresses stay."
  type        = list(string)
  default     = null

  validation {
    condition     = var.zones == null || alltrue([for zone in coalesce(var.zones, []) : contains(["1", "2", "3"], zone)]) && length(distinct(coalesce(var.zones, []))) == length(coalesce(var.zones, []))
    error_message = "Zones are \"1\", \"2\" and \"3\", each at most once; null or [] are allowed too."
  }
  validation {
    condition     = length(coalesce(var.zones, [])) == 0 || alltrue([for location in var.locations : contains(concat(local.regions_with_zones, var.more_regions), location)])
    error_message = "Zones are given, and ${join(", ", [for location in var.locations : location if !contains(concat(local.regions_with_zones, var.more_regions), location)])} is not known to have any. Set zones to null or [], or take regions out of: ${join(", ", local.regions_with_zones)}."
  }
}

variable "address_space" {
  description = "Private range from which each region's VNet takes a /24. The regions' VNets are not peered: nodes reach each other at their public addresses. Remembered: another one counts with `-replace=terraform_data.address_space`."
  type        = string
  default     = "10.20.0.0/16"
  nullable    = false

  validation {
    condition = (
      can(cidrhost(var.address_space, 0)) &&
      can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", var.address_space)) &&
      try(tonumber(split("/", var.address_space)[1]), 0) >= 8 &&
      try(tonumber(split("/", var.address_space)[1]), 0) <= 20
    )
    error_message = "An IPv4 range of /8 to /20 out of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 is allowed, such as 10.20.0.0/16."
  }
}

variable "subnets_with_security_group" {
  description = "Make each subnet together with its security group, as a part of its network, for policies that refuse a subnet without one. Decided at the first apply and remembered."
  type        = bool
  default     = false
  nullable    = false
}
